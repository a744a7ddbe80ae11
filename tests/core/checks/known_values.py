"""What the checks draw and say, over pictures that are drawn here: stored in `known/`, compared by the tests.

A specimen that changes puts every self-test to another trial; a figure that changes makes measurements of
today incomparable with those of yesterday. Both happen on purpose, with the version of the check raised, and

    python -m tests.core.checks.known_values

writes them anew: read its difference before it is committed. Nothing here stands on a network, on a reader or
on the fonts of a machine; figures are stored in five digits.
"""

from __future__ import annotations

import hashlib
import io
import json
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from PIL import Image, ImageFilter

from core.checks import CHECKS, PairToExamine, examine
from core.checks.pair import Edit
from core.checks.picture import FeatureCache
from core.checks.selftest import cutouts, scenes
from core.checks.selftest.run import _random_strings
from core.checks.selftest.specimens import BUILT_IN, _face, draw_card, with_one_letter_changed
from core.checks.selftest.specs import SELF_TESTS
from core.checks.selftest.trials import Trial
from core.checks.text.copy_lines import copy_lines
from core.checks.text.reader import Reading
from core.config.settings import Settings
from core.records import (
    Arm,
    Box,
    Case,
    Contract,
    ExpectedText,
    Measurement,
    MeasurementStatus,
    Mode,
    Region,
    Size,
)
from tests.core.checks.scripted_reader import ScriptedReader, said

FOLDER = Path(__file__).parent / "known"
NOW = datetime(2026, 3, 3, tzinfo=UTC)
SCENE = scenes.draw_scene(2, side=72).crop((0, 0, 70, 52))
CUTOUT = cutouts.draw_cutout(7, side=64)
DISTANCES = ("flip", "ssim", "colour", "gamut", "composition", "blank", "banding")

Stored = dict[str, list[str]]


@contextmanager
def _one_face() -> Iterator[None]:
    """Lettering as every machine draws it: Pillow's own face, set by Pillow itself."""
    with (
        patch("core.checks.selftest.trials.text_fonts", lambda: (BUILT_IN,)),
        patch("PIL.ImageFont.core.HAVE_RAQM", False),
    ):
        _face.cache_clear()
        yield
    _face.cache_clear()


@_one_face()
def drawings() -> Stored:
    """Every specimen, and everything that is done to one."""
    return {
        "cut-outs": [picture(cutouts.draw_cutout(seed, side=64)) for seed in range(6)],
        "cut-outs, changed": [
            f"{name}: {picture(change(CUTOUT))}"
            for name, change in (*cutouts.CLEAN.items(), *cutouts.FAULTS.items())
        ],
        "scenes": [picture(scenes.draw_scene(seed, side=64)) for seed in range(4)],
        "scenes, changed": [
            f"{name}: {picture(change(SCENE))}"
            for name, change in (*scenes.SEEN.items(), *scenes.UNSEEN.items())
        ],
        "slopes": [picture(scenes.draw_slope(seed, side=64)) for seed in range(2)],
        "lettering": [
            f"{picture(card.image)} {card.expected}"
            for card in (
                draw_card("SALE 50", letter_height_px=12, font=BUILT_IN, seed=1),
                draw_card("SALE 50", letter_height_px=20, font=BUILT_IN, seed=2, textured=True),
                draw_card("l", letter_height_px=3, font=BUILT_IN, seed=3, expected="I", least=(40, 30)),
            )
        ],
        "lines of copy": [f"{len(list(copy_lines(0)))} lines", *islice(copy_lines(0), 13)],
        "random strings": [f"{len(list(_random_strings()))} lines", *islice(_random_strings(), 3)],
        "a letter changed": [with_one_letter_changed("Room 204", seed) for seed in range(8)],
    }


@_one_face()
def trials() -> Stored:
    """What the self-test of each check puts it to, and what it promises."""
    return {
        name: [
            f"finds {spec.least_hits}, cries wolf in {spec.most_false_alarms}",
            *map(_trial, spec.trials()),
        ]
        for name, spec in SELF_TESTS.items()
    }


def table() -> Stored:
    """Every metric with its unit and its direction: gates, policies and stored measurements rest on them."""
    return {
        f"{check} {card.version}{' (optional)' if card.optional else ''}": [
            f"{name}: {metric.unit}, {_better(metric.higher_is_better)} is better, of "
            f"{'each' if metric.per_arm else 'both'}{', on request' if metric.on_request else ''}"
            f"{', with an alarm' if metric.alarm else ''}"
            for name, metric in card.metrics.items()
        ]
        for check, card in CHECKS.items()
    }


def findings() -> Stored:
    """Every word and figure that checks say of known pairs."""
    settings = Settings.from_env({}, home=Path("unused"))
    return {
        what: [line(m) for m in examine(pair, checks=checks, settings=settings, now=NOW)]
        for what, pair, checks in _pairs()
    }


def lettering() -> Stored:
    """Every word and figure that is said of lettering which a scripted reader read."""
    settings, reader = Settings.from_env({}, home=Path("unused")), ScriptedReader()
    found: Stored = {}
    with ExitStack() as patched:
        for file in ("typography", "composition", "edits"):
            patched.enter_context(patch(f"core.checks.measures.{file}.load_reader", lambda: reader))
        for what, pair, checks in _of_lettering(reader):
            found[what] = [line(m) for m in examine(pair, checks=checks, settings=settings, now=NOW)]
    return found


KNOWN: Mapping[str, Callable[[], Stored]] = {
    "drawings": drawings,
    "trials": trials,
    "table": table,
    "findings": findings,
    "lettering": lettering,
}


def stored(name: str) -> Stored:
    """What is stored under a name of ``KNOWN``."""
    known: Stored = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return known


def picture(image: Image.Image) -> str:
    """An image in one line: mode, size and the beginning of a digest of its pixels."""
    return f"{image.mode} {Size(*image.size)} {hashlib.sha256(image.tobytes()).hexdigest()[:12]}"


def line(m: Measurement) -> str:
    """A measurement in one line; without the versions of packages."""
    about = (
        f"{m.check} {m.metric}{f' of the {m.arm}' if m.arm else ''}{f' «{m.subject}»' if m.subject else ''}"
    )
    status = "" if m.status is MeasurementStatus.MEASURED else f" {m.status}"
    value = "" if m.value is None else f" {number(m.value)} {m.unit}"
    places = "".join(map(_place, m.regions))
    raw = {key: _raw(key, value) for key, value in m.raw.items()}
    return f"{about}:{status}{value} | {m.reason}{places}{f' | {raw}' if raw else ''}"


def number(value: float) -> str:
    """Five digits; what is nothing but the rounding of a machine is 0."""
    return f"{0.0 if abs(value) < 1e-9 else value:.5g}"


def _place(region: Region) -> str:
    box = region.box
    arm = f" on the {region.arm}" if region.arm else ""
    return f" | {region.label}{arm} at {box.x},{box.y} {box.width}×{box.height}"


def _raw(key: str, value: object) -> object:
    match value:
        case str() if key == "map_png":
            map_ = Image.open(io.BytesIO(b64decode(value)))
            return f"{map_.mode} {Size(*map_.size)} of mean {np.asarray(map_).mean():.0f}"
        case float():
            return number(value)
        case Mapping():
            return {name: _raw(name, one) for name, one in value.items()}
        case _:
            return value


def _better(higher: bool | None) -> str:
    return {True: "more", False: "less", None: "neither"}[higher]


def _trial(trial: Trial) -> str:
    pair = trial.pair
    expected = [f" {one.text!r} of {one.letter_height_px} px" for one in pair.case.expected_text]
    edits = [f", an edit of {picture(edit.source)}" for edit in pair.edits.values()][:1]
    asked = f"{pair.case.size}, alpha {pair.case.expects_alpha}{''.join(expected)}{''.join(edits)}"
    shown = " → ".join(picture(one) for one in (pair.baseline, pair.candidate) if one)
    assert set(pair.contracts) in (set(), set(Arm))
    assert set(pair.edits) in (set(), set(Arm))
    return f"{'faulty' if trial.faulty else 'clean'}: {trial.what}: {shown}, asked: {asked}"


def _pair(
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


def _pairs() -> Iterator[tuple[str, PairToExamine, tuple[str, ...]]]:
    for name, change in (*scenes.SEEN.items(), *scenes.UNSEEN.items()):
        yield f"a scene, {name}", _pair(SCENE, change(SCENE)), DISTANCES
    wide = scenes.draw_scene(1, side=640).crop((0, 200, 640, 240))
    yield "a wide scene, blurred", _pair(wide, scenes.blurred(wide)), DISTANCES
    slope = scenes.draw_slope(1, side=96)
    yield "a slope in stairs", _pair(slope, slope.point(lambda level: level // 10 * 10)), ("banding",)
    for name, change in (*cutouts.CLEAN.items(), *cutouts.FAULTS.items()):
        yield f"a cut-out, {name}", _pair(CUTOUT, change(CUTOUT), expects_alpha=True), ("alpha", "blank")
    worn = _worn(CUTOUT)
    yield "a worn cut-out", _pair(CUTOUT, worn), ("alpha", *DISTANCES)
    yield "a cut-out where none is wanted", _pair(CUTOUT, worn, expects_alpha=False), ("alpha",)
    yield (
        "a cut-out of another size",
        _pair(CUTOUT, CUTOUT.resize((80, 40))),
        ("alpha", "composition", "contract"),
    )
    yield "no candidate", _pair(CUTOUT, None), ("alpha", "blank", "banding")
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


def _of_contracts() -> Iterator[tuple[str, PairToExamine, tuple[str, ...]]]:
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
            _pair(good, candidate, contracts=contracts, latencies_ms=late),
            ("contract",),
        )
    deep = {arm: replace(promise, bit_depth=16, mode=Mode.RGB) for arm in Arm}
    yield (
        "a contract of 16 bits",
        _pair(good.convert("RGB"), Image.new("I;16", (64, 32)), contracts=deep),
        ("contract",),
    )


def _of_edits() -> Iterator[tuple[str, PairToExamine, tuple[str, ...]]]:
    mask = Image.new("L", SCENE.size, 127)
    mask.paste(128, (20, 10, 50, 40))
    inside = Image.composite(scenes.inverted(SCENE), SCENE, mask.point(lambda level: 255 * (level > 127)))
    beside = inside.copy()
    beside.paste("red", (3, 4, 7, 6))
    edits = {
        Arm.BASELINE: Edit(source=SCENE, mask=mask, again=scenes.last_bit(inside)),
        Arm.CANDIDATE: Edit(source=SCENE, mask=mask, again=SCENE),
    }
    yield "an edit", _pair(inside, beside, edits=edits), ("edits",)
    yield (
        "an edit without a mask",
        _pair(inside, beside, edits={Arm.CANDIDATE: Edit(source=SCENE)}),
        ("edits",),
    )
    larger, shifted = (CUTOUT.resize((128, 128), Image.Resampling.NEAREST) for _ in range(2))
    shifted.paste(larger, (16, 0))
    edits = dict.fromkeys(Arm, Edit(source=CUTOUT))
    yield "an upscaled cut-out", _pair(larger, shifted, edits=edits), ("edits",)
    yield (
        "an upscaled cut-out on white",
        _pair(larger, cutouts.on_white(larger).convert("RGB"), edits=edits),
        ("edits",),
    )
    clear = Image.new("RGBA", (16, 16))
    yield (
        "nothing upscaled",
        _pair(clear, clear.resize((32, 32)), edits={Arm.CANDIDATE: Edit(source=clear)}),
        ("edits",),
    )


def _of_lettering(reader: ScriptedReader) -> Iterator[tuple[str, PairToExamine, tuple[str, ...]]]:
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
    yield "a wrong letter", _pair(good, wrong, expected=asked("SALE NOW", height=16)), both
    yield "a mended letter", _pair(wrong, good, expected=asked("SALE NOW")), both
    gone, place = page(2), Box(30, 40, 50, 20)
    yield "a line that is gone", _pair(good, gone, expected=asked("SALE NOW", height=10)), both
    yield "a line with a place", _pair(good, gone, expected=asked("SALE NOW", box=place)), both
    yield "a line that nobody drew", _pair(gone, page(3), expected=asked("SALE NOW", height=70)), both
    like, unknown = page(0, said("ROOM 204")), page(1, said("0FERTA", 20, 50))
    yield "glyphs that look alike", _pair(like, like, expected=asked("ROOM 2O4", height=24)), ("typography",)
    yield "a character nobody knows", _pair(unknown, unknown, expected=asked("¡OFERTA")), ("typography",)
    longer = page(
        1, said("OPENS"), said("FREE BEER", 10, 60), said("X", 150, 90), said("ODD", 90, 90, score=0.59)
    )
    yield (
        "words that nobody asked for",
        _pair(page(0, said("OPEN")), longer, expected=asked("OPEN")),
        ("typography",),
    )
    lines = said("OPEN", 10, 10), said("DAILY", 90, 14), said("9 TO 5", 10, 60)
    moved = said("DAILY", 10, 10), said("OPEN", 90, 14), said("9 TO 5", 17, 84)
    texts = asked("OPEN", "DAILY", "9 TO 5", height=14)
    yield "lines in another order", _pair(page(0, *lines), page(1, *moved), expected=texts), both
    yield "no candidate", _pair(good, None, expected=texts), ("typography",)
    yield from _of_upscaled_lettering(reader, page)


def _of_upscaled_lettering(
    reader: ScriptedReader, page: Callable[..., Image.Image]
) -> Iterator[tuple[str, PairToExamine, tuple[str, ...]]]:
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
    yield "upscaled lettering", _pair(large, large, expected=expected, edits=edits), ("edits",)
    nothing = page(5)
    edits = {arm: Edit(source=nothing) for arm in Arm}
    yield "upscaled without lettering", _pair(large, large, expected=expected[:1], edits=edits), ("edits",)


def main() -> None:
    """Write every file anew."""
    FOLDER.mkdir(exist_ok=True)
    for name, known in KNOWN.items():
        text = json.dumps(known(), ensure_ascii=False, indent=1)
        (FOLDER / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
