"""Bugs in what counts as evidence and in what is decided on it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import core.review.units
import services.rollouts
from core.records import Evidence, GateOutcome, RolloutEvent
from db.decisions import Decisions


def start_that_counts_earlier_verdicts() -> AbstractContextManager[Any]:
    """Who judged before the start has judged for the evidence."""
    return patch.object(core.review.units, "judged_too_early", lambda _evidence: set())


def latched_with_an_open_gate() -> AbstractContextManager[Any]:
    """Evidence that has not decided is taken for a yes."""
    really = services.rollouts.decide

    def decide(rollout: Any, analysis: Any, now: Any, *, over: bool) -> Any:
        undecided = analysis.outcome is GateOutcome.INCONCLUSIVE
        wished = replace(analysis, outcome=GateOutcome.SUCCESSFUL) if undecided else analysis
        return really(rollout, wished, now, over=over)

    return patch.object(services.rollouts, "decide", decide)


def signed_over_each_other() -> AbstractContextManager[Any]:
    """A step is stored on what was seen, whatever others have stored since."""
    really = Decisions.append_event

    def append(self: Decisions, event: Any, *, seen: int | None = None) -> bool:
        return really(self, event)

    return patch.object(Decisions, "append_event", append)


def order_by_created_at() -> AbstractContextManager[Any]:
    """What happened first is told by the clocks of those who said it."""
    really = Decisions.events

    def events(self: Decisions, run_id: str) -> list[RolloutEvent]:
        return sorted(really(self, run_id), key=lambda event: event.created_at)

    return patch.object(Decisions, "events", events)


def belonging_by_created_at() -> AbstractContextManager[Any]:
    """What was judged before the start is told by the clocks of those who said it."""

    def early(evidence: Evidence) -> set[str]:
        units, start = core.review.units.review_units(evidence).values(), evidence.start
        judged = {unit.case_digest: unit.first_judged_at for unit in units if unit.first_judged_at}
        return {case for case, at in judged.items() if start is None or at < start.created_at}

    return patch.object(core.review.units, "judged_too_early", early)
