"""A new purpose, kind of run or outcome touches few files: its rules stand with the member."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from core.config.settings import PROJECT
from core.records import Outcome, Purpose, RunKind

PRODUCT = ("core", "db", "services", "worker", "cli", "pages")
MOST_FILES = 3


def files_naming_a_member(enumeration: str) -> list[str]:
    """Product files with an expression such as ``Purpose.GOLD``."""
    return [
        str(path.relative_to(PROJECT))
        for folder in PRODUCT
        for path in sorted((PROJECT / folder).rglob("*.py"))
        if names_a_member(path, enumeration)
    ]


def names_a_member(path: Path, enumeration: str) -> bool:
    """Whether the file has an attribute in capitals of the enumeration."""
    return any(
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == enumeration
        and node.attr.isupper()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    )


@pytest.mark.parametrize("enumeration", [Outcome, Purpose, RunKind])
def test_few_files_name_a_member(enumeration: type) -> None:
    naming = files_naming_a_member(enumeration.__name__)
    assert any(file.startswith("core/records/") for file in naming)
    assert len(naming) <= MOST_FILES, naming
