"""One home for words of numbers: a percentage has no space before its sign and is formatted in one file."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config.settings import PROJECT

FOLDERS = ("core", "db", "services", "worker", "cli", "pages")
SOURCES = [
    PROJECT / "app.py",
    *(
        path
        for folder in FOLDERS
        for path in sorted((PROJECT / folder).rglob("*.py"))
        if path.parent.name != "versions"  # a migration has no words of numbers
    ),
]
SCRIPTS = sorted((PROJECT / "pages").rglob("*.js"))
RULES = [PROJECT / "models.toml", *sorted((PROJECT / "policies").glob("*.toml"))]
HOME = PROJECT / "core" / "formatting.py"
SPACED = re.compile(r"[\d}] %(?!\w)")
FORMATTED = re.compile(r":[+,.\d]*%\}")


def name(path: Path) -> str:
    return str(path.relative_to(PROJECT))


def words(source: str) -> Iterator[str]:
    """Every string, f-string and comment, as written."""
    for node in ast.walk(ast.parse(source)):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text or isinstance(node, ast.JoinedStr):
            yield ast.get_source_segment(source, node) or ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_no_words_have_a_space_before_the_sign(path: Path) -> None:
    assert not [text for text in words(path.read_text(encoding="utf-8")) if SPACED.search(text)]


@pytest.mark.parametrize("path", [*SCRIPTS, *RULES], ids=name)
def test_no_script_or_policy_has_a_space_before_the_sign(path: Path) -> None:
    assert not [line for line in path.read_text(encoding="utf-8").splitlines() if SPACED.search(line)]


@pytest.mark.parametrize("path", [path for path in SOURCES if path != HOME], ids=name)
def test_percentages_are_formatted_in_one_file(path: Path) -> None:
    assert not [text for text in words(path.read_text(encoding="utf-8")) if FORMATTED.search(text)]


@pytest.mark.parametrize(
    "text", ['f"{share} % of"', '"97 % of"', "# 97 %", 'f"{share:.0%}"', 'f"{share:+.1%} of"']
)
def test_the_promise_sees_what_it_refuses(text: str) -> None:
    assert any(SPACED.search(found) or FORMATTED.search(found) for found in words(f"{text}\n"))


@pytest.mark.parametrize("text", ['f"{now:%Y-%m-%d}"', '"97% of"', "rest = 7 % 2", 'f"{now:%-d %b %Y}"'])
def test_the_promise_leaves_dates_and_remainders_alone(text: str) -> None:
    assert not any(SPACED.search(found) or FORMATTED.search(found) for found in words(f"{text}\n"))
