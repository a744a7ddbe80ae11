"""Every statistic gives the figures that it gave before; ``known_values`` tells how to change that."""

from __future__ import annotations

import json

import pytest

from tests.core.decisions.known_values import STORED, written

KNOWN = json.loads(STORED.read_text(encoding="utf-8"))


def test_every_figure_is_the_known_one() -> None:
    found = json.loads(json.dumps(written()))
    assert found.keys() == KNOWN.keys()
    for name, value in KNOWN.items():
        assert _numbers(found[name]) == pytest.approx(_numbers(value), rel=1e-5, abs=1e-9), name
        assert _words(found[name]) == _words(value), name


def _leaves(value: object) -> list[object]:
    if isinstance(value, dict):
        return [leaf for key, one in value.items() for leaf in (key, *_leaves(one))]
    if isinstance(value, list):
        return [leaf for one in value for leaf in _leaves(one)]
    return [value]


def _numbers(value: object) -> list[float]:
    return [leaf for leaf in _leaves(value) if isinstance(leaf, float)]


def _words(value: object) -> list[object]:
    return [leaf for leaf in _leaves(value) if not isinstance(leaf, float)]
