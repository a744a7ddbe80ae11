"""Accessibility of the viewer: axe-core in a real browser, light and dark, and the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import App, Desk

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OpenDesk = Callable[..., Desk]
SCHEMES = ["light", "dark"]


def violations(desk: Desk) -> list[str]:
    """What axe-core objects to, each with its element."""
    found = Axe().run(desk.page).response["violations"]
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_desk_has_no_violation_in_any_of_its_states(open_desk: OpenDesk, scheme: str) -> None:
    desk = open_desk(color_scheme=scheme).open()
    found = {"judging": violations(desk)}
    states = {"side by side": "e", "difference": "d", "text": "t", "help": "?", "gallery": "m", "pin": "p"}
    for state, key in states.items():
        desk.press("Escape", key)
        if key == "p":
            desk.press("Enter")
        found[state] = violations(desk.settled())
    desk.press("Escape", "s")
    desk.judge("1")
    desk.press("v")
    desk.page.locator(".desk .arms").wait_for(state="visible")
    found["reveal"] = violations(desk)
    assert {state: words for state, words in found.items() if words} == {}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_named_comparison_has_no_violation(app: App, open_desk: OpenDesk, scheme: str) -> None:
    desk = open_desk(color_scheme=scheme)
    desk.page.goto(f"{app.url}/compare?pair={app.pair('plain-01').id}")
    desk.page.get_by_text("Show it all the same").click()
    desk.page.locator(".compare .render").first.wait_for(state="visible")
    desk.page.get_by_text("Classic slider", exact=True).click()
    frame = desk.page.frame_locator("iframe[title='Classic slider of the two renders']")
    frame.locator(".jx-image img").first.wait_for(state="visible")
    assert violations(desk) == []


def test_everything_can_be_reached_by_tab(open_desk: OpenDesk) -> None:
    desk = open_desk().open()
    reached: set[str] = set()
    for _ in range(70):
        desk.press("Tab")
        reached.add(desk.page.evaluate(FOCUSED))
    wanted = {"mode_slider", "mode_alpha", "background", "vote_a", "vote_cant_judge", "pin", "skip", "help"}
    assert wanted <= reached
    assert "slider" in reached


FOCUSED = """
() => {
  let focus = document.activeElement;
  while (focus?.shadowRoot?.activeElement) focus = focus.shadowRoot.activeElement;
  return focus?.dataset?.command ?? focus?.getAttribute("role") ?? "";
}
"""


def test_the_renders_have_words_for_those_who_cannot_see_them(open_desk: OpenDesk) -> None:
    desk = open_desk().open("?mode=side")
    for side in ("A", "B"):
        words = desk.page.locator(f".desk .of-{side.lower()} .render").get_attribute("alt") or ""
        assert words.startswith(f"Render {side} of: a poster called")
    desk.press("d")
    difference = desk.page.locator(".desk .of-difference .render")
    difference.wait_for(state="visible")
    # One case of the posters is drawn alike by both models.
    words = difference.get_attribute("alt") or ""
    assert "of pixels differ" in words or "renders are identical" in words
