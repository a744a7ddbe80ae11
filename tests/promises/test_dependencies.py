"""What the product imports is declared, and what is declared is imported or says who needs it."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from core.config.settings import PROJECT

PRODUCT = ("core", "db", "services", "worker", "cli", "pages", "app.py")
OURS = {"app", "bench", "cli", "core", "db", "pages", "services", "tests", "training", "worker"}
TEXT = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
DECLARED = tomllib.loads(TEXT)["project"]
PINNED = (PROJECT / "constraints.txt").read_text(encoding="utf-8").splitlines()
EVERY_LIST = [DECLARED["dependencies"], *DECLARED["optional-dependencies"].values()]
KNOWN = packages_distributions()
NOT_IMPORTED = "# not imported: "


def normal(name: str) -> str:
    """A distribution's name without versions and extras, spelled as registries compare names."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=~!; ]", name)[0]).lower()


def files(*rooms: str) -> list[Path]:
    """Every Python file of some rooms."""
    found = [path for room in rooms for path in sorted((PROJECT / room).rglob("*.py")) or [PROJECT / room]]
    assert all(path.is_file() for path in found)
    return found


def imported(path: Path) -> Iterator[str]:
    """Distributions of what a file imports, anywhere in it; of an unknown package its own name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in (name.partition(".")[0] for name in names):
            if name not in sys.stdlib_module_names | OURS:
                yield normal(KNOWN.get(name, [name])[0])


@cache
def imports(*rooms: str) -> dict[str, Path]:
    """What some rooms import, each with a file that does."""
    return {name: path for path in files(*rooms) for name in imported(path)}


def of(group: str) -> set[str]:
    """The distributions of an optional group, those of the groups it names included."""
    names = DECLARED["optional-dependencies"][group]
    inner = [one for name in names for one in re.findall(r"sidegrade\[([\w,-]+)\]", name)]
    return {normal(name) for name in names}.union(*(of(one) for some in inner for one in some.split(",")))


RUNTIME = {normal(name) for name in DECLARED["dependencies"]}
GROUPS = {
    "the product": (PRODUCT, RUNTIME),
    "bench": (("bench",), RUNTIME | of("dev") | of("classic-slider")),
    "training": (("training",), RUNTIME | of("training")),
    "tests": (("tests",), RUNTIME | of("dev")),
}


@pytest.mark.parametrize("group", sorted(GROUPS))
def test_every_package_that_is_imported_is_declared(group: str) -> None:
    rooms, declared = GROUPS[group]
    found = imports(*rooms)
    assert "pillow" in found
    assert {name: str(path) for name, path in found.items() if name not in declared} == {}


@pytest.mark.parametrize("name", sorted(DECLARED["dependencies"]))
def test_every_dependency_is_imported_or_says_who_needs_it(name: str) -> None:
    (line,) = (line for line in TEXT.splitlines() if line.strip().startswith(f'"{name}"'))
    assert (NOT_IMPORTED in line) == (normal(name) not in imports(*PRODUCT)), line


@pytest.mark.parametrize("name", sorted({name for names in EVERY_LIST for name in names}))
def test_every_dependency_is_pinned_and_has_its_reason_beside_it(name: str) -> None:
    lines = [line for line in TEXT.splitlines() if f'"{name}"' in line and "optional" not in line]
    optional_alone = any(line.startswith(("classic-slider", "login", "postgres")) for line in lines)
    assert optional_alone or all(re.search(r'",\s+# \w', line) for line in lines), lines
    pinned = {normal(line) for line in PINNED}
    assert normal(name) in pinned | {"psycopg", "sidegrade"}, f"{name} has no line in constraints.txt"
