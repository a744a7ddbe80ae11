"""The comparison runs, says what it promises, and fails when the promise is broken."""

from __future__ import annotations

import numpy as np
import pytest

from bench.decisions import RULES, broken_promises, measured, row
from bench.rivals import Ends


@pytest.fixture(scope="module")
def ends() -> dict:
    """A small run of the whole comparison."""
    return measured(150, seed=1)


def test_every_rule_has_a_row(ends: dict) -> None:
    for rule in RULES:
        assert row(rule, ends).count("|") == 7


def test_peeking_approves_equal_models_far_more_often_than_we_do(ends: dict) -> None:
    false_approvals = {(rule.name, rule.votes): ends[rule, 0.5].approved.mean() for rule in RULES}
    peeking = false_approvals["peeking: p < .05 after each verdict", 1]
    ours = false_approvals["**Sidegrade: preference gate**", 1]
    assert peeking > 0.15 > 0.1 > ours


def test_the_veto_only_ever_takes_approvals_away(ends: dict) -> None:
    gate, vetoed = (rule for rule in RULES if "Sidegrade" in rule.name and rule.votes == 1)
    for share in (0.5, 0.6):
        assert not (ends[vetoed, share].approved & ~ends[gate, share].approved).any()


def test_a_broken_promise_is_reported(ends: dict) -> None:
    always = {key: Ends(np.ones(150, dtype=bool), found.verdicts) for key, found in ends.items()}
    assert broken_promises(150, ends) == []
    assert len(broken_promises(150, always)) == 3
