"""Stored pictures have one door: whatever reads one goes through `db/blobs.py`, which verifies it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config.settings import PROJECT

PACKAGES = ("core", "db", "services", "worker", "cli", "pages")
SOURCES = [
    PROJECT / "app.py",
    *(path for package in PACKAGES for path in sorted((PROJECT / package).rglob("*.py"))),
]
DOOR = {"db.blobs", "db.verifier", "db.thumbnails", "db.blob_files", "db.adoption", "db.leftovers"}
MAY = {
    "core/config/settings.py": {"the folder"},  # names it
    "db/store.py": {"the folder", "db.blobs", "db.adoption", "db.leftovers"},  # makes it, and opens the door
    "db/copies.py": {"db.blobs"},  # names the files that a backup lacks
    "services/backups/making.py": {"the folder"},  # copies it, and no picture is decoded
    "db/pictures.py": {"db.blobs"},
    "db/golden.py": {"db.blobs"},
    "db/golden_export.py": {"db.blobs", "db.blob_files"},  # writes a folder of its own whole
    "worker/arm_renderer.py": {"db.blobs"},
    "worker/pair_renderer.py": {"db.blobs"},
    "cli/runs.py": {"db.blobs", "a path"},  # tells a person where the file lies
    "cli/blobs.py": {"db.leftovers"},
}
"""What else touches the folder, its paths or what lies behind the door, and why."""


def touches(tree: ast.AST) -> Iterator[str]:
    """How a file comes near to stored pictures other than by a store's ``blobs``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in DOOR:
            yield str(node.module)
        if isinstance(node, ast.Attribute) and node.attr == "path" and _named_blobs(node.value):
            yield "a path"
        if isinstance(node, ast.Attribute) and node.attr == "blobs" and _called(node.value) == "settings":
            yield "the folder"
        if isinstance(node, ast.Constant) and node.value in ("blobs", "thumbnails", "sha256"):
            yield "the folder"


def _named_blobs(node: ast.expr) -> bool:
    return _called(node).lstrip("_") == "blobs"


def _called(node: ast.expr) -> str:
    """The last name of an expression such as ``call.settings``."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_nothing_but_the_door_touches_the_files_of_pictures(path: Path) -> None:
    name = str(path.relative_to(PROJECT))
    if name.removesuffix(".py").replace("/", ".") in DOOR:
        return
    found = set(touches(ast.parse(path.read_text(encoding="utf-8"))))
    if name == "cli/blobs.py":
        found -= {"the folder"}  # the word is the name of the command
    assert found == MAY.get(name, set())


@pytest.mark.parametrize(
    ("planted", "told"),
    [
        ("png = store.blobs.path(digest).read_bytes()", "a path"),
        ("png = self._blobs.path(digest).read_bytes()", "a path"),
        ("folder = call.settings.blobs", "the folder"),
        ("folder = home / 'blobs'", "the folder"),
        ("small = home / 'thumbnails' / '160'", "the folder"),
        ("from db.verifier import decoded", "db.verifier"),
        ("from db.blob_files import read_signed", "db.blob_files"),
    ],
)
def test_a_second_door_is_noticed(planted: str, told: str) -> None:
    assert list(touches(ast.parse(planted))) == [told]
