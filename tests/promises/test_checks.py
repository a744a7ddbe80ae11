"""Adding a check takes one file, one row and one test; the example in CONTRIBUTING is held to its numbers."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from core.checks import CHECKS
from core.checks.selftest.specs import SELF_TESTS
from core.config.settings import PROJECT

EXAMPLE = "gamut"
CHECK_FILES = PROJECT / "core" / "checks"
MEASURES = CHECK_FILES / "measures"
CHECK_TESTS = PROJECT / "tests" / "core" / "checks"


def lines_of(path: Path) -> int:
    """Lines of a file."""
    return len(path.read_text(encoding="utf-8").splitlines())


def row_of(check: str) -> int:
    """Lines of a check's row in the table."""
    table = ast.parse((CHECK_FILES / "table.py").read_text(encoding="utf-8"))
    (row,) = [
        node
        for node in ast.walk(table)
        if isinstance(node, ast.Call)
        and any(k.arg == "name" and ast.literal_eval(k.value) == check for k in node.keywords)
    ]
    return row.end_lineno - row.lineno + 1


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_has_a_file_of_its_name_a_self_test_and_a_test_that_asks_for_it(check: str) -> None:
    assert CHECKS[check].measure == f"core.checks.measures.{check}:measure"
    assert (MEASURES / f"{check}.py").is_file()
    assert check in SELF_TESTS
    tests = CHECK_TESTS.rglob("test_*.py")
    assert any(f'"{check}"' in path.read_text(encoding="utf-8") for path in tests)


def test_the_example_of_a_check_is_as_short_as_contributing_says() -> None:
    text = " ".join((PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8").split())
    told = re.search(r"a file of (\d+) lines, a row of (\d+) and a test of (\d+), (\d+) in all", text)
    assert told, "CONTRIBUTING names no example"
    test = CHECK_TESTS / "measures" / f"test_{EXAMPLE}.py"
    parts = (lines_of(MEASURES / f"{EXAMPLE}.py"), row_of(EXAMPLE), lines_of(test))
    assert tuple(map(int, told.groups())) == (*parts, sum(parts))
    assert sum(parts) < 60
