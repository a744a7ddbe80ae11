"""Prompts: one normal form, exact strings, tags; clear refusals."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidPrompt
from core.recipes.prompts import expected_strings, normalise_prompt, tags_of


@pytest.mark.parametrize(
    "prompt", ["🎈 sale", "👩‍👩‍👧 family", "مرحبا بالعالم", "日本語のポスター", "naïve café"]
)
def test_emoji_and_right_to_left_text_stay_as_they_are(prompt: str) -> None:
    assert normalise_prompt(prompt) == unicodedata.normalize("NFC", prompt)


def test_spaces_line_ends_and_composed_letters_have_one_form() -> None:
    assert normalise_prompt("  two\r\nlines\tcafe\u0301 ") == "two lines café"


@pytest.mark.parametrize("prompt", ["", "   ", "\n\t"])
def test_an_empty_prompt_is_refused(prompt: str) -> None:
    with pytest.raises(InvalidPrompt, match="got an empty text"):
        normalise_prompt(prompt)
    assert normalise_prompt(prompt, allow_empty=True) == ""


def test_a_prompt_of_20000_characters_is_refused_with_both_numbers() -> None:
    with pytest.raises(InvalidPrompt, match="at most 10,000 characters, got 20,000"):
        normalise_prompt("x" * 20_000)


@pytest.mark.parametrize(("character", "code"), [("\x00", "0000"), ("\x1b", "001B"), ("\x85", "0085")])
def test_a_control_character_is_refused_with_its_place(character: str, code: str) -> None:
    with pytest.raises(InvalidPrompt, match=rf"U\+{code} at position 4"):
        normalise_prompt(f"abc{character}d")


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(InvalidPrompt, match=r"U\+D83D"):
        normalise_prompt("a\ud83d")


@given(st.text(alphabet=st.characters(exclude_categories=("Cc", "Cs")), max_size=60))
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise_prompt(text, allow_empty=True)
    assert normalise_prompt(once, allow_empty=True) == once


@pytest.mark.parametrize(
    ("prompt", "lines"),
    [
        ('poster, exact text: "SALE NOW", white on teal', ["SALE NOW"]),
        ('banner, exact text: "SUMMER" "50 OFF", black', ["SUMMER", "50 OFF"]),
        ('Exact Text : "A", "B" and "C"', ["A", "B", "C"]),
        ('exact text: "A" / "B" on a sign that says "C"', ["A", "B"]),
        ("exact text: “SALE  NOW”", ["SALE NOW"]),
        ("exact text: «SOLDES» en rouge", ["SOLDES"]),
        (r'exact text: "SAY \"HI\"", red', ['SAY "HI"']),
        (r'exact text: "BACK\\SLASH"', ["BACK\\SLASH"]),
        ('a sign that says "hello"', []),
        ("exact text: none", []),
    ],
)
def test_the_quoted_lines_after_exact_text_are_expected(prompt: str, lines: list[str]) -> None:
    assert [line.text for line in expected_strings(prompt)] == lines


@pytest.mark.parametrize("prompt", ['exact text: "SALE NOW', 'exact text: "A" "B', r'exact text: "A\"'])
def test_a_quotation_mark_that_is_never_closed_is_refused(prompt: str) -> None:
    with pytest.raises(InvalidPrompt, match="never closed"):
        expected_strings(prompt)


def test_empty_quotes_are_refused() -> None:
    with pytest.raises(InvalidPrompt, match="got none"):
        expected_strings('exact text: " "')


@given(
    st.lists(st.text(alphabet=st.characters(exclude_categories=("Cc", "Cs", "Zs")), min_size=1), max_size=3)
)
def test_any_line_comes_back_when_its_quotes_are_escaped(lines: list[str]) -> None:
    quoted = [line.replace("\\", "\\\\").replace('"', '\\"') for line in lines]
    prompt = "exact text: " + " ".join(f'"{line}"' for line in quoted)
    assert [line.text for line in expected_strings(prompt)] == [" ".join(line.split()) for line in lines]


def test_tags_come_from_the_words_of_the_prompt() -> None:
    banner = 'banner, exact text: "A" "B", red on transparent, with a star'
    assert tags_of(banner) == ("typography", "two-line", "transparent", "banner", "shape")
    assert tags_of("studio portrait, soft light") == ("portrait",)
    assert tags_of("a clean product photo of a transparent bottle") == ("product",)
    assert tags_of("app_context desk, minimal") == ()


def test_a_prompt_of_10000_characters_is_the_longest() -> None:
    assert len(normalise_prompt("x" * 10_000)) == 10_000
    with pytest.raises(InvalidPrompt, match="at most 10,000 characters, got 10,001"):
        normalise_prompt("x" * 10_001)


@pytest.mark.parametrize(
    ("prompt", "message"),
    [
        ('exact text: "A" " "', "expected letters in the quotes at position 17, got none"),
        ('exact text: "A" "B', "the quotation mark at position 17 is never closed"),
        ('"', None),
        ('exact text:"', "the quotation mark at position 12 is never closed"),
        ('exact text: "A\\', "the quotation mark at position 13 is never closed"),
    ],
)
def test_a_quotation_that_holds_nothing_is_told_with_its_position(prompt: str, message: str | None) -> None:
    if message is None:
        assert expected_strings(prompt) == ()
        return
    with pytest.raises(InvalidPrompt, match=message):
        expected_strings(prompt)


@pytest.mark.parametrize(
    ("prompt", "lines"),
    [
        ('exact text: "A" & "B"+"C",“D”', ["A", "B", "C", "D"]),
        ('exact text: "A" or "B"', ["A"]),
        ('exact text: "A" and then "B"', ["A"]),
        ("exact text: „A“ «B»", ["A", "B"]),
        ('exact text: "A”B"', ["A”B"]),
        (r'exact text: "A\nB"', [r"A\nB"]),
        (r"exact text: «A\"B»", [r"A\"B"]),
        ('exact text: "A"', ["A"]),
        ('exact text: x "A"', []),
        ("exact text:", []),
    ],
)
def test_only_what_stands_beside_a_quoted_line_joins_it(prompt: str, lines: list[str]) -> None:
    assert [line.text for line in expected_strings(prompt)] == lines


@pytest.mark.parametrize(
    ("prompt", "tags"),
    [
        ('exact text: "A"', ("typography",)),
        ('exact text: "A" "B"', ("typography", "two-line")),
        ("TRANSPARENT GROUND", ("transparent",)),
        ("a cut-out, a cutout or a sticker", ("transparent",)),
        ("transparent background, headshot", ("transparent", "portrait")),
        ("packshot with badge, poster and arrow", ("product", "badge", "poster", "shape")),
        ("a posterior starling, squared portraits", ()),
        ("", ()),
    ],
)
def test_a_tag_is_earned_by_whole_words(prompt: str, tags: tuple[str, ...]) -> None:
    assert tags_of(prompt) == tags
