"""Judging a run and signing it: the policy stays as it was, and nobody signs over somebody else."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import DecisionRefused
from core.gates.policies import find_policy
from core.records import Arm, GateOutcome, Outcome, RolloutAction, RolloutState, RunKind
from services.rollouts import judge, latch, met_in_words, objection, policy_of, sign, start
from tests.world import CANDIDATE, finish, finish_all, make_world, request_run
from tests.world import judge as judge_pairs

NOW = datetime.now(UTC)


@pytest.fixture
def settings(settings, tmp_path):
    """Settings whose policies may be edited."""
    folder = tmp_path / "policies"
    shutil.copytree(settings.policies_folder, folder)
    return replace(settings, policies_folder=folder)


@pytest.fixture
def judged(store, settings):
    """A run without verdicts, seen by the policy for another model; not started."""
    run = make_world(store, NOW).run
    return judge(store, settings, run, find_policy(settings.policies_folder, "upgrade"), NOW)


def again(store, settings, judged):
    return judge(store, settings, judged.evidence.run, judged.policy, NOW + timedelta(minutes=1))


def test_looking_stores_nothing(store, judged):
    assert store.decisions.events(judged.rollout.run_id) == []
    assert store.decisions.analyses(judged.rollout.run_id) == []
    assert latch(store, judged, NOW) is judged


def test_a_rollout_keeps_its_policy_when_the_file_is_edited(store, settings, judged):
    start(store, judged, "ana", NOW)
    file = settings.policies_folder / "upgrade.toml"
    file.write_text(file.read_text().replace("margin = 0.05", "margin = 0.5"))
    rollout = again(store, settings, judged).rollout
    assert policy_of(store, settings, rollout) == judged.policy
    assert find_policy(settings.policies_folder, "upgrade") != judged.policy


def test_a_broken_file_does_not_hide_the_policy_of_a_started_rollout(store, settings, judged):
    start(store, judged, "ana", NOW)
    (settings.policies_folder / "draft.toml").write_text("title = ")
    (settings.policies_folder / "upgrade.toml").write_text("title = ")
    assert policy_of(store, settings, again(store, settings, judged).rollout) == judged.policy


def test_a_policy_that_is_nowhere_is_an_error_not_another_policy(store, settings, judged):
    with pytest.raises(DecisionRefused, match="policy"):
        policy_of(store, settings, replace(judged.rollout, policy_digest="policy_gone"))


def test_of_two_who_decide_at_once_the_second_is_told(store, settings, judged):
    start(store, judged, "ana", NOW)
    seen_by_both = again(store, settings, judged)
    sign(store, seen_by_both, RolloutAction.REFUSE, by="ben", note="brand", now=NOW)
    with pytest.raises(DecisionRefused, match="somebody else"):
        sign(
            store, seen_by_both, RolloutAction.OVERRIDE, by="chen", note="hurry", confirmed=CANDIDATE, now=NOW
        )
    assert again(store, settings, judged).rollout.state is RolloutState.REFUSED


@pytest.mark.parametrize("typed", ["", "letterpress", CANDIDATE.upper(), "yes"])
def test_an_override_without_the_candidates_name_is_refused_and_stores_nothing(
    store, settings, judged, typed
):
    start(store, judged, "ana", NOW)
    started = again(store, settings, judged)
    override = {"by": "ben", "note": "the fair opens on Monday", "now": NOW}
    with pytest.raises(DecisionRefused, match="expected the candidate's name, 'letterpress-2', typed") as no:
        sign(store, started, RolloutAction.OVERRIDE, confirmed=typed, **override)
    assert f"got {typed!r}" in str(no.value)
    assert [event.action for event in store.decisions.events(judged.rollout.run_id)] == [RolloutAction.START]
    sign(store, started, RolloutAction.OVERRIDE, confirmed=f" {CANDIDATE} ", **override)
    assert again(store, settings, judged).rollout.state is RolloutState.OVERRIDDEN


def test_what_was_overridden_stays_on_what_was_seen_then(store, settings, judged):
    start(store, judged, "ana", NOW)
    started = again(store, settings, judged)
    sign(store, started, RolloutAction.OVERRIDE, by="ben", note="fair", confirmed=CANDIDATE, now=NOW)
    stale = judge(store, settings, judged.evidence.run, judged.policy, NOW + timedelta(days=400))
    assert stale.basis == started.analysis
    assert stale.basis != stale.analysis


def test_what_the_evidence_decides_is_latched_once(store, settings):
    run = request_run(store, NOW)
    for job in store.jobs.claim("worker-1", limit=100, lease_seconds=60):
        finish(store, job, NOW, failing=Arm.CANDIDATE)
    policy = find_policy(settings.policies_folder, "upgrade")
    start(store, judge(store, settings, run, policy, NOW), "ana", NOW)
    for _ in range(2):
        latched = latch(store, judge(store, settings, run, policy, NOW), NOW)
    assert latched.rollout.state is RolloutState.REJECTED
    assert [event.outcome for event in store.decisions.events(run.id)][1:] == [GateOutcome.FAILED]


def test_an_objection_tells_why_and_a_note_is_none(store, settings, judged):
    assert "nobody started" in objection(judged, RolloutAction.APPROVE, "ben", NOW)
    start(store, judged, "ana", NOW)
    started = again(store, settings, judged)
    assert objection(started, RolloutAction.REFUSE, "ben", NOW) is None
    assert "somebody else" in objection(started, RolloutAction.OVERRIDE, "Ana", NOW)


def test_a_start_after_verdicts_leaves_their_cases_out_and_says_so_for_ever(store, settings):
    world = make_world(store, NOW)
    judge_pairs(world, "ana", {"sale-now": Outcome.CANDIDATE, "star": Outcome.CANDIDATE})
    later = NOW + timedelta(hours=1)
    policy = find_policy(settings.policies_folder, "upgrade")
    start(store, judge(store, settings, world.run, policy, later), "ana", later)
    event = store.decisions.events(world.run.id)[0]
    assert event.note == "left out: 2 cases judged before the start"
    judged = judge(store, settings, world.run, policy, later)
    preference = next(result for result in judged.analysis.results if result.gate == "preference")
    assert preference.n == 0
    assert preference.reason.startswith("No case is judged yet")
    assert "left out: 2 cases judged before the start" in preference.reason


def test_a_start_is_refused_when_every_case_was_judged_before(store, settings):
    world = make_world(store, NOW)
    judge_pairs(world, "ana", Outcome.CANDIDATE)
    policy = find_policy(settings.policies_folder, "upgrade")
    with pytest.raises(DecisionRefused, match="every case was judged before the start") as refused:
        start(store, judge(store, settings, world.run, policy, NOW), "ana", NOW)
    assert "before anybody judges" in refused.value.remedy
    assert store.decisions.events(world.run.id) == []


def test_another_policy_than_the_one_it_was_started_under_hears_no_verdict(store, settings, judged):
    start(store, judged, "ana", NOW)
    run = judged.evidence.run
    file = settings.policies_folder / "upgrade.toml"
    file.write_text(file.read_text().replace("alpha_sequential = 0.02", "alpha_sequential = 0.2"))
    edited = find_policy(settings.policies_folder, "upgrade")
    found = {r.gate: r.reason for r in judge(store, settings, run, edited, NOW).analysis.results}
    for gate in ("preference", "panel", "quality", "kinds"):
        assert "started under another policy" in found[gate]


def test_what_was_judged_before_the_start_is_not_latched_after_it(store, settings, judged):
    start(store, judged, "ana", NOW)
    stale = replace(judged, rollout=again(store, settings, judged).rollout, over=True)
    assert latch(store, stale, NOW) is stale


def test_whatever_is_stored_changes_the_version_of_the_evidence(store, settings):
    before = store.evidence_version()
    world = make_world(store, NOW)
    drawn = store.evidence_version()
    judge_pairs(world, "ana", {"star": Outcome.TIE})
    assert len({before, drawn, store.evidence_version()}) == 3
    assert store.evidence_version() == store.evidence_version()


def test_a_start_knows_how_many_pictures_may_have_been_met_in_another_run(store):
    run = make_world(store, NOW).run
    assert met_in_words(store.pairs.met_elsewhere(run.id)) is None
    fresh = request_run(store, NOW, seeds=(5, 6))
    finish_all(store, NOW)
    assert met_in_words(store.pairs.met_elsewhere(fresh.id)) is None
    compared = request_run(store, NOW, seeds=(1, 9), kind=RunKind.COMPARE)
    finish_all(store, NOW)
    assert met_in_words(store.pairs.met_elsewhere(run.id)) == (
        "4 of 8 pairs hold a picture that reviewers may have met in another run "
        f"(posters ({compared.id[:12]})); a run with other seeds shows fresh ones"
    )
    again = request_run(store, NOW, seeds=(1, 2, 5))
    finish_all(store, NOW)
    met = store.pairs.met_elsewhere(again.id)
    assert (met.pairs, met.of, [one.id for one in met.runs]) == (12, 12, [run.id, fresh.id, compared.id])


def test_a_reader_whose_clock_is_ahead_of_the_databases_latches_nothing(store, settings, judged):
    start(store, judged, "ana", NOW)
    ahead = NOW + timedelta(days=40)
    seen = judge(store, settings, judged.evidence.run, judged.policy, ahead)
    assert not seen.over
    assert seen.analysis.created_at < ahead
    assert latch(store, seen, ahead).rollout.state is RolloutState.COLLECTING
    by_its_own_clock = replace(seen, over=True, analysis=replace(seen.analysis, created_at=ahead))
    assert latch(store, by_its_own_clock, ahead) is by_its_own_clock
    assert [event.action for event in store.decisions.events(judged.rollout.run_id)] == [RolloutAction.START]
