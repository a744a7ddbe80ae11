"""Which of the lines that were read is which expected line, and whether it says what it should.

One picture at a time; :mod:`core.checks.measures.typography` compares two. A line counts as *wrong* only if
every look at it says so: it is found by the detector, or read at the place the case names, or at the rows
that hold ink; and glyphs that the reader confuses on perfect drawings too leave it *ambiguous*, neither right
nor wrong. A line that differs in nothing but characters the reader may not know is *unreadable*: see
:mod:`core.checks.text.alphabet`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from core.checks.picture import BACKGROUNDS, Picture, Pixels
from core.checks.text.alphabet import may_be
from core.checks.text.confusions import fold
from core.checks.text.reader import GLANCE_FROM, Reader, Reading
from core.checks.text.text_distance import comparable, similarity
from core.records import Box, ExpectedText

SURE = 0.6
"""Score below which a line that the case does not expect is not taken for lettering."""
RECOGNISABLE = 0.34
"""Similarity below which a read line is not taken for a garbled version of the expected one."""


class Legibility(StrEnum):
    """Whether a line says what it should."""

    RIGHT = "right"
    WRONG = "wrong"
    AMBIGUOUS = "ambiguous"
    """Differs only in glyphs the reader confuses on perfect drawings."""
    UNREADABLE = "unreadable"
    """Holds characters that the reader was never tested on, and may be right but for them."""

    @property
    def is_told(self) -> bool:
        """Whether the reader could tell right from wrong."""
        return self in (Legibility.RIGHT, Legibility.WRONG)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An expected line and what stands in its place."""

    expected: ExpectedText
    reading: Reading | None
    """None: nothing like it was found."""
    legibility: Legibility

    @property
    def text(self) -> str:
        """What was read; empty when nothing was."""
        return self.reading.text if self.reading else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lettering:
    """Everything that was read in one picture."""

    lines: tuple[Line, ...]
    """One for each expected line, in the order of the case."""
    extra: tuple[Reading, ...]
    """Lines that the case does not expect."""
    background: str
    """What a transparent picture was put on to be read."""
    engine: str


def read_lettering(picture: Picture, expected: Sequence[ExpectedText], reader: Reader) -> Lettering:
    """The expected lines as they stand in the picture; remembered with the picture."""
    name = ("lettering", reader.engine, tuple(expected))
    return picture.feature(name, lambda: _best_background(picture, expected, reader))


def _best_background(picture: Picture, expected: Sequence[ExpectedText], reader: Reader) -> Lettering:
    """Read over the background of most contrast; over the others only while a line is still wrong."""
    best: Lettering | None = None
    for background in _by_contrast(picture):
        seen = _read(picture.over(background), expected, reader, background)
        if best is None or _merit(seen) > _merit(best):
            best = seen
        if _all_right(best):
            break
    assert best is not None  # there is always at least one background
    return best


def is_text(reading: Reading) -> bool:
    """Whether it is surely lettering: a star or a frame's corner is read as a single glyph, or doubtfully."""
    return sum(letter.isalnum() for letter in reading.text) > 1 and reading.score >= SURE


def _by_contrast(picture: Picture) -> list[str]:
    if picture.is_opaque:
        return ["white"]
    weight = picture.alpha.astype(np.float64)
    luminance = picture.rgb @ np.array([0.2126, 0.7152, 0.0722])
    ink = float((luminance * weight).sum() / max(1.0, weight.sum()))
    return sorted(BACKGROUNDS, key=lambda name: -abs(BACKGROUNDS[name] - ink))


def _all_right(lettering: Lettering) -> bool:
    return all(line.legibility is Legibility.RIGHT for line in lettering.lines)


def _merit(lettering: Lettering) -> tuple[int, float]:
    right = sum(line.legibility is Legibility.RIGHT for line in lettering.lines)
    return right, sum(similarity(line.expected.text, line.text) for line in lettering.lines)


def _read(pixels: Pixels, expected: Sequence[ExpectedText], reader: Reader, background: str) -> Lettering:
    """A glance first; a long look only where the glance leaves a line in doubt."""
    glanced = _look(pixels, expected, reader, background, glance=True)
    if _all_right(glanced) or max(pixels.shape[:2]) < GLANCE_FROM:
        return glanced
    return max(glanced, _look(pixels, expected, reader, background, glance=False), key=_merit)


def _look(
    pixels: Pixels, expected: Sequence[ExpectedText], reader: Reader, background: str, *, glance: bool
) -> Lettering:
    found = reader.lines(pixels, glance=glance)
    taken = _assigned(expected, found)
    lines = tuple(_line(wanted, taken[i], pixels, reader) for i, wanted in enumerate(expected))
    placed = [line.reading.box for line in lines if line.reading]
    extra = [r for r in found if is_text(r) and not any(_overlaps(r.box, box) for box in placed)]
    return Lettering(lines=lines, extra=tuple(extra), background=background, engine=reader.engine)


def _line(wanted: ExpectedText, reading: Reading | None, pixels: Pixels, reader: Reader) -> Line:
    """The line as first read, or as a second look reads it where that comes closer to what is expected."""
    best = reading
    if _legibility(wanted, reading, reader.engine) is not Legibility.RIGHT:
        for box in _places(wanted, reading, pixels):
            again = reader.read(pixels, box)
            if _closeness(wanted, again) > max(_closeness(wanted, best), RECOGNISABLE):
                best = again
    return Line(expected=wanted, reading=best, legibility=_legibility(wanted, best, reader.engine))


def _legibility(wanted: ExpectedText, reading: Reading | None, engine: str) -> Legibility:
    read, expected = comparable(reading.text if reading else ""), comparable(wanted.text)
    if read == expected:
        return Legibility.RIGHT
    if fold(read, engine) == fold(expected, engine):
        return Legibility.AMBIGUOUS
    return Legibility.UNREADABLE if may_be(expected, read, engine) else Legibility.WRONG


def _closeness(wanted: ExpectedText, reading: Reading | None) -> float:
    return similarity(wanted.text, reading.text) if reading else 0.0


def _assigned(expected: Sequence[ExpectedText], found: Sequence[Reading]) -> list[Reading | None]:
    """For each expected line the reading most like it, best matches first, no reading used twice.

    Of two lines that say the same, each takes the reading nearer to its own size.
    """
    runs = list(_runs(found))
    ranked = sorted(
        ((similarity(wanted.text, run.text), i, run) for i, wanted in enumerate(expected) for run in runs),
        key=lambda match: (-match[0], _size_mismatch(expected[match[1]], match[2])),
    )
    taken: list[Reading | None] = [None] * len(expected)
    for score, i, run in ranked:
        free = taken[i] is None and not any(t and _overlaps(t.box, run.box) for t in taken)
        if score >= RECOGNISABLE and free:
            taken[i] = run
    return taken


def _size_mismatch(wanted: ExpectedText, run: Reading) -> float:
    """How far a line's box is from the expected height, in pixels; boxes are about 1.5 letters high."""
    return 0.0 if wanted.letter_height_px is None else abs(run.box.height - 1.5 * wanted.letter_height_px)


def _runs(found: Sequence[Reading]) -> Iterator[Reading]:
    """Single lines, and neighbours on one row joined: a wide gap makes the detector see two lines."""
    for start, first in enumerate(found):
        run = first
        yield run
        for following in found[start + 1 :]:
            if not _same_row(run.box, following.box):
                break
            run = _joined(run, following)
            yield run


def _joined(a: Reading, b: Reading) -> Reading:
    return Reading(text=f"{a.text} {b.text}", score=min(a.score, b.score), box=_around(a.box, b.box))


def _around(a: Box, b: Box) -> Box:
    left, top = min(a.x, b.x), min(a.y, b.y)
    right, bottom = max(a.x + a.width, b.x + b.width), max(a.y + a.height, b.y + b.height)
    return Box(left, top, right - left, bottom - top)


def _same_row(a: Box, b: Box) -> bool:
    shared = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    return shared > 0.5 * min(a.height, b.height) and b.x > a.x


def _overlaps(a: Box, b: Box) -> bool:
    width = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    height = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    return width > 0 and height > 0 and width * height > 0.5 * min(a.width * a.height, b.width * b.height)


def _places(wanted: ExpectedText, reading: Reading | None, pixels: Pixels) -> Iterator[Box]:
    """Where else to look: where the case says, the reading's box with other margins, rows that hold ink."""
    if wanted.box is not None:
        yield _inside(wanted.box, pixels, margin=wanted.box.height // 6)
    if reading is not None:
        yield _inside(reading.box, pixels, margin=reading.box.height // 6)
        yield _inside(reading.box, pixels, margin=-(reading.box.height // 10))
    else:
        yield from ink_rows(pixels)


def ink_rows(pixels: Pixels) -> list[Box]:
    """Bands of rows that differ from the border's colour, each as wide as its ink, with a margin."""
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    ink = np.abs(pixels.astype(np.int16) - np.median(border, axis=0)).max(axis=2) > 48
    rows = np.flatnonzero(np.diff(np.concatenate([[0], ink.any(axis=1).astype(np.int8), [0]])))
    bands = [(top, bottom) for top, bottom in rows.reshape(-1, 2) if 6 <= bottom - top <= 0.6 * len(pixels)]
    return [_band(ink, int(top), int(bottom), pixels) for top, bottom in bands]


def _band(ink: np.typing.NDArray[np.bool_], top: int, bottom: int, pixels: Pixels) -> Box:
    columns = np.flatnonzero(ink[top:bottom].any(axis=0))
    left, right = int(columns[0]), int(columns[-1]) + 1
    return _inside(Box(left, top, right - left, bottom - top), pixels, margin=max(2, (bottom - top) // 4))


def _inside(box: Box, pixels: Pixels, *, margin: int) -> Box:
    """The box grown (or shrunk) by a margin, cut to the picture, at least one pixel large."""
    height, width = pixels.shape[:2]
    left, top = min(max(0, box.x - margin), width - 1), min(max(0, box.y - margin), height - 1)
    right, bottom = min(width, box.x + box.width + margin), min(height, box.y + box.height + margin)
    return Box(left, top, max(1, right - left), max(1, bottom - top))
