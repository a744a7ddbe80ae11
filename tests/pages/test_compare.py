"""The Compare page: one prompt on two models, an ordinary pair, and what must not be spoiled."""

from __future__ import annotations

import pytest

from core.errors import DecisionRefused
from core.records import Arm, Outcome, RunKind
from tests.pages.conftest import fine, insist, press, words
from tests.world import SUITE, finish, finish_all, judge, make_world, request_run, verdict

COMPARE = "designers/compare.py"
PROMPT = 'poster, exact text: "OPEN LATE", white on teal'


def ask(app, *, prompt=PROMPT, seed="7", size="256×128"):
    app.text_area[0].set_value(prompt)
    app.text_input[1].set_value(seed)
    app.selectbox[2].set_value(size)
    press(app, "Compare")
    return fine(app)


def test_a_prompt_becomes_a_pair_that_waits_in_front_of_the_queue(open_page, store):
    app = ask(open_page(COMPARE))
    (run,) = store.runs.list(kind=RunKind.COMPARE)
    (pair,) = store.pairs.of_run(run.id)
    case = store.suites.case(pair.case_digest)
    assert (case.prompt, pair.seed, str(case.size)) == (PROMPT, 7, "256×128")
    assert [line.text for line in case.expected_text] == ["OPEN LATE"]
    assert app.query_params["pair"] == pair.id
    assert app.get("progress")[0].proto.text == "Waiting for a worker"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"prompt": ""}, "prompt"),
        ({"prompt": "x" * 20_000}, "characters"),
        ({"prompt": "a\x07b"}, "control character"),
        ({"seed": "-1"}, "seed"),
        ({"seed": str(2**64)}, "seed"),
        ({"seed": "abc"}, "seed"),
    ],
)
def test_what_no_model_could_draw_is_refused_in_words(open_page, store, asked, told):
    app = ask(open_page(COMPARE), **asked)
    assert told in words(app)
    assert store.runs.list() == []


@pytest.mark.parametrize("prompt", ["شعار، نص", "🎉 party", 'say "hi" and `x` ![a](b)'])
def test_emoji_right_to_left_text_and_quotes_are_ordinary_prompts(open_page, store, prompt):
    ask(open_page(COMPARE), prompt=prompt)
    assert len(store.runs.list()) == 1


def test_a_finished_comparison_shows_its_checks_and_the_ways_on(open_page, store, now):
    ask(open_page(COMPARE))
    (job,) = store.jobs.claim("worker-1", limit=1, lease_seconds=60)
    finish(store, job, now)
    app = fine(open_page(COMPARE, pair=job.subject_id))
    assert "baseline 100 ms · candidate 80 ms · 20% faster · same initial noise" in words(app)
    assert {link.proto.label for link in app.get("page_link")} == {
        "Replay the baseline", "Replay the candidate"
    }  # fmt: skip
    assert "LPIPS" in words(app)


def test_a_failed_arm_says_why_and_can_be_tried_again(open_page, store, now):
    ask(open_page(COMPARE))
    (job,) = store.jobs.claim("worker-1", limit=1, lease_seconds=60)
    finish(store, job, now, failing=Arm.CANDIDATE)
    app = fine(open_page(COMPARE, pair=job.subject_id))
    assert "lower the size" in words(app)
    press(app, "Try again")
    assert store.jobs.get(job.id).state.value == "queued"


def test_the_case_of_a_comparison_is_added_to_a_stored_suite(open_page, store, now):
    store.suites.save(SUITE, now)
    ask(open_page(COMPARE))
    (job,) = store.jobs.claim("worker-1", limit=1, lease_seconds=60)
    finish(store, job, now)
    app = open_page(COMPARE, pair=job.subject_id)
    press(app, "Add")
    assert "posters holds 5 cases now" in words(fine(app)).replace("**", "")
    assert store.suites.get("posters").cases[-1].prompt == PROMPT


def test_a_pair_of_a_suite_is_not_unblinded_before_one_has_judged_it(open_page, store, now):
    world = make_world(store, now)
    pair = world.pairs[0]
    app = fine(open_page(COMPARE, pair=pair.id))
    assert "You have not judged this pair yet" in words(app)
    assert not app.get("table")
    assert not store.reviews.names_shown(pair.id, "ana")
    judge(world, "ana", Outcome.TIE)
    app = fine(open_page(COMPARE, pair=pair.id))
    assert app.get("table")
    assert "Judge it blind" not in {link.proto.label for link in app.get("page_link")}
    (verdict,) = store.reviews.current(pair_id=pair.id)
    with pytest.raises(DecisionRefused, match="names were shown for this verdict"):
        store.reviews.undo("u1", verdict.uuid, "ana", now)


def test_a_pair_whose_names_were_asked_for_all_the_same_is_judged_by_others(open_page, store, now):
    world = make_world(store, now)
    pair = world.pairs[0]
    app = open_page(COMPARE, pair=pair.id)
    next(one for one in app.toggle if one.label == "Show it all the same").set_value(True).run()
    assert fine(app).get("table")
    with pytest.raises(DecisionRefused, match="before you judged it"):
        store.reviews.record(verdict(pair, "ana", Outcome.TIE, now))
    assert store.reviews.record(verdict(pair, "ben", Outcome.TIE, now))


def test_a_link_to_a_pair_that_does_not_exist_says_so(open_page):
    assert "pair" in words(fine(open_page(COMPARE, pair="pair_0")))


def test_a_comparison_names_its_pictures_and_is_judged_blind_by_others(open_page, store, now):
    run = request_run(store, now, kind=RunKind.COMPARE)
    finish_all(store, now)
    pair = store.pairs.of_run(run.id)[1]
    app = fine(open_page(COMPARE, pair=pair.id))
    assert app.get("table")
    with pytest.raises(DecisionRefused, match=f"in the run posters .{run.id[:12]}."):
        store.reviews.record(verdict(pair, "ana", Outcome.TIE, now))
    assert store.reviews.record(verdict(pair, "ben", Outcome.TIE, now))


def test_a_comparison_that_draws_the_pictures_of_a_suite_is_asked_about_first(open_page, store, now):
    world = make_world(store, now)
    run = request_run(store, now, kind=RunKind.COMPARE)
    finish_all(store, now)
    pair = store.pairs.of_run(run.id)[0]
    app = fine(open_page(COMPARE, pair=pair.id))
    assert "You may still judge these pictures blind" in words(app)
    assert f"1 other pair, of posters ({world.run.id[:12]})" in words(app)
    assert not app.get("table")
    assert insist(app).get("table")
    twin = next(one for one in world.pairs if (one.case_name, one.seed) == (pair.case_name, pair.seed))
    with pytest.raises(DecisionRefused, match=f"in the run posters .{run.id[:12]}."):
        store.reviews.record(verdict(twin, "ana", Outcome.TIE, now))


def test_the_question_about_one_pair_is_not_answered_for_the_next(open_page, store, now):
    world = make_world(store, now)
    app = insist(open_page(COMPARE, pair=world.pairs[0].id))
    app.query_params["pair"] = world.pairs[1].id
    assert not fine(app.run()).get("table")
    assert not store.reviews.names_shown(world.pairs[1].id, "ana")


def test_the_wall_of_comparisons_shows_no_picture_that_may_be_judged_blind(
    open_page, store, now, monkeypatch
):
    shown = []
    monkeypatch.setattr(
        "pages.components.gallery._gallery",
        lambda **words: shown.append(words["data"]) or type("P", (), {"picked": None}),
    )
    make_world(store, now)
    run = request_run(store, now, kind=RunKind.COMPARE, seeds=(1,))
    finish_all(store, now)
    fine(open_page(COMPARE))
    assert shown == []
    judge(make_world(store, now), "ana", Outcome.TIE)
    fine(open_page(COMPARE))
    assert [tile["id"] for tile in shown[0]["tiles"]] == [store.pairs.of_run(run.id)[0].id]
    assert store.reviews.names_shown(store.pairs.of_run(run.id)[0].id, "ana")
