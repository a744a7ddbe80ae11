"""Problems that users of other tools reported in public, kept as small inputs.

Keyboards, names and addresses.

Keys are dispatched as a keyboard of that layout sends them, for no browser here has one; where the listeners
stand and what has the focus decides, so pure functions alone could not show it.

Long: every reported problem that shows in a browser alone.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from core.records import VerdictEvent
from tests.browser import posters
from tests.browser.conftest import FIND_DESK, App, Desk

pytestmark = pytest.mark.browser

OpenDesk = Callable[..., Desk]
FOCUS = """
() => {
  let focus = document.activeElement;
  while (focus?.shadowRoot?.activeElement) focus = focus.shadowRoot.activeElement;
  return focus.localName;
}
"""
KEY = """
init => {
  let focus = document.activeElement;
  while (focus?.shadowRoot?.activeElement) focus = focus.shadowRoot.activeElement;
  const down = new KeyboardEvent("keydown", {bubbles: true, composed: true, cancelable: true, ...init});
  focus.dispatchEvent(down);
  focus.dispatchEvent(new KeyboardEvent("keyup", {bubbles: true, composed: true, ...init}));
  return down.defaultPrevented;
}
"""
WAITING = "() => Object.keys(localStorage).filter((key) => key.startsWith('sidegrade.outbox')).length"


def heard(desk: Desk, code: str, key: str, **init: object) -> bool:
    """Whether the desk took a press of the key at a place (``code``) that prints a sign (``key``)."""
    return bool(desk.page.evaluate(KEY, {"code": code, "key": key, **init}))


def has_focus(page: Page) -> str:
    """Kind of the element that has the focus, such as ``textarea``."""
    return str(page.evaluate(FOCUS))


def comment_of(desk: Desk) -> str:
    return str(desk.page.evaluate("() => window.desk().querySelector('textarea').value"))


def standing(app: App, reviewer: str) -> list[VerdictEvent]:
    with app.open_store() as store:
        return [event for event in store.reviews.current() if event.reviewer == reviewer]


# ---- keyboards ---------------------------------------------------------------------------------------------

BY_PLACE = pytest.mark.xfail(
    strict=True,
    raises=AssertionError,
    reason="letters and the digits of the view are known by what they print, never by their place (Text)",
)


@BY_PLACE
def test_the_digits_of_the_view_are_heard_by_place_where_a_keyboard_prints_letters_there(
    open_desk: OpenDesk,
) -> None:
    """A French keyboard prints ç and à there, and the digits with Shift."""
    desk = open_desk().open()
    zoom = desk.page.locator(".desk .zoom")
    fitting = zoom.inner_text()
    assert fitting != "100%"
    assert heard(desk, "Digit9", "ç")
    assert zoom.inner_text() == "100%"
    assert heard(desk, "Digit0", "à")
    assert zoom.inner_text() == fitting


LAYOUTS = {
    "russian": ("я", "у"),
    "greek": ("ζ", "ε"),
    "hebrew": ("ז", "ק"),
    "arabic": ("ئ", "ث"),
    "korean": ("ㅋ", "ㄷ"),
}


def undone_and_side_by_side(desk: Desk, undo: str, side_by_side: str) -> None:
    """Undo alone and with Ctrl, then another mode, by the keys in the places of Z and E."""
    for held in ({}, {"ctrlKey": True}):
        pair = desk.judge("3")
        assert heard(desk, "KeyZ", undo, **held)
        desk.page.wait_for_function("pair => window.desk().dataset.pair === pair", arg=pair)
        desk.ready()
    assert heard(desk, "KeyE", side_by_side)
    desk.page.wait_for_url("**/*mode=side*")


def test_undo_and_side_by_side_are_heard_on_a_keyboard_that_prints_their_letters(open_desk: OpenDesk) -> None:
    undone_and_side_by_side(open_desk().open(), "z", "e")


@BY_PLACE
def test_undo_and_side_by_side_are_heard_by_place_on_keyboards_of_other_scripts(open_desk: OpenDesk) -> None:
    desk = open_desk().open()
    for undo, side_by_side in LAYOUTS.values():
        undone_and_side_by_side(desk, undo, side_by_side)
        desk.press("s")
        desk.page.wait_for_url(lambda url: "mode=side" not in url)


COMPOSING = pytest.mark.xfail(
    strict=True,
    raises=AssertionError,
    reason="fields do not ask whether an input method is composing (Text)",
)


@COMPOSING
def test_enter_that_ends_a_composition_stays_in_the_comment(open_desk: OpenDesk) -> None:
    desk = open_desk().open()
    pair = desk.pair
    desk.press("c")
    compose(desk, "もじ")
    assert comment_of(desk) == "もじ"
    assert not heard(desk, "Enter", "Enter", isComposing=True, keyCode=229)
    assert has_focus(desk.page) == "textarea"
    heard(desk, "Digit1", "1")
    assert desk.pair == pair


@COMPOSING
def test_enter_that_ends_a_composition_stays_in_the_words_of_a_pin(open_desk: OpenDesk) -> None:
    desk = open_desk().open()
    desk.press("p", "Enter")
    field = has_focus(desk.page)
    assert field in ("input", "textarea")
    compose(desk, "字")
    assert not heard(desk, "Enter", "Enter", isComposing=True, keyCode=229)
    assert has_focus(desk.page) == field


def compose(desk: Desk, text: str) -> None:
    """Write as an input method does that has not finished."""
    protocol = desk.page.context.new_cdp_session(desk.page)
    words = {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
    protocol.send("Input.imeSetComposition", words)


@pytest.mark.xfail(
    strict=True,
    raises=AssertionError,
    reason="the desk takes Escape before the field that has the focus (Screens)",
)
def test_escape_leaves_the_comment_and_the_next_key_votes(app: App, open_desk: OpenDesk) -> None:
    desk = open_desk().open()
    desk.press("c")
    desk.page.keyboard.type("edge is soft")
    desk.press("Escape")
    assert has_focus(desk.page) != "textarea"
    desk.judge("1")
    desk.all_sent()
    assert [event.comment for event in standing(app, desk.reviewer)] == ["edge is soft"]


# ---- what waits in the browser -----------------------------------------------------------------------------


@pytest.fixture
def shared(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that several people use, one after another."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_init_script(FIND_DESK)
    yield context
    context.close()


def sit_down(open_desk: OpenDesk, context: BrowserContext, name: str) -> Desk:
    """A desk in the shared browser, under this name."""
    desk = open_desk(reviewer=name, context=context)
    desk.page.goto(f"{desk.app.url}/robots.txt")
    desk.page.evaluate("name => localStorage.setItem('sidegrade.reviewer', name)", name)
    return desk.open()


@pytest.mark.slow
def test_verdicts_that_wait_are_not_sent_in_a_name_that_only_begins_the_same(
    app: App, open_desk: OpenDesk, shared: BrowserContext
) -> None:
    first = sit_down(open_desk, shared, "Ana B. Kim")
    shared.route("**/api/verdicts", lambda route: route.abort())
    judged = [first.judge(key) for key in "123"]
    assert first.page.evaluate(WAITING) == 3
    first.page.close()
    shared.unroute("**/api/verdicts")
    second = sit_down(open_desk, shared, "Ana B").settled()
    assert second.page.locator(".desk .unsent").is_hidden()
    assert second.page.evaluate(WAITING) == 3
    second.page.close()
    sit_down(open_desk, shared, "Ana B. Kim").all_sent()
    assert {event.pair_id for event in standing(app, "Ana B. Kim")} == set(judged)
    assert standing(app, "Ana B") == []


# ---- addresses ---------------------------------------------------------------------------------------------


class AppUnderAPath(App):
    """The app as it is served beside others, below an address of its own."""

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}/tools/side"

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@pytest.fixture
def under_a_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AppUnderAPath]:
    monkeypatch.setenv("STREAMLIT_SERVER_BASE_URL_PATH", "tools/side")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    running = AppUnderAPath(home=tmp_path_factory.mktemp("home"), port=port)
    with running.open_store() as store:
        posters.fill(store, datetime.now(UTC))
    running.start()
    yield running
    running.stop()


@pytest.mark.slow
@pytest.mark.xfail(
    strict=True,
    raises=AssertionError,
    reason="the product's own routes do not follow the address that the app is served under (Text)",
)
def test_the_desk_works_under_an_address_that_is_not_the_root(
    under_a_path: AppUnderAPath, shared: BrowserContext
) -> None:
    desk = Desk(page=shared.new_page(), app=under_a_path, reviewer="ana")
    shared.add_init_script("localStorage.setItem('sidegrade.reviewer', 'ana')")
    with desk.page.expect_response(lambda answer: answer.url.endswith("/main.js")) as door:
        desk.page.goto(f"{under_a_path.url}/")
    assert (door.value.status, door.value.headers["content-type"].split(";")[0]) == (200, "text/javascript")
    desk.ready()
    desk.judge("1")
    desk.all_sent()
    assert len(standing(under_a_path, "ana")) == 1
