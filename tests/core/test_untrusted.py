"""What comes from outside is read whole, or refused with place and reason: never half, never later."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.digests import canonical_json
from core.untrusted import MAX_DEPTH, MAX_DIGITS, Unfit, examine, mended, read_json, readable, whole_number

texts = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc"), include_characters="\t\n\r"))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=20,
)

REFUSED = {
    "nested": ('{"tags":' + "[" * 20_000 + "]" * 20_000 + "}", f"tags: expected at most {MAX_DEPTH} levels"),
    "objects": ('{"a":' * 20_000 + "1" + "}" * 20_000, f"a: expected at most {MAX_DEPTH} levels"),
    "one level too deep": ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "levels of nesting"),
    "never closed": ("[" * 200_000, "levels of nesting"),
    "400 digits": ('{"seed": ' + "9" * 400 + "}", "seed: expected a number that is finite"),
    "4,000 digits": ('{"seed": -' + "9" * 4_000 + "}", "seed: expected a number that is finite"),
    "4,000 digits after the point": ('{"a": 0.' + "9" * 4_000 + "}", "a: expected a number that is finite"),
    "overflow": ('{"a": [1e999]}', "a[1]: expected a number that is finite"),
    "NaN": ('{"a": {"b": NaN}}', "a.b: expected a number that is finite"),
    "infinity": ("-Infinity", "expected a number that is finite"),
    "half a pair": (
        '{"tags": ["x", "a\\ud83d"]}',
        "tags[2]: expected Unicode text, got U+D83D at position 2",
    ),
    "half a pair as key": ('{"\\udcff": 1}', "expected Unicode text, got U+DCFF"),
    "NUL": ('{"name": "a\\u0000"}', "name: expected Unicode text, got U+0000"),
    "bell": ('{"name": "a\\u0007"}', "name: expected text without control characters, got U+0007"),
    "no JSON": ("zzz", "Expecting value"),
    "nothing": ("", "Expecting value"),
    "no UTF-8": (b'"\xff"', "utf-8"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_record_can_hold_is_refused_with_its_place(name: str) -> None:
    content, message = REFUSED[name]
    with pytest.raises(ValueError, match=r".") as refused:
        read_json(content)
    assert message in str(refused.value)
    assert str(refused.value).isprintable()


@given(values)
def test_every_ordinary_value_comes_through_unchanged(value: object) -> None:
    assert read_json(json.dumps(value)) == value
    assert read_json(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_any_other_content_is_read_or_refused_and_what_is_read_fits_a_digest(content: str | bytes) -> None:
    try:
        value = read_json(content)
    except ValueError:
        return
    canonical_json(value).encode()


def test_a_whole_emoji_stays_and_half_of_one_is_mended() -> None:
    assert read_json('"nice \\ud83d\\ude00"') == readable("nice 😀") == mended("nice 😀")
    assert mended("nice \ud83d, \0") == "nice \ufffd, \ufffd"
    assert read_json('"nice \\ud83d"', any_text=True) == "nice \ud83d"


def test_nesting_inside_a_text_is_no_nesting() -> None:
    assert read_json(json.dumps({"a": '["[' * 500})) == {"a": '["[' * 500}


def test_quotes_without_end_are_read_in_one_go() -> None:
    with pytest.raises(ValueError, match="Unterminated string"):
        read_json('"' + '\\"[' * 100_000)


def test_a_table_parsed_elsewhere_is_held_to_the_same_bounds() -> None:
    deep: list[object] = []
    for _ in range(MAX_DEPTH):
        deep = [deep]
    with pytest.raises(Unfit):
        examine({"a": deep})
    with pytest.raises(Unfit) as refused:
        examine({"a": [1, 10**MAX_DIGITS]})
    assert refused.value.place == ("a", 1)
    examine({"a": math.nan, "b": True, "c": None, "d": -(10**MAX_DIGITS) + 1})


@pytest.mark.parametrize("word", ["", "²", "٣", "-1", "+1", " 1", "1_0", "1e1", "9" * 5_000, "0", "101"])
def test_a_whole_number_is_digits_within_its_bounds(word: str) -> None:
    with pytest.raises(ValueError, match="expected 1 to 100, got"):
        whole_number(word, least=1, most=100)
    assert whole_number("100", least=1, most=100) == 100


def test_the_bounds_are_32_levels_and_64_digits() -> None:
    for levels in (31, 32):
        deep = "[" * levels + "]" * levels
        assert json.dumps(read_json(deep)) == deep
        assert read_json('{"a":' * levels + "1" + "}" * levels)
    for level in (33, 34):
        with pytest.raises(Unfit, match="expected at most 32 levels of nesting, got more"):
            read_json("[" * level + "1" + "]" * level)
        with pytest.raises(Unfit, match=r"^a: expected at most 32 levels"):
            examine({"a": _nested(level)})
    digits = "9" * 64
    assert read_json(digits) == int(digits)
    assert read_json("0." + "9" * 62) == 1.0
    for word in ("9" * 65, "-" + digits, "0." + "9" * 63):
        with pytest.raises(Unfit, match="expected a number that is finite, of at most 64 digits"):
            read_json(word)


def _nested(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = [value]
    return value


def test_nesting_is_counted_as_deep_as_it_is_and_not_as_long() -> None:
    wide = [[number] for number in range(200)]
    assert read_json(json.dumps(wide)) == wide
    siblings = {"a": _nested(31), "b": {"c": _nested(30)}}
    assert read_json(json.dumps(siblings)) == siblings
    with pytest.raises(Unfit, match=r"^b: expected at most 32 levels") as refused:
        read_json(json.dumps({"a": _nested(31), "b": _nested(32)}))
    assert refused.value.place == ("b",)
    with pytest.raises(Unfit, match=r"^expected at most 32 levels") as refused:
        read_json(json.dumps([_nested(32)]))
    assert refused.value.place == ()


def test_a_place_is_told_to_four_steps_and_eighty_characters_that_can_be_read() -> None:
    assert str(Unfit("no", ("a", 0, "b", 1, "c"))) == "a[1].b[2]: no"
    assert str(Unfit("no", ("k" * 81,))) == "k" * 80 + ": no"
    assert str(Unfit("no", ("a\x07\ud800",))) == "a\ufffd\ufffd: no"
    assert str(Unfit("no")) == "no"
    assert Unfit("no", ("a", 7)).place == ("a", 7)


def test_texts_are_left_to_a_reader_that_looks_at_them_and_numbers_are_not() -> None:
    hostile = {"a\ud800": ["\0", ("x\x07",)]}
    examine(hostile, any_text=True)
    with pytest.raises(Unfit, match=r"got U\+D800 at position 2"):
        examine(hostile)
    with pytest.raises(
        Unfit, match=r"^a\[2\]: expected text without control characters, got U\+0007 at position 2"
    ):
        examine({"a": ("x", "x\x07")})
    with pytest.raises(Unfit, match="expected a number"):
        examine([10**64], any_text=True)
    with pytest.raises(Unfit, match="expected a number"):
        examine([-(10**64)])


@pytest.mark.parametrize("character", ["\x01", "\x08", "\x0b", "\x0c", "\x0e", "\x1f", "\x7f", "\x9f"])
def test_a_control_character_is_none_of_a_text_and_half_a_pair_is_no_unicode(character: str) -> None:
    with pytest.raises(
        Unfit, match=rf"expected text without control characters, got U\+00{ord(character):02X} at"
    ):
        readable(character)
    for half in ("\0", "\ud800", "\udfff"):
        with pytest.raises(Unfit, match=rf"expected Unicode text, got U\+{ord(half):04X} at position 1"):
            readable(half)
    assert readable("\t\n\r \x7e\xa0\ud7ff\ue000") == "\t\n\r \x7e\xa0\ud7ff\ue000"


def test_a_whole_number_is_taken_at_both_of_its_bounds() -> None:
    assert [whole_number(text, least=7, most=120) for text in ("7", "007", "120")] == [7, 7, 120]
    for text in ("6", "121", "0007"):
        with pytest.raises(ValueError, match=f"expected 7 to 120, got '{text}'"):
            whole_number(text, least=7, most=120)
    with pytest.raises(ValueError, match=f"got '{'9' * 20}'$"):
        whole_number("9" * 21, least=7, most=120)
