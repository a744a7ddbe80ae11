"""Where in the text of a TOML file a key stands: the parser keeps no line numbers, refusals need them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping

from core.untrusted import Place


def line_of(text: str, place: Place) -> int | None:
    """The line of the longest part of ``place`` that stands in the text as a header or a key."""
    best, best_length = None, 0
    counts: dict[Place, int] = {}
    table: Place = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*(\[\[?)\s*(.+?)\s*\]\]?\s*(#.*)?$", line):
            table = _keys(header[2])
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
            found = _with_positions(table, counts)
        elif key := re.match(r"\s*([\w\-.\"' ]+?)\s*=", line):
            found = _with_positions(table, counts) + _keys(key[1])
        else:
            continue
        shared = found[: len(place)]
        if best_length < len(shared) and place[: len(shared)] == shared:
            best, best_length = number, len(shared)
    return best


def _with_positions(table: Place, counts: Mapping[Place, int]) -> Place:
    """``case.expected_text`` inside the third ``[[case]]`` → ``("case", 2, "expected_text")``."""
    found: Place = ()
    for length in range(1, len(table) + 1):
        found = (*found, table[length - 1])
        if table[:length] in counts:
            found = (*found, counts[table[:length]])
    return found


def _keys(dotted: str) -> Place:
    try:
        node: object = tomllib.loads(f"{dotted} = 0")
    except ValueError:
        return ()
    keys: list[str] = []
    while isinstance(node, dict):
        key, node = next(iter(node.items()))
        keys.append(key)
    return tuple(keys)
