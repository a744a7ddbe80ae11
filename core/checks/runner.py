"""Runs checks on a pair, each on its own, and turns what they find into measurements."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from importlib import import_module
from importlib.metadata import version as installed_version
from typing import Protocol

from core.checks.card import CheckCard, Finding, NotApplicable
from core.checks.pair import PairToExamine
from core.checks.table import CHECKS
from core.config.settings import Settings
from core.errors import SidegradeError, UnknownName
from core.records import Arm, Measurement, MeasurementStatus


class Measure(Protocol):
    """What a check's file offers."""

    def __call__(self, pair: PairToExamine, settings: Settings) -> Sequence[Finding] | NotApplicable:
        """Every finding of the check on this pair."""
        ...


def examine(
    pair: PairToExamine, *, checks: Iterable[str] | None = None, settings: Settings, now: datetime
) -> list[Measurement]:
    """Every measurement of the named checks (default: all) on one pair.

    A check that cannot run, for whatever reason, gives an *error* for each of its metrics and leaves the
    others alone.

    Raises:
        UnknownName: for a check that is not in ``CHECKS``.
    """
    return [
        _measurement(finding, card, pair.pair_id, now)
        for card in _cards(checks)
        for finding in _findings(card, pair, settings)
    ]


def _cards(names: Iterable[str] | None) -> list[CheckCard]:
    names = list(CHECKS) if names is None else list(names)
    for name in names:
        if name not in CHECKS:
            raise UnknownName.of("check", name, CHECKS)
    return [CHECKS[name] for name in names]


def _findings(card: CheckCard, pair: PairToExamine, settings: Settings) -> list[Finding]:
    try:
        found = _function(card)(pair, settings)
    except SidegradeError as error:
        return _for_every_metric(card, MeasurementStatus.ERROR, _with_remedy(error))
    except Exception as error:  # whatever a check's package raises is the error of this check alone
        return _for_every_metric(card, MeasurementStatus.ERROR, f"{type(error).__name__}: {error}")
    if isinstance(found, NotApplicable):
        return _for_every_metric(card, MeasurementStatus.NOT_APPLICABLE, found.reason)
    strange = [finding for finding in found if not _is_on(card, finding)]
    if strange:  # a slip of the check itself, which would otherwise end all other checks of the pair
        return _for_every_metric(card, MeasurementStatus.ERROR, _not_on(card, strange[0]))
    return [*map(_believable, found), *_unanswered(card, pair, found)]


def _is_on(card: CheckCard, finding: Finding) -> bool:
    """Whether a finding is of a metric that the card names, about one arm or about both as the card says."""
    metric = card.metrics.get(finding.metric)
    return metric is not None and (finding.arm is not None) == metric.per_arm


def _not_on(card: CheckCard, finding: Finding) -> str:
    about = f"{finding.metric} of {finding.arm or 'both arms'}"
    named = ", ".join(f"{name} ({'each arm' if m.per_arm else 'both'})" for name, m in card.metrics.items())
    return f"the check {card.name} gave {about}, its card names {named}"


def _function(card: CheckCard) -> Measure:
    module, _, name = card.measure.partition(":")
    function: Measure = getattr(import_module(module), name)
    return function


def _for_every_metric(card: CheckCard, status: MeasurementStatus, reason: str) -> list[Finding]:
    return [
        Finding(metric=name, value=None, arm=arm, status=status, reason=reason)
        for name, metric in card.metrics.items()
        if not metric.on_request
        for arm in (tuple(Arm) if metric.per_arm else (None,))
    ]


def _unanswered(card: CheckCard, pair: PairToExamine, found: Sequence[Finding]) -> list[Finding]:
    """Errors for what the check said nothing about, such as an arm without an image."""
    answered = {(finding.metric, finding.arm) for finding in found}
    absent = [arm for arm in Arm if arm not in pair.arms()]
    reason = f"no image: {', '.join(absent)} failed to render" if absent else "the check gave no value"
    errors = _for_every_metric(card, MeasurementStatus.ERROR, reason)
    return [error for error in errors if (error.metric, error.arm) not in answered]


def _believable(finding: Finding) -> Finding:
    """A measured value must be a finite number; anything else is an error, never a pass."""
    measured = finding.status is MeasurementStatus.MEASURED
    if measured and (finding.value is None or not math.isfinite(finding.value)):
        reason = f"expected a finite number, got {finding.value}; {finding.reason}"
        return replace(finding, status=MeasurementStatus.ERROR, value=None, reason=reason)
    return finding


def _with_remedy(error: SidegradeError) -> str:
    return f"{error}; {error.remedy}" if error.remedy else str(error)


def _measurement(finding: Finding, card: CheckCard, pair_id: str, now: datetime) -> Measurement:
    metric = card.metrics[finding.metric]
    return Measurement(
        pair_id=pair_id,
        check=card.name,
        metric=finding.metric,
        arm=finding.arm,
        subject=finding.subject,
        status=finding.status,
        value=finding.value,
        unit=metric.unit,
        higher_is_better=metric.higher_is_better,
        reason=finding.reason,
        regions=finding.regions,
        version=" + ".join(filter(None, (card_version(card), finding.stands_on))),
        raw=finding.raw,
        created_at=now,
    )


@cache
def _installed(package: str) -> str:
    return f"{package} {installed_version(package)}"


def card_version(card: CheckCard) -> str:
    """Version of the check and of the packages it stands on, such as ``1 + rapidocr 3.10.0``."""
    return " + ".join((card.version, *map(_installed, card.packages)))
