"""Which measurements a gate believes: by a check whose self-test was of what measured, and with a number."""

from __future__ import annotations

import math
from enum import IntEnum

from core.checks.selftest.validity import speaks_for
from core.records import Measurement, MeasurementStatus, SelfTest

MEASURED, ERROR = MeasurementStatus.MEASURED, MeasurementStatus.ERROR
"""Looked up once: a member of an enum costs as much as all else that is asked of a measurement."""


class Kind(IntEnum):
    """How a piece of evidence is absent; the worst of a case counts."""

    MISSING = 1
    STALE = 2
    ERROR = 3


class Problem(Exception):
    """Why a case has no value. Raised inside a rule's reading of a case, kept by ``Scope.read``."""

    def __init__(self, kind: Kind, words: str) -> None:
        super().__init__(words)
        self.kind, self.words = kind, words


def require_self_test(measurement: Measurement, test: SelfTest | None) -> None:
    """A check must have told known faults from good pictures, with the packages and weights that measured.

    Raises:
        Problem: there is no such self-test, it failed, or something else was tested than what measured.
    """
    check = measurement.check
    if test is None:
        raise Problem(Kind.MISSING, f"{check} has no self-test yet (run `sidegrade doctor --checks`)")
    if not test.trusted:
        raise Problem(Kind.ERROR, f"{check} failed its self-test: {test.reason}")
    if not speaks_for(test, measurement.version, weights_known=measurement.value is not None):
        raise Problem(
            Kind.STALE,
            f"{check} measured as {measurement.version} but its self-test was of {test.version} (run "
            "`sidegrade doctor --checks` with what measured)",
        )


def require_number(measurement: Measurement) -> None:
    """Something that was measured must be a finite number; other statuses pass.

    Raises:
        Problem: the check could not run, or gave something else.
    """
    if measurement.status is ERROR:
        raise Problem(Kind.ERROR, f"{measurement.check} could not run: {measurement.reason}")
    if measurement.status is MEASURED and not _is_number(measurement.value):
        raise Problem(Kind.ERROR, f"{measurement.check} gave {measurement.value}, not a number")


def _is_number(value: float | None) -> bool:
    return value is not None and math.isfinite(value)
