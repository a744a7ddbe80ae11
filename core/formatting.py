"""Words for numbers: a figure reads the same in a gate's reason, on a page, in a report and in a terminal.

Values in, plain text out; no Markdown. A share that is not quite 0 or 1 is never written as if it were.
"""

from __future__ import annotations

import math
from datetime import datetime
from typing import Final

from core.records import Interval

UNKNOWN: Final = "–"
SHARE: Final = "share"
SIGNED_SHARES: Final = ("net preference", "difference of shares")
"""Units of gates whose values are differences: percent with a sign."""
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_BYTES: Final = ("B", "kB", "MB", "GB", "TB")


def percent(share: float | None) -> str:
    """A share as people read it; a dash when unknown.

    >>> percent(0.956), percent(0.05), percent(0.004), percent(0.00004), percent(0.99999), percent(None)
    ('96%', '5%', '0.4%', 'under 0.1%', 'over 99.9%', '–')
    """
    if share is None or math.isnan(share):
        return UNKNOWN
    return _percent(share, "−" if share < 0 else "")


def signed_percent(difference: float | None) -> str:
    """A difference of shares with its sign.

    >>> signed_percent(0.234), signed_percent(-0.05), signed_percent(0.0), signed_percent(-0.0004)
    ('+23%', '−5%', '0%', 'over −0.1%')
    """
    if difference is None or math.isnan(difference):
        return UNKNOWN
    return _percent(difference, "−" if difference < 0 else "+" if difference > 0 else "")


def number(value: float | None, unit: str = "") -> str:
    """Three significant figures with a unit; a dash when unknown.

    >>> number(0.0412), number(1234.5, "ms"), number(None, "s"), number(0.625, "share"), number(1, "yes/no")
    ('0.0412', '1,234 ms', '–', '62%', 'yes')
    """
    if value is None or math.isnan(value):
        return UNKNOWN
    if unit == "yes/no":
        return "yes" if value else "no"
    if unit == SHARE:
        return percent(value)
    if unit in SIGNED_SHARES:
        return signed_percent(value)
    digits = f"{value:,.0f}" if 1000 <= abs(value) < math.inf else f"{value:.3g}"
    return f"{digits} {unit}".rstrip()


def times(ratio: float) -> str:
    """How many times as much, in two decimals.

    >>> times(1.25), times(float("inf"))
    ('1.25', 'infinitely many')
    """
    return f"{ratio:.2f}" if ratio < math.inf else "infinitely many"


def interval(between: Interval | None, unit: str = "") -> str:
    """An interval with its coverage; a dash when there is none.

    >>> interval(Interval(low=0.41, high=0.63, level=0.95, method="Wilson"), "share")
    '41% to 63% (95%)'
    """
    if between is None:
        return UNKNOWN
    low = "below" if between.low is None else number(between.low, unit)
    high = "above" if between.high is None else number(between.high, unit)
    return f"{low} to {high} ({percent(between.level)})"


def count(n: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun.

    >>> count(1, "pair"), count(1200, "pair"), count(2, "entry", "entries")
    ('1 pair', '1,200 pairs', '2 entries')
    """
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def duration(seconds: float) -> str:
    """A length of time in its two largest units.

    >>> duration(8.2), duration(200), duration(4000), duration(7199)
    ('8 s', '3 min 20 s', '1 h 7 min', '2 h 0 min')
    """
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    minutes = round(seconds / _MINUTE)
    return f"{minutes // _MINUTE} h {minutes % _MINUTE} min"


def ago(moment: datetime, now: datetime) -> str:
    """How long ago something happened; beyond a day its date, and so for a time that is still to come.

    >>> noon = datetime(2026, 3, 3, 12)
    >>> ago(noon, noon.replace(hour=15)), ago(noon, noon.replace(hour=11))
    ('3 h ago', '3 Mar 2026, 12:00 UTC, ahead of this clock')
    """
    seconds = (now - moment).total_seconds()
    if seconds <= -10:
        return f"{moment:%-d %b %Y, %H:%M} UTC, ahead of this clock"
    if seconds < 10:
        return "just now"
    if seconds < _MINUTE:
        return f"{seconds:.0f} s ago"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min ago"
    if seconds < _DAY:
        return f"{seconds / _HOUR:.0f} h ago"
    return f"{moment:%-d %b %Y, %H:%M} UTC"


def money(dollars: float) -> str:
    """US dollars: cents, or hundredths of a cent below ten cents.

    >>> money(1234.5), money(0.0042)
    ('$1,234.50', '$0.0042')
    """
    return f"${dollars:,.2f}" if dollars >= 0.1 else f"${dollars:,.4f}"


def size(n_bytes: float) -> str:
    """A size of files or memory, in powers of 1,000.

    >>> size(812), size(94_300_000), size(7_250_000_000)
    ('812 B', '94 MB', '7.2 GB')
    """
    power = 0
    while round(n_bytes) >= 1000 and power < len(_BYTES) - 1:
        n_bytes, power = n_bytes / 1000, power + 1
    return f"{n_bytes:.{1 if power and n_bytes < 10 else 0}f} {_BYTES[power]}"


def _percent(share: float, sign: str) -> str:
    """Whole percent; tenths below ten percent and within one percent of 1, where they tell something."""
    magnitude = abs(share)
    if math.isinf(magnitude):
        return f"{sign}∞"
    if 0 < magnitude < 0.001:
        return f"{'over' if share < 0 else 'under'} {sign}0.1%"
    if 0.999 < magnitude < 1:
        return f"{'under' if share < 0 else 'over'} {sign}99.9%"
    if 1 < magnitude < 1.001:
        return f"{'under' if share < 0 else 'over'} {sign}100%"
    is_fine = magnitude < 0.0995 or abs(magnitude - 1) < 0.01
    return f"{sign}{magnitude * 100:.{1 if is_fine else 0}f}".removesuffix(".0") + "%"
