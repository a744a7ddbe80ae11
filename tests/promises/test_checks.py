"""Adding a check takes one file, one row and one test; the example in CONTRIBUTING is held to its numbers."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from core.checks import CHECKS
from core.checks.selftest.specs import SELF_TESTS
from core.config.settings import PROJECT
from tests.promises.test_dependencies import imported, normal

EXAMPLE = "gamut"
CHECK_FILES = PROJECT / "core" / "checks"
MEASURES = CHECK_FILES / "measures"
IN_EVERY_CHECK = {"numpy", "pillow", "cachetools", "safetensors"}
"""Hold pixels, keep them and read weights; no measure is theirs."""
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


def packages_behind(file: Path, seen: set[Path]) -> set[str]:
    """Distributions that a check's file imports, itself or through other files of the checks."""
    if file in seen:
        return set()
    seen.add(file)
    found = set(imported(file))
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("core.checks"):
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            files = [PROJECT / f"{name.replace('.', '/')}.py" for name in names]
            found |= {one for other in files if other.is_file() for one in packages_behind(other, seen)}
    return found


@pytest.mark.parametrize("check", CHECKS)
def test_a_card_names_every_package_that_can_move_its_values(check: str) -> None:
    behind = packages_behind(MEASURES / f"{check}.py", set()) - IN_EVERY_CHECK
    assert behind <= {normal(name) for name in CHECKS[check].packages}


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
