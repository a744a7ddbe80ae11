"""How values read on a page: numbers with units, times, counts, short ids, and text that is not ours.

Values in, strings out; nothing is drawn here.
"""

from __future__ import annotations

import re
from datetime import datetime

from core.records import Interval

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def escaped(text: str) -> str:
    """``text`` as Markdown that shows exactly these characters: no links, images or directives of its author.

    >>> escaped("![x](//evil)")
    '\\\\!\\\\[x\\\\]\\\\(\\\\/\\\\/evil\\\\)'
    """
    return _escape(" ".join(text.split()))


def prose(text: str) -> str:
    """Our own errors and reasons: as :func:`escaped`, but what stands between two backticks stays code.

    >>> prose("run `sidegrade worker`!")
    'run `sidegrade worker`\\\\!'
    """
    parts = " ".join(text.split()).replace(" %", "\N{NO-BREAK SPACE}%").split("`")
    if len(parts) % 2 == 0 or any(not code.strip() for code in parts[1::2]):
        return escaped(text)
    return "".join(f"`{part}`" if place % 2 else _escape(part) for place, part in enumerate(parts))


def short(identity: str) -> str:
    """The beginning of an id or digest: enough to find it again by, short enough to read out.

    >>> short("run_0123456789abcdef"), short("0123456789abcdef")
    ('run_01234567', '0123456789')
    """
    tag, underscore, digits = identity.rpartition("_")
    return f"{tag}_{digits[:8]}" if underscore else digits[:10]


def shortened(text: str, limit: int = 70) -> str:
    """One line of at most ``limit`` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def count(n: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun.

    >>> count(1, "pair"), count(1200, "pair"), count(2, "entry", "entries")
    ('1 pair', '1,200 pairs', '2 entries')
    """
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def percent(share: float | None, digits: int = 0) -> str:
    """A share in 0–1 as a percentage; a dash when unknown.

    >>> percent(0.625), percent(None)
    ('62 %', '–')
    """
    return "–" if share is None else f"{share * 100:.{digits}f} %"


def signed_percent(share: float) -> str:
    """A difference of shares with its sign.

    >>> signed_percent(0.234), signed_percent(-0.05)
    ('+23 %', '−5 %')
    """
    sign = "+" if share > 0 else "−" if share < 0 else ""
    return f"{sign}{abs(share) * 100:.0f} %"


def number(value: float | None, unit: str = "") -> str:
    """Three significant figures with a unit; a dash when unknown.

    >>> number(0.0412), number(1234.5, "ms"), number(None, "s")
    ('0.0412', '1,234 ms', '–')
    """
    if value is None:
        return "–"
    if unit == "yes/no":
        return "yes" if value else "no"
    if unit == "share":
        return percent(value, 1)
    digits = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return f"{digits} {unit}".rstrip()


def interval(between: Interval | None, unit: str = "") -> str:
    """An interval with its coverage, such as ``0.41 to 0.63 (95 %)``; a dash when there is none."""
    if between is None:
        return "–"
    low = "below" if between.low is None else number(between.low, unit)
    high = "above" if between.high is None else number(between.high, unit)
    return f"{low} to {high} ({between.level:.0%})"


def duration(seconds: float) -> str:
    """A length of time in its two largest units.

    >>> duration(8.2), duration(200), duration(4000)
    ('8 s', '3 min 20 s', '1 h 7 min')
    """
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    return f"{whole // _HOUR} h {round(whole % _HOUR / _MINUTE)} min"


def ago(moment: datetime, now: datetime) -> str:
    """How long ago something happened; beyond a day its date."""
    seconds = (now - moment).total_seconds()
    if seconds < 10:
        return "just now"
    if seconds < _MINUTE:
        return f"{seconds:.0f} s ago"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min ago"
    if seconds < _DAY:
        return f"{seconds / _HOUR:.0f} h ago"
    return f"{moment:%-d %b %Y, %H:%M} UTC"


def _escape(text: str) -> str:
    return _PUNCTUATION.sub(r"\\\1", text)
