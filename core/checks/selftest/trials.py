"""Known positives and negatives for every check: pairs whose truth is known because they were drawn for it.

:mod:`core.checks.selftest.specs` says what a check has to notice of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from PIL import Image

from core.checks.pair import Edit, PairToExamine
from core.checks.picture import FeatureCache
from core.checks.selftest import cutouts, scenes
from core.checks.selftest.specimens import draw_card, text_fonts, with_one_letter_changed
from core.records import Arm, Case, Contract, ExpectedText, Mode, Size

TEXTS = (
    "SALE NOW",
    "SUMMER 2026",
    "50 OFF",
    "JAZZ NIGHT",
    "Terms apply",
    "Room 204",
    "QUIZ",
    "Grand opening",
    "50% OFF, TODAY!",
    "DON'T MISS: 9.30-11.45",
    "ROCK & ROLL? 7:30",
    'THE "BIG" 1,000',
)
TIERS_PX = (10, 12, 14, 16, 20, 24, 32, 48)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A pair of which it is known whether its candidate is faulty."""

    what: str
    pair: PairToExamine
    faulty: bool


def drawn_pair(case: Case, baseline: Image.Image, candidate: Image.Image, **more: Any) -> PairToExamine:
    """A drawn pair to examine; its features are not kept, for no other trial shows these pictures."""
    plain = PairToExamine(
        pair_id="self-test", case=case, baseline=baseline, candidate=candidate, cache=FeatureCache(1 << 26)
    )
    return replace(plain, **more)


def contract_trials() -> Iterator[Trial]:
    """A promise kept, and broken in every way a picture can break it."""
    case, promise = _blank_case(96, 64), Contract(mode=Mode.RGBA, sizes=(Size(96, 64),))
    good = Image.new("RGBA", (96, 64))
    candidates = {
        "as promised": good,
        "no alpha channel": good.convert("RGB"),
        "another size": good.resize((64, 96)),
        "larger than promised": good.resize((192, 128)),
        "greyscale": good.convert("L"),
    }
    contracts = dict.fromkeys(Arm, promise)
    for what, candidate in candidates.items():
        pair = drawn_pair(case, good, candidate, contracts=contracts)
        yield Trial(what=what, pair=pair, faulty=candidate is not good)


def alpha_trials() -> Iterator[Trial]:
    """Clean cut-outs, and cut-outs with each fault of transparency."""
    case = replace(_blank_case(128, 128), expects_alpha=True)
    for seed in range(12):
        good = cutouts.draw_cutout(seed)
        for name, change in (*cutouts.CLEAN.items(), *cutouts.FAULTS.items()):
            pair = drawn_pair(case, good, change(good))
            yield Trial(what=f"{name}, shape {seed}", pair=pair, faulty=name in cutouts.FAULTS)


def typography_trials() -> Iterator[Trial]:
    """Each line right and with one letter changed, in other colours and texture, in every tier."""
    fonts = text_fonts()
    for number in range(2 * len(TEXTS) * 4):
        text, height = TEXTS[number // 2 % len(TEXTS)], TIERS_PX[number // 2 % len(TIERS_PX)]
        font, faulty = fonts[number % len(fonts)], number % 2 == 1
        drawn = with_one_letter_changed(text, number) if faulty else text
        baseline = draw_card(text, letter_height_px=height, font=font, seed=number, textured=number % 4 > 1)
        candidate = draw_card(
            drawn, letter_height_px=height, font=font, seed=1000 + number, textured=number % 4 < 2
        )
        case = replace(
            _blank_case(*baseline.image.size),
            expected_text=(ExpectedText(text=text, letter_height_px=height),),
        )
        what = f"«{drawn}» for «{text}», {height} px"
        yield Trial(what=what, pair=drawn_pair(case, baseline.image, candidate.image), faulty=faulty)


def second_reader_trials() -> Iterator[Trial]:
    """Lettering that both readers must agree on."""
    for number, text in enumerate(TEXTS):
        card = draw_card(text, letter_height_px=32, font=text_fonts()[0], seed=number)
        case = replace(_blank_case(*card.image.size), expected_text=(ExpectedText(text=text),))
        yield Trial(what=f"«{text}»", pair=drawn_pair(case, card.image, card.image), faulty=False)


def scene_trials() -> Iterator[Trial]:
    """Scenes with changes that every viewer sees, and with changes that no viewer does."""
    case = _blank_case(scenes.SIDE, scenes.SIDE)
    for seed in range(4):
        scene = scenes.draw_scene(seed)
        for name, change in (*scenes.SEEN.items(), *scenes.UNSEEN.items()):
            pair = drawn_pair(case, scene, change(scene))
            yield Trial(what=f"{name}, scene {seed}", pair=pair, faulty=name in scenes.SEEN)


def colour_trials() -> Iterator[Trial]:
    """Moving things about is no fault of colour."""
    return (trial for trial in scene_trials() if not trial.what.startswith("moved"))


def gamut_trials() -> Iterator[Trial]:
    """Scenes whose colour was taken away, and scenes with other last bits."""
    case = _blank_case(scenes.SIDE, scenes.SIDE)
    for seed in range(6):
        scene = scenes.draw_scene(seed)
        for what, candidate, faulty in (
            ("grey", scene.convert("L").convert("RGB"), True),
            ("noise", scenes.last_bit(scene), False),
        ):
            yield Trial(what=f"{what}, scene {seed}", pair=drawn_pair(case, scene, candidate), faulty=faulty)


def composition_trials() -> Iterator[Trial]:
    """A subject where it stood, and one that was moved or stretched."""
    case = _blank_case(128, 128)
    for seed in range(12):
        good = cutouts.draw_cutout(seed)
        shifted = Image.new("RGBA", good.size)
        shifted.paste(good, (good.width // 6, 0))
        candidates = {
            "as drawn": good,
            "soft shadow": cutouts.with_shadow(good),
            "moved": shifted,
            "stretched": good.resize((160, 128)),
        }
        for name, candidate in candidates.items():
            faulty = name in ("moved", "stretched")
            yield Trial(what=f"{name}, shape {seed}", pair=drawn_pair(case, good, candidate), faulty=faulty)


def blank_trials() -> Iterator[Trial]:
    """A scene, and nothing in its place: noise, or one flat colour."""
    case = _blank_case(scenes.SIDE, scenes.SIDE)
    for seed in range(6):
        scene = scenes.draw_scene(seed)
        noise = scenes.draw_noise(seed)
        flat = Image.new("RGB", scene.size, (40 * seed, 128, 200))
        for what, candidate in (("noise", noise), ("flat", flat), ("a scene", scenes.draw_scene(seed + 50))):
            pair = drawn_pair(case, scene, candidate)
            yield Trial(what=what, pair=pair, faulty=what != "a scene")


def banding_trials() -> Iterator[Trial]:
    """Smooth slopes, and the same slopes reduced to 24 levels."""
    case = _blank_case(scenes.SIDE, scenes.SIDE)
    for seed in range(6):
        slope = scenes.draw_slope(seed)
        stairs = slope.point(lambda level: level // 10 * 10)
        for what, candidate, faulty in (("smooth", slope, False), ("stairs", stairs, True)):
            yield Trial(what=f"{what}, slope {seed}", pair=drawn_pair(case, slope, candidate), faulty=faulty)


def edit_trials() -> Iterator[Trial]:
    """An edit inside the mask, and one that touched a single level outside of it."""
    case, side = _blank_case(scenes.SIDE, scenes.SIDE), scenes.SIDE
    mask = Image.new("L", (side, side))
    mask.paste(255, (side // 4, side // 4, side // 2, side // 2))
    for seed in range(6):
        source = scenes.draw_scene(seed)
        inside = Image.composite(scenes.inverted(source), source, mask)
        beside = scenes.last_bit(inside)
        for what, candidate, faulty in (("inside", inside, False), ("beside", beside, True)):
            edits = dict.fromkeys(Arm, Edit(source=source, mask=mask))
            pair = drawn_pair(case, inside, candidate, edits=edits)
            yield Trial(what=f"{what} the mask, scene {seed}", pair=pair, faulty=faulty)


def _blank_case(width: int, height: int) -> Case:
    return Case(name="self-test", prompt="drawn by the self-test", width=width, height=height)
