"""Refusals name file, line and key.

Long: every kind of value, as it is taken and as it is refused.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from core.config.toml_tables import Table, parse_toml, read_text, read_toml
from core.errors import InvalidFile

TEXT = """
name = "x"            # line 2

[defaults]
width = 256           # line 5

[[case]]
prompt = "one"        # line 8
[[case]]
prompt = "two"        # line 10
size.width = 7        # line 11
[[case.line]]
text = "A"            # line 13
[[case.line]]
text = "B"            # line 15
"""


def test_a_value_of_the_second_table_of_an_array_is_found_on_its_own_line() -> None:
    cases = parse_toml(TEXT, source="s.toml").tables("case")
    assert str(cases[1].refuse("prompt", "no")) == "s.toml, line 10, case[2].prompt: no"
    assert str(cases[1].tables("line")[1].refuse("text", "no")) == "s.toml, line 15, case[2].line[2].text: no"


def test_a_dotted_key_is_found_on_its_line() -> None:
    size = parse_toml(TEXT, source="s.toml").tables("case")[1].table("size")
    assert size.where("width") == "s.toml, line 11"


def test_a_key_that_is_missing_is_reported_at_its_table() -> None:
    with pytest.raises(InvalidFile, match=r"s\.toml, line 4, defaults: the key 'height' is missing"):
        parse_toml(TEXT, source="s.toml").table("defaults").integer("height")


def test_a_missing_key_points_at_what_was_probably_meant() -> None:
    with pytest.raises(InvalidFile, match="did you mean widht"):
        parse_toml("widht = 1", source="s.toml").integer("width")


def test_a_key_nobody_reads_is_refused_with_the_nearest() -> None:
    table = parse_toml("width = 1\nheigth = 2", source="s.toml")
    table.integer("width")
    table.integer("height", 3)
    with pytest.raises(InvalidFile, match=r"s.toml, line 2, heigth: unknown key; did you mean height\?"):
        table.finish()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("n = true", "expected a whole number, got True"),
        ("n = 1.5", "expected a whole number, got 1.5"),
        ("n = '7'", "expected a whole number, got '7'"),
        ("n = 11", "expected 0 to 10, got 11"),
        ("n = -1", "expected 0 to 10, got -1"),
    ],
)
def test_a_whole_number_is_nothing_else(text: str, message: str) -> None:
    with pytest.raises(InvalidFile, match=message):
        parse_toml(text, source="s").integer("n", maximum=10)


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "51"])
def test_a_number_is_finite_and_within_its_bounds(value: str) -> None:
    with pytest.raises(InvalidFile, match="expected 0 to 50"):
        parse_toml(f"n = {value}", source="s").number("n", minimum=0, maximum=50)


def test_a_list_of_sizes_is_whole_numbers_in_twos() -> None:
    assert parse_toml("s = [[1, 2]]", source="s").integer_lists("s", length=2) == ((1, 2),)
    for wrong in ("[1, 2]", "[[1]]", "[[1, 2.5]]", "[[1, true]]"):
        with pytest.raises(InvalidFile):
            parse_toml(f"s = {wrong}", source="s").integer_lists("s", length=2)


def test_what_is_not_toml_is_refused_with_its_line() -> None:
    with pytest.raises(InvalidFile, match=r"s.toml: .*line 2"):
        parse_toml("a = 1\nb = = 2", source="s.toml")


def test_a_missing_file_and_a_binary_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match="found nothing"):
        read_toml(tmp_path / "none.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidFile, match="UTF-8"):
        read_toml(tmp_path / "binary.toml")


def table(text: str) -> Table:
    return parse_toml(text, source="s")


def test_every_kind_of_value_is_given_as_it_stands_or_by_its_default() -> None:
    whole = table(
        't = "x"\nn = 7\nr = 2\nf = true\nl = ["a", "b"]\nb = [1, 2]\ns = [[1, 2], [3, 4]]\nm = {a = [1]}'
    )
    assert (whole.text("t"), whole.integer("n"), whole.flag("f", False)) == ("x", 7, True)
    assert whole.number("r", minimum=0, maximum=9) == 2.0
    assert (whole.texts("l"), whole.integers("b", length=2)) == (("a", "b"), (1, 2))
    assert whole.integer_lists("s", length=2) == ((1, 2), (3, 4))
    assert whole.mapping("m") == {"a": [1]} == dict(whole.table("m").content)
    assert (whole.optional_text("t"), whole.optional_number("n", minimum=0, maximum=9)) == ("x", 7.0)
    assert (whole.optional_flag("f"), whole.optional_flag("f", False)) == (True, True)
    whole.finish()
    assert whole.keys == ("t", "n", "r", "f", "l", "b", "s", "m")
    empty = table("")
    assert (empty.text("t", ""), empty.integer("n", 0), empty.flag("f", True)) == ("", 0, True)
    assert empty.number("r", 0.0, minimum=0, maximum=9) == 0.0
    assert (empty.texts("l"), empty.integers("b", length=2), empty.integer_lists("s", length=2)) == (
        (),
        (),
        (),
    )
    assert (empty.mapping("m"), empty.optional_table("m").keys, empty.tables("c")) == ({}, (), [])
    assert (empty.optional_text("t"), empty.optional_number("n", minimum=0, maximum=9)) == (None, None)
    assert [empty.optional_flag("f", default) for default in (None, True, False)] == [None, True, False]
    empty.finish()


REQUIRED: dict[str, tuple[Callable[[Table], object], str]] = {
    "text": (lambda t: t.text("k"), "a text"),
    "integer": (lambda t: t.integer("k"), "a whole number"),
    "number": (lambda t: t.number("k", minimum=0, maximum=1), "a number"),
    "texts": (lambda t: t.texts("k", None), "a list of texts"),
    "table": (lambda t: t.table("k"), "a table"),
}


@pytest.mark.parametrize("kind", REQUIRED)
def test_a_value_that_is_needed_and_not_there_is_named_with_what_it_should_be(kind: str) -> None:
    read, words = REQUIRED[kind]
    with pytest.raises(InvalidFile, match=f"^s: the key 'k' is missing, expected {words}$"):
        read(table(""))


@pytest.mark.parametrize(
    ("text", "read", "message"),
    [
        ("k = 1", lambda t: t.text("k"), "expected a text, got 1"),
        ("k = 1", lambda t: t.flag("k", False), "expected true or false, got 1"),
        ("k = true", lambda t: t.number("k", minimum=0, maximum=2), "expected a number, got True"),
        ("k = 'x'", lambda t: t.texts("k"), "expected a list of texts, got 'x'"),
        ("k = ['x', 1]", lambda t: t.texts("k"), r"expected a list of texts, got \['x', 1\]"),
        ("k = [1]", lambda t: t.integers("k", length=2), "expected 2 whole numbers, got 1"),
        ("k = [1, 2, 3]", lambda t: t.integers("k", length=2), "expected 2 whole numbers, got 3"),
        ("k = [1.5, 2]", lambda t: t.integers("k", length=2), "expected a list of 2 whole numbers, got"),
        (
            "k = [[1, 2, 3]]",
            lambda t: t.integer_lists("k", length=2),
            "expected lists of 2 whole numbers, got",
        ),
        ("k = 1", lambda t: t.table("k"), "expected a table, got 1"),
        ("k = 1", lambda t: t.tables("k"), "expected a list, got 1"),
        ("k = [{a = 1}, 2]", lambda t: t.tables("k"), "expected a list of tables, got"),
        ("k = ['x']", lambda t: t.tables("k"), "expected a list of tables, got"),
        ("k = [1]", lambda t: t.tables("k", short="a"), "expected a list of tables, got"),
    ],
)
def test_a_value_of_another_kind_is_refused_with_what_came(
    text: str, read: Callable[[Table], object], message: str
) -> None:
    with pytest.raises(InvalidFile, match=f"^s, line 1, k: {message}"):
        read(table(text))


def test_numbers_are_taken_at_their_bounds() -> None:
    assert [table(f"n = {n}").integer("n", minimum=3, maximum=5) for n in (3, 5)] == [3, 5]
    assert table(f"n = {2**63 - 1}").integer("n") == 2**63 - 1
    for n in (2, 6):
        with pytest.raises(InvalidFile, match=f"expected 3 to 5, got {n}"):
            table(f"n = {n}").integer("n", minimum=3, maximum=5)
    with pytest.raises(InvalidFile, match=f"expected 0 to {2**63 - 1}, got {2**63}"):
        table(f"n = {2**63}").integer("n")
    assert [table(f"n = {n}").number("n", minimum=0.5, maximum=1.5) for n in (0.5, 1.5)] == [0.5, 1.5]
    for n in ("0.49", "1.51"):
        with pytest.raises(InvalidFile, match=f"expected 0.5 to 1.5, got {n}"):
            table(f"n = {n}").number("n", minimum=0.5, maximum=1.5)


def test_a_bare_text_stands_for_a_table_with_one_key() -> None:
    rows = table("k = ['x', {a = 'y'}]").tables("k", short="a")
    assert [row.text("a") for row in rows] == ["x", "y"]


def test_a_word_of_a_closed_list_is_offered_the_nearest_or_the_list_up_to_twelve() -> None:
    assert table("k = 'red'").text("k", among=("red", "blue")) == "red"
    with pytest.raises(InvalidFile, match=r"expected one of blue, red, got 'rad'; did you mean red\?$"):
        table("k = 'rad'").text("k", among=("red", "blue"))
    twelve = [f"name{number:02}" for number in range(12)]
    with pytest.raises(InvalidFile, match=f"expected one of {', '.join(twelve)}, got 'x'$"):
        table("k = 'x'").text("k", among=twelve)
    with pytest.raises(InvalidFile, match=r"expected one of 13 known names, got 'x'$"):
        table("k = 'x'").text("k", among=[*twelve, "other"])
    with pytest.raises(InvalidFile, match=r"did you mean name01 or name00\?$"):
        table("k = 'name0'").text("k", among=["name00", "name01", "other"])
    with pytest.raises(InvalidFile, match="expected one of"):
        table("").text("k", "green", among=("red",))


def test_what_is_repeated_of_a_file_is_cut_at_300_characters() -> None:
    with pytest.raises(InvalidFile, match="got '" + "x" * 298 + "'$"):
        table(f"k = '{'x' * 298}'").integer("k")
    with pytest.raises(InvalidFile, match="got '" + "x" * 299 + "…$"):
        table(f"k = '{'x' * 299}'").integer("k")
    assert str(table("").refuse("x" * 301, "no")) == f"s, {'x' * 300}: no"


def test_a_key_nobody_reads_is_refused_with_all_that_are_known_where_none_is_near() -> None:
    read = table("width = 1\nzzz = 2")
    read.integer("width")
    read.integer("height", 3)
    with pytest.raises(InvalidFile, match=r"s, line 2, zzz: unknown key; known: height, width$"):
        read.finish()


def test_a_refusal_about_a_table_names_the_table() -> None:
    nested = table("[a]\n[[a.b]]\nc = 1").table("a").tables("b")[0]
    assert str(nested.refuse("", "no")) == "s, line 2, a.b[1]: no"
    assert str(nested.refuse("c", "no")) == "s, line 3, a.b[1].c: no"
    assert (nested.where("c"), nested.where("d"), Table({}, source="s").where("c")) == (
        "s, line 3",
        "s, line 2",
        "s",
    )
    assert str(Table({}, source="s").refuse("", "no")) == "s: no"


def test_a_file_is_read_only_where_it_is_one(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(InvalidFile, match=r"folder\.toml: expected a file, found a folder$"):
        read_text(tmp_path / "folder.toml")
    os.mkfifo(tmp_path / "pipe.toml")
    with pytest.raises(InvalidFile, match=r"pipe\.toml: expected a file, found no regular file$"):
        read_text(tmp_path / "pipe.toml")
    (tmp_path / "a.toml").write_text("k = 'ä\\u0007'", encoding="utf-8")
    assert read_text(tmp_path / "a.toml") == "k = 'ä\\u0007'"
    (tmp_path / "b.toml").write_text('k = "\\u0007"', encoding="utf-8")
    assert read_toml(tmp_path / "b.toml", any_text=True).text("k") == "\x07"
    with pytest.raises(InvalidFile, match=r"b\.toml, line 1, k: expected text without control characters"):
        read_toml(tmp_path / "b.toml")
