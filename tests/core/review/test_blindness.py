"""What it costs to be told a model's name, and what a blind reviewer is never told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.errors import InvalidRequest
from core.records import RunKind
from core.review.blindness import NamingCost, listed_blind, refuse_foreign_pictures
from tests.evidence import make_evidence

ONE = make_evidence(cases=1, verdicts=False)
(PAIR,) = ONE.pairs
RENDERS = {
    arm: replace(render, digest=letter * 64)
    for letter, (arm, render) in zip("ab", ONE.renders[PAIR.id].items(), strict=True)
}


def test_naming_costs_the_pairs_themselves_and_those_that_hold_an_equal_picture() -> None:
    cost = NamingCost(asked=frozenset("pqr"), lost={"p": {"p", "x"}, "q": {"y", "x"}})
    assert cost.pairs == {"p", "x", "y"}
    assert cost.own == {"p"}
    assert cost.elsewhere == {"x", "y"}
    assert cost.free == {"r"}


def test_naming_what_costs_nothing_costs_nothing() -> None:
    cost = NamingCost(asked=frozenset("pq"), lost={})
    assert (cost.pairs, cost.own, cost.elsewhere, cost.free) == (set(), set(), set(), {"p", "q"})


@pytest.mark.parametrize("digests", [{"a" * 64, "b" * 64}, {"a" * 64}, set()])
def test_places_of_a_pair_are_told_for_its_own_pictures(digests: set[str]) -> None:
    refuse_foreign_pictures(PAIR.id, RENDERS, digests)


@pytest.mark.parametrize("digests", [{"a" * 64, "c" * 64}, {"c" * 64}])
def test_no_place_is_told_for_a_picture_of_another_pair(digests: set[str]) -> None:
    with pytest.raises(InvalidRequest, match=f"two renders of {PAIR.id}"):
        refuse_foreign_pictures(PAIR.id, RENDERS, digests)


def test_a_noise_floor_is_not_listed_for_a_blind_reviewer() -> None:
    runs = [replace(ONE.run, id=kind.value, kind=kind) for kind in RunKind]
    assert [run.kind for run in listed_blind(runs)] == [RunKind.SUITE, RunKind.COMPARE]
