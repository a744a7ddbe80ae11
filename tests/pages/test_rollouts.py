"""The Rollouts page: the sentence first, every gate, and who may sign what.

Long: every state of a rollout as its page shows it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.config.settings import PROJECT
from core.records import Arm, Outcome, RolloutAction
from pages.components import rollouts
from tests.pages.conftest import fine, press, words
from tests.world import finish, finish_all, judge, make_world, request_run

ROLLOUTS = "leads/rollouts.py"


def start(app):
    button = next(one for one in app.button if one.label.startswith("Start under"))
    button.click().run()
    return fine(app)


def headline(app):
    return app.header[0].value.replace("\\", "")


def test_the_page_begins_with_one_sentence_and_shows_every_gate(open_page, store, now):
    world = make_world(store, now)
    judge(world, "ana", Outcome.CANDIDATE)
    app = fine(open_page(ROLLOUTS))
    assert headline(app).startswith("Not started: ")
    said = words(app)
    assert "The evidence is still open: " in said
    for gate in ("Contract", "Delivery", "Transparency", "Text", "Latency", "Cost", "Preference", "Panel"):
        assert f"**{gate}**" in said


def test_a_plan_with_few_cases_says_what_it_will_miss(open_page, store, now):
    make_world(store, now)
    assert "misses" in words(fine(open_page(ROLLOUTS)))


def test_before_the_start_the_page_says_that_no_verdict_counts_and_what_the_given_ones_cost(
    open_page, store, now
):
    world = make_world(store, now)
    judge(world, "ana", {"sale-now": Outcome.CANDIDATE})
    app = fine(open_page(ROLLOUTS))
    said = words(app)
    assert "no verdict counts before the rollout is started" in app.header[0].value
    assert "1 of 4 planned cases have been judged already" in said.replace("1 planned case", "1")
    assert "decides on the other 3" in said
    assert "How the evidence grew" not in said
    start(app)
    assert "left out: 1 case judged before the start" in words(open_page(ROLLOUTS)).replace("\\", "")


def test_a_guardrail_that_found_nothing_is_not_said_to_pass(open_page, store, now):
    make_world(store, now)
    said = words(fine(open_page(ROLLOUTS)))
    assert "no harm found" in said.split("**Kinds of cases**")[1][:80]


def test_a_start_fixes_the_policy_and_keeps_its_text(open_page, store, now):
    run = make_world(store, now).run
    start(open_page(ROLLOUTS))
    event = store.decisions.events(run.id)[0]
    assert (event.action, event.by) == (RolloutAction.START, "ana")
    stored = store.decisions.analyses(run.id)
    assert event.policy_digest in {analysis.policy_digest for analysis in stored}


def test_a_policy_file_that_was_edited_since_the_start_is_told_key_by_key(
    open_page, store, now, tmp_path, monkeypatch
):
    make_world(store, now)
    start(open_page(ROLLOUTS))
    shipped = (PROJECT / "policies" / "upgrade.toml").read_text()
    (tmp_path / "upgrade.toml").write_text(shipped.replace("margin = 0.10", "margin = 0.20"))
    monkeypatch.setenv("SIDEGRADE_POLICIES", str(tmp_path))
    said = words(fine(open_page(ROLLOUTS))).replace("\\", "")
    assert "gates.small-text.margin: 0.1 → 0.2" in said


def test_who_started_cannot_approve_and_the_page_says_why(open_page, store):
    make_world(store, datetime.now(UTC))
    app = start(open_page(ROLLOUTS))
    assert next(one for one in app.button if one.label.startswith("Approve")).disabled
    assert "Approval opens once every gate that must pass has passed" in words(app)


def test_a_refusal_needs_a_reason_and_ends_the_rollout(open_page, store, now):
    run = make_world(store, now).run
    app = start(open_page(ROLLOUTS))
    press(app, "Refuse as ana")
    assert "expected a name and a reason" in words(app)
    app.text_area[0].set_value("brand says no")
    press(app, "Refuse as ana")
    assert "Refused by ana" in words(fine(app))
    assert headline(app) == "Refused by ana: brand says no"
    assert "Not yet" not in words(app)
    assert "As it was decided" in words(app)
    assert store.decisions.events(run.id)[-1].note == "brand says no"


def reasoned(open_page):
    """The page as its reader sees it, the reason of an override typed."""
    app = fine(open_page(ROLLOUTS))
    (reason,) = (one for one in app.text_area if one.label == "Reason")
    reason.set_value("the campaign starts on Monday")
    return app


def ship(app, typed):
    """Send the override with this name of the candidate."""
    app.text_input[0].set_value(typed)
    next(one for one in app.button if one.label.startswith("Ship ")).click().run()
    return fine(app)


def test_an_override_by_a_second_person_stays_an_override(open_page, store, now, monkeypatch):
    run = make_world(store, now).run
    start(open_page(ROLLOUTS))
    monkeypatch.setenv("SIDEGRADE_REVIEWER", "ben")
    app = ship(reasoned(open_page), "letterpress-2")
    said = words(app)
    assert "Overridden by ben" in said
    assert "Approved" not in said
    assert headline(app).startswith("Ships by override (ben) against ")
    assert "Preference" in said.split("Open gates: ")[1].split("\n")[0]
    event = store.decisions.events(run.id)[-1]
    assert (event.action, event.note) == (RolloutAction.OVERRIDE, "the campaign starts on Monday")


def test_an_override_lists_what_is_against_it_and_wants_the_name(open_page, store, now, monkeypatch):
    def signed():
        return RolloutAction.OVERRIDE in {event.action for event in store.decisions.events(run.id)}

    run = make_world(store, now).run
    start(open_page(ROLLOUTS))
    monkeypatch.setenv("SIDEGRADE_REVIEWER", "ben")
    app = reasoned(open_page)
    against = words(app).split("letterpress-2 then **ships**")[1]
    assert "- **Preference** not decided (must pass)" in against
    assert "- **Contract** not decided (must pass, no waiver)" in against
    assert "- **Kinds of cases**" not in against
    for typed in ("", "letterpress"):
        said = words(ship(app, typed))
        assert "expected the candidate's name, 'letterpress-2', typed to confirm it" in said
        assert f"got '{typed}'" in said
        assert not signed()
    ship(app, "letterpress-2")
    assert signed()


def test_who_started_is_told_why_an_override_is_not_hers(open_page, store, now):
    make_world(store, now)
    app = start(open_page(ROLLOUTS))
    assert "ana started this rollout, so somebody else has to sign it" in words(app)
    assert not app.text_input


def test_an_undecided_end_does_not_sound_as_if_more_could_come(open_page, store, now, monkeypatch):
    make_world(store, now)
    monkeypatch.setattr("pages.components.session.now", lambda: now + timedelta(minutes=5))
    start(open_page(ROLLOUTS))
    monkeypatch.setattr("pages.components.session.now", lambda: now + timedelta(days=31))
    rollouts._judged.clear()
    app = fine(open_page(ROLLOUTS))
    assert headline(app) == "Undecided, final: it does not ship"
    said = words(app)
    assert "Open gates: " in said
    for hope in ("Not yet", "would settle it", "more needed", "will hardly settle", "is judged yet"):
        assert hope not in said, hope
    assert "undecided, and no verdict could change it any more" in said


def test_what_the_evidence_says_is_latched_by_whoever_looks(open_page, store):
    now = datetime.now(UTC)  # evidence grows stale, and the page reads the clock
    run = request_run(store, now)
    for job in store.jobs.claim("worker-1", limit=100, lease_seconds=60):
        finish(store, job, now, failing=Arm.CANDIDATE)
    app = start(open_page(ROLLOUTS))
    assert "Rejected by the evidence" in words(app)
    assert headline(app) == "Rejected: the candidate failed to deliver in 8 of 8 pictures"
    assert [event.action for event in store.decisions.events(run.id)] == [
        RolloutAction.START, RolloutAction.DECIDE
    ]  # fmt: skip
    assert "approve" not in store.decisions.events(run.id)[-1].by


def test_a_decided_rollout_keeps_what_it_was_decided_on(open_page, store, monkeypatch):
    now = datetime.now(UTC)
    request_run(store, now)
    for job in store.jobs.claim("worker-1", limit=100, lease_seconds=60):
        finish(store, job, now, failing=Arm.CANDIDATE)
    start(open_page(ROLLOUTS))
    sentence = open_page(ROLLOUTS).header[0].value
    later = now + timedelta(days=200)  # all of the evidence is stale by then
    monkeypatch.setattr("pages.components.session.now", lambda: later)
    rollouts._judged.clear()
    app = fine(open_page(ROLLOUTS))
    assert app.header[0].value == sentence
    assert sentence.startswith("Rejected")
    assert "As it was decided" in words(app)


def test_before_the_start_the_page_says_which_pictures_reviewers_may_have_met(open_page, store, now):
    first = make_world(store, now).run
    again = request_run(store, now, seeds=(2, 3))
    finish_all(store, now)
    app = fine(open_page(ROLLOUTS, run=again.id[:12]))
    told = f"4 of 8 pairs hold a picture that reviewers may have met in another run (posters ({first.id[:12]}"
    assert told in words(app)
    assert "may have met" not in words(start(app))


BROKEN = {
    "cut": b'title = "House',
    "empty": b"",
    "not UTF-8": b'title = "\xff"',
    "nested": b"x = " + b"[" * 20_000,
    "another file": b'name = "starter"',
}


def policies_with(tmp_path, monkeypatch, broken, *, shipped=True):
    """A folder of policies in which ``house`` is broken; None: a folder of that name."""
    if shipped:
        (tmp_path / "upgrade.toml").write_text((PROJECT / "policies" / "upgrade.toml").read_text())
    if broken is None:
        (tmp_path / "house.toml").mkdir()
    else:
        (tmp_path / "house.toml").write_bytes(broken)
    monkeypatch.setenv("SIDEGRADE_POLICIES", str(tmp_path))


@pytest.mark.parametrize("kind", [*BROKEN, "a folder"])
def test_a_broken_policy_file_is_left_out_and_named_and_the_others_judge(
    open_page, store, now, tmp_path, monkeypatch, kind
):
    make_world(store, now)
    policies_with(tmp_path, monkeypatch, BROKEN.get(kind))
    app = fine(open_page(ROLLOUTS, policy="house"))
    assert app.selectbox[1].options == ["Another model (upgrade)"]
    assert "Left out: " in words(app)
    assert f"mend {tmp_path}/house.toml" in words(app)
    assert fine(start(app))


def test_without_any_policy_the_page_says_so_and_nothing_can_be_started(
    open_page, store, now, tmp_path, monkeypatch
):
    make_world(store, now)
    policies_with(tmp_path, monkeypatch, BROKEN["cut"], shipped=False)
    app = fine(open_page(ROLLOUTS))
    assert "No policy to judge by" in words(app)
    assert "house.toml" in words(app)
    assert not [button for button in app.button if button.label.startswith("Start")]


def test_a_started_rollout_keeps_its_policy_although_the_file_is_broken_since(
    open_page, store, now, tmp_path, monkeypatch
):
    make_world(store, now)
    start(open_page(ROLLOUTS))
    policies_with(tmp_path, monkeypatch, b"", shipped=False)
    (tmp_path / "upgrade.toml").write_text('title = "cut')
    said = words(fine(open_page(ROLLOUTS)))
    assert "Policy, fixed at the start" in said
    assert "Another model (upgrade)" in said
