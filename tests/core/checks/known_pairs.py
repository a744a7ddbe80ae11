"""Pairs of which everything that a check says is known: drawn here, small, at the bounds of its rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from core.checks import PairToExamine
from core.checks.pair import Edit
from core.checks.picture import FeatureCache
from core.checks.selftest import cutouts, scenes
from core.checks.text.reader import Reading
from core.records import Arm, Box, Case, Contract, ExpectedText, Mode, Size
from tests.core.checks.scripted_reader import ScriptedReader, said

SCENE = scenes.draw_scene(2, side=72).crop((0, 0, 70, 52))
CUTOUT = cutouts.draw_cutout(7, side=64)
DISTANCES = ("flip", "ssim", "colour", "gamut", "composition", "blank", "banding")

Known = Iterator[tuple[str, PairToExamine, tuple[str, ...]]]
"""What a pair is, the pair, and the checks that are put to it."""


def pair_of(
    baseline: Image.Image | None,
    candidate: Image.Image | None,
    *,
    expects_alpha: bool | None = None,
    expected: tuple[ExpectedText, ...] = (),
    **parts: Any,
) -> PairToExamine:
    width, height = (baseline or candidate or Image.new("L", (1, 1))).size
    return PairToExamine(
        pair_id="pair_known",
        case=Case(
            name="known",
            prompt="known",
            width=width,
            height=height,
            expects_alpha=expects_alpha,
            expected_text=expected,
        ),
        baseline=baseline,
        candidate=candidate,
        cache=FeatureCache(1 << 26),
        **parts,
    )


def pairs() -> Known:
    for name, change in (*scenes.SEEN.items(), *scenes.UNSEEN.items()):
        yield f"a scene, {name}", pair_of(SCENE, change(SCENE)), DISTANCES
    wide = scenes.draw_scene(1, side=640).crop((0, 200, 640, 240))
    yield "a wide scene, blurred", pair_of(wide, scenes.blurred(wide)), DISTANCES
    slope = scenes.draw_slope(1, side=96)
    yield "a slope in stairs", pair_of(slope, slope.point(lambda level: level // 10 * 10)), ("banding",)
    for name, change in (*cutouts.CLEAN.items(), *cutouts.FAULTS.items()):
        yield f"a cut-out, {name}", pair_of(CUTOUT, change(CUTOUT), expects_alpha=True), ("alpha", "blank")
    worn = _worn(CUTOUT)
    yield "a worn cut-out", pair_of(CUTOUT, worn), ("alpha", *DISTANCES)
    yield "a cut-out where none is wanted", pair_of(CUTOUT, worn, expects_alpha=False), ("alpha",)
    yield (
        "a cut-out of another size",
        pair_of(CUTOUT, CUTOUT.resize((80, 40))),
        ("alpha", "composition", "contract"),
    )
    yield "no candidate", pair_of(CUTOUT, None), ("alpha", "blank", "banding")
    yield from _of_contracts()
    yield from _of_edits()


def _worn(cutout: Image.Image) -> Image.Image:
    """With holes, islands and specks of each size about the least that counts."""
    alpha = np.array(cutout.getchannel("A"))
    alpha[2:4, 2:4], alpha[2, 10:13], alpha[8:10, 2:5] = 255, 255, 200
    alpha[30:32, 30:32], alpha[36, 36:39], alpha[40:44, 30:33] = 0, 0, 127
    worn = cutout.copy()
    worn.putalpha(Image.fromarray(alpha))
    return worn


def _of_contracts() -> Known:
    good = Image.new("RGBA", (64, 32))
    promise = Contract(
        mode=Mode.RGBA, sizes=(Size(64, 32), Size(32, 64)), max_pixels=64 * 32, max_latency_ms=500
    )
    for name, candidate in {
        "kept": good,
        "with another size": good.resize((32, 64)),
        "with more pixels": good.resize((65, 32)),
        "without alpha": good.convert("RGB"),
        "in grey with alpha": good.convert("LA"),
        "in black and white": good.convert("1"),
        "in floats": good.convert("L").convert("F"),
    }.items():
        contracts = dict.fromkeys(Arm, promise)
        late = {Arm.BASELINE: 500.0, Arm.CANDIDATE: 501.0}
        yield (
            f"a contract, {name}",
            pair_of(good, candidate, contracts=contracts, latencies_ms=late),
            ("contract",),
        )
    deep = {arm: replace(promise, bit_depth=16, mode=Mode.RGB) for arm in Arm}
    yield (
        "a contract of 16 bits",
        pair_of(good.convert("RGB"), Image.new("I;16", (64, 32)), contracts=deep),
        ("contract",),
    )


def _of_edits() -> Known:
    mask = Image.new("L", SCENE.size, 127)
    mask.paste(128, (20, 10, 50, 40))
    inside = Image.composite(scenes.inverted(SCENE), SCENE, mask.point(lambda level: 255 * (level > 127)))
    beside = inside.copy()
    beside.paste("red", (3, 4, 7, 6))
    edits = {
        Arm.BASELINE: Edit(source=SCENE, mask=mask, again=scenes.last_bit(inside)),
        Arm.CANDIDATE: Edit(source=SCENE, mask=mask, again=SCENE),
    }
    yield "an edit", pair_of(inside, beside, edits=edits), ("edits",)
    yield (
        "an edit without a mask",
        pair_of(inside, beside, edits={Arm.CANDIDATE: Edit(source=SCENE)}),
        ("edits",),
    )
    larger, shifted = (CUTOUT.resize((128, 128), Image.Resampling.NEAREST) for _ in range(2))
    shifted.paste(larger, (16, 0))
    edits = dict.fromkeys(Arm, Edit(source=CUTOUT))
    yield "an upscaled cut-out", pair_of(larger, shifted, edits=edits), ("edits",)
    yield (
        "an upscaled cut-out on white",
        pair_of(larger, cutouts.on_white(larger).convert("RGB"), edits=edits),
        ("edits",),
    )
    clear = Image.new("RGBA", (16, 16))
    yield (
        "nothing upscaled",
        pair_of(clear, clear.resize((32, 32)), edits={Arm.CANDIDATE: Edit(source=clear)}),
        ("edits",),
    )


def pairs_of_lettering(reader: ScriptedReader) -> Known:
    def page(number: int, *found: Reading) -> Image.Image:
        """A page on which these lines are read, each drawn as so many bars, softer and paler by number."""
        image = Image.new("RGB", (200, 120), (10, 90 + number, 100))
        for reading in found:
            box = reading.box
            for x in range(box.x, box.x + box.width, 8):
                image.paste((250 - 30 * number,) * 3, (x, box.y + 3, x + 4, box.y + box.height - 3))
        return reader.shows(image.filter(ImageFilter.BoxBlur(number / 4)), *found)

    def asked(*texts: str, height: int | None = None, box: Box | None = None) -> tuple[ExpectedText, ...]:
        return tuple(ExpectedText(text=text, letter_height_px=height, box=box) for text in texts)

    both = ("typography", "composition")
    good, wrong = page(0, said("SALE NOW")), page(1, said("SALE NEW", 14, 13))
    yield "a wrong letter", pair_of(good, wrong, expected=asked("SALE NOW", height=16)), both
    yield "a mended letter", pair_of(wrong, good, expected=asked("SALE NOW")), both
    gone, place = page(2), Box(30, 40, 50, 20)
    yield "a line that is gone", pair_of(good, gone, expected=asked("SALE NOW", height=10)), both
    yield "a line with a place", pair_of(good, gone, expected=asked("SALE NOW", box=place)), both
    yield "a line that nobody drew", pair_of(gone, page(3), expected=asked("SALE NOW", height=70)), both
    like, unknown = page(0, said("ROOM 204")), page(1, said("0FERTA", 20, 50))
    yield (
        "glyphs that look alike",
        pair_of(like, like, expected=asked("ROOM 2O4", height=24)),
        ("typography",),
    )
    yield "a character nobody knows", pair_of(unknown, unknown, expected=asked("¡OFERTA")), ("typography",)
    longer = page(
        1, said("OPENS"), said("FREE BEER", 10, 60), said("X", 150, 90), said("ODD", 90, 90, score=0.59)
    )
    yield (
        "words that nobody asked for",
        pair_of(page(0, said("OPEN")), longer, expected=asked("OPEN")),
        ("typography",),
    )
    lines = said("OPEN", 10, 10), said("DAILY", 90, 14), said("9 TO 5", 10, 60)
    moved = said("DAILY", 10, 10), said("OPEN", 90, 14), said("9 TO 5", 17, 84)
    texts = asked("OPEN", "DAILY", "9 TO 5", height=14)
    yield "lines in another order", pair_of(page(0, *lines), page(1, *moved), expected=texts), both
    yield "no candidate", pair_of(good, None, expected=texts), ("typography",)
    yield from _of_upscaled_lettering(reader, page)


def _of_upscaled_lettering(reader: ScriptedReader, page: Callable[..., Image.Image]) -> Known:
    """Of a case of 400×240, drawn at 200×120 and upscaled; one line is read only where the case has it."""
    first, placed = said("OPEN"), Box(40, 160, 81, 41)
    small = page(0, first, said("ALL DAY", 100, 10))
    large = Image.new("RGB", (400, 240), "navy")
    reader.shows(large, said("OPEN", 20, 20, 120, 40), said("ALL DAX", 200, 20, 120, 40))
    reader.reads(said("CLOSED", 17, 77, 46, 26), said("CLOSED", 34, 154, 93, 53))
    expected = tuple(
        ExpectedText(text=text, box=box)
        for text, box in (("OPEN", None), ("CLOSED", placed), ("ALL DAY", None))
    )
    edits = {arm: Edit(source=small) for arm in Arm}
    yield "upscaled lettering", pair_of(large, large, expected=expected, edits=edits), ("edits",)
    nothing = page(5)
    edits = {arm: Edit(source=nothing) for arm in Arm}
    yield "upscaled without lettering", pair_of(large, large, expected=expected[:1], edits=edits), ("edits",)
