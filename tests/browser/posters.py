"""The pairs of the browser tests: small posters, each made to show one thing a viewer can get wrong."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from PIL import Image, ImageDraw

from core.records import Arm, Box, Case, ExpectedText, ReviewPlan, Suite
from db.store import Store
from tests import world

PLAIN = 48
"""Ordinary pairs, so that a sitting is long enough."""
PLAN = ReviewPlan(order_seed=7, control_share=0.0, overlap_share=0.0)
"""Every pair that is handed out is new and shows both models, whatever the reviewer is called."""
LINE = ExpectedText(text="SALE NOW", letter_height_px=12, box=Box(10, 20, 80, 14))


def _case(name: str, *, width: int = 160, height: int = 120, tags: tuple[str, ...] = ("plain",)) -> Case:
    return Case(
        name=name,
        prompt=f'a poster called {name} with the exact text "SALE NOW"',
        width=width,
        height=height,
        tags=tags,
        expected_text=(LINE,),
    )


SUITE = Suite(
    name="desk",
    title="Desk",
    cases=(
        _case("same", tags=("special",)),
        _case("clear", tags=("special", "alpha")),
        _case("sizes", tags=("special",)),
        _case("dot", tags=("special",)),
        *(_case(f"plain-{number:02d}") for number in range(PLAIN)),
    ),
)


def fill(store: Store, now: datetime) -> None:
    """One run of all posters, rendered."""
    drawn = world.picture
    world.picture = picture
    try:
        world.make_world(store, now, suite=SUITE, seeds=(1,), plan=PLAN)
    finally:
        world.picture = drawn


def picture(case: Case, seed: int, arm: Arm) -> Image.Image:
    """The render of a case on one arm."""
    changed = arm is Arm.CANDIDATE
    match case.name:
        case "same":
            return _poster(case, shift=0)
        case "clear":
            return gradient(case.width, case.height, changed=changed)
        case "sizes":
            return _poster(case, shift=0).resize((120, 90)) if changed else _poster(case, shift=0)
        case "dot":
            image = _poster(case, shift=0)
            if changed:
                ImageDraw.Draw(image).rectangle((120, 90, 123, 92), fill=(255, 255, 255, 255))
            return image
        case _:
            return _poster(case, shift=7 if changed else 0)


def gradient(width: int, height: int, *, changed: bool = False) -> Image.Image:
    """Every alpha from 0 to 255, over colours that differ under full transparency as well."""
    pixels = np.zeros((height, width, 4), np.uint8)
    pixels[..., 0] = np.linspace(0, 255, width)
    pixels[..., 1] = 60 if changed else 160
    pixels[..., 2] = np.linspace(255, 0, height)[:, None]
    pixels[..., 3] = np.clip(np.linspace(-40, 295, width), 0, 255)
    return Image.fromarray(pixels, "RGBA")


def _poster(case: Case, *, shift: int) -> Image.Image:
    hue = sum(map(ord, case.name)) * 7 % 200
    image = Image.new("RGBA", (case.width, case.height), (hue, 90, 220 - hue, 255))
    draw = ImageDraw.Draw(image)
    draw.ellipse((40 + shift, 30, 110 + shift, 100), fill=(255 - hue, 200, hue, 255))
    draw.text((12, 20), "SALE NOW", fill=(255, 255, 255, 255))
    for x in range(0, case.width, 9):  # thin lines: any shift by half a pixel shows
        draw.line((x, 108, x, 118), fill=(0, 0, 0, 255))
    return image
