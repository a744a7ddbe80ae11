"""Lettering is read as a careful person reads it: right, wrong with place and reason, or ambiguous.

Long: every way in which lettering can be right, wrong or untold.
"""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from core.checks.measures.typography import _before, tier_of
from core.checks.selftest.specimens import draw_card, text_fonts
from core.checks.text.lettering import ink_rows
from core.checks.text.text_distance import comparable
from core.records import Arm, Box, ExpectedText, Measurement, MeasurementStatus
from tests.core.checks.conftest import Examine, one

FONT = text_fonts()[0]


def card(*lines: str, height: int = 24, size: tuple[int, int] = (256, 128)) -> Image.Image:
    """White lines on teal, one below another."""
    image = Image.new("RGB", size, (0, 110, 110))
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(round(height * 1.4))
    step = size[1] / (len(lines) + 1)
    for number, line in enumerate(lines, start=1):
        draw.text((size[0] / 2, number * step), line, "white", font, anchor="mm")
    return image


def expecting(*lines: str, height: int = 24) -> dict[str, Any]:
    return {"expected_text": tuple(ExpectedText(text=line, letter_height_px=height) for line in lines)}


def exact(found: list[Measurement], arm: Arm, subject: str) -> Measurement:
    return one(found, "exact", arm, subject)


def test_a_line_as_expected_is_read_right_and_its_place_is_shown(found: Examine) -> None:
    measured = found(card("SALE NOW"), card("SALE NOW"), "typography", **expecting("SALE NOW"))
    right = exact(measured, Arm.CANDIDATE, "SALE NOW")
    assert (right.value, right.reason) == (1, "read «SALE NOW» as expected, 20–31 px tier")
    box = right.regions[0].box
    assert box.y < 64 < box.y + box.height
    assert right.raw["read"] == "SALE NOW"
    assert right.version.startswith("2 + rapidocr 3.10")


def test_one_wrong_letter_is_a_regression_with_its_reason(found: Examine) -> None:
    measured = found(card("SALE NOW"), card("SALE NEW"), "typography", **expecting("SALE NOW"))
    regression = one(measured, "regressions")
    assert regression.value == 1
    assert "expected «SALE NOW», read «SALE NEW»; 1 of 7 letters, 20–31 px tier" in regression.reason
    assert regression.regions[0].arm is Arm.CANDIDATE
    assert one(measured, "improvements").value == 0
    assert one(measured, "cer", Arm.CANDIDATE).value == pytest.approx(1 / 8)
    assert one(measured, "wer", Arm.CANDIDATE).value == pytest.approx(1 / 2)
    assert one(measured, "ned", Arm.CANDIDATE).value == pytest.approx(7 / 8)


def test_missing_and_invented_words_are_told_apart(found: Examine) -> None:
    asked = expecting("SUMMER", "21 JUNE")
    measured = found(card("SUMMER", "21 JUNE"), card("SUMMER", "27 JUNE FREE"), "typography", **asked)
    assert one(measured, "missing_words", Arm.CANDIDATE).reason == "missing: «21»"
    assert one(measured, "invented_words", Arm.CANDIDATE).reason == "not asked for: «27», «FREE»"
    assert one(measured, "missing_words", Arm.BASELINE).value == 0


def test_ornaments_are_no_invented_words(found: Examine) -> None:
    framed = card("OPEN")
    draw = ImageDraw.Draw(framed)
    draw.line((10, 40, 10, 10, 40, 10), "white", 3)
    draw.line((246, 88, 246, 118, 216, 118), "white", 3)
    draw.regular_polygon((220, 25, 12), 5, fill="yellow")
    measured = found(framed, framed, "typography", **expecting("OPEN"))
    assert one(measured, "invented_words", Arm.BASELINE).value == 0


def test_lines_in_another_order_are_found(found: Examine) -> None:
    asked = expecting("OPEN", "DAILY")
    measured = found(card("OPEN", "DAILY"), card("DAILY", "OPEN"), "typography", **asked)
    assert one(measured, "order", Arm.BASELINE).value == 1
    assert one(measured, "order", Arm.CANDIDATE).value == 0
    assert one(measured, "regressions").value == 0


@pytest.mark.parametrize(("drop", "holds"), [(0, True), (7, True), (8, False), (14, False)])
def test_lines_whose_middles_are_less_than_half_a_letter_apart_stand_on_one_row(
    drop: int, holds: bool
) -> None:
    left, right = Box(10, 20 + drop, 30, 16), Box(60, 20, 30, 16)
    assert _before(left, right) is holds
    assert _before(right, left) is not holds


def test_two_lines_that_say_the_same_are_told_apart_by_their_size(found: Examine) -> None:
    image = Image.new("RGB", (256, 128), "navy")
    draw = ImageDraw.Draw(image)
    draw.text((128, 36), "SALE NOW", "white", font_size=20, anchor="mm")
    draw.text((128, 84), "SALE NCW", "white", font_size=38, anchor="mm")
    asked = tuple(ExpectedText(text="SALE NOW", letter_height_px=height) for height in (27, 14))
    measured = found(image, image, "typography", expected_text=asked)
    lines = [m for m in measured if m.metric == "exact" and m.arm is Arm.BASELINE]
    assert [(m.raw["line"], m.raw["letter_height_px"], m.value) for m in lines] == [
        (0, 27, 0),
        (1, 14, 1),
    ]


def test_glyphs_the_reader_confuses_count_against_neither_arm(found: Examine) -> None:
    measured = found(card("ROOM 2O4"), card("ROOM 204"), "typography", **expecting("ROOM 2O4"))
    doubtful = exact(measured, Arm.CANDIDATE, "ROOM 2O4")
    assert (doubtful.status, doubtful.value) == (MeasurementStatus.AMBIGUOUS, None)
    assert one(measured, "regressions").value == 0
    assert one(measured, "missing_words", Arm.CANDIDATE).value == 0


@pytest.mark.parametrize("ink", ["white", "black", (250, 230, 190)])
def test_transparent_lettering_is_read_on_a_background_that_shows_it(found: Examine, ink: Any) -> None:
    image = Image.new("RGBA", (256, 128))
    ImageDraw.Draw(image).text((128, 64), "HELLO", ink, ImageFont.load_default(36), anchor="mm")
    measured = found(image, image, "typography", **expecting("HELLO"))
    right = exact(measured, Arm.BASELINE, "HELLO")
    assert right.value == 1
    assert right.raw["background"] in ("white", "black")


@pytest.mark.parametrize("height", [10, 12, 14])
def test_small_letters_are_enlarged_before_they_are_judged(found: Examine, height: int) -> None:
    good = draw_card("Terms apply", letter_height_px=height, font=FONT, seed=1)
    bad = draw_card("Terms apple", letter_height_px=height, font=FONT, seed=1)
    case = {"expected_text": (ExpectedText(text="Terms apply", letter_height_px=height),)}
    measured = found(good.image, bad.image, "typography", **case)
    assert exact(measured, Arm.BASELINE, "Terms apply").value == 1
    assert exact(measured, Arm.CANDIDATE, "Terms apply").value == 0


def test_a_second_look_reads_the_place_the_case_names(found: Examine) -> None:
    crowded = card("OPEN", "OPEN", "OPEN")
    line = ExpectedText(text="OPEN", letter_height_px=24, box=Box(60, 15, 136, 34))
    measured = found(crowded, crowded, "typography", expected_text=(line,))
    assert exact(measured, Arm.BASELINE, "OPEN").value == 1


@pytest.mark.parametrize("degrees", [-20, 12, 35, 90, -90])
def test_tilted_lines_are_turned_level_and_read(found: Examine, degrees: int) -> None:
    tilted = card("SALE NOW", size=(300, 300)).rotate(
        degrees, Image.Resampling.BICUBIC, fillcolor=(0, 110, 110)
    )
    measured = found(tilted, tilted, "typography", **expecting("SALE NOW"))
    assert exact(measured, Arm.BASELINE, "SALE NOW").value == 1


def test_soft_and_pale_letters_lose_sharpness_and_contrast(found: Examine) -> None:
    crisp = card("SALE NOW")
    soft = crisp.resize((128, 64)).resize((256, 128), Image.Resampling.BILINEAR)
    measured = found(crisp, soft, "typography", **expecting("SALE NOW"))
    assert one(measured, "sharpness_ratio").value < 0.9
    pale = Image.blend(crisp, Image.new("RGB", crisp.size, (0, 110, 110)), 0.5)
    measured = found(crisp, pale, "typography", **expecting("SALE NOW"))
    assert one(measured, "contrast_ratio").value == pytest.approx(0.5, abs=0.03)


def test_nothing_is_examined_where_no_text_is_expected(found: Examine) -> None:
    statuses = {m.status for m in found(card("OPEN"), card("OPEN"), "typography")}
    assert statuses == {MeasurementStatus.NOT_APPLICABLE}


def test_rows_of_ink_are_found_without_a_detector() -> None:
    import numpy as np

    boxes = ink_rows(np.asarray(card("OPEN", "DAILY")))
    assert len(boxes) == 2
    assert boxes[0].y < boxes[1].y


@pytest.mark.parametrize(
    ("height", "tier"),
    [
        (None, "unknown size"),
        (9, "under 12 px"),
        (12, "12–15 px"),
        (15.5, "12–15 px"),
        (24, "20–31 px"),
        (64, "64 px and more"),
    ],
)
def test_every_height_has_its_tier(height: float | None, tier: str) -> None:
    assert tier_of(height) == tier


def test_a_line_that_is_gone_is_wrong_and_pointed_at_where_the_other_arm_has_it(found: Examine) -> None:
    empty = Image.new("RGB", (256, 128), "teal")
    measured = found(card("OPEN"), empty, "typography", **expecting("OPEN"))
    gone = exact(measured, Arm.CANDIDATE, "OPEN")
    assert gone.value == 0
    assert "found nothing like it" in gone.reason
    (where,) = gone.regions
    assert (where.label, where.arm) == ("here on the baseline", Arm.CANDIDATE)
    assert where.box == exact(measured, Arm.BASELINE, "OPEN").regions[0].box
    assert one(measured, "regressions").regions == (where,)
    assert one(measured, "sharpness_ratio").status is MeasurementStatus.NOT_APPLICABLE


def test_a_line_that_nobody_drew_was_looked_for_in_the_whole_picture(found: Examine) -> None:
    empty = Image.new("RGB", (160, 64), "teal")
    measured = found(empty, empty, "typography", expected_text=(ExpectedText(text="OPEN"),))
    (region,) = one(measured, "exact", Arm.CANDIDATE).regions
    assert (region.box, region.label) == ((0, 0, 160, 64), "nowhere in the picture")


def test_a_letter_too_many_is_told_as_put_in(found: Examine) -> None:
    measured = found(card("OPEN"), card("OPENS"), "typography", **expecting("OPEN"))
    assert "read «OPENS»; something was put in" in exact(measured, Arm.CANDIDATE, "OPEN").reason


def drawn(text: str) -> Image.Image:
    """A perfect drawing of a line; skipped where the machine's font has no such letters."""
    face = ImageFont.truetype(FONT, 40) if FONT else ImageFont.load_default(40)
    nothing = bytes(face.getmask("\uffff"))
    if any(bytes(face.getmask(letter)) == nothing for letter in text if not letter.isspace()):
        pytest.skip(f"no font here draws {text!r}")
    return draw_card(text, letter_height_px=28, font=FONT, seed=3).image


TYPOGRAPHIC = ("DON’T MISS", "MOTHER’S DAY", "“BIG SALE”", "SALE – 50%", "SALE — NOW", "WAIT…", "24‑7")
UNKNOWN = (
    "¡OFERTA!",
    "¿QUÉ TAL?",
    "ŁÓDŹ",
    "İSTANBUL",
    "SMØRREBRØD",
    "½ PRICE",
    "NEW™",
    "СКИДКА 50",
    "ΕΚΠΤΩΣΗ",
)


@pytest.mark.parametrize("text", TYPOGRAPHIC)
def test_typographic_signs_are_as_good_as_plain_ones(found: Examine, text: str) -> None:
    image = drawn(text)
    right = exact(found(image, image, "typography", **expecting(text)), Arm.CANDIDATE, text)
    assert (right.status, right.value) == (MeasurementStatus.MEASURED, 1)
    assert right.raw["expected"] == text


@pytest.mark.parametrize("text", UNKNOWN)
def test_a_perfect_drawing_with_characters_the_reader_does_not_know_is_never_wrong(
    found: Examine, text: str
) -> None:
    image = drawn(text)
    line = exact(found(image, image, "typography", **expecting(text)), Arm.CANDIDATE, text)
    assert line.value != 0
    if line.status is MeasurementStatus.AMBIGUOUS:
        assert "the reader was never tested on «" in line.reason


def test_a_wrong_letter_beside_an_unknown_character_is_still_found(found: Examine) -> None:
    measured = found(drawn("¡OFERTA!"), drawn("¡OFFRTA!"), "typography", **expecting("¡OFERTA!"))
    assert exact(measured, Arm.BASELINE, "¡OFERTA!").value != 0
    assert exact(measured, Arm.CANDIDATE, "¡OFERTA!").value == 0


@pytest.mark.parametrize(
    ("one_way", "another"),
    [
        ("“Don’t…”", '"Don\'t..."'),
        ("„Wait..“", '"Wait…"'),
        ("10–20 — 30", "10-20 - 30"),
        ("A״B", 'A"B'),
        (",,Ja''", '"Ja"'),
    ],
)
def test_signs_of_one_class_compare_as_equal(one_way: str, another: str) -> None:
    assert comparable(one_way) == comparable(another)


@pytest.mark.parametrize(
    ("one", "other"), [("«Été»", '"Été"'), ("m²", "m2"), ("é", "e"), ("ー", "-"), ("A", "a")]
)
def test_letters_case_and_marks_are_never_folded(one: str, other: str) -> None:
    assert comparable(one) != comparable(other)
