"""A line with characters nobody tested is never called wrong for them, and still for its other letters."""

from __future__ import annotations

import pytest

from core.checks.text.alphabet import may_be, unknown_characters

ENGINE = "rapidocr 3.10.0 PP-OCRv6 small"


def test_unknown_characters_are_named_once_in_their_order() -> None:
    assert unknown_characters("¡HOLA! ¿QUÉ TAL? ¡SÍ!") == "¡¿ÉÍ"
    assert unknown_characters("SALE 50% – DON’T MISS, “OPEN”") == ""
    assert unknown_characters("ABC", alphabet="AB") == "C"


@pytest.mark.parametrize(
    ("expected", "read", "maybe"),
    [
        ("OFERTA", "OFFRTA", False),  # every character is known
        ("¡OFERTA", "OFERTA", True),
        ("¡OFERTA", "iOFERTA", True),
        ("¡OFERTA", "xyOFERTA", True),
        ("¡OFERTA", "xyzOFERTA", False),  # an unknown character is read as two others at most
        ("¡OFERTA", "¡0FERTA", True),  # O and 0 are confused anyway
        ("¡OFERTA", "¡OFFRTA", False),
        ("¡ OFERTA", "OFER TA", True),  # spaces do not count
        ("¡AB", "XY", False),  # a third of the letters is unknown: the others can still tell
        ("¡¿AB", "XY", True),  # half of them: they cannot
        ("¡A.BC", "iAxBC", False),  # a mark is itself, not any sign
    ],
)
def test_a_line_may_be_what_is_expected_when_its_known_letters_are(
    expected: str, read: str, maybe: bool
) -> None:
    assert may_be(expected, read, ENGINE) is maybe
