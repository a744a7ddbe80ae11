"""Edit distances of lines, against their definitions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.checks.text.confusions import confusion_matrix, fold, unlisted
from core.checks.text.text_distance import (
    character_error_rate,
    invented_words,
    missing_words,
    normal,
    similarity,
    word_error_rate,
    wrong_letters,
)

LINES = st.text(alphabet="ABcd 10é", max_size=12)
ENGINE = "rapidocr 3.10.0 PP-OCRv6 small"


@given(LINES)
def test_a_text_equals_itself(text: str) -> None:
    assert similarity(text, text) == 1
    assert character_error_rate(text, text) == word_error_rate(text, text) == wrong_letters(text, text) == 0
    assert missing_words(text, text) == invented_words(text, text) == []


@given(LINES, LINES)
def test_similarity_is_symmetric_and_between_0_and_1(a: str, b: str) -> None:
    assert similarity(a, b) == similarity(b, a)
    assert 0 <= similarity(a, b) <= 1
    assert (similarity(a, b) == 1) == (normal(a) == normal(b))


@given(LINES, LINES)
def test_what_one_text_misses_the_other_invents(a: str, b: str) -> None:
    assert missing_words(a, b) == invented_words(b, a)


@pytest.mark.parametrize(
    ("expected", "read", "cer", "wer", "letters"),
    [
        ("SALE NOW", "SALE NQW", 1 / 8, 1 / 2, 1),
        ("SALE NOW", "", 1, 1, 7),
        ("21 JUNE", "27 JUNE FREE", 6 / 7, 1, 1),
        ("A", "ABCD", 3, 1, 0),
    ],
)
def test_error_rates_of_known_lines(expected: str, read: str, cer: float, wer: float, letters: int) -> None:
    assert character_error_rate(expected, read) == pytest.approx(cer)
    assert word_error_rate(expected, read) == pytest.approx(wer)
    assert wrong_letters(expected, read) == letters


def test_composed_and_decomposed_letters_are_the_same() -> None:
    assert similarity("CAFÉ", "CAFE\u0301") == 1


def test_only_listed_glyphs_are_folded() -> None:
    assert fold("O0 1l", ENGINE) == "0011"
    assert fold("SALE", ENGINE) != fold("SAFE", ENGINE)
    assert fold("QUIZ", ENGINE) != fold("OUIZ", ENGINE)
    assert fold("QUIZ", "an engine nobody measured") == fold("OUIZ", "an engine nobody measured")


def test_an_unlisted_confusion_is_reported_with_its_rate() -> None:
    confused, drawn = confusion_matrix([("BB0", "8BO"), ("B8", "88"), ("OK", "OK")])
    assert confused == {("B", "8"): 2, ("0", "O"): 1}
    assert unlisted(confused, drawn, ENGINE, above=0.1) == ["«B» read as «8» in 2 of 3"]


def test_where_nothing_is_expected_an_edit_is_counted_as_if_one_letter_were() -> None:
    assert character_error_rate("", "AB") == 2
    assert word_error_rate("", "A B C") == 3
    assert (character_error_rate("", ""), word_error_rate("", ""), similarity("", "")) == (0, 0, 1)
