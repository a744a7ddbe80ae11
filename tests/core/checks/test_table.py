"""The table of checks: what a metric is called, its unit and its direction stand where gates look."""

from __future__ import annotations

from core.checks import CHECKS
from tests.core.checks.known_values import stored, table


def test_every_metric_keeps_its_unit_and_direction() -> None:
    assert table() == stored("table")


def test_what_is_given_on_request_or_may_be_absent_is_never_waited_for() -> None:
    asked_for = [
        name for card in CHECKS.values() for name, metric in card.metrics.items() if metric.on_request
    ]
    assert asked_for == ["lpips_squeeze", "lpips_vgg", "lpips_other_seed"]
    assert [name for name, card in CHECKS.items() if card.optional] == ["second_reader"]
