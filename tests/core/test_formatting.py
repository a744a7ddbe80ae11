"""A figure reads the same wherever it stands; a share that is not quite 0 or 1 never reads as if it were."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from core.records import Interval

PERCENTAGES = json.loads(Path(__file__).with_name("percentages.json").read_text(encoding="utf-8"))
"""Shares in words, for the desk's script as well."""


@pytest.mark.parametrize(("share", "words"), PERCENTAGES)
def test_a_share_in_words(share: float, words: str) -> None:
    assert percent(share) == number(share, "share") == words
    *before, figure = words.split()
    assert signed_percent(share) == (words if share == 0 else " ".join([*before, f"+{figure}"]))


@given(st.floats(-10, 10))
def test_a_share_reads_as_none_or_all_only_where_it_is(share: float) -> None:
    assert (percent(share) in ("0%", "−0%")) == (share == 0)
    assert (percent(share) == "100%") == (share == 1)
    assert " %" not in percent(share)


@given(st.floats(0.001, 0.999))
def test_the_words_are_within_half_of_their_last_digit(share: float) -> None:
    written = percent(share).removesuffix("%")
    step = 0.1 if "." in written or share < 0.0995 or share > 0.99 else 1
    assert abs(float(written) - share * 100) <= step / 2 + 1e-9


@given(st.floats(1e-6, 10))
def test_a_difference_and_its_opposite_differ_by_the_sign_alone(difference: float) -> None:
    up, down = signed_percent(difference), signed_percent(-difference)
    assert up.split()[-1] == down.split()[-1].replace("−", "+")
    assert "−" not in up
    assert "+" not in down


@pytest.mark.parametrize("unknown", [None, math.nan])
def test_what_is_not_known_is_a_dash(unknown: float | None) -> None:
    assert [percent(unknown), signed_percent(unknown), number(unknown, "ms")] == ["–", "–", "–"]
    assert interval(None) == "–"


def test_units_keep_a_space_and_differences_of_shares_their_sign() -> None:
    assert number(220.4, "ms") == "220 ms"
    assert number(1234.5, "ms") == "1,234 ms"
    assert number(-0.15, "difference of shares") == "−15%"
    assert number(0.04, "net preference") == "+4%"
    assert number(0, "yes/no") == "no"
    assert (times(0.5), times(math.inf)) == ("0.50", "infinitely many")


def test_an_open_end_of_an_interval_is_said() -> None:
    assert interval(Interval(low=None, high=0.2, level=0.975, method="m"), "share") == "below to 20% (98%)"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(8.2, "8 s"), (59.6, "1 min 0 s"), (200, "3 min 20 s"), (3599.7, "1 h 0 min"), (7199, "2 h 0 min")],
)
def test_a_length_of_time_never_holds_sixty_of_anything(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@given(st.floats(0, 59 * 3600))
def test_no_part_of_a_length_of_time_reaches_the_next_unit(seconds: float) -> None:
    assert " 60 " not in f" {duration(seconds)} "


@pytest.mark.parametrize(
    ("n_bytes", "words"), [(0, "0 B"), (999.6, "1.0 kB"), (94_300_000, "94 MB"), (2e15, "2000 TB")]
)
def test_a_size_stays_below_a_thousand_of_its_unit(n_bytes: float, words: str) -> None:
    assert size(n_bytes) == words


def test_counts_and_money() -> None:
    assert [count(n, "pair") for n in (0, 1, 1200)] == ["0 pairs", "1 pair", "1,200 pairs"]
    assert count(2, "entry", "entries") == "2 entries"
    assert (money(1234.5), money(0.0042)) == ("$1,234.50", "$0.0042")


def test_beyond_a_day_the_date_stands_for_how_long_ago() -> None:
    now = datetime(2026, 3, 3, 12, tzinfo=UTC)
    assert ago(now - timedelta(seconds=5), now) == "just now"
    assert ago(now - timedelta(seconds=42), now) == "42 s ago"
    assert ago(now - timedelta(minutes=5), now) == "5 min ago"
    assert ago(now - timedelta(hours=7), now) == "7 h ago"
    assert ago(now - timedelta(days=2), now) == "1 Mar 2026, 12:00 UTC"
