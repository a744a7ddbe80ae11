"""A measurement as the reveal shows it: by sides, with how sure it is and where, once the verdict is in."""

from __future__ import annotations

from typing import Any

from core.checks import CHECKS
from core.checks.results.alarms import is_alarm
from core.checks.results.certainty import how_sure
from core.formatting import number
from core.records import Arm, Measurement, SelfTest
from core.review.sides import side_of


def finding_for_page(measurement: Measurement, side_a: Arm, test: SelfTest | None) -> dict[str, Any]:
    """One finding; ``test`` is the latest self-test of its check."""
    card = CHECKS.get(measurement.check)
    metric = card.metrics.get(measurement.metric) if card else None
    kept = ("check", "metric", "subject", "status", "value", "unit", "higher_is_better", "reason")
    return {name: getattr(measurement, name) for name in kept} | {
        "side": side_of(measurement.arm, side_a),
        "figure": number(measurement.value, measurement.unit),
        "check_title": card.title if card else measurement.check,
        "title": metric.title if metric else measurement.metric,
        "broke": is_alarm(measurement),
        "how_sure": how_sure(measurement, test),
        "boxes": [tuple(region.box) for region in measurement.regions],
    }
