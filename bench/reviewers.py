"""Simulated reviewers: they judge two pictures by the prompt alone, and know of no model, arm or measurement.

Each pictures the poster that the prompt asks for, sees on a grey ground how far the lettering and everything
else are from it, and prefers the closer picture. How large a difference feels grows with its ratio, not its
size (Weber and Fechner). Tastes, slips, the pull to one side and the width of a tie are guesses, made before
any rollout was simulated with them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from typing import Final, NamedTuple
from uuid import uuid4

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from training.glyphs import ADVANCE_PX, CELL_HEIGHT_PX
from training.grammar import parse
from training.posters import STYLE_BITS, Poster, Style, layout, render, style_of

Pixels = NDArray[np.float32]
Box = tuple[slice, slice]
Send = Callable[[str, dict[str, str] | None], bytes]
"""Asks an address of the app in one reviewer's name, or posts a body to it; raises when it is refused."""

JUST_VISIBLE: Final = 4.0
"""Root mean square difference, in levels of 255, from which a fault is noticed."""
DISAPPOINTING: Final = 60.0
"""The same, from which a picture is bad: about two wrong letters in nine."""
GREY: Final = np.float32(0.5)
REACH_PX: Final = (20, 48)
"""How far down and across a line may stand from where it was looked for first."""
STEP_PX: Final = 4
NAMES: Final = ("ana", "ben", "cleo", "dan", "eve")


class Faults(NamedTuple):
    """How far a picture is from what was asked for, as root mean square in levels of 255."""

    lettering: float
    """Inside the lines of text; 0 for a poster without any."""
    rest: float
    """Everywhere else: ground, frame, shape, transparency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewer:
    """One simulated designer; ``chance`` makes every verdict of the same seed the same."""

    name: str
    taste: float
    """How much lettering counts against the rest, 0–1."""
    side_pull: float
    """Added to A: positive prefers the left picture."""
    chance: np.random.Generator = field(repr=False)
    noise: float = 0.35
    tie_width: float = 0.15
    """Differences that feel smaller than this are a tie."""

    def judge(self, a: Faults, b: Faults) -> str:
        """``a``, ``b``, ``tie`` or ``both_bad``, in the desk's words."""
        if all(max(seen) > DISAPPOINTING for seen in (a, b)):
            return "both_bad"
        better_a = self._felt(b) - self._felt(a) + self.side_pull + self._slip()
        return "tie" if abs(better_a) < self.tie_width else "a" if better_a > 0 else "b"

    def _felt(self, found: Faults) -> float:
        lettering, rest = (np.log1p(fault / JUST_VISIBLE) for fault in found)
        return float(self.taste * lettering + (1 - self.taste) * rest)

    def _slip(self) -> float:
        return float(self.noise * self.chance.standard_normal())


def take_turn(reviewer: Reviewer, send: Send, run_id: str, *, most: int) -> int:
    """Judge up to so many pairs of a run at the desk, as its page does; how many there were."""
    queue = json.loads(send(f"/api/queue?run={run_id}&limit={most}", None))
    for item in queue["items"]:
        a, b = (faults(_picture(send, item[side]["digest"]), item["prompt"]) for side in ("a", "b"))
        ballot = {"uuid": str(uuid4()), "task": item["task"], "outcome": reviewer.judge(a, b)}
        send("/api/verdicts", ballot)
    return len(queue["items"])


def _picture(send: Send, digest: str) -> Image.Image:
    return Image.open(BytesIO(send(f"/api/img/{digest}", None)))


def panel(seed: int) -> list[Reviewer]:
    """Five reviewers with tastes of their own."""
    chance = np.random.default_rng(seed)
    return [
        Reviewer(
            name=name,
            taste=float(chance.uniform(0.4, 0.8)),
            side_pull=float(chance.normal(0.05, 0.05)),
            chance=np.random.default_rng([seed, number]),
        )
        for number, name in enumerate(NAMES)
    ]


def faults(picture: Image.Image, prompt: str) -> Faults:
    """The faults of a picture beside the drawing of its prompt that is closest to it.

    A prompt leaves alignment, frame and light open: each of them is right. A line may stand a little
    elsewhere than in the drawing; its letters are compared where they fit best.
    """
    seen = _on_grey(np.asarray(picture.convert("RGBA"), np.float32) / np.float32(255))
    drawings = _drawings(prompt, picture.size)
    drawing = min(drawings, key=lambda one: float(np.mean((seen - one.pixels) ** 2)))
    lettering = [_squares_where_it_fits(seen, drawing, box).ravel() for box in drawing.lines]
    elsewhere = np.ones(seen.shape[:2], bool)
    for box in drawing.lines:
        elsewhere[box] = False
    return Faults(_levels(np.concatenate([*lettering, []])), _levels((seen - drawing.pixels)[elsewhere] ** 2))


class _Drawing(NamedTuple):
    """One right answer to a prompt."""

    pixels: Pixels
    lines: tuple[Box, ...]
    """Where the lines of text stand."""


@lru_cache(maxsize=8)
def _drawings(prompt: str, canvas: tuple[int, int]) -> list[_Drawing]:
    """Every style in which a prompt can be drawn."""
    poster = parse(prompt)
    styles = [style_of(bits) for bits in range(2**STYLE_BITS)]
    return [
        _Drawing(_on_grey(render(poster, style, canvas)), tuple(_boxes(poster, style, canvas)))
        for style in styles
    ]


def _boxes(poster: Poster, style: Style, canvas: tuple[int, int]) -> Iterator[Box]:
    for line in layout(poster, style, canvas):
        width = ADVANCE_PX[line.size] * len(line.text)
        yield slice(line.y, line.y + CELL_HEIGHT_PX[line.size]), slice(line.x, line.x + width)


def _squares_where_it_fits(seen: Pixels, drawing: _Drawing, box: Box) -> Pixels:
    """Squared differences of one line, at the place near its own where they are smallest."""
    line = drawing.pixels[box]
    places = [
        seen[rows.start : rows.stop, columns.start : columns.stop]
        for rows in _near(box[0], REACH_PX[0])
        for columns in _near(box[1], REACH_PX[1])
    ]
    tried = [(line - place) ** 2 for place in places if place.shape == line.shape]
    return min(tried, key=lambda squares: float(squares.mean()))


def _near(part: slice, reach: int) -> Iterator[slice]:
    for step in range(-reach, reach + 1, STEP_PX):
        if part.start + step >= 0:
            yield slice(part.start + step, part.stop + step)


def _on_grey(rgba: Pixels) -> Pixels:
    """The picture as the desk shows it on a grey ground, where light and dark ink can both be seen."""
    return rgba[..., :3] * rgba[..., 3:] + GREY * (1 - rgba[..., 3:])


def _levels(squares: ArrayLike) -> float:
    values = np.asarray(squares)
    return 255 * float(np.sqrt(values.mean())) if values.size else 0.0
