"""The one reader of JSON and text from outside: bodies and addresses of requests, recipes, lists of prompts.

Python's parsers take more than any record holds: nesting until the stack ends, numbers of any length, NaN,
half of a surrogate pair, NUL and other control characters. Each of these fails later, in a digest, on a
screen or in one database and not in the other. Here they are refused first, as a ``ValueError`` that says
where and what; the entrance that reads makes its own typed error of it. What a text may hold is told by
:func:`readable` alone: requests, command lines, files and the columns of the database ask it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, Final

MAX_DEPTH: Final = 32
"""Levels of nesting; a body of the desk has 4, a recipe 3."""
MAX_DIGITS: Final = 64
"""Characters of one number: a float as Python writes it has at most 24, a seed 19."""

_UNFIT_CHARACTER = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{\]}:]', re.DOTALL)  # possessive: linear on any input
_UNFIT_NUMBER: Final = object()

Place = tuple[str | int, ...]
"""Keys and list positions from the top of a document, such as ``("case", 3, "width")``."""


def dotted(place: Place) -> str:
    """The place as people write it.

    >>> dotted(("case", 2, "width"))
    'case[3].width'
    """
    words = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in place)
    return words.lstrip(".")


class Unfit(ValueError):
    """A parsed value that no record can hold; ``reason`` says why, ``place`` where it stands."""

    def __init__(self, reason: str, place: Place = ()) -> None:
        named = dotted(place[:4])[:80]
        where = "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in named)
        super().__init__(f"{where}: {reason}" if where else reason)
        self.reason, self.place = reason, place


def read_json(content: str | bytes, *, any_text: bool = False) -> Any:
    """The value of a JSON text.

    Args:
        any_text: leave texts as they are, for a reader that looks at every field itself.

    Raises:
        ValueError: not UTF-8, not JSON, or :func:`examine` refuses it; the message has the place.
    """
    text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
    _refuse_deep(text)
    value = json.loads(text, parse_int=_whole, parse_float=_real, parse_constant=lambda _: _UNFIT_NUMBER)
    examine(value, any_text=any_text)
    return value


def examine(value: object, *, any_text: bool = False, place: Place = ()) -> None:
    """Refuse a parsed value that is nested too deeply, or holds a number or a text that no record can hold.

    Raises:
        Unfit: with the place of the value.
    """
    if len(place) > MAX_DEPTH:
        raise Unfit(f"expected at most {MAX_DEPTH} levels of nesting, got more", place[:1])
    if isinstance(value, str):
        if not any_text:
            _refuse_unfit(value, place)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            examine(key, any_text=any_text, place=place)
            examine(item, any_text=any_text, place=(*place, key))
    elif isinstance(value, (list, tuple)):
        for position, item in enumerate(value):
            examine(item, any_text=any_text, place=(*place, position))
    elif value is _UNFIT_NUMBER or (isinstance(value, int) and abs(value) >= 10**MAX_DIGITS):
        raise Unfit(f"expected a number that is finite, of at most {MAX_DIGITS} digits", place)


def readable(text: str) -> str:
    """The text itself, if every database, file and screen can hold it; tabs and ends of lines are text.

    >>> readable("naïve 😀")
    'naïve 😀'

    Raises:
        Unfit: for half of a surrogate pair, NUL or another control character, with its position.
    """
    _refuse_unfit(text, ())
    return text


def mended(text: str) -> str:
    """The text with U+FFFD for all that :func:`readable` refuses: for words that must not be lost.

    >>> mended("nice \\ud83d")
    'nice \ufffd'
    """
    return _UNFIT_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", text)


def whole_number(text: str, *, least: int, most: int) -> int:
    """A number written in the digits 0–9 and nothing else.

    >>> whole_number("24", least=1, most=100)
    24

    Raises:
        ValueError: for anything else (²), more digits than ``most`` has, or a number out of bounds.
    """
    if not re.fullmatch(f"[0-9]{{1,{len(str(most))}}}", text) or not least <= int(text) <= most:
        raise ValueError(f"expected {least} to {most}, got {text[:20]!r}")
    return int(text)


def _refuse_unfit(text: str, place: Place) -> None:
    if found := _UNFIT_CHARACTER.search(text):
        is_text = "\0" < found[0] < "\ud800"
        expected = "text without control characters" if is_text else "Unicode text"
        raise Unfit(f"expected {expected}, got U+{ord(found[0]):04X} at position {found.start() + 1}", place)


def _refuse_deep(text: str) -> None:
    """Counted before the text is parsed: the parser itself goes as deep as the stack does."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth, word, keys = 0, "", {}
    for found in _TOKEN.finditer(text):
        token = found[0]
        if token == ":":
            keys[depth] = word
        elif token in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                key = keys.get(1)
                reason = f"expected at most {MAX_DEPTH} levels of nesting, got more"
                raise Unfit(reason, () if key is None else (key,))
        elif token in "]}":
            depth -= 1
        else:
            word = token.strip('"')


def _whole(digits: str) -> object:
    return int(digits) if len(digits) <= MAX_DIGITS else _UNFIT_NUMBER


def _real(digits: str) -> object:
    if len(digits) > MAX_DIGITS or not math.isfinite(number := float(digits)):
        return _UNFIT_NUMBER
    return number
