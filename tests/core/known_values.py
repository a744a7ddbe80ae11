"""Words for numbers, and digests of values, at every place where they change; see :mod:`tests.core.known`.

python -m tests.core.known_values
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from PIL import Image

from core import formatting
from core.digests import bytes_digest, canonical_json, content_digest, pixel_digest
from core.formatting import (
    ago,
    count,
    duration,
    interval,
    money,
    number,
    percent,
    signed_percent,
    size,
    times,
)
from core.records import Case, ExpectedText, Interval, Size
from tests.core.known import write

INFINITE, UNKNOWN = float("inf"), float("nan")
MAGNITUDES = (
    0, 1e-5, 0.0009, 0.001, 0.0994, 0.0995, 0.0996, 0.234, 0.5, 0.9899, 0.99, 0.9901, 0.994, 0.999, 0.9991, 1,
    1.0005, 1.001, 1.0011, 1.0099, 1.01, 1.0101, 2.5, INFINITE, UNKNOWN,
)  # fmt: skip
SHARES = (*MAGNITUDES, *(-magnitude for magnitude in MAGNITUDES))
NUMBERS = (0, 1, -0.04123, 999.4, 999.5, 999.9, 1000, 1000.1, -1000, 1234.5, 1e9, INFINITE, UNKNOWN)
UNITS = ("", "ms", "yes/no", formatting.SHARE, *formatting.SIGNED_SHARES)
SECONDS = (0, 0.4, 59.4, 59.6, 60, 61, 3599.4, 3599.6, 3600, 3629, 3631, 7199, 86_400, 360_000)
PASSED = (
    -3600,
    -10.1,
    -10,
    -9.9,
    0,
    9.9,
    10,
    10.1,
    59.4,
    59.6,
    60,
    60.1,
    3568,
    3572,
    3600,
    5500,
    84_000,
    84_700,
    86_400,
    90_000,
)
DOLLARS = (0, 0.00004, 0.0042, 0.0999, 0.1, 0.1001, 1, 1234.5, 1e6)
SIZES = (
    0, 1, 9.9, 10, 999, 999.4, 999.6, 1000, 9_940, 9_951, 9_999, 10_000, 94_300, 999_400, 999_600, 7_250_000,
    10**9, 10**12, 10**15, 2 * 10**15,
)  # fmt: skip
ENDS = ((0.41, 0.63), (None, 0.2), (0.2, None))
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def words() -> dict[str, dict[str, str]]:
    """Every function of :mod:`core.formatting` at its turning points."""
    return {
        "percent": _said(percent, SHARES),
        "signed percent": _said(signed_percent, SHARES),
        **{
            f"number in {unit!r}": _said(lambda value, unit=unit: number(value, unit), NUMBERS)
            for unit in UNITS
        },
        "times": _said(times, (0, 1.25, 1.006, 20, INFINITE)),
        "interval": _said(lambda ends: interval(_interval(*ends), "share"), ENDS),
        "count": _said(
            lambda n: f"{count(n, 'pair')}, {count(n, 'entry', 'entries')}", (0, 1, 2, 1000, 12_345)
        ),
        "duration": _said(duration, SECONDS),
        "ago": _said(lambda seconds: ago(NOON - timedelta(seconds=seconds), NOON), PASSED),
        "money": _said(money, DOLLARS),
        "size": _said(size, SIZES),
    }


def _said(function: Callable[[Any], str], values: Iterable[object]) -> dict[str, str]:
    return {str(value): function(value) for value in values}


def _interval(low: float | None, high: float | None) -> Interval:
    return Interval(low=low, high=high, level=0.95, method="Wilson")


def digests() -> dict[str, str]:
    """Identities that stored rows carry: another digest of the same content would orphan them."""
    line = ExpectedText(text="SALE", letter_height_px=12)
    case = Case(
        name="sale", prompt="Crème brûlée 東京", width=64, height=32, tags=("b", "a"), expected_text=(line,)
    )
    values = {
        "a case": case,
        "sizes and keys": {2: Size(64, 32), "1": [True, None, 1.5, 1e-7]},
        "a moment": NOON,
        "nested": ({"b": [{"z": 1, "a": 2}], "a": ()},),
    }
    pixels = Image.linear_gradient("L").resize((8, 6))
    return (
        {what: canonical_json(value) for what, value in values.items()}
        | {f"digest of {what}": content_digest("known", value) for what, value in values.items()}
        | {f"pixels in {mode}": pixel_digest(pixels.convert(mode)) for mode in ("RGB", "RGBA", "L")}
        | {"pixels turned": pixel_digest(pixels.rotate(90, expand=True)), "bytes": bytes_digest(b"SALE")}
    )


KNOWN = {"words": words, "digests": digests}

if __name__ == "__main__":
    write(__file__, KNOWN)
