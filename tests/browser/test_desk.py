"""Designers at the desk, in a real browser: judging, undoing, losing the connection, coming back.

Long: one browser session after the other, each a way through the desk.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Response, Route

from core.records import Outcome, ReviewFilter, TriageEvent, TriageLabel, VerdictAction, VerdictEvent
from tests.browser.conftest import App, Desk

pytestmark = pytest.mark.browser

OpenDesk = Callable[..., Desk]
DATA = re.compile("/api/(?!ui/)")


def verdicts(app: App, desk: Desk, action: VerdictAction = VerdictAction.CAST) -> list[VerdictEvent]:
    """Every event of the desk's reviewer, in the order in which it was stored."""
    with app.open_store() as store:
        (run,) = store.runs.list(limit=1)
        events = [event for pair in store.pairs.of_run(run.id) for event in store.reviews.history(pair.id)]
    mine = [event for event in events if event.reviewer == desk.reviewer and event.action is action]
    return sorted(mine, key=lambda event: event.created_at)


def standing(app: App, desk: Desk) -> list[VerdictEvent]:
    """The desk's reviewer's verdicts that stand."""
    with app.open_store() as store:
        return [event for event in store.reviews.current() if event.reviewer == desk.reviewer]


def test_the_five_outcomes_have_five_keys(app: App, open_desk: OpenDesk) -> None:
    desk = open_desk().open()
    judged = [desk.judge(key) for key in "12345"]
    desk.all_sent()
    assert len(set(judged)) == 5
    stored = {event.pair_id: event for event in standing(app, desk)}
    assert set(stored) == set(judged)
    outcomes = [stored[pair].outcome for pair in judged]
    assert outcomes[2:] == [Outcome.TIE, Outcome.BOTH_BAD, Outcome.CANT_JUDGE]
    for pair, key in zip(judged[:2], "12", strict=True):
        side_a = stored[pair].side_a
        assert side_a is not None
        assert stored[pair].outcome == (side_a if key == "1" else side_a.other).value
    assert desk.complaints == []


def test_reasons_comment_and_the_look_travel_with_the_verdict(app: App, open_desk: OpenDesk) -> None:
    desk = open_desk().open()
    desk.press("Shift+Digit1", "Shift+Digit3", "Shift+Digit4", "Shift+Digit4", "e", "9", "c")
    desk.page.keyboard.type("the R is broken, 1 px")
    desk.press("Enter")
    desk.judge("2")
    desk.all_sent()
    (event,) = standing(app, desk)
    assert (event.reasons, event.comment) == (("typography", "colour"), "the R is broken, 1 px")
    assert {"slider", "side"} <= set(event.look.modes)
    assert event.look.max_zoom >= 1
    assert 0 < event.look.dwell_ms < 60_000


def test_undo_brings_the_pair_back_with_its_words_and_keeps_the_history(
    app: App, open_desk: OpenDesk
) -> None:
    desk = open_desk().open()
    desk.press("Shift+Digit2")
    pair = desk.judge("1")
    desk.press("z")
    desk.says("Taken back")
    assert desk.pair == pair
    chip = desk.page.locator(".desk .chip[data-reason=alpha]")
    assert chip.get_attribute("aria-pressed") == "true"
    desk.judge("3")
    desk.all_sent()
    with app.open_store() as store:
        history = [event for event in store.reviews.history(pair) if event.reviewer == desk.reviewer]
    assert [event.action for event in history] == ["cast", "undo", "cast"]
    assert history[-1].outcome is Outcome.TIE


@pytest.mark.slow
def test_undo_reaches_back_over_a_reload(app: App, open_desk: OpenDesk) -> None:
    desk = open_desk().open()
    pair = desk.judge("4")
    assert pair not in desk.page.url  # at once: a reload must not bring it back
    desk.all_sent()
    desk.page.reload()
    desk.ready()
    assert desk.pair != pair
    desk.press("Control+z")
    desk.says("Taken back")
    desk.page.wait_for_function("pair => window.desk().dataset.pair === pair", arg=pair)
    desk.all_sent()
    assert standing(app, desk) == []


@pytest.mark.slow
def test_later_puts_a_pair_off(open_desk: OpenDesk) -> None:
    desk = open_desk().open()
    first = desk.judge("k")
    assert first not in desk.page.url
    desk.all_sent()
    desk.page.reload()
    desk.ready()
    assert desk.pair != first


def test_names_are_nowhere_until_the_verdict_is_in_and_then_on_request(open_desk: OpenDesk) -> None:
    desk = open_desk()
    answers: list[Response] = []
    desk.page.on("response", lambda answer: answers.append(answer))
    desk.open()
    for key in ("e", "d", "n", "t", "a", "x", "y", ".", "Escape", "m"):
        desk.press(key).settled()
    thumbnails = desk.page.locator(".desk .gallery .thumbs")
    thumbnails.first.wait_for(state="visible")
    desk.press("Escape")
    thumbnails.first.wait_for(state="hidden")
    bodies = [answer.body() for answer in answers if DATA.search(answer.url)]
    text = desk.page.evaluate("() => window.desk().outerHTML + document.body.outerHTML + document.title")
    seen = b"\n".join([*bodies, *desk.received, *(url.encode() for url in desk.urls), text.encode()]).lower()
    assert b"sale now" in seen
    for name in (b"letterpress", b"baseline", b"candidate"):
        found = seen.find(name)
        assert found < 0, seen[max(0, found - 80) : found + 40]
    desk.press("v")
    desk.says("Judge a pair first")
    desk.judge("1")
    desk.press("v")
    panel = desk.page.locator(".desk .drawer")
    panel.get_by_text("letterpress-2", exact=True).wait_for(state="visible")
    assert "LPIPS" in panel.inner_text()


@pytest.mark.slow
def test_a_verdict_whose_names_were_shown_stays(app: App, open_desk: OpenDesk) -> None:
    desk = open_desk().open()
    pair = desk.judge("1")
    desk.press("v")
    panel = desk.page.locator(".desk .drawer", has_text="this verdict stays")
    panel.wait_for(state="visible")
    desk.press("Escape", "z")
    desk.says("Names were shown for this verdict, so it stays")
    assert desk.pair != pair
    desk.page.reload()
    desk.ready().press("z")
    desk.says("Names were shown for this verdict, so it stays")
    assert [event.pair_id for event in standing(app, desk)] == [pair]


@pytest.mark.slow
def test_an_undo_that_comes_too_late_puts_the_verdict_back(app: App, open_desk: OpenDesk) -> None:
    desk = open_desk().open()
    pair = desk.judge("1")
    desk.all_sent()
    with app.open_store() as store:  # the same reviewer looks at the names in another place
        store.reviews.show_names(pair, desk.reviewer, datetime.now(UTC))
    desk.press("z")
    desk.says("Not saved: names were shown")
    desk.page.wait_for_function("pair => window.desk().dataset.pair !== pair", arg=pair)
    assert [event.pair_id for event in standing(app, desk)] == [pair]


def test_a_picture_that_was_named_elsewhere_is_not_judged_and_the_desk_says_where(
    app: App, open_desk: OpenDesk
) -> None:
    desk = open_desk().open()
    pair = desk.pair
    with app.open_store() as store:  # the same reviewer looks at the names in another place
        store.reviews.show_names(pair, desk.reviewer, datetime.now(UTC))
    desk.judge("1")
    desk.says("Not saved: in the run")
    desk.says("a run with other seeds shows fresh pictures")
    assert standing(app, desk) == []
    desk.open(f"?pair={pair}")
    desk.says("No verdict of yours is taken here: in the run")
    desk.open()
    assert desk.pair != pair


def test_the_desk_says_that_verdicts_before_a_rollout_are_no_evidence(open_desk: OpenDesk) -> None:
    desk = open_desk().open()
    assert desk.page.locator(".desk .use").inner_text() == "No evidence: no rollout started"


def test_a_broken_connection_loses_nothing_and_says_how_much_waits(app: App, open_desk: OpenDesk) -> None:
    desk = open_desk().open().settled()  # the next three pairs are there
    app.stop()
    try:
        desk.says("No connection")  # and no dialog of Streamlit's takes the keys
        judged = [desk.judge("1"), desk.judge("2"), desk.judge("3")]
        unsent = desk.page.locator(".desk .unsent")
        unsent.wait_for(state="visible")
        assert unsent.inner_text() == "3 unsent"
    finally:
        app.start()
    desk.all_sent()
    assert sorted(event.pair_id for event in verdicts(app, desk)) == sorted(judged)


def test_votes_wait_in_the_browser_through_a_reload(app: App, open_desk: OpenDesk) -> None:
    desk = open_desk().open()
    desk.page.route("**/api/verdicts", lambda route: route.abort())
    pair = desk.judge("1")
    desk.page.locator(".desk .unsent").wait_for(state="visible")
    desk.page.unroute("**/api/verdicts")
    desk.page.reload()
    desk.ready().all_sent()
    assert [event.pair_id for event in standing(app, desk)] == [pair]


@pytest.mark.slow
def test_a_pair_whose_verdict_waits_is_not_shown_again_after_a_reload(app: App, open_desk: OpenDesk) -> None:
    desk = open_desk().open()
    desk.page.route("**/api/verdicts", lambda route: route.abort())
    first, second = desk.judge("1"), desk.judge("2")
    desk.page.reload()
    desk.ready()
    assert desk.page.locator(".desk .unsent").inner_text() == "2 unsent"
    desk.page.locator(".desk .progress", has_text=re.compile("^2 of ")).wait_for(state="visible")
    desk.page.evaluate(WATCH_PAIRS)
    third = desk.judge("3")
    desk.press("z", "z")
    desk.page.wait_for_function("pair => window.desk().dataset.pair === pair", arg=second)
    desk.judge("4")
    desk.page.unroute("**/api/verdicts")
    desk.all_sent()
    assert first not in desk.page.evaluate("() => window.shownPairs")
    stored = {event.pair_id: event.outcome for event in standing(app, desk)}
    assert set(stored) == {first, second}
    assert stored[second] is Outcome.BOTH_BAD
    assert desk.pair == third
    assert len(verdicts(app, desk)) == 4


WATCH_PAIRS = """
() => {
  const desk = window.desk();
  window.shownPairs = [desk.dataset.pair];
  new MutationObserver(() => window.shownPairs.push(desk.dataset.pair))
    .observe(desk, { attributes: true, attributeFilter: ["data-pair"] });
}
"""


def test_an_answer_that_is_lost_on_the_way_back_does_not_double_the_vote(
    app: App, open_desk: OpenDesk
) -> None:
    desk = open_desk().open()
    lost: list[str] = []

    def lose_the_answer(route: Route) -> None:
        if len(lost) < 2:
            lost.append(route.fetch().text())
            route.abort()
        else:
            route.continue_()

    desk.page.route("**/api/verdicts", lose_the_answer)
    desk.judge("1")
    desk.all_sent()
    assert lost == ['{"saved":true}', '{"saved":false}']
    assert len(verdicts(app, desk)) == 1


def test_every_fast_key_is_a_verdict_through_a_restart_of_the_server(app: App, open_desk: OpenDesk) -> None:
    desk = open_desk().open("?tag=plain")
    for number in range(48):
        if number == 24:
            app.stop()
        desk.press("12345"[number % 5])
        time.sleep(0.05)
        if number == 29:
            app.start()
    progress = desk.page.locator(".desk .progress")
    progress.filter(has_text="48 of 52").wait_for(timeout=60_000)
    desk.all_sent()
    cast = verdicts(app, desk)
    assert len(cast) == 48
    assert len({event.pair_id for event in cast}) == 48


def test_keys_that_run_ahead_of_a_slow_queue_are_verdicts_on_the_pairs_that_come(
    app: App, open_desk: OpenDesk
) -> None:
    desk = open_desk().open("?tag=plain")

    def late(route: Route) -> None:
        time.sleep(0.3)  # holds the browser's events too, so that the keys are pressed in the meantime
        route.continue_()

    desk.page.route("**/api/queue*", late)
    desk.page.keyboard.type("12345" * 7)
    said = desk.page.locator(".desk .stage .message")
    assert "All judged" not in said.inner_text()
    desk.page.locator(".desk .progress").filter(has_text="35 of 52").wait_for(timeout=60_000)
    desk.all_sent()
    assert len({event.pair_id for event in verdicts(app, desk)}) == 35


def test_two_tabs_are_one_reviewer(app: App, open_desk: OpenDesk) -> None:
    desk = open_desk().open()
    twin = open_desk(reviewer=desk.reviewer, context=desk.page.context).open()
    assert twin.pair == desk.pair
    pair = desk.judge("1")
    desk.all_sent()
    twin.judge("2")
    twin.says("your first verdict stands")
    twin.all_sent()
    assert [event.pair_id for event in verdicts(app, desk)] == [pair]


def test_the_wrong_size_needs_a_yes_before_the_verdict_counts(app: App, open_desk: OpenDesk) -> None:
    pair = app.pair("sizes").id
    desk = open_desk().open(f"?pair={pair}")
    desk.press("1")
    question = desk.page.locator(".desk .question")
    question.wait_for(state="visible")
    assert "160×120" in question.inner_text()
    assert "120×90" in question.inner_text()
    assert desk.pair == pair
    desk.press("Enter")
    desk.page.wait_for_function("pair => window.desk().dataset.pair !== pair", arg=pair)
    desk.all_sent()
    (event,) = standing(app, desk)
    assert event.look.acknowledged_size_difference is True


def test_a_pin_marks_the_spot_by_mouse_and_by_keyboard(app: App, open_desk: OpenDesk) -> None:
    desk = open_desk().open("?mode=side")
    stage = desk.page.locator(".desk .stage")
    box = stage.bounding_box()
    assert box is not None
    desk.press("p")
    x, y = box["x"] + box["width"] * 0.75, box["y"] + box["height"] * 0.5
    desk.page.mouse.move(x, y)
    desk.page.mouse.down()
    desk.page.mouse.move(x + 60, y + 40)
    desk.page.mouse.up()
    desk.page.locator(".desk .pin-form .chip", has_text="Artefact").click()
    desk.page.locator(".desk .pin-form textarea").fill("halo")
    desk.press("Enter", "p", "ArrowLeft", "ArrowUp", "Enter")
    desk.page.keyboard.type("kerning")
    desk.press("Enter")
    desk.judge("4")
    desk.all_sent()
    (event,) = standing(app, desk)
    by_mouse, by_keys = event.pins
    assert event.side_a is not None
    assert (by_mouse.arm, by_mouse.reason, by_mouse.text) == (event.side_a.other, "artefact", "halo")
    assert 0 < by_mouse.width < 1
    assert 0.4 < by_mouse.x < 0.6
    assert (by_keys.width, by_keys.height, by_keys.text) == (0, 0, "kerning")


@pytest.mark.slow
def test_single_keys_can_be_switched_off(app: App, open_desk: OpenDesk) -> None:
    desk = open_desk().open()
    desk.press("?")
    desk.page.get_by_label("Single keys judge").uncheck()
    desk.press("Escape", "1", "e", "z").settled()
    assert desk.page.locator(".desk .stage").get_attribute("data-mode") == "slider"
    assert standing(app, desk) == []
    desk.page.locator(".desk .outcome").first.click()
    desk.all_sent()
    assert len(standing(app, desk)) == 1


def test_every_command_is_a_button_of_the_help_sheet(open_desk: OpenDesk) -> None:
    desk = open_desk().open().press("?")
    desk.page.get_by_role("button", name="Next difference").click()
    desk.says("Difference 1 of")
    desk.press("?")
    desk.page.get_by_role("button", name="Pixel probe").click()
    desk.page.locator(".desk .probe").wait_for(state="visible")


def test_small_text_is_judged_at_one_to_one_where_the_plan_wants_it(app: App, open_desk: OpenDesk) -> None:
    desk = open_desk(viewport={"width": 320, "height": 320}, device_scale_factor=0.5)  # no room for all of it

    def want_it(route: Route) -> None:
        answer = route.fetch()
        words = answer.json()
        for item in words["items"]:
            item["needs_one_to_one"] = True
        route.fulfill(response=answer, json=words)

    desk.page.route("**/api/queue*", want_it)
    desk.open()
    pair = desk.pair
    desk.press("1")
    desk.page.locator(".desk .question", has_text="look at it at 1:1").wait_for(state="visible")
    assert standing(app, desk) == []
    desk.press("Enter")
    assert desk.page.locator(".desk .zoom").inner_text() == "100%"
    desk.judge("1")
    desk.all_sent()
    (event,) = standing(app, desk)
    assert event.pair_id == pair
    assert event.look.max_zoom >= 1


def test_a_render_is_compared_with_the_positive_that_is_closest_to_it(app: App, open_desk: OpenDesk) -> None:
    pair = app.pair("plain-05")
    with app.open_store() as store:
        now = datetime.now(UTC)
        render = store.reviews.item(pair.id, "lea", now).a
        store.golden.triage(
            TriageEvent(
                uuid="plain-05",
                case_digest=pair.case_digest,
                render_digest=str(render.digest),
                label_before=TriageLabel.UNTRIAGED,
                label_after=TriageLabel.POSITIVE,
                by="lea",
                created_at=now,
            )
        )
    desk = open_desk().open(f"?pair={pair.id}")
    desk.press("y")
    desk.says("A beside its closest golden positive")
    assert desk.page.locator(".desk .corner.b").inner_text() == "Positive"
    desk.press("y", "y")
    desk.says("Back to the pair")
    assert desk.pair == pair.id


def test_a_held_key_is_one_verdict(app: App, open_desk: OpenDesk) -> None:
    desk = open_desk().open()
    for _ in range(6):
        desk.page.keyboard.down("1")
    desk.page.keyboard.up("1")
    desk.all_sent()
    assert len(standing(app, desk)) == 1


@pytest.mark.slow
def test_forty_pairs_in_one_sitting_by_keyboard_alone(app: App, open_desk: OpenDesk) -> None:
    desk = open_desk().open("?tag=plain")
    judged: list[str] = []
    for number in range(40):
        if number % 13 == 5:
            desk.press("z")
            assert desk.pair == judged.pop()
        if number == 20:
            desk.all_sent()
            desk.page.reload()
            desk.ready()
        if number % 11 == 3:
            desk.press("e", "p", "ArrowRight", "Enter")
            desk.page.keyboard.type("here")
            desk.press("Enter")
        judged.append(desk.judge("12345"[number % 5]))
    desk.all_sent()
    events = {event.pair_id: event for event in standing(app, desk)}
    assert set(events) == set(judged)
    assert sum(bool(event.pins) for event in events.values()) >= 3
    desk.press("m")
    desk.page.locator(".desk .gallery .total").wait_for(state="visible")


def choose_filter(desk: Desk, tag: str, size: str) -> Locator:
    """The gallery, open at a tag."""
    desk.press("m")
    gallery = desk.page.locator(".desk .gallery")
    gallery.locator(".choice", has_text=tag).click()
    gallery.locator(".total", has_text=size).wait_for()
    return gallery


def test_the_gallery_filters_and_hands_its_filter_to_the_desk(open_desk: OpenDesk, app: App) -> None:
    desk = open_desk().open()
    choose_filter(desk, "special", "4 pairs").get_by_role("button", name="Judge these").click()
    desk.ready()
    special = {app.pair(name).id for name in ("same", "clear", "sizes", "dot")}
    assert desk.pair in special
    desk.page.wait_for_url(re.compile("tag=special"))
    desk.page.reload()
    desk.ready()
    assert desk.pair in special


def test_a_key_pressed_while_a_filter_loads_waits_for_its_pair(open_desk: OpenDesk, app: App) -> None:
    desk = open_desk().open()
    gallery = choose_filter(desk, "alpha", "1 pair")
    held: list[Route] = []
    desk.page.route("**/api/queue?*tag=alpha*", lambda route: held.append(route))
    gallery.get_by_role("button", name="Judge these").click()
    desk.page.locator(".desk .message", has_text="Loading the pairs").wait_for(state="visible")
    assert desk.pair == ""
    desk.press("3")
    held[0].continue_()
    desk.page.get_by_role("heading", name="All judged").wait_for()
    desk.all_sent()
    assert [event.pair_id for event in standing(app, desk)] == [app.pair("clear").id]
    assert "pair=" not in desk.page.url


@pytest.mark.slow
def test_a_browser_that_wants_no_more_addresses_stops_no_vote(app: App, open_desk: OpenDesk) -> None:
    desk = open_desk().open().settled()
    desk.page.evaluate(REFUSING)
    judged = [desk.judge("1"), desk.judge("2")]
    desk.all_sent()
    assert {event.pair_id for event in standing(app, desk)} == set(judged)
    desk.page.evaluate("() => { delete history.replaceState; }")
    desk.page.wait_for_url(re.compile(desk.pair))
    assert desk.complaints == []


REFUSING = """
() => { history.replaceState = () => { throw new DOMException("too many", "SecurityError"); }; }
"""


def test_a_whole_filter_is_labelled_and_taken_back(open_desk: OpenDesk) -> None:
    desk = open_desk().open()
    gallery = choose_filter(desk, "special", "4 pairs")
    gallery.get_by_role("button", name="Label all").click()
    gallery.get_by_role("button", name="Both renders are right").click()
    gallery.locator(".confirm", has_text="7 labels changed").wait_for()  # "same" has one render on both sides
    gallery.get_by_role("button", name="Undo").click()
    desk.says("7 labels taken back")


FAIL = {
    "error": "InternalError",
    "message": "Sidegrade met an error of its own (KeyError)",
    "remedy": "try again",
}


def planted(desk: Desk, uuid: str, task: str) -> str:
    """A script that leaves an event of an earlier page in the browser: the oldest, of a verdict."""
    event = {"kind": "verdict", "uuid": uuid, "task": task, "outcome": "a", "comment": "planted words"}
    key = f"sidegrade.outbox.{desk.reviewer}.000000000000001.000001"
    once = "if (sessionStorage.planted) return; sessionStorage.planted = 1;"
    return f"(() => {{ {once} localStorage.setItem({key!r}, {json.dumps(json.dumps(event))}); }})()"


def test_one_verdict_that_the_server_fails_over_is_set_aside_and_the_three_after_it_are_saved(
    app: App, open_desk: OpenDesk
) -> None:
    desk = open_desk()
    with app.open_store() as store:
        (run,) = store.runs.list(limit=1)
        (item,) = store.reviews.queue(desk.reviewer, ReviewFilter(run_id=run.id), 1, now=datetime.now(UTC))
    uuid, answers = str(uuid4()), []

    def failing(route: Route) -> None:
        if json.loads(route.request.post_data or "{}")["uuid"] == uuid and len(answers) < 3:
            answers.append(500)
            route.fulfill(status=500, json=FAIL)
        else:
            route.continue_()

    desk.page.route("**/api/verdicts", failing)
    desk.page.add_init_script(planted(desk, uuid, item.task))
    desk.open()
    judged = [desk.judge("1"), desk.judge("2"), desk.judge("3")]
    aside = desk.page.locator(".desk .aside")
    aside.wait_for(state="visible")
    said = aside.locator("span").inner_text()
    assert said == "1 verdict could not be saved: Sidegrade met an error of its own (KeyError)."
    desk.all_sent()
    assert answers == [500, 500, 500]
    assert {event.pair_id for event in standing(app, desk)} == set(judged)
    assert item.pair_id not in judged

    desk.page.reload()  # it is kept, and still holds up nothing
    desk.ready()
    aside.wait_for(state="visible")
    judged.append(desk.judge("4"))
    desk.all_sent()
    assert {event.pair_id for event in standing(app, desk)} == set(judged)

    aside.get_by_role("button", name="Try again").click()
    aside.wait_for(state="hidden")
    desk.all_sent()
    (saved,) = (event for event in standing(app, desk) if event.uuid == uuid)
    assert (saved.pair_id, saved.comment) == (item.pair_id, "planted words")
    assert desk.complaints == []


def test_a_refused_verdict_can_be_taken_elsewhere_before_it_is_let_go(app: App, open_desk: OpenDesk) -> None:
    desk = open_desk().open()
    words = {"error": "UnknownName", "message": "unknown task 't'; nothing has that name", "remedy": ""}
    desk.page.route("**/api/verdicts", lambda route: route.fulfill(status=404, json=words))
    desk.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.press("c")
    desk.page.keyboard.type("the R is broken")
    desk.press("Enter")
    pair = desk.judge("1")
    aside = desk.page.locator(".desk .aside")
    aside.wait_for(state="visible")
    assert "1 verdict could not be saved: unknown task 't'" in aside.inner_text()
    aside.get_by_role("button", name="Copy").click()
    desk.says("Words copied")
    copied = desk.page.evaluate("() => navigator.clipboard.readText()")
    assert f"Pair {pair}: " in copied
    assert "A is better\nComment: the R is broken" in copied
    aside.get_by_role("button", name="Discard").click()
    aside.get_by_role("button", name="Discard for good").click()
    aside.wait_for(state="hidden")
    desk.all_sent()
    assert standing(app, desk) == []


def test_half_an_emoji_in_a_comment_holds_up_nothing(app: App, open_desk: OpenDesk) -> None:
    desk = open_desk().open()
    desk.press("c")
    desk.page.evaluate(HALF_AN_EMOJI)
    judged = [desk.judge(key) for key in "1234"]
    desk.all_sent()
    stored = {event.pair_id: event.comment for event in standing(app, desk)}
    assert set(stored) == set(judged)
    assert stored[judged[0]] == "nice \ufffd"


HALF_AN_EMOJI = """
() => {
  const field = window.desk().querySelector(".ballot textarea");
  field.value = "nice \\ud83d";
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.blur();
}
"""
