"""Promises about the source as a whole."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config.settings import PROJECT

PACKAGES = ("core", "db", "services", "worker", "cli", "pages")
SOURCES = sorted(
    path
    for package in PACKAGES
    for path in (PROJECT / package).rglob("*.py")
    if path.parent.name != "versions"  # a migration is called by Alembic alone, by names that Alembic chose
)
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
SILENCED = re.compile(r"# type: ignore(?!\[[\w, -]+\]  # \w)")
"""A silenced type error that does not say why."""
FORBIDDEN = {
    "unsafe_allow_html=True": "text of users would become markup",
    "trust_remote_code=True": "a model folder would run its own code",
    "weights_only=False": "a weights file would run its own code",
    "use_safetensors=False": "pickle weights would be loaded",
    "pickle.load": "a file would run its own code",
    "MAX_IMAGE_PIXELS = None": "an image bomb would be decoded",
}


def relative(path: Path) -> str:
    """A test id somebody can read."""
    return str(path.relative_to(PROJECT))


def public_definitions(tree: ast.Module) -> Iterator[Definition]:
    """Public classes and functions of a module, and the public methods of its public classes."""
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node.name[0] != "_":
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public_definitions(ast.Module(body=node.body, type_ignores=[]))


def test_no_test_folder_is_a_package_that_would_hide_a_real_one() -> None:
    assert list((PROJECT / "tests").rglob("__init__.py")) == []


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_everything_public_says_what_it_gives(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), f"{path}: the file does not say what lives in it"
    silent = [node.name for node in public_definitions(tree) if not ast.get_docstring(node)]
    assert silent == []


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_names_exported_are_listed_in_order(path: Path) -> None:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            names = ast.literal_eval(node.value)
            assert names == sorted(set(names))


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_nothing_opens_a_known_hole(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert {phrase: why for phrase, why in FORBIDDEN.items() if phrase in text} == {}


BESIDE = ("bench", "training")
"""Packages that are no part of the product and typed all the same."""
TYPED = [
    *SOURCES,
    PROJECT / "app.py",
    *sorted(path for folder in BESIDE for path in (PROJECT / folder).rglob("*.py")),
]


@pytest.mark.parametrize("path", TYPED, ids=relative)
def test_a_silenced_type_error_says_why(path: Path) -> None:
    assert [line for line in path.read_text(encoding="utf-8").splitlines() if SILENCED.search(line)] == []


def test_types_are_checked_in_every_package_and_in_the_entrance() -> None:
    checked = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
    assert checked["strict"] is True
    assert {*PACKAGES, *BESIDE, "app.py"} <= set(checked["files"])
    assert "exclude" not in checked
    passed_over = {module for rule in checked["overrides"] for module in rule["module"]}
    assert passed_over.isdisjoint(f"{package}.*" for package in (*PACKAGES, *BESIDE))


MOST_LINES = 250
EVERY_FILE = sorted(
    path for folder in (*PACKAGES, "bench", "training", "tests") for path in (PROJECT / folder).rglob("*.py")
)


@pytest.mark.parametrize("path", EVERY_FILE, ids=relative)
def test_a_file_of_more_than_250_lines_says_why(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if len(text.splitlines()) > MOST_LINES:
        assert "\nLong: " in (ast.get_docstring(ast.parse(text)) or "")


RECORDS = sorted((PROJECT / "core" / "records").glob("*.py"))


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.name)
def test_a_record_never_changes_takes_no_other_field_and_names_what_it_is_made_of(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    marks = [
        mark for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for mark in node.decorator_list
    ]
    assert {ast.unparse(mark) for mark in marks} <= {"dataclass(frozen=True, slots=True, kw_only=True)"}
