"""Names of people: they stand beside every verdict and decision, so they are checked where they come in."""

from __future__ import annotations

from core.errors import InvalidInput

MAX_NAME = 60
RESERVED_PREFIXES = ("rule:", "policy:")
"""Begin the names of those that are no people: promotion rules and policies."""


def person_name(text: str) -> str:
    """The name with single spaces.

    >>> person_name("  Ada   Lovelace ")
    'Ada Lovelace'

    Raises:
        InvalidInput: for an empty, overlong or unprintable name, or one that belongs to a rule.
    """
    name = " ".join(text.split())
    if not 1 <= len(name) <= MAX_NAME or not name.isprintable():
        raise InvalidInput(f"name: expected 1 to {MAX_NAME} printable characters, got {text[:80]!r}")
    for prefix in RESERVED_PREFIXES:
        if name.casefold().startswith(prefix):
            raise InvalidInput(
                f"name: names that begin with {prefix!r} belong to automatic rules, got {name!r}"
            )
    return name
