"""Simulated histories of the queue, leases, outbox, store and rollout: every rule holds after every step.

A failure names the command that replays it; ``python -m tests.simulation --histories N`` lives any number.
"""

from __future__ import annotations

import pytest

from tests.simulation.bugs import BUGS
from tests.simulation.histories import HistoryFailed, live
from tests.simulation.invariants import RULES
from tests.simulation.world import NO_FAULT_NO_FAILURE

FEW, MANY = 4, 500
FOUND_WITHIN = 100
"""So many histories are enough for each of the planted bugs."""


@pytest.mark.parametrize("seed", range(FEW))
def test_whatever_goes_wrong_every_rule_holds_after_every_step(seed):
    assert len(live(seed)) == 40


def test_a_history_is_lived_again_by_its_seed():
    assert live(2, steps=25) == live(2, steps=25)


def test_a_failure_prints_the_command_that_replays_it():
    bug = "undo_that_deletes"
    seed = first_found(bug, within=FOUND_WITHIN)
    with pytest.raises(
        HistoryFailed, match=f"python -m tests.simulation --seed {seed} --steps 40 --bug {bug}"
    ):
        live(seed, bug=bug)


def test_every_rule_has_a_bug_that_it_has_to_notice():
    rules = {rule.__name__ for rule in RULES} | {NO_FAULT_NO_FAILURE}
    assert {bug.breaks for bug in BUGS.values()} == rules


@pytest.mark.slow
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("skewed", [False, True], ids=["one clock", "clocks that jump"])
def test_five_hundred_histories_break_no_rule(skewed):
    seeds = range(MANY)[skewed::2]
    failed = [failure for seed in seeds if (failure := failure_of(seed, skewed=skewed)) is not None]
    assert not failed, "\n\n".join(failed)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("bug", list(BUGS))
def test_a_planted_bug_is_found(bug):
    seed = first_found(bug, within=FOUND_WITHIN)
    without = failure_of(seed, skewed=BUGS[bug].skewed)
    assert without is None, "the same history without the bug breaks no rule"


def first_found(bug: str, *, within: int) -> int:
    """The first seed whose history breaks the bug's own rule once it is planted."""
    for seed in range(within):
        try:
            live(seed, bug=bug, skewed=BUGS[bug].skewed)
        except HistoryFailed as failure:
            if BUGS[bug].breaks in failure.rules:
                return seed
            if not failure.rules:
                raise
    pytest.fail(f"{bug} was not found in {within} histories")


def failure_of(seed: int, *, skewed: bool = False) -> str | None:
    """What the history of a seed broke, with the command that replays it."""
    try:
        live(seed, skewed=skewed)
    except HistoryFailed as failure:
        return str(failure)
    return None
