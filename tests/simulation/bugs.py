"""Bugs to plant: each is a fault of a kind that was made before in such programs, and has to be found."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final

from tests.simulation import invariants, rollout_rules
from tests.simulation.planted import review, rollout, storage
from tests.simulation.world import NO_FAULT_NO_FAILURE


@dataclass(frozen=True, slots=True, kw_only=True)
class Bug:
    """A fault of the product, and the rule that has to notice it."""

    plant: Callable[[], AbstractContextManager[Any]]
    breaks: str
    """Name of the rule; others may be broken as well."""
    skewed: bool = False
    """Only clocks that jump bring it to light."""


def _row(
    plant: Callable[[], AbstractContextManager[Any]], rule: Callable[..., None] | str, *, skewed: bool = False
) -> tuple[str, Bug]:
    breaks = rule if isinstance(rule, str) else rule.__name__
    return plant.__name__, Bug(plant=plant, breaks=breaks, skewed=skewed)


BUGS: Final[dict[str, Bug]] = dict(
    (
        _row(review.acknowledged_before_the_commit, invariants.nothing_acknowledged_is_lost),
        _row(review.doubled_request_counted_twice, invariants.nothing_is_counted_twice),
        _row(review.second_verdict_beside_the_first, invariants.one_verdict_stands),
        _row(review.undo_that_deletes, invariants.events_keep_their_order_and_content),
        _row(review.queue_rows_in_another_transaction, invariants.queue_rows_are_the_fold),
        _row(review.turn_counted_twice, invariants.nothing_is_counted_twice),
        _row(storage.lease_by_the_callers_clock, invariants.leases_hold),
        _row(storage.finishing_without_owning, invariants.only_owners_finish),
        _row(storage.retry_that_draws_again, invariants.no_render_is_doubled),
        _row(storage.row_before_its_file, invariants.ready_pairs_have_pictures),
        _row(storage.missing_without_its_unit, invariants.queue_rows_are_the_fold),
        _row(storage.desk_that_does_not_look, invariants.what_is_shown_and_judged_has_pictures),
        _row(rollout.start_that_counts_earlier_verdicts, rollout_rules.no_evidence_is_from_before_the_start),
        _row(
            rollout.belonging_by_created_at, rollout_rules.no_evidence_is_from_before_the_start, skewed=True
        ),
        _row(rollout.latched_with_an_open_gate, rollout_rules.rollouts_follow_their_rules),
        _row(rollout.signed_over_each_other, rollout_rules.rollouts_follow_their_rules),
        _row(rollout.order_by_created_at, NO_FAULT_NO_FAILURE, skewed=True),
    )
)
