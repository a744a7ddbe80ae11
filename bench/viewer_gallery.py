"""The gallery of thousands of pairs in a real browser: how soon it shows, how smoothly it scrolls."""

from __future__ import annotations

from typing import NamedTuple

from playwright.sync_api import Browser

from bench.viewer_browser import OURS, judging

SCREENS = 60
"""Screens scrolled through, evenly from the first pair to the last."""
SCREEN_MS = 150


class Walk(NamedTuple):
    """What somebody who opens the gallery and scrolls to its end has to bear."""

    first_s: float
    """From the key until a thumbnail is painted."""
    all_s: float
    """From the key until every thumbnail in sight is painted."""
    hitches: int
    """Frames that took longer than 100 ms while scrolling."""


WATCH = """
() => {
  const desk = (root) => root.querySelector(".sidegrade.desk")
    ?? [...root.querySelectorAll("*")].map((one) => one.shadowRoot && desk(one.shadowRoot)).find(Boolean);
  const scroller = () => desk(document).querySelector(".scroller");
  const inSight = (image) => {
    const [box, frame] = [image, scroller()].map((one) => one.getBoundingClientRect());
    return box.bottom > frame.top && box.top < frame.bottom;
  };
  window.walk = { first: null, all: null, hitches: 0 };
  const look = (now) => {
    const wanted = [...scroller()?.querySelectorAll("img") ?? []].filter(inSight);
    const painted = wanted.filter((image) => image.complete && image.naturalWidth > 1);
    if (painted.length) window.walk.first ??= now - window.keyAt;
    if (painted.length && painted.length === wanted.length) window.walk.all = now - window.keyAt;
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  window.scrollThrough = (screens, pause) => new Promise((done) => {
    const shelf = scroller();
    let last = performance.now();
    const start = last;
    const step = (now) => {
      if (now - last > 100) window.walk.hitches += 1;
      last = now;
      const at = Math.min(1, (now - start) / (screens * pause));
      shelf.scrollTop = at * (shelf.scrollHeight - shelf.clientHeight);
      if (at < 1) requestAnimationFrame(step);
      else done();
    };
    requestAnimationFrame(step);
  });
}
"""


def walk_gallery(browser: Browser, address: str) -> Walk:
    """Open the gallery of the desk at an address for the first time, and scroll to its end."""
    with judging(browser, address, OURS) as desk:
        desk.page.evaluate(WATCH)
        desk.page.wait_for_timeout(2000)
        desk.page.keyboard.press("m")
        desk.page.wait_for_function("() => window.walk?.all")
        desk.page.evaluate(f"() => window.scrollThrough({SCREENS}, {SCREEN_MS})")
        found = desk.page.evaluate("() => window.walk")
    return Walk(first_s=found["first"] / 1000, all_s=found["all"] / 1000, hitches=found["hitches"])
