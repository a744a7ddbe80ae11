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
