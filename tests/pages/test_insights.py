"""The Insights page: what verdicts and timings add up to, with intervals."""

from __future__ import annotations

from dataclasses import replace

from core.decisions.proportions import Bounds
from core.records import Arm, Outcome
from db.insights import Cost, VerdictCounts
from pages.components import summaries
from services.insights import time_ratio
from tests import world
from tests.pages.conftest import fine, words
from tests.world import judge, make_world

INSIGHTS = "leads/insights.py"


def test_the_page_begins_with_the_answer(open_page, store, now):
    world = make_world(store, now)
    judge(
        world, "ana", {"sale-now": Outcome.CANDIDATE, "star": Outcome.CANDIDATE, "circle": Outcome.BASELINE}
    )
    said = words(fine(open_page(INSIGHTS)))
    assert "**letterpress-2** wins 67% of 6 decisive verdicts (95% interval: 30% to 90%)" in said
    assert "decided on the Rollouts page" in said
    assert "20% less time" in said


def test_of_a_large_run_the_page_says_how_many_pairs_its_timings_are_of(open_page, store, now, monkeypatch):
    make_world(store, now)
    assert "Timings and cost are of" not in words(fine(open_page(INSIGHTS)))
    for module in ("db", "services"):
        monkeypatch.setattr(f"{module}.insights.TIMED_PAIRS", 3)
    said = words(fine(open_page(INSIGHTS)))
    assert "Timings and cost are of 3 of the run's 8 pairs: the first in the order of review" in said


def test_without_verdicts_the_page_says_so(open_page, store, now):
    make_world(store, now)
    said = words(fine(open_page(INSIGHTS)))
    assert "Nobody has preferred one of the two yet" in said
    assert "No verdict yet" in said


def test_where_models_were_only_warming_up_the_page_does_not_say_that_nothing_was_drawn(
    open_page, store, now, monkeypatch
):
    render = world.render
    monkeypatch.setattr(world, "render", lambda *about: replace(render(*about), warm_up=True))
    make_world(store, now)
    said = words(fine(open_page(INSIGHTS)))
    assert "No timing yet" in said
    assert "what it draws right after loading a model does not count" in said


def test_a_tie_counts_for_the_candidate_and_both_bad_against_it():
    counts = VerdictCounts(group="posters", baseline=1, candidate=2, tie=3, both_bad=4, cant_judge=9)
    rate = summaries.approval(counts)
    assert (rate.share, rate.n) == (0.5, 10)
    assert rate.low < rate.share < rate.high


def test_nothing_judged_is_no_rate_of_zero():
    nothing = VerdictCounts(group="posters", cant_judge=2)
    assert summaries.approvals([nothing]) == []
    assert list(summaries.reviewer_rows([nothing])["Approval"]) == ["nothing to count"]


def test_each_reviewers_approval_has_its_interval():
    counts = VerdictCounts(group="ana", baseline=2, candidate=8)
    assert list(summaries.reviewer_rows([counts])["Approval"]) == ["80% (49% to 94%)"]


def cost(pair, arm, latency, gpu=None):
    return Cost(
        pair_id=pair, case_name=pair, arm=arm, latency_ms=latency, gpu_seconds=gpu, peak_memory_mb=None
    )


def test_speed_is_compared_only_on_pairs_that_both_models_drew():
    both = [cost(f"p{i}", arm, 100.0 * (2 if arm is Arm.CANDIDATE else 1)) for i in range(9) for arm in Arm]
    alone = [cost("alone", Arm.CANDIDATE, 9e9)]
    assert time_ratio(both + alone, "latency_ms").estimate == 2.0
    assert time_ratio(alone, "latency_ms") is None
    assert "100% more time" in summaries.in_words(Bounds(2.0, 2.0, 2.0))
