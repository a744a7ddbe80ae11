"""Charts: plain values in, labelled directly, thresholds drawn. Colours follow the theme's order: baseline
grey, candidate blue, threshold and bad news vermilion; a word or a shape always says the same as the colour.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from pages.components.words import number

_ROLE = alt.Color("role:N", scale=alt.Scale(domain=["baseline", "candidate", "threshold"]), legend=None)
"""No range: the theme's own palette, light or dark, in the order of the roles."""
_SHARE_AXIS = alt.Axis(format="%", tickCount=5)
_SHARE_SCALE = alt.Scale(domain=[0, 1])
_NAMES = alt.Axis(labelLimit=200)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A share in 0–1 with its interval."""

    label: str
    share: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A value with its interval, and the threshold that it is held against."""

    value: float
    low: float | None
    high: float | None
    threshold: float | None
    as_percent: bool = False


def rates(values: Sequence[Rate], *, reference: float, reference_label: str, alt_text: str) -> None:
    """Shares one above the other, each a point on its interval, against one reference."""
    rows = [asdict(rate) | {"text": f"{rate.share:.0%} of {rate.n:,}"} for rate in values]
    base = _chart(rows, "candidate").encode(
        x=alt.X("low:Q", title=None, axis=_SHARE_AXIS, scale=_SHARE_SCALE),
        y=alt.Y("label:N", title=None, sort=None, axis=_NAMES),
    )
    bars = base.mark_rule(strokeWidth=3, opacity=0.45).encode(x2="high:Q")
    points = base.mark_point(size=70, filled=True, opacity=1).encode(x="share:Q")
    words = base.mark_text(align="center", dy=-11).encode(x="share:Q", text="text:N")
    _draw(
        bars,
        points,
        words,
        *_upright(reference, reference_label),
        height=52 + 36 * len(rows),
        alt_text=alt_text,
    )


def rates_over_time(values: Sequence[Rate], *, reference: float, reference_label: str, alt_text: str) -> None:
    """A share by day with its interval as a band; ``label`` is the day, such as ``2026-03-03``."""
    base = _chart([asdict(rate) for rate in values], "candidate").encode(
        x=alt.X(
            "label:T", title=None, axis=alt.Axis(format="%-d %b", tickCount={"interval": "day", "step": 1})
        ),
        y=alt.Y("low:Q", title=None, axis=_SHARE_AXIS, scale=_SHARE_SCALE),
    )
    band = base.mark_errorbar(thickness=3, opacity=0.45).encode(y2="high:Q")
    line = base.mark_line(strokeWidth=1.5).encode(y="share:Q")
    points = base.mark_point(size=70, filled=True, opacity=1).encode(
        y="share:Q", tooltip=["label:T", alt.Tooltip("share:Q", format=".0%"), "n:Q"]
    )
    _draw(band, line, points, *_level(reference, reference_label), height=240, alt_text=alt_text)


def outcomes(counts: Sequence[tuple[str, int]], *, alt_text: str) -> None:
    """How often each outcome was given, as labelled bars."""
    base = _chart([{"outcome": name, "times": times} for name, times in counts], "baseline").encode(
        x=alt.X("times:Q", title=None, axis=None), y=alt.Y("outcome:N", title=None, sort=None, axis=_NAMES)
    )
    words = base.mark_text(align="left", dx=6).encode(text=alt.Text("times:Q", format=","))
    _draw(base.mark_bar(height=16), words, height=20 + 28 * len(counts), alt_text=alt_text)


def two_arms(arms: Mapping[str, Sequence[float]], *, unit: str, alt_text: str) -> None:
    """Every value of baseline and candidate as a tick, the middle one marked and named."""
    frame = pd.DataFrame([{"role": arm, "value": value} for arm, values in arms.items() for value in values])
    middle = frame.groupby("role", sort=False, as_index=False)["value"].median()
    middle["text"] = [number(value, unit) for value in middle["value"]]
    x = alt.X("value:Q", title=None, axis=alt.Axis(tickCount=6), scale=alt.Scale(zero=True))
    y = alt.Y("role:N", title=None, sort=list(arms))
    ticks = alt.Chart(frame).mark_tick(thickness=1.5, size=18, opacity=0.45).encode(x=x, y=y, color=_ROLE)
    marks = alt.Chart(middle).mark_tick(thickness=4, size=28).encode(x=x, y=y, color=_ROLE)
    words = alt.Chart(middle).mark_text(dy=-22, fontWeight=600).encode(x=x, y=y, text="text:N", color=_ROLE)
    _draw(ticks, marks, words, height=150, alt_text=alt_text)


def span(value: Span, *, alt_text: str) -> None:
    """One value on its interval against its threshold, small enough to stand in a row."""
    known = [end for end in (value.value, value.low, value.high, value.threshold) if end is not None]
    room = ((max(known) - min(known)) or abs(value.value) or 1.0) * 0.18
    scale = alt.Scale(domain=[min(known) - room, max(known) + room], nice=False, zero=False)
    axis = alt.Axis(tickCount=4, grid=False, format=".0%" if value.as_percent else "~g")
    words = {"scale": scale, "axis": axis, "title": None}
    base = _chart([asdict(value)], "candidate")
    layers = [base.mark_point(size=80, filled=True, opacity=1).encode(x=alt.X("value:Q", **words))]
    if value.low is not None and value.high is not None:
        bar = base.mark_rule(strokeWidth=4, opacity=0.45)
        layers.insert(0, bar.encode(x=alt.X("low:Q", **words), x2="high:Q"))
    if value.threshold is not None:
        layers += _upright(value.threshold, "threshold", **words)
    _draw(*layers, height=96, alt_text=alt_text)


def growth(lines: Mapping[str, Sequence[float]], *, x_title: str, alt_text: str) -> None:
    """How far evidence has come, unit by unit: 0 is none, 1 is enough to decide.

    Args:
        lines: shares of the way by the words at the end of the line; at most two, the second is bad news.
    """
    roles = dict(zip(lines, ("candidate", "threshold"), strict=False))
    rows = [
        {"line": name, "role": roles[name], "unit": unit, "share": max(share, 0.0)}
        for name, shares in lines.items()
        for unit, share in enumerate([0.0, *shares])
    ]
    top = max(1.2, 1.1 * max(row["share"] for row in rows))
    x = alt.X("unit:Q", title=x_title, axis=alt.Axis(tickMinStep=1, grid=False))
    y = alt.Y("share:Q", title=None, axis=_SHARE_AXIS, scale=alt.Scale(domain=[0, top]))
    curves = (
        alt.Chart(pd.DataFrame(rows))
        .mark_line(strokeWidth=2.5)
        .encode(x=x, y=y, color=_ROLE, detail="line:N")
    )
    named = _at_their_ends({row["line"]: row for row in rows}.values(), top).encode(x=x, y=y, color=_ROLE)
    _draw(*_level(1.0, "enough to decide"), curves, named, height=280, alt_text=alt_text)


def _at_their_ends(ends: Iterable[Mapping[str, Any]], top: float) -> alt.LayerChart:
    """The words of each line over its end; of two that end close together the upper ones move up."""
    layers, below = [], -1.0
    for end in sorted(ends, key=lambda row: row["share"]):
        lift = max(0.0, below + 0.09 * top - end["share"])
        below = end["share"] + lift
        mark = alt.Chart(pd.DataFrame([{**end, "share": below}])).mark_text(
            align="right", dx=-4, dy=-10, fontWeight=600
        )
        layers.append(mark.encode(text="line:N"))
    return alt.layer(*layers)


def _chart(rows: Sequence[Mapping[str, Any]], role: str) -> alt.Chart:
    return alt.Chart(pd.DataFrame([{**row, "role": role} for row in rows])).encode(color=_ROLE)


def _upright(at: float, label: str, **scale: Any) -> list[alt.Chart]:
    base = _chart([{"at": at, "label": label}], "threshold").encode(x=alt.X("at:Q", **scale))
    words = base.mark_text(align="center", dy=-4, baseline="bottom").encode(y=alt.value(0), text="label:N")
    return [base.mark_rule(strokeDash=[5, 4], strokeWidth=1.5), words]


def _level(at: float, label: str) -> list[alt.Chart]:
    base = _chart([{"at": at, "label": label}], "threshold").encode(y="at:Q")
    words = base.mark_text(align="left", dx=5, dy=-9).encode(x=alt.value(0), text="label:N")
    return [base.mark_rule(strokeDash=[5, 4], strokeWidth=1.5), words]


def _draw(*layers: alt.Chart, height: int, alt_text: str) -> None:
    st.altair_chart(alt.layer(*layers).properties(height=height), alt=alt_text)
