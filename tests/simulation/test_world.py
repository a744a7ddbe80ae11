"""Simulated histories of the queue, leases, outbox, store and rollout: every rule holds after every step.

A failure names the command that replays it; ``python -m tests.simulation --histories N`` lives any number.
"""

from __future__ import annotations

import pytest

from tests.simulation.bugs import BUGS
from tests.simulation.histories import HistoryFailed, live
from tests.simulation.invariants import Broken

FEW, MANY = 4, 500
FOUND_WITHIN = 200
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


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_five_hundred_histories_break_no_rule():
    failed = [failure for failure in map(failure_of, range(MANY)) if failure is not None]
    assert not failed, "\n\n".join(failed)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("bug", list(BUGS))
def test_a_planted_bug_is_found(bug):
    seed = first_found(bug, within=FOUND_WITHIN)
    assert failure_of(seed) is None, "the same history without the bug breaks no rule"


def first_found(bug: str, *, within: int) -> int:
    """The first seed whose history breaks a rule once the bug is planted."""
    for seed in range(within):
        try:
            live(seed, bug=bug)
        except HistoryFailed as failure:
            if isinstance(failure.__cause__, Broken):
                return seed
            raise
    pytest.fail(f"{bug} was not found in {within} histories")


def failure_of(seed: int) -> str | None:
    """What the history of a seed broke, with the command that replays it."""
    try:
        live(seed)
    except HistoryFailed as failure:
        return str(failure)
    return None
