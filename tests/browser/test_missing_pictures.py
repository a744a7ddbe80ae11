"""A picture that is gone ends nothing at the desk: its card leads on, a verdict is refused with words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.records import Arm, ReviewFilter
from tests.browser.conftest import App, Desk

pytestmark = pytest.mark.browser

OpenDesk = Callable[..., Desk]
GONE = "A picture of this pair is missing"


def moved_away(app: App, pair_id: str) -> Path:
    """The file of one picture of a pair, under another name."""
    with app.open_store() as store:
        digest = store.renders.of_pair(pair_id)[Arm.CANDIDATE].digest or ""
        return store.blobs.path(digest).rename(store.blobs.path(digest).with_suffix(".away"))


def test_a_missing_picture_has_a_card_that_leads_on_and_no_key_judges_it(
    app: App, open_desk: OpenDesk
) -> None:
    pair = app.pair("plain-07").id
    away = moved_away(app, pair)
    desk = open_desk()
    desk.page.goto(f"{app.url}/?pair={pair}")
    card = desk.page.locator(".desk .stage .message")
    card.get_by_text(GONE).wait_for(state="visible")
    desk.page.locator(".desk .outcome:disabled").first.wait_for(state="attached")
    desk.press("1")
    desk.says("no verdict is taken")
    assert desk.page.locator(".desk .outcome").first.is_disabled()
    card.get_by_role("button", name="Next pair").click()
    desk.ready()
    judged = [desk.judge(key) for key in "34"]
    desk.all_sent()
    with app.open_store() as store:
        mine = {event.pair_id for event in store.reviews.current() if event.reviewer == desk.reviewer}
        assert mine == set(judged)
        asked = store.reviews.queue("another", ReviewFilter(), 100, now=datetime.now(UTC))
        assert pair not in {item.pair_id for item in asked}
    away.rename(away.with_suffix(".png"))
    desk.open(f"?pair={pair}")
    assert desk.judge("1") == pair
    desk.all_sent()
    assert desk.complaints == []


def test_a_verdict_on_a_picture_that_went_while_it_was_looked_at_is_refused_with_words(
    app: App, open_desk: OpenDesk
) -> None:
    desk = open_desk().open()
    pair = desk.pair
    away = moved_away(app, pair)
    desk.press("c")
    desk.page.keyboard.type("the R is broken")
    desk.press("Enter")
    desk.judge("1")
    after = desk.judge("3")
    aside = desk.page.locator(".desk .aside")
    aside.wait_for(state="visible")
    assert "a picture of this pair is missing" in aside.inner_text()
    desk.all_sent()
    with app.open_store() as store:
        mine = [event for event in store.reviews.current() if event.reviewer == desk.reviewer]
    assert [event.pair_id for event in mine] == [after]
    away.rename(away.with_suffix(".png"))
    aside.get_by_role("button", name="Try again").click()
    aside.wait_for(state="hidden")
    desk.all_sent()
    with app.open_store() as store:
        (saved,) = (event for event in store.reviews.history(pair) if event.reviewer == desk.reviewer)
    assert saved.comment == "the R is broken"
