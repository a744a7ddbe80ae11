"""The commands on a store with a finished run: each answers with one document, and truthfully.

Long: one test or two for every command.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from PIL import Image

from cli.main import run
from core.config.settings import PROJECT
from core.digests import pixel_digest
from core.records import Arm, Outcome, ReviewPlan, TriageLabel
from db.store import Store
from tests.cli.conftest import Sidegrade
from tests.world import World, finish, finish_all, judge, make_world, request_run

POLICY = PROJECT / "policies" / "upgrade.toml"


@pytest.fixture
def world(store: Store, now: datetime) -> World:
    """A run whose eight pairs are finished."""
    return make_world(store, now)


def test_pairs_tells_everything_about_every_pair(world: World, sidegrade: Sidegrade) -> None:
    said = sidegrade("pairs", world.run.id[:12])
    assert said.code == 0
    assert said.document["run"]["id"] == world.run.id
    assert len(said.document["pairs"]) == 8
    for pair in said.document["pairs"]:
        assert {"case", "seed", "renders", "measurements"} <= pair.keys()
        for arm in Arm:
            render = pair["renders"][arm]
            with Image.open(render["path"]) as image:
                assert (image.mode, image.size) == (render["mode"], (render["width"], render["height"]))
                assert pixel_digest(image) == render["digest"]
            assert render["latency_ms"] > 0
        assert {m["check"] for m in pair["measurements"]} == {"lpips", "contract"}


def test_a_failed_render_shows_its_reason_instead_of_a_file(
    store: Store, now: datetime, sidegrade: Sidegrade, capsys: pytest.CaptureFixture[str]
) -> None:
    run_id = request_run(store, now).id
    job = store.jobs.claim("worker-1", limit=1, lease_seconds=60)[0]
    finish(store, job, now, failing=Arm.CANDIDATE)
    assert run(["pairs", run_id]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert "OutOfMemory: out of memory at batch 1 → lower the size" in lines[2]
    pairs = {pair["id"]: pair for pair in sidegrade("pairs", run_id).document["pairs"]}
    render = pairs[job.subject_id]["renders"]["candidate"]
    assert (render["path"], render["failure"]["error"]) == (None, "OutOfMemory")


def test_pairs_of_a_run_that_does_not_exist_offers_the_runs_there_are(
    world: World, sidegrade: Sidegrade
) -> None:
    said = sidegrade("pairs", world.run.id[:-3] + "xyz")
    assert (said.code, said.document["error"]) == (1, "UnknownName")
    assert world.run.id in said.document["message"]


def test_a_verdict_stands_in_the_history_with_its_reasons(world: World, sidegrade: Sidegrade) -> None:
    pair = world.pairs[0]
    said = sidegrade(
        "verdict", pair.id, "--reviewer", "ana", "--outcome", "baseline",
        "--reason", "typography", "--reason", "alpha", "--comment", "letters melt",
    )  # fmt: skip
    assert (said.code, said.document["recorded"]) == (0, True)
    (event,) = world.store.reviews.history(pair.id)
    assert (event.outcome, event.reasons, event.comment) == (
        Outcome.BASELINE,
        ("typography", "alpha"),
        "letters melt",
    )


def test_a_second_verdict_of_the_same_reviewer_changes_nothing(world: World, sidegrade: Sidegrade) -> None:
    pair = world.pairs[0]
    sidegrade("verdict", pair.id, "--reviewer", "ana", "--outcome", "tie")
    said = sidegrade("verdict", pair.id, "--reviewer", "ana", "--outcome", "candidate")
    assert (said.code, said.document["recorded"]) == (0, False)
    assert [event.outcome for event in world.store.reviews.history(pair.id)] == [Outcome.TIE]


def test_a_verdict_is_printed_with_the_purpose_it_is_stored_with(
    store: Store, now: datetime, sidegrade: Sidegrade
) -> None:
    world = make_world(store, now, plan=ReviewPlan(deadline_days=10_000))  # the terminal's clock is today's
    first, second = (pair.id for pair in world.pairs if pair.case_name == "star")
    said = [
        sidegrade("verdict", pair, "--reviewer", who, "--outcome", "tie").document["verdict"]
        for pair, who in ((first, "ana"), (second, "ben"))
    ]
    stored = [world.store.reviews.history(pair)[0].purpose for pair in (first, second)]
    assert [one["purpose"] for one in said] == stored == ["evidence", "overlap"]


def test_small_text_that_a_run_wants_seen_at_one_to_one_is_judged_at_the_desk_alone(
    store: Store, now: datetime, sidegrade: Sidegrade
) -> None:
    world = make_world(store, now, plan=ReviewPlan(look_closer_px=12))
    for pair in world.pairs:
        said = sidegrade("verdict", pair.id, "--reviewer", "ana", "--outcome", "tie")
        small = bool(store.suites.case(pair.case_digest).expected_text)
        assert said.code == int(small)
        if small:
            assert said.document["error"] == "DecisionRefused"
            assert said.document["remedy"] == "judge this pair on the Review page"
            assert store.reviews.history(pair.id) == []


def test_a_pair_without_pictures_cannot_be_judged(store: Store, now: datetime, sidegrade: Sidegrade) -> None:
    pair = store.pairs.of_run(request_run(store, now).id)[0]
    said = sidegrade("verdict", pair.id, "--reviewer", "ana", "--outcome", "tie")
    assert (said.code, said.document["error"]) == (1, "InvalidRequest")
    assert store.reviews.history(pair.id) == []


@pytest.mark.parametrize("outcome", ["better", ""])
def test_an_outcome_that_is_none_is_refused(world: World, sidegrade: Sidegrade, outcome: str) -> None:
    said = sidegrade("verdict", world.pairs[0].id, "--reviewer", "ana", "--outcome", outcome)
    assert (said.code, said.document["error"]) == (2, "UsageError")


def test_gate_answers_with_its_exit_code_and_writes_both_reports(
    world: World, sidegrade: Sidegrade, tmp_path: Path
) -> None:
    junit, markdown = tmp_path / "reports" / "gate.xml", tmp_path / "gate.md"
    said = sidegrade("gate", world.run.id, "--policy", POLICY, "--junit", junit, "--markdown", markdown)
    outcomes = {"successful": 0, "failed": 1, "inconclusive": 2, "error": 3}
    assert said.code == outcomes[said.document["outcome"]]
    assert said.code != 0, "nobody has judged yet"
    assert junit.read_text().startswith("<?xml")
    assert said.document["sentence"].split(":")[0] in markdown.read_text()
    assert world.store.decisions.analyses(world.run.id)[0].id == said.document["id"]


def test_gate_is_an_error_where_a_report_cannot_be_written(
    world: World, sidegrade: Sidegrade, tmp_path: Path
) -> None:
    said = sidegrade("gate", world.run.id, "--policy", POLICY, "--junit", tmp_path)
    assert (said.code, said.document["error"]) == (3, "InvalidRequest")


def test_a_broken_policy_is_an_error_that_names_its_line(
    world: World, sidegrade: Sidegrade, tmp_path: Path
) -> None:
    lines = POLICY.read_text().splitlines()
    number = next(n for n, line in enumerate(lines) if line.startswith("requirement = "))
    lines[number] = 'requirement = "criticl"'
    policy = tmp_path / "policy.toml"
    policy.write_text("\n".join(lines))
    said = sidegrade("gate", world.run.id, "--policy", policy)
    assert said.code == 3
    assert f"line {number + 1}" in said.document["message"]


def test_verdicts_become_a_golden_set_that_can_be_taken_away(
    world: World, sidegrade: Sidegrade, tmp_path: Path
) -> None:
    for reviewer in ("ana", "ben"):
        judge(world, reviewer, Outcome.CANDIDATE)
    assert len(sidegrade("golden", "promote").document["changed"]) == 8
    listed = sidegrade("golden", "list", "--label", "positive", "--tag", "shape").document["entries"]
    assert {entry["case_name"] for entry in listed} == {"circle", "wide"}
    assert {entry["label"] for entry in listed} == {TriageLabel.POSITIVE}
    assert sidegrade("golden", "freeze", "--by", "lea").document["number"] == 1
    exported = sidegrade("golden", "export", tmp_path / "golden").document
    lines = Path(exported["index"]).read_text().splitlines()
    assert (exported["version"], len(lines)) == (1, 8)
    assert (tmp_path / "golden" / json.loads(lines[0])["file"]).exists()


def test_exporting_before_anything_is_frozen_says_what_to_do(world: World, sidegrade: Sidegrade) -> None:
    said = sidegrade("golden", "export", "folder")
    assert (said.code, said.document["remedy"]) == (1, "freeze it first: sidegrade golden freeze")


def test_whoever_starts_a_rollout_cannot_approve_it(world: World, sidegrade: Sidegrade) -> None:
    run_id = world.run.id
    assert sidegrade("rollout", "status", run_id).document["rollout"] is None
    started = sidegrade("rollout", "start", run_id, "--policy", POLICY, "--by", "lea").document
    assert (started["rollout"]["started_by"], started["events"][0]["action"]) == ("lea", "start")
    refused = sidegrade("rollout", "approve", run_id, "--by", "lea")
    assert (refused.code, refused.document["error"]) == (1, "DecisionRefused")
    signed = sidegrade("rollout", "refuse", run_id, "--by", "max", "--note", "not this quarter").document
    assert (signed["rollout"]["state"], signed["rollout"]["note"]) == ("refused", "not this quarter")


def test_a_status_begins_with_where_the_rollout_stands(
    world: World, sidegrade: Sidegrade, capsys: pytest.CaptureFixture[str]
) -> None:
    run_id = world.run.id
    not_started = sidegrade("rollout", "status", run_id).document
    assert not_started["headline"] == "Not started: no verdict counts before the rollout is started"
    started = sidegrade("rollout", "start", run_id, "--policy", POLICY, "--by", "lea").document
    assert started["headline"].split(":")[0] not in ("Yes", "No", "Not yet", "Cannot be told")
    sidegrade("rollout", "refuse", run_id, "--by", "max", "--note", "not this quarter")
    assert sidegrade("rollout", "status", run_id).document["headline"] == "Refused by max: not this quarter"
    assert run(["rollout", "status", run_id]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Refused by max: not this quarter"
    assert lines[1].startswith("Open gates: ")
    assert "Not yet" not in "\n".join(lines[:2])


def test_an_override_needs_the_candidates_name_and_says_what_it_is_against(
    world: World, sidegrade: Sidegrade
) -> None:
    run_id = world.run.id
    sidegrade("rollout", "start", run_id, "--policy", POLICY, "--by", "lea")
    override = ("rollout", "override", run_id, "--by", "max", "--note", "the fair opens on Monday")
    forgotten = sidegrade(*override)
    assert (forgotten.code, forgotten.document["error"]) == (2, "UsageError")
    wrong = sidegrade(*override, "--candidate", "letterpress")
    assert (wrong.code, wrong.document["error"]) == (1, "DecisionRefused")
    assert "expected the candidate's name, 'letterpress-2'" in wrong.document["message"]
    done = sidegrade(*override, "--candidate", "letterpress-2").document
    assert done["rollout"]["state"] == "overridden"
    assert done["headline"].startswith("Ships by override (max) against ")
    assert done["headline"].endswith(" open gates")


def test_gate_names_what_was_decided_before_what_the_evidence_says(
    world: World, sidegrade: Sidegrade, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_id, junit, markdown = world.run.id, tmp_path / "gate.xml", tmp_path / "gate.md"
    alone = sidegrade("gate", run_id, "--policy", POLICY, "--junit", junit, "--markdown", markdown)
    assert alone.document["headline"] is None
    assert "property" not in junit.read_text()
    assert markdown.read_text().startswith("## ⏳ Inconclusive: Not yet: ") or alone.code != 2
    sidegrade("rollout", "start", run_id, "--policy", POLICY, "--by", "lea")
    sidegrade("rollout", "override", run_id, "--by", "max", "--note", "fair", "--candidate", "letterpress-2")
    shipped = sidegrade("gate", run_id, "--policy", POLICY, "--junit", junit, "--markdown", markdown)
    assert shipped.code == alone.code, "the exit code is about the evidence"
    assert shipped.document["headline"].startswith("Ships by override (max)")
    assert 'name="rollout" value="Ships by override (max)' in junit.read_text()
    assert markdown.read_text().startswith("## Rollout: Ships by override (max)")
    run(["gate", run_id, "--policy", str(POLICY)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Rollout: Ships by override (max)")
    assert lines[1].startswith("Evidence now: ")


def test_a_start_says_how_many_pictures_reviewers_may_have_met(
    world: World, store: Store, now: datetime, sidegrade: Sidegrade, capsys: pytest.CaptureFixture[str]
) -> None:
    first = sidegrade("rollout", "start", world.run.id, "--policy", POLICY, "--by", "lea").document
    assert first["pictures_met"] == {"pairs": 0, "of": 8, "runs": []}
    again = request_run(store, now, seeds=(1, 3))
    finish_all(store, now)
    assert run(["rollout", "start", again.id, "--policy", str(POLICY), "--by", "lea"]) == 0
    told = "4 of 8 pairs hold a picture that reviewers may have met in another run "
    told += f"(posters ({world.run.id[:12]}))"
    assert told in capsys.readouterr().out


NO_NAMES = ["policy:easy", "RULE:x", "first start", "max\ufe0f", "m\u0430x", "\u3164", "\u2800"]


@pytest.mark.parametrize("name", NO_NAMES, ids=ascii)
def test_no_command_takes_the_name_of_a_rule_or_of_nobody(
    world: World, sidegrade: Sidegrade, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    start = ("rollout", "start", world.run.id, "--policy", POLICY)
    judge = ("verdict", world.pairs[0].id, "--outcome", "tie", "--reviewer", name)
    for words in ((*start, "--by", name), judge, ("golden", "freeze", "--by", name)):
        said = sidegrade(*words)
        assert (said.code, said.document["error"]) == (1, "InvalidInput")
    sidegrade(*start, "--by", "lea")
    refused = sidegrade("rollout", "refuse", world.run.id, "--by", name, "--note", "no")
    assert (refused.code, refused.document["error"]) == (1, "InvalidInput")
    monkeypatch.setenv("USER", name)
    assert sidegrade("golden", "freeze").document["remedy"].startswith("set SIDEGRADE_REVIEWER")
    monkeypatch.setenv("SIDEGRADE_REVIEWER", name)
    said = sidegrade("golden", "freeze")
    assert (said.code, said.document["error"]) == (1, "InvalidInput")
    assert said.document["message"].startswith("SIDEGRADE_REVIEWER: name:")


@pytest.mark.parametrize("name", ["Ｌea", "𝐋ea", "LEA"])
def test_a_starter_in_another_spelling_cannot_sign(world: World, sidegrade: Sidegrade, name: str) -> None:
    sidegrade("rollout", "start", world.run.id, "--policy", POLICY, "--by", "lea")
    said = sidegrade(
        "rollout", "override", world.run.id, "--by", name, "--note", "ship", "--candidate", "letterpress-2"
    )
    assert (said.code, said.document["error"]) == (1, "DecisionRefused")
    assert "somebody else has to sign" in said.document["message"]


def test_signing_a_rollout_that_nobody_started_is_refused(world: World, sidegrade: Sidegrade) -> None:
    said = sidegrade("rollout", "approve", world.run.id, "--by", "lea")
    assert (said.code, said.document["error"]) == (1, "DecisionRefused")
    assert world.store.decisions.events(world.run.id) == []


def test_an_unknown_render_cannot_be_replayed(world: World, sidegrade: Sidegrade) -> None:
    said = sidegrade("replay", "render_nothing")
    assert (said.code, said.document["error"]) == (1, "UnknownName")


def test_a_word_that_fits_several_images_is_refused(world: World, sidegrade: Sidegrade) -> None:
    said = sidegrade("replay", "star")
    assert (said.code, said.document["error"]) == (1, "InvalidRequest")


@pytest.fixture
def ana(monkeypatch: pytest.MonkeyPatch) -> str:
    """Who is at the terminal."""
    monkeypatch.setenv("SIDEGRADE_REVIEWER", "ana")
    return "ana"


def judged_by(who: str, pair: str, sidegrade: Sidegrade) -> bool:
    """Whether a verdict of this person from the terminal is taken."""
    said = sidegrade("verdict", pair, "--reviewer", who, "--outcome", "tie")
    if said.code:
        assert said.document["error"] == "DecisionRefused"
        assert "you saw which model drew a picture of this pair" in said.document["message"]
    return said.code == 0


def test_pairs_names_models_so_its_reader_judges_none_of_them(
    world: World, sidegrade: Sidegrade, ana: str
) -> None:
    assert "ana can no longer judge 8 pairs blind" in sidegrade("pairs", world.run.id).messages
    assert "no longer" not in sidegrade("pairs", world.run.id).messages
    assert not judged_by(ana, world.pairs[0].id, sidegrade)
    assert judged_by("ben", world.pairs[0].id, sidegrade)


def test_a_replay_names_its_picture(
    world: World, sidegrade: Sidegrade, ana: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    render = world.store.renders.of_pair(world.pairs[0].id)[Arm.BASELINE]
    sidegrade("replay", render.digest)
    assert not judged_by(ana, world.pairs[0].id, sidegrade)
    assert judged_by(ana, world.pairs[1].id, sidegrade)


def test_an_export_of_the_golden_set_names_its_pictures(
    world: World, sidegrade: Sidegrade, ana: str, tmp_path: Path
) -> None:
    for reviewer in ("ben", "cleo"):
        judge(world, reviewer, {"star": Outcome.CANDIDATE})
    sidegrade("golden", "promote")
    sidegrade("golden", "freeze", "--by", "lea")
    said = sidegrade("golden", "export", tmp_path / "golden")
    assert "ana can no longer judge 2 pairs blind" in said.messages
    star = next(pair for pair in world.pairs if pair.case_name == "star")
    other = next(pair for pair in world.pairs if pair.case_name != "star")
    assert not judged_by(ana, star.id, sidegrade)
    assert judged_by(ana, other.id, sidegrade)
