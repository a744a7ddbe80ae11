"""Runs and suites: asked for once, found again, watched, cancelled."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from core.errors import InvalidRequest, UnknownName
from core.records import Arm, Case, JobState, ReviewPlan, RunKind, Suite
from db.store import Store
from tests.world import DIGESTS, SUITE, finish, finish_all, make_world, request_run


def test_capital_and_small_letters_find_the_same_on_every_database(store: Store, now: datetime) -> None:
    cases = tuple(
        Case(name=name, prompt="a star", width=48, height=48) for name in ("sale-now", "été-100%", "other")
    )
    run = request_run(store, now, suite=Suite(name="names", cases=cases), seeds=(1,))
    finish_all(store, now)
    found = {
        words: {one.pair_id for one in store.renders.find(words)} for words in ("sale", "SALE", "Sale-N")
    }
    assert len(found["sale"]) == 1
    assert found["sale"] == found["SALE"] == found["Sale-N"]
    assert len(store.renders.find("ÉTÉ-100%")) == len(store.renders.find("été")) == 2
    assert store.renders.find("s%") == store.renders.find("sale_") == store.renders.find("/") == []
    assert store.runs.get(run.id.upper()[:20]) == run


def test_the_same_request_is_the_same_run(store: Store, now: datetime) -> None:
    first = request_run(store, now)
    assert request_run(store, now + timedelta(days=1)) == first
    assert len(store.runs.list()) == 1
    assert len(store.jobs.of_run(first.id)) == len(store.pairs.of_run(first.id)) == 8


def test_another_seed_suite_or_plan_is_another_run_and_the_next_attempt(store: Store, now: datetime) -> None:
    runs = [
        request_run(store, now),
        request_run(store, now, seeds=(3,)),
        request_run(store, now, suite=replace(SUITE, cases=SUITE.cases[:1])),
        request_run(store, now, plan=ReviewPlan(order_seed=8)),
        request_run(store, now, again=True),
    ]
    assert len({run.id for run in runs}) == 5
    assert [run.attempt for run in runs] == [1, 2, 3, 4, 5]
    assert store.runs.attempts(DIGESTS[Arm.BASELINE], DIGESTS[Arm.CANDIDATE]) == 5


def test_asking_once_more_gives_the_latest_attempt(store: Store, now: datetime) -> None:
    request_run(store, now)
    second = request_run(store, now, again=True)
    assert request_run(store, now) == second


def test_a_look_at_one_prompt_is_no_attempt_and_no_suite(store: Store, now: datetime) -> None:
    request_run(store, now, kind=RunKind.COMPARE)
    assert store.runs.attempts(DIGESTS[Arm.BASELINE], DIGESTS[Arm.CANDIDATE]) == 0
    assert store.suites.list() == []
    assert store.suites.case(SUITE.cases[0].digest) == SUITE.cases[0]
    assert request_run(store, now).attempt == 1


@pytest.mark.parametrize(
    ("suite", "seeds"), [(SUITE, ()), (SUITE, (1, 1)), (Suite(name="none", cases=()), (1,))]
)
def test_a_run_of_nothing_or_of_one_seed_twice_is_refused(
    store: Store, now: datetime, suite: Suite, seeds: tuple[int, ...]
) -> None:
    with pytest.raises(InvalidRequest, match="distinct seeds"):
        request_run(store, now, suite=suite, seeds=seeds)


def test_the_first_characters_of_an_id_are_enough(store: Store, now: datetime) -> None:
    run = request_run(store, now)
    assert store.runs.get(run.id[:12]) == run
    request_run(store, now, again=True)
    for unclear in ("run_", "", "%"):
        with pytest.raises(UnknownName):
            store.runs.get(unclear)


def test_the_order_of_review_is_random_by_the_plans_seed_and_kept(store: Store, now: datetime) -> None:
    run = request_run(store, now)
    same = request_run(store, now, again=True)
    other = request_run(store, now, plan=ReviewPlan(order_seed=99))

    def order(run_id: str) -> list[str]:
        return [store.pairs.get(job.subject_id).case_name for job in store.jobs.of_run(run_id)]

    assert order(run.id) == order(same.id)
    assert order(run.id) != order(other.id)
    assert order(run.id)[::2] == order(run.id)[1::2], "the seeds of a case stand together"


def test_progress_counts_every_job_and_expects_the_pace_of_the_last(store: Store, now: datetime) -> None:
    run = request_run(store, now)
    assert store.runs.progress(run.id).eta_seconds is None
    for number, job in enumerate(store.jobs.claim("worker-1", limit=3, lease_seconds=60)):
        finish(
            store,
            job,
            now + timedelta(seconds=10 * (number + 1)),
            failing=Arm.CANDIDATE if number == 2 else None,
        )
    progress = store.runs.progress(run.id)
    assert (progress.queued, progress.done, progress.failed, progress.total) == (5, 2, 1, 8)
    assert progress.eta_seconds == pytest.approx(50.0)


def test_cancelling_keeps_what_is_done_and_stops_the_rest(store: Store, now: datetime) -> None:
    run = request_run(store, now)
    (done, running) = store.jobs.claim("worker-1", limit=2, lease_seconds=60)
    finish(store, done, now)
    assert store.runs.cancel(run.id, now) == 7
    assert not store.jobs.extend(running.id, "worker-1", lease_seconds=60)
    assert not finish(store, running, now), "a late result of a cancelled job is refused"
    assert store.renders.of_pair(running.subject_id) == {}
    progress = store.runs.progress(run.id)
    assert (progress.done, progress.cancelled) == (1, 7)
    assert store.jobs.retry(run.id, now) == 7
    assert store.runs.progress(run.id).queued == 7


def test_a_failed_pair_never_stops_the_run_and_can_be_tried_again(store: Store, now: datetime) -> None:
    run = request_run(store, now)
    first, *others = store.jobs.claim("worker-1", limit=8, lease_seconds=60)
    finish(store, first, now, failing=Arm.CANDIDATE)
    for job in others:
        finish(store, job, now)
    assert store.jobs.get(first.id).failure == store.renders.of_pair(first.subject_id)[Arm.CANDIDATE].failure
    assert store.jobs.retry(first.id, now) == 1
    finish_all(store, now + timedelta(minutes=1))
    assert store.runs.progress(run.id).done == 8
    assert all(render.digest for render in store.renders.of_pair(first.subject_id).values())


def test_suites_are_listed_by_name_and_every_version_is_kept(store: Store, now: datetime) -> None:
    first = SUITE
    second = replace(SUITE, cases=SUITE.cases[1:])
    for suite in (first, second, replace(SUITE, name="archive"), second):
        store.suites.save(suite, now)
    assert [suite.name for suite in store.suites.list()] == ["archive", "posters"]
    assert store.suites.get("posters") == second
    store.suites.save(first, now)
    assert store.suites.get("posters") == first


def test_new_words_for_a_suite_are_kept_without_being_a_new_version(store: Store, now: datetime) -> None:
    store.suites.save(SUITE, now)
    renamed = replace(SUITE, title="Spring posters")
    store.suites.save(renamed, now)
    assert store.suites.get("posters") == renamed
    assert renamed.digest == SUITE.digest


def test_an_unknown_suite_is_answered_with_the_nearest(store: Store, now: datetime) -> None:
    store.suites.save(SUITE, now)
    with pytest.raises(UnknownName, match="did you mean posters"):
        store.suites.get("poster")


def test_two_thousand_cases_are_saved_and_run_in_one_go(store: Store, now: datetime) -> None:
    cases = tuple(Case(name=f"case-{n}", prompt=f"poster {n}", width=64, height=64) for n in range(2000))
    suite = Suite(name="own", cases=cases)
    run = request_run(store, now, suite=suite, seeds=(1,))
    assert store.suites.get("own") == suite
    assert len(store.jobs.of_run(run.id)) == 2000


def test_renders_are_found_by_id_digest_pair_and_case(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    pair = world.pairs[0]
    render = store.renders.of_pair(pair.id)[Arm.CANDIDATE]
    for words in (render.id, render.id[:15], render.digest, str(render.digest)[:12].upper(), pair.id):
        assert render in store.renders.find(f" {words} "), words
    by_case = store.renders.find("sale-now")
    assert len(by_case) == 4
    assert store.renders.find("") == store.renders.find("%") == store.renders.find("nothing like it") == []
    assert store.renders.by_recipe(render.recipe.digest) == [render]
    assert store.renders.of_run(world.run.id)[pair.id] == store.renders.of_pair(pair.id)
    with pytest.raises(UnknownName):
        store.renders.get("render_0")


def test_pairs_are_found_one_by_one_and_together(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    first, second, *_ = world.pairs
    assert store.pairs.get(first.id) == first
    assert first.noise_shared is True
    assert store.pairs.many([first.id, second.id, "pair_0"]) == {first.id: first, second.id: second}
    with pytest.raises(UnknownName):
        store.pairs.get("pair_0")
    assert store.jobs.of_run(world.run.id)[0].state is JobState.DONE
