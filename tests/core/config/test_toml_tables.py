"""Refusals name file, line and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.config.toml_tables import parse_toml, read_toml
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
