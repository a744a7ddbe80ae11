"""The Runs page: what is asked for, how far it is, what failed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.config.settings import PROJECT
from core.records import Arm, JobState, RunKind
from services.runs import plan_for
from tests.pages.conftest import fine, press, words
from tests.world import SUITE, finish, make_world, request_run

RUNS = "engineers/runs.py"


def test_without_a_worker_the_page_says_how_to_start_one(open_page):
    assert "sidegrade worker" in words(fine(open_page(RUNS)))


def test_a_suite_is_started_on_two_models(open_page, store, now):
    store.suites.save(SUITE, now)
    app = open_page(RUNS)
    app.selectbox[2].set_value("letterpress-turbo")
    app.text_input[0].set_value("1, 2, 5-6")
    press(app, "Start")
    (run,) = store.runs.list()
    assert (run.baseline, run.candidate, run.seeds) == ("letterpress", "letterpress-turbo", (1, 2, 5, 6))
    assert run.requested_by == "ana"
    assert run.plan.look_closer_px == 0
    assert fine(app).query_params["run"] == run.id[:12]


def test_a_run_may_want_its_small_text_seen_at_one_to_one(open_page, store, now):
    store.suites.save(SUITE, now)
    app = open_page(RUNS)
    app.checkbox[0].check()
    press(app, "Start")
    (run,) = store.runs.list()
    assert run.plan == replace(plan_for(SUITE), look_closer_px=16)


@pytest.mark.parametrize("seeds", ["abc", "-1", str(2**64), "", "3-1", "1, 1"])
def test_seeds_that_are_none_are_refused_and_nothing_is_started(open_page, store, now, seeds):
    store.suites.save(SUITE, now)
    app = open_page(RUNS)
    app.text_input[0].set_value(seeds)
    press(app, "Start")
    assert "seed" in words(fine(app))
    assert store.runs.list() == []


def test_a_waiting_run_is_shown_with_its_progress_and_can_be_cancelled(open_page, store, now):
    run = request_run(store, now)
    app = open_page(RUNS)
    assert "0 of 8 pairs · waiting for the first pair" in app.get("progress")[0].proto.text
    press(app, "Cancel what is left")
    assert {job.state for job in store.jobs.of_run(run.id)} == {JobState.CANCELLED}
    fine(app)


def test_a_failure_is_told_once_with_its_kind_message_and_remedy(open_page, store, now):
    run = request_run(store, now)
    for job in store.jobs.claim("worker-1", limit=100, lease_seconds=60):
        finish(store, job, now, failing=Arm.CANDIDATE)
    app = fine(open_page(RUNS))
    assert "out of memory at batch 1\n\n**What to do:** lower the size" in words(app)
    (error,) = app.error
    assert error.proto.title == "OutOfMemory\\: 8 renders"
    press(app, "Try 8 pairs again")
    assert {job.state for job in store.jobs.of_run(run.id)} == {JobState.QUEUED}


def test_a_link_to_a_run_shows_that_run(open_page, store, now):
    old = make_world(store, now).run
    request_run(store, now, kind=RunKind.NOISE_FLOOR)
    app = fine(open_page(RUNS, run=old.id[:12]))
    assert app.query_params["run"] == old.id[:12]
    assert "asked for by lea" in words(app)


def test_a_file_of_prompts_becomes_a_suite_that_can_be_run(open_page, store):
    app = open_page(RUNS)
    app.file_uploader[0].upload("ours.csv", b"prompt\nposter\nstar\n")
    app.text_input[1].set_value("ours")
    press(app, "Import")
    assert "ours holds 2 cases" in words(fine(app)).replace("**", "")
    assert "ours · 2 cases" in app.selectbox[0].options


BROKEN = {
    "cut in half": (PROJECT / "suites" / "starter.toml").read_bytes()[:900],
    "empty": b"",
    "not UTF-8": b'name = "\xff"',
    "nested": b"x = " + b"[" * 20_000,
}


@pytest.mark.parametrize("kind", [*BROKEN, "a folder", "a dangling link"])
def test_a_broken_suite_file_is_named_and_the_others_can_be_started(
    open_page, store, now, tmp_path, monkeypatch, kind
):
    store.suites.save(SUITE, now)
    store.suites.save(replace(SUITE, name="house"), now)  # as its file was at an earlier start
    path = tmp_path / "house.toml"
    if kind == "a folder":
        path.mkdir()
    elif kind == "a dangling link":
        path.symlink_to(tmp_path / "gone")
    else:
        path.write_bytes(BROKEN[kind])
    (tmp_path / "starter.toml").write_bytes((PROJECT / "suites" / "starter.toml").read_bytes())
    monkeypatch.setenv("SIDEGRADE_SUITES", str(tmp_path))
    app = fine(open_page(RUNS))
    assert [option.split(" · ")[0] for option in app.selectbox[0].options] == ["posters", "starter"]
    assert "Left out: " in words(app)
    assert f"mend {path}, or move it out of the folder" in words(app)
    press(app, "Start")
    assert [run.suite for run in store.runs.list()] == ["posters"]
    fine(app)


@pytest.mark.parametrize(
    "line",
    [
        '{"prompt": "a star", "tags": ["\\ud800"]}',
        '{"prompt":' + "[" * 20_000,
        '{"prompt": "x", "width": ' + "9" * 5_000 + "}",
    ],
    ids=["half a pair", "nested", "digits"],
)
def test_a_hostile_line_of_prompts_is_refused_with_its_line_and_stores_nothing(open_page, store, line):
    app = open_page(RUNS)
    app.file_uploader[0].upload("ours.jsonl", line.encode())
    next(one for one in app.text_input if one.label == "Name of the suite").set_value("ours")
    press(app, "Import")
    assert "line 1" in words(fine(app))
    assert store.suites.list() == []
