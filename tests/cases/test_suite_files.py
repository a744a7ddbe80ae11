"""Problems that users of other tools reported in public, kept as small inputs: prompts and settings as files.

The inputs under ``files/`` are bytes as other programs wrote them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.config.models import load_models
from core.config.settings import PROJECT
from core.config.suites import load_suite
from core.errors import InvalidFile
from core.gates.policies import load_policy
from core.records import Suite
from tests.cli.conftest import Said, Sidegrade

FILES = Path(__file__).parent / "files"
MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""How a text in UTF-8 begins that Notepad saved."""
Import = Callable[[Path], Said]


@pytest.fixture
def imported(sidegrade: Sidegrade, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Import:
    """``sidegrade import FILE --suite ours``; the suite file lands in a folder of the test."""
    monkeypatch.setenv("SIDEGRADE_SUITES", str(tmp_path))
    return lambda file: sidegrade("import", file, "--suite", "ours")


def suite_of(said: Said) -> Suite:
    assert said.code == 0, said
    return load_suite(Path(said.document["file"]))


# ---- where a line ends -------------------------------------------------------------------------------------

SPLIT = pytest.mark.xfail(
    strict=True,
    raises=AssertionError,
    reason="lines are split at more characters than the line ends of the format (Text)",
)


@SPLIT
def test_a_line_separator_inside_a_prompt_does_not_end_its_line(imported: Import, tmp_path: Path) -> None:
    summer, winter = suite_of(imported(FILES / "line-separator.jsonl")).cases
    (tmp_path / "ours.toml").unlink()
    (escaped,) = suite_of(imported(FILES / "line-separator-escaped.jsonl")).cases
    assert (summer.prompt, summer.expected_text) == (escaped.prompt, escaped.expected_text)
    assert (winter.name, winter.expected_text[0].text) == ("winter", "WINTER")


@SPLIT
def test_a_paragraph_separator_inside_a_prompt_does_not_end_its_line(imported: Import) -> None:
    (case,) = suite_of(imported(FILES / "paragraph-separator.jsonl")).cases
    assert case.name == "summer"


def test_a_line_separator_inside_a_quoted_field_does_not_end_its_row(imported: Import) -> None:
    (case,) = suite_of(imported(FILES / "line-separator.csv")).cases
    assert case.name == "summer"


@SPLIT
def test_a_refusal_counts_the_lines_of_a_file_as_editors_do(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_text('name = "ours"\ntitle = "a\N{LINE SEPARATOR}b"\n[defaults]\nheigth = 64\n')
    with pytest.raises(InvalidFile) as refused:
        load_suite(path)
    assert "ours.toml, line 4, defaults.heigth" in str(refused.value)


# ---- how a file begins -------------------------------------------------------------------------------------

MARKED = pytest.mark.xfail(
    strict=True,
    raises=InvalidFile,
    reason="a byte order mark is no part of a TOML file, and refused as one (Text)",
)


@MARKED
def test_a_suite_that_notepad_saved_is_read(tmp_path: Path) -> None:
    assert [case.name for case in load_suite(FILES / "notepad.toml").cases] == ["a"]


@MARKED
def test_models_that_notepad_saved_are_read(tmp_path: Path) -> None:
    text = (PROJECT / "models.toml").read_text()
    (tmp_path / "models.toml").write_text(MARK + text)
    assert load_models(tmp_path / "models.toml") == load_models(PROJECT / "models.toml")


@MARKED
def test_a_policy_that_notepad_saved_is_the_same_policy(tmp_path: Path) -> None:
    plain = PROJECT / "policies" / "upgrade.toml"
    (tmp_path / "upgrade.toml").write_text(MARK + plain.read_text())
    assert load_policy(tmp_path / "upgrade.toml").digest == load_policy(plain).digest


# ---- tables as spreadsheets write them ---------------------------------------------------------------------

DIALECT = pytest.mark.xfail(
    strict=True,
    raises=AssertionError,
    reason="CSV is read as one dialect with whatever header it has (Text)",
)


@DIALECT
@pytest.mark.parametrize("column", ["prompt", "tags", "expected_text"])
def test_a_column_that_stands_twice_is_refused_by_its_name(column: str, imported: Import) -> None:
    said = imported(FILES / f"{column.replace('_', '-')}-twice.csv")
    assert (said.code, said.document.get("error")) == (1, "InvalidFile")
    assert column in said.document["message"]
    assert "twice" in said.document["message"]


@DIALECT
@pytest.mark.parametrize("file", ["semicolons.csv", "semicolons-two-columns.csv"])
def test_a_table_separated_by_semicolons_is_refused_as_that(file: str, imported: Import) -> None:
    said = imported(FILES / file)
    assert said.document["error"] == "InvalidFile"
    assert "separated by semicolons" in said.document["message"]


@DIALECT
def test_empty_rows_at_the_end_of_a_table_are_no_cases(imported: Import) -> None:
    assert [case.name for case in suite_of(imported(FILES / "empty-rows.csv")).cases] == ["sale"]


# ---- what a parser cannot take -----------------------------------------------------------------------------


def test_a_list_nested_beyond_a_parsers_stack_is_refused_by_its_line(
    imported: Import, tmp_path: Path
) -> None:
    nested = "[" * 20_000 + "]" * 20_000
    (tmp_path / "prompts.jsonl").write_text(f'{{"name": "sale", "prompt": "poster", "tags": {nested}}}\n')
    said = imported(tmp_path / "prompts.jsonl")
    assert (said.code, said.document["error"]) == (1, "InvalidFile")
    assert "line 1" in said.document["message"]
