"""The error tree at the top of core/errors.py is the whole truth."""

from __future__ import annotations

import re

import core.errors
from core.errors import SidegradeError

BRANCH = re.compile(r"^    (?P<indent>[│ ]*)(?:[├└]── )?(?P<name>[A-Z]\w+)")


def drawn_tree() -> dict[str, str]:
    """Name of each drawn error → name of the error it hangs from."""
    parents: dict[str, str] = {}
    above: list[str] = []
    for line in (core.errors.__doc__ or "").splitlines():
        if found := BRANCH.match(line):
            depth = len(line[: found.start("name")]) // 4 - 1
            above[depth:] = [found["name"]]
            parents[found["name"]] = above[depth - 1] if depth else "Exception"
    return parents


def defined_errors() -> dict[str, str]:
    """Name of each error class → name of its base."""
    classes = [item for item in vars(core.errors).values() if isinstance(item, type)]
    return {item.__name__: item.__bases__[0].__name__ for item in classes if issubclass(item, SidegradeError)}


def test_every_error_hangs_in_the_drawn_tree_where_it_inherits() -> None:
    assert drawn_tree() == defined_errors()


def test_every_error_says_in_a_sentence_when_it_is_raised() -> None:
    for name in defined_errors():
        assert getattr(core.errors, name).__doc__, name
