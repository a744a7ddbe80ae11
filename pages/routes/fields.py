"""Reading what came with a request: each value as its type, or refused with what was expected and got.

A text is refused when :func:`core.untrusted.readable` refuses it. The desk mends what a person writes before
it is sent, so that no reviewer loses a verdict to half an emoji.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from core.errors import InvalidRequest
from core.records import Look, Pin, Reason, Side
from core.review.sides import SidedPin
from core.untrusted import readable, whole_number

E = TypeVar("E", bound=StrEnum)

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DAY_MS = 86_400_000
_MAX_ZOOM = 64.0


def text(body: Mapping[str, Any], name: str, *, default: str | None = None, most: int = 200) -> str:
    """A text of at most ``most`` characters; missing is refused unless there is a default."""
    value = body.get(name, default)
    if not isinstance(value, str) or len(value) > most or (default is None and not value):
        raise InvalidRequest(f"{name}: expected a text of at most {most} characters, got {str(value)[:60]!r}")
    try:
        return readable(value)
    except ValueError as error:
        raise InvalidRequest(f"{name}: {error}") from error


def prose(body: Mapping[str, Any], name: str, *, most: int) -> str:
    """What a person wrote, or nothing."""
    return text(body, name, default="", most=most)


def uuid(body: Mapping[str, Any], name: str) -> str:
    """A UUID in lower-case hex."""
    value = text(body, name)
    if not _UUID.fullmatch(value):
        raise InvalidRequest(f"{name}: expected a UUID, got {value[:60]!r}")
    return value


def number(query: Mapping[str, str], name: str, *, default: int, most: int, least: int = 1) -> int:
    """A whole number from the address."""
    try:
        return whole_number(query.get(name, str(default)), least=least, most=most)
    except ValueError as error:
        raise InvalidRequest(f"{name}: {error}") from error


def count(body: Mapping[str, Any], name: str) -> int:
    """A number of things that a person has seen."""
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise InvalidRequest(f"{name}: expected a number of things, got {str(value)[:60]!r}")
    return value


def member(kind: type[E], word: object, name: str, *, refused: Sequence[E] = ()) -> E:
    """A member of a closed set of words."""
    known = [one for one in kind if one not in refused]
    if word not in known:
        raise InvalidRequest(f"{name}: expected one of {', '.join(known)}, got {str(word)[:60]!r}")
    return kind(str(word))


def items(body: Mapping[str, Any], name: str, *, most: int) -> Sequence[Any]:
    """A list of at most ``most`` entries; missing is empty."""
    value = body.get(name, [])
    if not isinstance(value, list) or len(value) > most:
        raise InvalidRequest(f"{name}: expected a list of at most {most}, got {str(value)[:60]!r}")
    return value


def mapping(body: Mapping[str, Any], name: str) -> Mapping[str, str]:
    """An object of texts; entries that are empty or null are left out."""
    value = _object(body.get(name, {}), name)
    return {key: text(value, key) for key, word in value.items() if word}


def reasons(words: object) -> tuple[Reason, ...]:
    """Reason tags, each once, in the order of the vocabulary."""
    if not isinstance(words, list):
        raise InvalidRequest(f"reasons: expected a list, got {str(words)[:60]!r}")
    given = {member(Reason, word, "reasons") for word in words}
    return tuple(reason for reason in Reason if reason in given)


def pin(value: object) -> SidedPin:
    """A pin said by side."""
    body = _object(value, "pin")
    side = body.get("side")
    if side not in (*Side, None):
        raise InvalidRequest(f"pin: expected side a, b or null, got {str(side)[:60]!r}")
    reason = body.get("reason")
    place = Pin(
        arm=None,
        x=_between(body, "x", 0, 1),
        y=_between(body, "y", 0, 1),
        width=_between(body, "width", 0, 1),
        height=_between(body, "height", 0, 1),
        reason=None if reason is None else member(Reason, reason, "pin: reason"),
        text=prose(body, "text", most=500),
    )
    return SidedPin(side=None if side is None else Side(side), pin=place)


def look(value: object) -> Look:
    """How the reviewer looked before judging."""
    body = _object(value, "look")
    modes = items(body, "modes", most=20)
    return Look(
        dwell_ms=int(_between(body, "dwell_ms", 0, _DAY_MS)),
        modes=tuple(text({"mode": mode}, "mode", most=20) for mode in modes),
        max_zoom=_between(body, "max_zoom", 0, _MAX_ZOOM),
        acknowledged_size_difference=body.get("acknowledged_size_difference") is True,
    )


def _object(value: object, name: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InvalidRequest(f"{name}: expected an object, got {str(value)[:60]!r}")
    return value


def _between(body: Mapping[str, Any], name: str, low: float, high: float) -> float:
    value = body.get(name, 0)
    known = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    if not known or not low <= value <= high:
        raise InvalidRequest(f"{name}: expected a number from {low} to {high}, got {str(value)[:60]!r}")
    return float(value)
