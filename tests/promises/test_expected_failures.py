"""A test that is expected to fail names the fault it waits for, and cannot stay when that is mended."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from core.config.settings import PROJECT

ISSUES = ("House", "Endure", "Trust", "Text", "Decisions", "Screens", "Challenge", "Models", "Hosted")
"""Short names of the issues that mend what is known to be wrong."""
REASON = re.compile(rf"\w.* \((?:{'|'.join(ISSUES)})\)", re.DOTALL)
TOO_WIDE = {"Exception", "BaseException", "SidegradeError"}
"""What a test that is broken itself could raise as well."""


def expected_failures() -> Iterator[tuple[str, dict[str, ast.expr]]]:
    """File and line of every mark (or call) named ``xfail``, with what it was given by name."""
    for path in sorted((PROJECT / "tests").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr == "xfail":
                call = calls.get(id(node))
                given = {word.arg: word.value for word in call.keywords if word.arg} if call else {}
                yield f"{path.relative_to(PROJECT)}:{node.lineno}", given


def value_of(given: dict[str, ast.expr], name: str) -> object:
    word = given.get(name)
    return word.value if isinstance(word, ast.Constant) else None


def test_every_expected_failure_is_strict_and_names_its_kind_and_the_issue_that_mends_it() -> None:
    found = dict(expected_failures())
    assert found
    assert [place for place, given in found.items() if value_of(given, "strict") is not True] == []
    reasons = {place: str(value_of(given, "reason")) for place, given in found.items()}
    assert {place: reason for place, reason in reasons.items() if not REASON.fullmatch(reason)} == {}


def test_every_expected_failure_names_the_error_it_fails_with() -> None:
    raised = {place: given.get("raises") for place, given in expected_failures()}
    assert [place for place, kind in raised.items() if not isinstance(kind, ast.Name)] == []
    wide = {place for place, kind in raised.items() if isinstance(kind, ast.Name) and kind.id in TOO_WIDE}
    assert wide == set()
