"""Charts as Vega-Lite specifications: plain values in, labelled directly, thresholds drawn.

Colours follow the theme's order: baseline grey, candidate blue, threshold and bad news vermilion; a word or a
shape always says the same as the colour. Specifications are written by hand because building and validating
one through a library takes 20 ms, and a page has a dozen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import streamlit as st

from core.formatting import number, percent

Json = dict[str, Any]

_ROLES = ["baseline", "candidate", "threshold"]
_COLOUR = {"field": "role", "type": "nominal", "scale": {"domain": _ROLES}, "legend": None}
"""No range: the theme's own palette, light or dark, in the order of the roles."""
_PERCENT = {"format": "%", "tickCount": 5}
_WHOLE = {"domain": [0, 1]}
_INTERVAL = {"type": "rule", "strokeWidth": 3, "opacity": 0.45}
_POINT = {"type": "point", "size": 70, "filled": True, "opacity": 1}
_DASHED = {"type": "rule", "strokeDash": [5, 4], "strokeWidth": 1.5}


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A share in 0–1 of ``n`` at a place on a curve."""

    at: float
    share: float
    n: int


def rates(values: Sequence[Rate], *, reference: float, reference_label: str, alt: str) -> None:
    """Shares one above the other, each a point on its interval, against one reference."""
    rows = [asdict(rate) | {"text": f"{percent(rate.share)} of {rate.n:,}"} for rate in values]
    y = _field("label", "nominal", sort=None, axis={"labelLimit": 200})
    low, share = (_field(name, axis=_PERCENT, scale=_WHOLE) for name in ("low", "share"))
    layers = [
        _layer(rows, "candidate", _INTERVAL, x=low, x2={"field": "high"}, y=y),
        _layer(rows, "candidate", _POINT, x=share, y=y),
        _layer(rows, "candidate", {"type": "text", "dy": -11}, x=share, y=y, text={"field": "text"}),
        *_upright(reference, reference_label),
    ]
    _draw(layers, height=52 + 36 * len(rows), alt=alt)


def rates_over_time(values: Sequence[Rate], *, reference: float, reference_label: str, alt: str) -> None:
    """A share by day with its interval; ``label`` is the day, such as ``2026-03-03``."""
    rows = [asdict(rate) for rate in values]
    days = {"format": "%-d %b", "tickCount": {"interval": "day", "step": 1}}
    x = _field("label", "temporal", axis=days)
    low, share = (_field(name, axis=_PERCENT, scale=_WHOLE) for name in ("low", "share"))
    told: list[Json] = [
        {"field": "label", "type": "temporal"},
        {"field": "share", "format": ".0%"},
        {"field": "n"},
    ]
    layers = [
        _layer(rows, "candidate", _INTERVAL, x=x, y=low, y2={"field": "high"}),
        _layer(rows, "candidate", {"type": "line", "strokeWidth": 1.5}, x=x, y=share),
        _layer(rows, "candidate", _POINT, x=x, y=share, tooltip=told),
        *_level(reference, reference_label),
    ]
    _draw(layers, height=240, alt=alt)


def curves(arms: Mapping[str, Sequence[Point]], *, x_title: str, alt: str) -> None:
    """A share of each arm along a scale, each curve named at its last point."""
    places = sorted({point.at for points in arms.values() for point in points})
    axis = {"grid": False, "values": places}
    x = _field("at", title=x_title, axis=axis, scale={"zero": False, "padding": 40})
    y = _field("share", axis=_PERCENT, scale=_WHOLE)
    told: list[Json] = [{"field": "at"}, {"field": "share", "format": ".0%"}, {"field": "n"}]
    layers = []
    for arm, points in arms.items():
        rows = [asdict(point) for point in points]
        last = [{**rows[-1], "text": f"{arm}, {percent(points[-1].share)}"}]
        words = {"type": "text", "align": "right", "dy": -12, "fontWeight": 600}
        layers += [
            _layer(rows, arm, {"type": "line", "strokeWidth": 2.5}, x=x, y=y),
            _layer(rows, arm, _POINT, x=x, y=y, tooltip=told),
            _layer(last, arm, words, x=x, y=y, text={"field": "text"}),
        ]
    _draw(layers, height=220, alt=alt)


def outcomes(counts: Sequence[tuple[str, int]], *, alt: str) -> None:
    """How often each outcome was given, as labelled bars."""
    rows = [{"outcome": name, "times": times} for name, times in counts]
    x, y = _field("times", axis=None), _field("outcome", "nominal", sort=None, axis={"labelLimit": 200})
    words = {"type": "text", "align": "left", "dx": 6}
    layers = [
        _layer(rows, "baseline", {"type": "bar", "height": 16}, x=x, y=y),
        _layer(rows, "baseline", words, x=x, y=y, text={"field": "times", "format": ","}),
    ]
    _draw(layers, height=20 + 28 * len(counts), alt=alt)


def two_arms(arms: Mapping[str, Sequence[float]], *, unit: str, alt: str) -> None:
    """Every value of baseline and candidate as a tick, the middle one marked and named."""
    x = _field("value", axis={"tickCount": 6}, scale={"zero": True})
    y = _field("role", "nominal", sort=_ROLES)
    words = {"type": "text", "dy": -22, "fontWeight": 600}
    layers = []
    for arm, values in arms.items():
        middle = [{"value": median(values), "text": number(median(values), unit)}] if values else []
        every = {"type": "tick", "thickness": 1.5, "size": 18, "opacity": 0.45}
        layers += [
            _layer([{"value": value} for value in values], arm, every, x=x, y=y),
            _layer(middle, arm, {"type": "tick", "thickness": 4, "size": 28}, x=x, y=y),
            _layer(middle, arm, words, x=x, y=y, text={"field": "text"}),
        ]
    _draw(layers, height=150, alt=alt)


def span(value: Span, *, alt: str) -> None:
    """One value on its interval against its threshold, small enough to stand in a row."""
    known = [end for end in (value.value, value.low, value.high, value.threshold) if end is not None]
    room = ((max(known) - min(known)) or abs(value.value) or 1.0) * 0.18
    axis = {"tickCount": 4, "grid": False, "format": ".0%" if value.as_percent else "~g"}
    scale = {"domain": [min(known) - room, max(known) + room], "nice": False, "zero": False}
    rows = [asdict(value)]
    layers = [_layer(rows, "candidate", _POINT, x=_field("value", axis=axis, scale=scale))]
    if value.low is not None and value.high is not None:
        low = _field("low", axis=axis, scale=scale)
        layers.insert(0, _layer(rows, "candidate", _INTERVAL, x=low, x2={"field": "high"}))
    if value.threshold is not None:
        layers += _upright(value.threshold, "threshold", axis=axis, scale=scale)
    _draw(layers, height=96, alt=alt)


def growth(lines: Mapping[str, Sequence[float]], *, x_title: str, alt: str) -> None:
    """How far evidence has come, unit by unit: 0 is none, 1 is enough to decide.

    Args:
        lines: shares of the way by the words at the end of the line; at most two, the second is bad news.
    """
    roles = dict(zip(lines, ("candidate", "threshold"), strict=False))
    top = max(1.2, *(1.1 * share for shares in lines.values() for share in shares))
    x = _field("unit", title=x_title, axis={"tickMinStep": 1, "grid": False})
    y = _field("share", axis=_PERCENT, scale={"domain": [0, top]})
    layers = _level(1.0, "enough to decide")
    for name, shares in lines.items():
        rows = [{"unit": unit, "share": max(share, 0.0)} for unit, share in enumerate([0.0, *shares])]
        layers.append(_layer(rows, roles[name], {"type": "line", "strokeWidth": 2.5}, x=x, y=y))
    ends = {name: (len(shares), max(shares[-1], 0.0)) for name, shares in lines.items()}
    words = {"type": "text", "align": "right", "dx": -4, "dy": -10, "fontWeight": 600}
    for name, unit, height in _apart(ends, least=0.09 * top):
        row = [{"unit": unit, "share": height, "line": name}]
        layers.append(_layer(row, roles[name], words, x=x, y=y, text={"field": "line"}))
    _draw(layers, height=280, alt=alt)


def _apart(ends: Mapping[str, tuple[int, float]], *, least: float) -> Iterable[tuple[str, int, float]]:
    """Where the words of each line stand: over its end, and of two close ones the upper moved up."""
    below = -least
    for name, (unit, share) in sorted(ends.items(), key=lambda end: end[1][1]):
        below = max(share, below + least)
        yield name, unit, below


def _field(name: str, kind: str = "quantitative", *, title: str | None = None, **more: Any) -> Json:
    return {"field": name, "type": kind, "title": title, **more}


def _layer(rows: Iterable[Mapping[str, Any]], role: str, mark: Json, **encoding: Json | list[Json]) -> Json:
    values = [{**row, "role": role} for row in rows]
    return {"data": {"values": values}, "mark": mark, "encoding": {"color": _COLOUR, **encoding}}


def _upright(at: float, label: str, **axis_and_scale: Any) -> list[Json]:
    rows, x = [{"at": at, "label": label}], _field("at", **axis_and_scale)
    words = {"type": "text", "dy": -4, "baseline": "bottom"}
    named = _layer(rows, "threshold", words, x=x, y={"value": 0}, text={"field": "label"})
    return [_layer(rows, "threshold", _DASHED, x=x), named]


def _level(at: float, label: str) -> list[Json]:
    rows, y = [{"at": at, "label": label}], _field("at")
    words = {"type": "text", "align": "left", "dx": 5, "dy": -9}
    named = _layer(rows, "threshold", words, x={"value": 0}, y=y, text={"field": "label"})
    return [_layer(rows, "threshold", _DASHED, y=y), named]


def _draw(layers: Sequence[Json], *, height: int, alt: str) -> None:
    st.vega_lite_chart(spec={"layer": list(layers), "height": height}, alt=alt)
