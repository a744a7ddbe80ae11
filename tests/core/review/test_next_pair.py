"""What a reviewer is asked next: shared units, hidden controls, balanced sides.

Long: whole reviews, and every turn of a desk that is laid out by hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest

from core.records import (
    Arm,
    Evidence,
    Outcome,
    Purpose,
    ReviewPlan,
)
from core.review.next_pair import Choices, Task, draw_side, repeatable, seeds_away, swapped_side, upcoming
from core.review.reviewers import repeatability
from core.review.units import closed_prefix, is_over, units
from tests.evidence import NOW, REVIEWERS, judged, make_evidence, pair_of, verdict
from tests.review_queue import next_task

HARDLY_CONTROLLED = ReviewPlan(order_seed=7, max_units=10, overlap_share=0.0, control_share=0.0)


def test_sides_stay_balanced_and_cannot_be_guessed() -> None:
    draw, counts, runs = Random(4), Counter[Arm](), Counter[bool]()
    last = None
    for _ in range(2000):
        arm = draw_side(counts[Arm.BASELINE], counts[Arm.CANDIDATE], draw.random())
        runs[arm is last] += 1
        counts[arm] += 1
        last = arm
        assert abs(counts[Arm.BASELINE] - counts[Arm.CANDIDATE]) < 20
    assert 0.15 < runs[True] / 2000 < 0.6


def answered(evidence: Evidence, task: Task, reviewer: str, minute: int) -> Evidence:
    """The evidence with one more task done."""
    pair = next(pair for pair in evidence.pairs if pair.id == task.pair_id)
    event = verdict(
        pair,
        reviewer,
        Outcome.TIE,
        minute,
        purpose=task.purpose,
        side_a=task.side_a or (Arm.BASELINE, Arm.CANDIDATE)[minute % 2],
    )
    return replace(evidence, verdicts=(*evidence.verdicts, event))


def test_reviewers_share_the_units_in_their_order() -> None:
    evidence = make_evidence(cases=10, plan=HARDLY_CONTROLLED, verdicts=False)
    for minute in range(10):
        task = next_task(evidence, REVIEWERS[minute % 5], NOW)
        assert task == (pair_of(evidence, minute).id, Purpose.EVIDENCE, None)
        evidence = answered(evidence, task, REVIEWERS[minute % 5], minute)
    assert is_over(evidence, NOW)


def test_a_pair_that_somebody_looks_at_is_not_handed_out_twice() -> None:
    evidence = make_evidence(cases=10, plan=HARDLY_CONTROLLED, verdicts=False)
    held = {pair_of(evidence, 0).id, pair_of(evidence, 1).id}
    task = next_task(evidence, "ada", NOW, held=held)
    assert task is not None
    assert task.pair_id == pair_of(evidence, 2).id


def test_a_reviewer_who_cannot_judge_a_pair_is_not_asked_again() -> None:
    evidence = make_evidence(cases=10, plan=HARDLY_CONTROLLED, verdicts=False)
    cannot = verdict(pair_of(evidence, 0), "ada", Outcome.CANT_JUDGE, 1)
    evidence = replace(evidence, verdicts=(cannot,))
    mine, others = next_task(evidence, "ada", NOW), next_task(evidence, "bob", NOW)
    assert mine is not None
    assert others is not None
    assert (mine.pair_id, others.pair_id) == (pair_of(evidence, 1).id, pair_of(evidence, 0).id)


def test_votes_on_one_unit_show_different_seeds() -> None:
    plan = replace(HARDLY_CONTROLLED, votes_per_unit=2)
    evidence = make_evidence(cases=10, seeds=(1, 2), plan=plan, verdicts=False)
    first = next_task(evidence, "ada", NOW)
    assert first is not None
    second = next_task(answered(evidence, first, "ada", 1), "bob", NOW)
    assert second is not None
    assert (first.pair_id, second.pair_id) == (pair_of(evidence, 0).id, pair_of(evidence, 0, seed=1).id)


@pytest.mark.slow
def test_everybody_gets_controls_and_agreement_pairs_now_and_then() -> None:
    plan = ReviewPlan(order_seed=3, max_units=300, overlap_share=0.1, control_share=0.1)
    evidence = make_evidence(cases=300, plan=plan, verdicts=False)
    gold = {pair.id: Outcome.BASELINE for pair in evidence.pairs[:12]}
    evidence, purposes = replace(evidence, gold=gold), Counter[Purpose]()
    for minute in range(150):
        reviewer = REVIEWERS[minute % 5]
        task = next_task(evidence, reviewer, NOW)
        assert task is not None
        purposes[task.purpose] += 1
        evidence = answered(evidence, task, reviewer, minute)
    assert 100 <= purposes[Purpose.EVIDENCE] <= 135
    assert 5 <= purposes[Purpose.OVERLAP] <= 28
    assert {Purpose.GOLD, Purpose.SAME} <= set(purposes)
    assert len(closed_prefix(units(evidence, NOW))) == purposes[Purpose.EVIDENCE]


def test_a_repeat_swaps_the_sides_of_an_own_earlier_verdict() -> None:
    plan = ReviewPlan(order_seed=3, max_units=120, overlap_share=0.0, control_share=1.0)
    evidence = judged(make_evidence(cases=120, plan=plan, verdicts=False), [Outcome.CANDIDATE] * 60, ["ada"])
    shown = {event.pair_id: event.side_a for event in evidence.verdicts}
    repeats = []
    for minute in range(60, 110):
        task = next_task(evidence, "ada", NOW)
        assert task is not None
        repeats += [task] if task.purpose is Purpose.REPEAT else []
        evidence = answered(evidence, task, "ada", minute)
    assert repeats
    assert all(task.side_a is not None and task.side_a is not shown[task.pair_id] for task in repeats)
    assert len({task.pair_id for task in repeats}) == len(repeats)
    assert repeatability(evidence)["ada"] == (0, len(repeats))


def test_the_same_evidence_asks_the_same_question() -> None:
    evidence = make_evidence(cases=30)
    assert next_task(evidence, "ada", NOW) == next_task(evidence, "ada", NOW)


def test_who_has_seen_everything_is_asked_nothing() -> None:
    plan = ReviewPlan(order_seed=7, max_units=10, overlap_share=0.0, control_share=0.0)
    evidence = judged(make_evidence(cases=10, plan=plan, verdicts=False), [Outcome.TIE] * 10, ["ada"])
    assert next_task(evidence, "ada", NOW) is None


class FixedDesk:
    """A desk that holds so many open units, second opinions and controls, and counts what it is asked."""

    def __init__(self, *, open_units: int = 9, seconds: int = 9, controls: int = 9, turns: int = 0) -> None:
        self.waiting, self.seconds, self.asked = open_units, seconds, Counter[str]()
        self._turns = turns
        self.choices = [
            Choices(purpose, controls, lambda number, purpose=purpose: Task(f"{purpose}-{number}", purpose))
            for purpose in (Purpose.GOLD, Purpose.SAME)
            if controls
        ]

    def turns(self) -> int:
        self.asked["turns"] += 1
        return self._turns

    def open_units(self, limit: int) -> list[Task]:
        return [Task(f"open-{number}") for number in range(self.waiting)][:limit]

    def second_opinions(self, limit: int) -> list[Task]:
        return [Task(f"second-{number}", Purpose.OVERLAP) for number in range(self.seconds)][:limit]

    def controls(self) -> Sequence[Choices]:
        self.asked["controls"] += 1
        return self.choices


def asked(
    desk: FixedDesk, *, overlap: float, control: float, controls: bool = True, limit: int = 6
) -> list[str]:
    """What a reviewer is asked by a plan with these shares, in order."""
    plan = ReviewPlan(order_seed=3, overlap_share=overlap, control_share=control)
    return [task.pair_id for task in upcoming(desk, plan, "ada", limit=limit, controls=controls)]


def test_open_units_come_in_their_order_and_second_opinions_after_them() -> None:
    assert asked(FixedDesk(open_units=2), overlap=0, control=0, limit=4) == [
        "open-0", "open-1", "second-0", "second-1",
    ]  # fmt: skip
    assert asked(FixedDesk(seconds=0), overlap=1, control=0, limit=2) == ["open-0", "open-1"]


def test_second_opinions_have_their_share_of_the_turns() -> None:
    assert asked(FixedDesk(seconds=2), overlap=1, control=0, limit=3) == ["second-0", "second-1", "open-0"]


def test_controls_have_their_share_and_leave_their_turns_to_second_opinions_when_all_were_shown() -> None:
    desk = FixedDesk(controls=2)
    tasks = asked(desk, overlap=0, control=1)
    assert sorted(tasks[:4]) == ["gold-0", "gold-1", "same-0", "same-1"]
    assert tasks[4:] == ["second-0", "second-1"]
    assert desk.asked == {"turns": 1, "controls": 1}, (
        "controls are looked for once, and only when it is their turn"
    )


def test_without_controls_none_is_looked_for() -> None:
    desk = FixedDesk(seconds=1)
    assert asked(desk, overlap=0, control=1, controls=False, limit=2) == ["second-0", "open-0"]
    assert asked(desk, overlap=0, control=0, limit=1) == ["open-0"]
    assert desk.asked["controls"] == 0


def test_no_reviewer_is_kept_for_controls_alone() -> None:
    desk = FixedDesk(open_units=0, seconds=0)
    assert asked(desk, overlap=1, control=1) == []
    assert desk.asked == {}
    assert asked(FixedDesk(open_units=1, seconds=0), overlap=1, control=0) == ["open-0"]


def test_which_turn_is_which_follows_from_the_seed_the_name_and_the_number_of_the_turn() -> None:
    plan = ReviewPlan(order_seed=3, overlap_share=0.3, control_share=0.3)

    def purposes(reviewer: str, turns: int, limit: int) -> list[Purpose]:
        desk = FixedDesk(open_units=99, seconds=99, controls=99, turns=turns)
        return [task.purpose for task in upcoming(desk, plan, reviewer, limit=limit)]

    ada = purposes("ada", 0, 30)
    assert purposes("ada", 12, 18) == ada[12:]
    assert purposes("bob", 0, 30) != ada
    shares = Counter(ada)
    assert {Purpose.EVIDENCE, Purpose.OVERLAP, Purpose.GOLD, Purpose.SAME} == shares.keys()


def test_every_choice_that_was_not_taken_is_drawn_once() -> None:
    choices = Choices(Purpose.GOLD, 5, lambda number: Task(str(number)), taken=(1, 3, 5, 9))
    assert len(choices) == 3
    drawn = [choices.draw(Random(seed)).pair_id for seed in range(3)]
    assert sorted(drawn) == ["0", "2", "4"]
    assert len(choices) == 0


def test_all_choices_are_equally_likely() -> None:
    drawn = Counter(
        Choices(Purpose.GOLD, 5, lambda number: Task(str(number)), taken=(0, 3)).draw(Random(seed)).pair_id
        for seed in range(300)
    )
    assert drawn.keys() == {"1", "2", "4"}
    assert min(drawn.values()) > 70


@pytest.mark.parametrize(
    ("shown", "side"),
    [
        ([], None),
        ([Arm.BASELINE], Arm.CANDIDATE),
        ([Arm.CANDIDATE], Arm.BASELINE),
        ([Arm.BASELINE, Arm.CANDIDATE], None),
        ([Arm.BASELINE, Arm.CANDIDATE, Arm.CANDIDATE], Arm.BASELINE),
        ([Arm.CANDIDATE, None], Arm.BASELINE),
        ([None], None),
    ],
)
def test_every_second_verdict_on_a_unit_sees_the_sides_swapped(
    shown: list[Arm | None], side: Arm | None
) -> None:
    assert swapped_side(shown) is side


def test_verdicts_on_a_unit_go_round_its_seeds() -> None:
    turns = [[seeds_away(place, votes=votes, seeds=3) for place in range(3)] for votes in range(5)]
    assert turns == [[0, 1, 2], [2, 0, 1], [1, 2, 0], [0, 1, 2], [0, 1, 2]]


def test_a_pair_comes_back_after_ten_other_judgements() -> None:
    assert [repeatable(judged) for judged in (0, 9, 10, 11, 25)] == [0, 0, 0, 1, 15]


def test_a_task_has_a_place_for_its_judgements_and_one_for_each_kind_of_control() -> None:
    places = {purpose: Task("p", purpose).place for purpose in Purpose}
    assert places[Purpose.EVIDENCE] == places[Purpose.OVERLAP]
    assert len(set(places.values())) == len(Purpose) - 1
