"""Findings that are bad whatever a policy says: each alarm stands with its metric in the table of checks."""

from __future__ import annotations

from core.checks.table import CHECKS
from core.records import Measurement, MeasurementStatus


def is_alarm(measurement: Measurement) -> bool:
    """Whether the value breaks the alarm that stands with its metric in ``CHECKS``.

    A check that could not run has found nothing: that is a fault of the machine, never of a model. Distances
    such as LPIPS have no alarm: how far is too far stands in policies alone.
    """
    card = CHECKS.get(measurement.check)
    metric = card.metrics.get(measurement.metric) if card else None
    if metric is None or metric.alarm is None or measurement.value is None:
        return False
    return measurement.status is MeasurementStatus.MEASURED and metric.alarm(measurement.value)
