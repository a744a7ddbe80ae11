"""Problems that users of other tools reported in public, kept as small inputs: lettering as real copy has it.

What is drawn as it was asked for is never called wrong: it is right, or the reader says that it cannot tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from core.checks.selftest.specimens import text_fonts
from core.gates.policies import parse_policy
from core.records import Arm, Case, Evidence, ExpectedText, GateOutcome, Measurement, MeasurementStatus
from tests.core.checks.conftest import Examine, one
from tests.evidence import judge, make_evidence, measurement, result

FILES = Path(__file__).parent / "files"
LINES = (
    *("SALE NOW", "DON’T MISS", "DON'T MISS", "MOTHER’S DAY", "“BIG SALE”", '"BIG SALE"', "SALE – 50 %"),
    *("SALE - 50 %", "SALE — NOW", "WAIT…", "WAIT...", "CAFÉ CRÈME", "GRÜSSE AUS KÖLN", "STRASSE 12"),
    *("STRAßE 12", "¡OFERTA!", "¿QUÉ TAL?", "ŁÓDŹ", "ČESKÁ PIVA", "İSTANBUL", "GARÇON", "SMØRREBRØD"),
    *("€ 9,99", "£20 OFF", "¥500", "20 °C", "ROCK & ROLL", "50% OFF", "NEW™", "BRAND®", "© 2026", "½ PRICE"),
    *("No. 5", "#SALE", "A+B", "C/O", "10×15", "СКИДКА 50", "ΕΚΠΤΩΣΗ", "שלום", "مرحبا", "東京"),
    *("限定セール", "할인", "ПРИВЕТ"),
)
SPANISH = ("¡OFERTA!", "¡REBAJAS!", "¡GRATIS!", "¡VERANO!", "¡NUEVO!", "¡AHORA!")
TEXT_ALONE = """
title = "Text alone"
[evidence]
max_age_days = 90
max_missing_share = 0.05
[gates.text]
rule = "typography"
requirement = "required"
margin = 0.05
level = 0.90
"""


def drawn(text: str, *, size: tuple[int, int] | None = None) -> Image.Image:
    """The line in dark ink on cream; skipped where the machine's font has no such letters."""
    font = ImageFont.truetype(text_fonts()[0], 40) if text_fonts()[0] else ImageFont.load_default(40)
    nothing = bytes(font.getmask("\uffff"))
    if any(bytes(font.getmask(letter)) == nothing for letter in text if not letter.isspace()):
        pytest.skip(f"no font here draws {text!r}")
    left, top, right, bottom = map(round, font.getbbox(text))
    image = Image.new("RGB", size or (right - left + 80, bottom - top + 80), (245, 240, 220))
    ImageDraw.Draw(image).text((40 - left, 40 - top), text, (20, 20, 60), font)
    return image


def exact(found: Examine, text: str, baseline: Image.Image, candidate: Image.Image) -> dict[Arm, Measurement]:
    measured = found(baseline, candidate, "typography", expected_text=(ExpectedText(text=text),))
    return {arm: one(measured, "exact", arm, text) for arm in Arm}


# ---- characters --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", LINES)
def test_a_perfect_drawing_is_right_or_cannot_be_told(found: Examine, text: str) -> None:
    image = drawn(text)
    line = exact(found, text, image, image)[Arm.CANDIDATE]
    if line.status is MeasurementStatus.MEASURED:
        assert line.value == 1, line.reason
    else:
        assert (line.status, line.value) == (MeasurementStatus.AMBIGUOUS, None), line.reason


@pytest.mark.parametrize(
    ("text", "misspelt"),
    [
        ("DON'T MISS", "DON'T MIZS"),
        ("DON’T MISS", "DON’T MIZS"),
        ("WAIT…", "WAFT…"),
        ("¡OFERTA!", "¡OFFRTA!"),
        ("İSTANBUL", "İSTAHBUL"),
    ],
)
def test_a_sign_that_the_reader_does_not_know_hides_no_wrong_letter_beside_it(
    found: Examine, text: str, misspelt: str
) -> None:
    good = drawn(text)
    lines = exact(found, text, good, drawn(misspelt, size=good.size))
    assert lines[Arm.BASELINE].value != 0
    assert lines[Arm.CANDIDATE].value == 0


def spanish(values: Mapping[str, Mapping[Arm, Measurement]]) -> Evidence:
    """Sixty cases of few lines, each with what was really measured of its line."""
    evidence = make_evidence(cases=60, verdicts=False)
    numbers = {digest: place for place, digest in enumerate(evidence.cases)}
    asked: dict[str, Case] = {}
    for digest, case in evidence.cases.items():
        line = SPANISH[numbers[digest] % len(SPANISH)]
        asked[digest] = replace(case, expected_text=(ExpectedText(text=line),))
    measured = {}
    for pair in evidence.pairs:
        (line,) = (one.text for one in asked[pair.case_digest].expected_text)
        plain = {arm: measurement(pair.id, "typography", "exact", arm, 1.0, subject=line) for arm in Arm}
        measured[pair.id] = tuple(
            replace(plain[arm], status=values[line][arm].status, value=values[line][arm].value) for arm in Arm
        )
    pairs = tuple(replace(pair, case_digest=asked[pair.case_digest].digest) for pair in evidence.pairs)
    cases = {case.digest: case for case in asked.values()}
    return replace(evidence, cases=cases, pairs=pairs, measurements=measured)


def test_cases_that_neither_model_can_pass_make_no_gate_successful(found: Examine) -> None:
    """The candidate garbles every line; the reader knows no «¡», so it may not know that."""
    pictures = {line: (drawn(line), drawn(line[:-3] + "##!", size=drawn(line).size)) for line in SPANISH}
    values = {line: exact(found, line, *images) for line, images in pictures.items()}
    gate = result(judge(spanish(values), parse_policy("text-only", TEXT_ALONE)), "text")
    assert gate.outcome is not GateOutcome.SUCCESSFUL, gate.reason


# ---- direction ---------------------------------------------------------------------------------------------


def of_file(found: Examine, file: str, text: str) -> Measurement:
    image = Image.open(FILES / file).convert("RGB")
    return exact(found, text, image, image)[Arm.BASELINE]


def test_an_upright_line_is_read(found: Examine) -> None:
    assert of_file(found, "upright.png", "GRAND OPENING").value == 1


DIRECTION = pytest.mark.xfail(
    strict=True,
    raises=AssertionError,
    reason="lines are read from left to right, turned by less than a half (Text)",
)


@DIRECTION
def test_a_line_that_stands_upside_down_is_read(found: Examine) -> None:
    assert of_file(found, "upside-down.png", "GRAND OPENING").value == 1


@DIRECTION
def test_letters_one_under_another_are_read_or_cannot_be_told(found: Examine) -> None:
    line = of_file(found, "stacked.png", "HOTEL")
    assert line.value == 1 or line.status is MeasurementStatus.AMBIGUOUS, line.reason
