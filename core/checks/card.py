"""What a check is to the rest of the product: its card, and the findings it returns.

A check is one function ``measure(pair, settings) -> list[Finding] | NotApplicable``. It says what it saw;
name, unit, direction and version stand once on its card and are filled in by :func:`core.checks.examine`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field

from core.records import Arm, MeasurementStatus, Region


def above_none(value: float) -> bool:
    """The alarm of a count: a single one is too many."""
    return value > 0


def below_one(value: float) -> bool:
    """The alarm of a yes or no: no."""
    return value < 1


@dataclass(frozen=True, slots=True)
class Metric:
    """One number a check gives."""

    title: str
    unit: str
    _: KW_ONLY
    higher_is_better: bool | None = None
    """None: the value has no better direction."""
    per_arm: bool = False
    """True: measured on each arm by itself; False: compares the two arms."""
    on_request: bool = False
    """True: given only on request; its absence is no error."""
    alarm: Callable[[float], bool] | None = None
    """Which values are bad whatever a policy says; None: none. The desk offers these findings as a filter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckCard:
    """A row of the table ``CHECKS``: everything about a check that can be known without running it."""

    name: str
    title: str
    question: str
    """What the check answers, in one sentence for a designer."""
    measure: str
    """Import path of the function, ``package.module:function``; its heavy packages load on first use."""
    metrics: Mapping[str, Metric]
    version: str
    """Raise it with every change of what the check measures: its self-test then runs anew."""
    packages: tuple[str, ...] = ()
    """Installed distributions that could move a value: their versions are part of the result's version."""
    optional: bool = False
    """True: it stands on a program that need not be installed; nothing waits for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One value of one metric, with where and why."""

    metric: str
    value: float | None
    reason: str
    arm: Arm | None = None
    subject: str = ""
    status: MeasurementStatus = MeasurementStatus.MEASURED
    regions: tuple[Region, ...] = ()
    raw: Mapping[str, object] = field(default_factory=dict)
    stands_on: str = ""
    """Weights behind the value, such as ``alex 0d4e4308``; becomes part of the version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotApplicable:
    """The case expects nothing of this kind."""

    reason: str
