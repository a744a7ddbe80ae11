"""A name beside a verdict is one somebody can be called by, and never that of a rule."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.access.person import MAX_NAME, person_key, person_name, same_person
from core.errors import InvalidInput


@pytest.mark.parametrize("text", ["", "   ", "a" * (MAX_NAME + 1), "ada\x00", "ada\u202elovelace"])
def test_a_name_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="expected 1 to 60 printable characters"):
        person_name(text)


RESERVED = [
    "rule:two-reviewers", "Policy:upgrade", " rule: x", "policy:easy", "Rule:x", "RULE:x", "policy : x",
    "ｐｏｌｉｃｙ：easy", "policy∶easy", "𝐩olicy:easy", "The policy easy", "the rule x", "first start",
    "First  START", "ﬁrst start",
]  # fmt: skip


@pytest.mark.parametrize("text", RESERVED)
def test_nobody_is_called_like_a_rule(text: str) -> None:
    with pytest.raises(InvalidInput, match="belong to automatic rules"):
        person_name(text)


def test_a_word_that_only_begins_like_a_rule_is_a_name() -> None:
    for name in ("policy@corp", "Rulers", "The Policyholder", "first starter"):
        assert person_name(name) == name


def test_spaces_never_make_two_people_of_one() -> None:
    assert person_name(" Ada\tLovelace\n") == person_name("Ada Lovelace") == "Ada Lovelace"


INVISIBLE = [
    "Ana\ufe0f", "Ana\u034f", "A\u200bna", "Ana\u00ad", "Ana\u2060", "Ana\U000e0041", "Ana\u3164",
    "Ana\uffa0", "Ana\u180b", "Ana\u115f", "Ana\u2800", "Ana\U0001d159", "Ana\ue000", "Ana\u0378",
    "Ana \u0301", "Lei\u0307a", "Ane\u0301\u0301", "An\u00e1\u0301", "Ana\ud800",
]  # fmt: skip


@pytest.mark.parametrize("text", INVISIBLE, ids=ascii)
def test_nothing_invisible_makes_another_person_of_a_name(text: str) -> None:
    with pytest.raises(InvalidInput, match="name: expected"):
        person_name(text)


@pytest.mark.parametrize("text", ["\u3164", "\u2800", "\u0301", "\ufe0f", "\u034f", "-", "…", "☃"], ids=ascii)
def test_a_name_has_a_letter_or_a_digit(text: str) -> None:
    with pytest.raises(InvalidInput, match="name: expected"):
        person_name(text)


@pytest.mark.parametrize("text", ["Аna", "Anа", "Δna", "Ana٣", "Ана-Maria", "김あ", "Ꭺna"], ids=ascii)
def test_letters_of_two_scripts_are_no_name(text: str) -> None:
    with pytest.raises(InvalidInput, match="letters of one script"):
        person_name(text)


PEOPLE = [
    "Ada", "Zoë", "Nguyễn Thị Minh Khai", "O’Neill", "Ana-María de la Cruz", "J. R. R. Tolkien", "007",
    "Иван Петров", "Ελένη", "محمد", "שָׁלוֹם", "प्रिया", "ลลิตา", "田中ナオミ", "Naomi 田中", "김철수",
    "Kim 김", "İpek", "Łukasz", "lea+review@corp.example", "Müller, Ana (Extern)", "r0",
]  # fmt: skip


@pytest.mark.parametrize("name", PEOPLE)
def test_people_of_the_world_keep_their_names(name: str) -> None:
    assert person_name(name) == name


SPELLINGS = [
    ("Ana", "Ａｎａ"), ("Ana", "𝐀na"), ("Zoë", "Zoe\u0308"), ("Ana@corp", "ana@corp"), ("Ana", "ANA"),
    ("O’Neill", "O'Neill"), ("Ana-Li", "Ana‐Li"), ("Strauß", "STRAUSS"), ("Ana Li", "Ana\u00a0 Li"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SPELLINGS)
def test_two_spellings_are_one_person(one: str, other: str) -> None:
    assert same_person(person_name(one), person_name(other))


def test_two_names_are_two_people() -> None:
    assert not same_person("Ana", "Anna")
    assert not same_person("j.lee@corp", "jlee@corp")


@given(st.text(max_size=70))
def test_what_the_function_gives_it_gives_again(text: str) -> None:
    try:
        name = person_name(text)
    except InvalidInput:
        return
    assert person_name(name) == name
    assert person_key(person_key(name)) == person_key(name)
    assert same_person(name, text)


def test_a_name_of_sixty_characters_is_the_longest_and_a_wrong_one_is_repeated_to_eighty() -> None:
    assert person_name("a" * 60) == "a" * 60
    with pytest.raises(InvalidInput, match=r"expected 1 to 60 printable characters, got '" + "a" * 80 + "'$"):
        person_name("a" * 81)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ana\ufe0fLi", "only characters that can be seen"),
        ("Ana \u0301", "every accent above a letter"),
        ("Ane\u0301\u0301", "no accent that cannot be seen"),
        ("Lei\u0307a", "no accent that cannot be seen"),
        ("Ana ☃", "letters, digits and punctuation"),
        ("…", "a letter or a digit"),
    ],
)
def test_a_name_that_is_none_is_told_what_one_is(text: str, expected: str) -> None:
    with pytest.raises(InvalidInput, match=f"^name: expected {expected}, got "):
        person_name(text)


@pytest.mark.parametrize("marks", [4, 5])
def test_a_letter_bears_up_to_four_accents(marks: int) -> None:
    name = "a" + "\u0301\u0323\u0302\u0331\u0308"[:marks]
    if marks == 4:
        assert same_person(person_name(name), name)
    else:
        with pytest.raises(InvalidInput, match="no accent that cannot be seen"):
            person_name(name)


def test_the_refusals_of_a_name_say_what_to_do() -> None:
    with pytest.raises(InvalidInput) as mixed:
        person_name("Аna")
    assert mixed.value.remedy.startswith("type every letter on the same keyboard")
    with pytest.raises(InvalidInput) as reserved:
        person_name("rule: x")
    assert reserved.value.remedy == "give the name of a person"
    assert person_key("  ÀNA  Li ") == "àna li"
