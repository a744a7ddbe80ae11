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
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from unittest.mock import patch

import numpy as np
from PIL import Image

from core.checks import CHECKS, examine
from core.checks.selftest import cutouts, scenes
from core.checks.selftest.run import _random_strings
from core.checks.selftest.specimens import BUILT_IN, _face, draw_card, with_one_letter_changed
from core.checks.selftest.specs import SELF_TESTS
from core.checks.selftest.trials import Trial
from core.checks.text.copy_lines import copy_lines
from core.config.settings import Settings
from core.records import (
    Arm,
    Measurement,
    MeasurementStatus,
    Region,
    Size,
)
from tests.core.checks.known_pairs import CUTOUT, SCENE, pairs, pairs_of_lettering
from tests.core.checks.scripted_reader import ScriptedReader

FOLDER = Path(__file__).parent / "known"
NOW = datetime(2026, 3, 3, tzinfo=UTC)

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
        "black and white, by a last bit": [
            picture(scenes.last_bit(Image.new("RGB", (16, 16), flat))) for flat in ("black", "white")
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
        for what, pair, checks in pairs()
    }


def lettering() -> Stored:
    """Every word and figure that is said of lettering which a scripted reader read."""
    settings, reader = Settings.from_env({}, home=Path("unused")), ScriptedReader()
    found: Stored = {}
    with ExitStack() as patched:
        for file in ("typography", "composition", "edits"):
            patched.enter_context(patch(f"core.checks.measures.{file}.load_reader", lambda: reader))
        for what, pair, checks in pairs_of_lettering(reader):
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


def main() -> None:
    """Write every file anew."""
    FOLDER.mkdir(exist_ok=True)
    for name, known in KNOWN.items():
        text = json.dumps(known(), ensure_ascii=False, indent=1)
        (FOLDER / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
