"""Which reading is which line, where a line in doubt is looked for again, and which of two looks counts."""

from __future__ import annotations

import pytest
from PIL import Image

from core.checks.picture import FeatureCache, Picture
from core.checks.text.lettering import (
    Legibility,
    Lettering,
    _by_contrast,
    _runs,
    _size_mismatch,
    is_text,
    read_lettering,
)
from core.checks.text.reader import GLANCE_FROM
from core.records import Box, ExpectedText
from tests.core.checks.scripted_reader import ScriptedReader, said


def line_of(lettering: Lettering, number: int = 0) -> tuple[str, Legibility]:
    return lettering.lines[number].text, lettering.lines[number].legibility


def expected(text: str, height: int | None = None, box: Box | None = None) -> ExpectedText:
    return ExpectedText(text=text, letter_height_px=height, box=box)


def opaque(width: int = 100, height: int = 60, ground: str = "teal") -> Image.Image:
    return Image.new("RGB", (width, height), ground)


def read(image: Image.Image, reader: ScriptedReader, *wanted: ExpectedText) -> Lettering:
    return read_lettering(Picture(image, cache=FeatureCache(1 << 24)), wanted, reader)


@pytest.mark.parametrize(
    ("text", "score", "sure"),
    [("AB", 0.6, True), ("AB", 0.59, False), ("A", 0.9, False), ("A★", 0.9, False), ("A★B", 0.9, True)],
)
def test_two_letters_read_with_a_score_of_six_tenths_are_surely_lettering(
    text: str, score: float, sure: bool
) -> None:
    assert is_text(said(text, score=score)) is sure


def test_what_the_case_does_not_expect_is_extra_unless_it_stands_in_a_line_s_place_or_is_none() -> None:
    reader, image = ScriptedReader(), opaque()
    lines = (
        said("SALE"),
        said("FREE", 10, 40),
        said("SALE!", 12, 12),
        said("X", 90, 50),
        said("ODD", 40, 50, score=0.5),
    )
    reader.shows(image, *lines)
    seen = read(image, reader, expected("SALE"))
    assert line_of(seen) == ("SALE", Legibility.RIGHT)
    assert [extra.text for extra in seen.extra] == ["FREE"]
    assert (seen.background, seen.engine) == ("white", reader.engine)


def test_a_line_is_right_wrong_ambiguous_or_unreadable() -> None:
    reader, image = ScriptedReader(), opaque(100, 200)
    texts = ["SALE", "ROOM 204", "OFERTA", "FREE"]
    reader.shows(image, *(said(text, 10, 10 + 40 * row) for row, text in enumerate(texts)))
    seen = read(image, reader, *map(expected, ("SALE", "ROOM 2O4", "¡OFERTA", "FREI", "GONE")))
    assert [line.legibility for line in seen.lines] == [
        Legibility.RIGHT,
        Legibility.AMBIGUOUS,
        Legibility.UNREADABLE,
        Legibility.WRONG,
        Legibility.WRONG,
    ]
    assert [line.legibility.is_told for line in seen.lines] == [True, False, False, True, True]
    assert seen.lines[-1].reading is None
    assert seen.lines[-1].text == ""


def test_a_garbled_line_is_known_by_a_third_of_its_letters() -> None:
    for text, found in (("SALEQQQQ", True), ("SAQQQQQQ", False)):
        reader, image = ScriptedReader(), opaque()
        reader.shows(image, said(text))
        (line,) = read(image, reader, expected("SALEWXYZ")).lines
        assert (line.reading is not None) is found


def test_each_line_takes_the_reading_most_like_it_and_none_is_taken_twice() -> None:
    reader, image = ScriptedReader(), opaque()
    reader.shows(image, said("SALE NOW", 10, 5), said("SALE NEW", 10, 35))
    seen = read(image, reader, expected("SALE NEW"), expected("SALE NOW"), expected("SALE"))
    assert [line_of(seen, number)[0] for number in range(3)] == ["SALE NEW", "SALE NOW", ""]


@pytest.mark.parametrize(("heights", "first"), [((20, 12), "low"), ((12, 20), "high")])
def test_of_two_equal_lines_each_takes_the_reading_of_its_own_size(
    heights: tuple[int, int], first: str
) -> None:
    reader, image = ScriptedReader(), opaque()
    reader.shows(image, said("OPEN", 10, 2, height=18), said("OPEN", 10, 28, height=30))
    top = read(image, reader, *(expected("OPEN", height) for height in heights)).lines[0].reading
    assert top is not None
    assert (top.box.y == 28) is (first == "low")


@pytest.mark.parametrize(("height", "mismatch"), [(None, 0.0), (20, 0.0), (16, 6.0), (24, 6.0)])
def test_a_line_s_box_is_one_and_a_half_letters_high(height: int | None, mismatch: float) -> None:
    assert _size_mismatch(expected("OPEN", height), said("OPEN", height=30)) == mismatch


def test_neighbours_on_one_row_are_joined_until_a_line_stands_lower() -> None:
    found = said("SALE", 10, 10, 30, score=0.8), said("NOW", 50, 12, 30, score=0.7), said("OPEN", 90, 40, 30)
    runs = list(_runs(found))
    assert [run.text for run in runs] == ["SALE", "SALE NOW", "NOW", "OPEN"]
    assert (runs[1].score, runs[1].box) == (0.7, Box(10, 10, 70, 22))


def test_a_line_in_doubt_is_looked_for_where_the_case_says_and_where_it_was_read() -> None:
    reader, image = ScriptedReader(), opaque(200, 100)
    reader.shows(image, said("SALX", 20, 30, 60, 30))
    seen = read(image, reader, expected("SALE", box=Box(50, 40, 48, 24)))
    assert reader.places == [Box(46, 36, 56, 32), Box(15, 25, 70, 40), Box(23, 33, 54, 24)]
    assert line_of(seen) == ("SALX", Legibility.WRONG), "a second look that finds nothing changes nothing"
    reader.reads(said("SALE", 15, 25, 70, 40))
    assert line_of(read(image, reader, expected("SALE"))) == ("SALE", Legibility.RIGHT)
    assert read(image, reader, expected("SALE")).lines[0].reading == said("SALE", 15, 25, 70, 40)


def test_a_line_that_was_not_found_is_looked_for_at_the_rows_of_ink_and_must_be_like_it() -> None:
    image = opaque(ground="black")
    image.paste("white", (20, 20, 60, 32))
    for text, found in (("SALT", "SALT"), ("QQQE", "")):
        reader = ScriptedReader()
        reader.shows(image)
        reader.reads(said(text, 17, 17, 46, 18))
        assert line_of(read(image, reader, expected("SALE")))[0] == found
        assert reader.places == [Box(17, 17, 46, 18)]


def test_a_line_read_right_is_not_looked_at_again() -> None:
    reader, image = ScriptedReader(), opaque()
    reader.shows(image, said("SALE"))
    read(image, reader, expected("SALE", box=Box(10, 10, 60, 20)))
    assert reader.places == []


@pytest.mark.parametrize(
    ("side", "glanced", "looks"),
    [(GLANCE_FROM, "SALX", [True, False]), (GLANCE_FROM - 1, "SALX", [True]), (GLANCE_FROM, "SALE", [True])],
)
def test_a_long_look_follows_only_a_glance_at_a_large_picture_that_left_a_doubt(
    side: int, glanced: str, looks: list[bool]
) -> None:
    reader, image = ScriptedReader(), opaque(side, 40)
    reader.shows(image, said(glanced), glance=True)
    reader.shows(image, said("SALE"), glance=False)
    seen = read(image, reader, expected("SALE"))
    assert reader.glances == looks
    assert line_of(seen)[0] == ("SALE" if len(looks) == 2 else glanced)


def test_the_glance_counts_where_a_long_look_reads_less() -> None:
    reader, image = ScriptedReader(), opaque(GLANCE_FROM, 40)
    reader.shows(image, said("SALX"), glance=True)
    reader.shows(image, said("SXLX"), glance=False)
    assert line_of(read(image, reader, expected("SALE")))[0] == "SALX"


def glass() -> Image.Image:
    """A transparent picture of dark ink: read over white first, then over grey, then over black."""
    image = Image.new("RGBA", (64, 32))
    image.paste((30, 30, 30, 255), (8, 8, 40, 20))
    return image


def over(background: str) -> Image.Image:
    return Image.fromarray(Picture(glass(), cache=FeatureCache(1 << 20)).over(background))


@pytest.mark.parametrize(
    ("texts", "background", "looks"),
    [
        (("SALE", "SALE", "SALE"), "white", 1),
        (("SALX", "SALE", "SALE"), "grey", 2),
        (("SXLX", "SALX", "SXLX"), "grey", 3),
        (("SALX", "SALX", "SALX"), "white", 3),
        (("SALX", "", ""), "white", 3),
    ],
)
def test_a_transparent_picture_is_read_over_other_grounds_only_while_a_line_is_wrong(
    texts: tuple[str, ...], background: str, looks: int
) -> None:
    reader = ScriptedReader()
    for ground, text in zip(("white", "grey", "black"), texts, strict=True):
        reader.shows(over(ground), *([said(text)] if text else []))
    seen = read(glass(), reader, expected("SALE"))
    assert (seen.background, len(reader.glances)) == (background, looks)


@pytest.mark.parametrize(
    ("ink", "order"),
    [
        ((0, 255, 0), ["black", "white", "grey"]),
        ((0, 0, 255), ["white", "grey", "black"]),
        ((255, 0, 0), ["white", "grey", "black"]),
        ((128, 128, 128), ["black", "white", "grey"]),
    ],
)
def test_grounds_are_tried_by_their_distance_from_the_luminance_of_the_ink(
    ink: tuple[int, int, int], order: list[str]
) -> None:
    image = Image.new("RGBA", (64, 32))
    image.paste((*ink, 255), (8, 8, 40, 20))
    assert _by_contrast(Picture(image, cache=FeatureCache(1 << 20))) == order


def test_what_cannot_be_seen_has_no_ink_and_is_read_over_white_first() -> None:
    assert _by_contrast(Picture(Image.new("RGBA", (8, 8), (255, 255, 255, 0)))) == ["white", "grey", "black"]
