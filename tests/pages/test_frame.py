"""The frame: who is reviewing, and that every page opens on an empty and on a filled home."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.records import Outcome
from tests.pages.conftest import FRAME, TIMEOUT_S, fine, words
from tests.world import judge, make_world

PAGES = sorted(
    str(path.relative_to(FRAME.parent))
    for path in FRAME.parent.glob("*s/*.py")
    if path.parent.name in ("designers", "engineers", "leads")
)


def test_every_page_file_is_found():
    assert len(PAGES) == 8


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_on_an_empty_home_and_says_what_to_do(open_page, page):
    fine(open_page(page))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_on_a_home_with_verdicts(open_page, store, now, page):
    world = make_world(store, now)
    judge(world, "ana", Outcome.CANDIDATE)
    judge(world, "ben", Outcome.CANDIDATE)
    fine(open_page(page))


def test_nobody_sees_a_page_before_the_browser_has_told_who_is_reviewing(store):
    app = fine(AppTest.from_file(str(FRAME), default_timeout=TIMEOUT_S).run())
    assert words(app) == ""


def test_the_page_tells_under_which_name_one_works(open_page):
    assert "Reviewing as ana" in words(fine(open_page("engineers/runs.py")))


def test_who_says_not_you_is_asked_for_a_name(open_page):
    app = open_page("engineers/runs.py")
    next(button for button in app.button if button.label == "Not you?").click().run()
    assert "Who is reviewing?" in words(fine(app))
    app.text_input[0].set_value("  Maya   Lin ")
    next(button for button in app.button if button.label == "Start").click().run()
    assert "Reviewing as Maya Lin" in words(fine(app))


@pytest.mark.parametrize("name", ["", "   ", "rule:two-reviewers", "a\x00b"])
def test_a_name_that_cannot_stand_beside_a_verdict_is_refused(open_page, name):
    app = open_page("engineers/runs.py")
    next(button for button in app.button if button.label == "Not you?").click().run()
    app.text_input[0].set_value(name)
    next(button for button in app.button if button.label == "Start").click().run()
    assert "name" in words(fine(app))
    assert "Who is reviewing?" in words(app)
