"""The database's file goes while a designer judges: the desk says so and keeps the verdict for later."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import App, Desk

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_verdict_waits_in_the_browser_with_the_reason_until_the_file_is_back(
    app: App, open_desk: Callable[..., Desk]
) -> None:
    desk = open_desk().open().settled()  # the next pairs are there
    file = app.home / "sidegrade.db"
    file.rename(app.home / "away")
    try:
        judged = desk.judge("1")
        desk.says("Not saved yet: sidegrade.db: expected the file that is open")
        unsent = desk.page.locator(".desk .unsent")
        assert unsent.inner_text() == "1 unsent"
        assert "deleted or moved away" in (unsent.get_attribute("title") or "")
        desk.page.goto(f"{app.url}/runs")
        desk.page.get_by_text("Nothing is saved any more").wait_for()
    finally:
        (app.home / "away").rename(file)
    desk.open().all_sent()
    with app.open_store() as store:
        mine = [event for event in store.reviews.current() if event.reviewer == desk.reviewer]
    assert [event.pair_id for event in mine] == [judged]
