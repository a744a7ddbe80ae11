"""Chromium at a judging page: keys, and the time from a key to the next two pictures on screen.

"Painted" means: both pictures of the next pair are complete and in the page, a frame was drawn with them, and
the next task ran. The same stopwatch runs on every page.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, Route, sync_playwright

from core.config.settings import PROJECT
from core.errors import BackendUnavailable

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PATIENCE_MS = 60_000
JUXTAPOSE = PROJECT / "pages/components/juxtapose"

OURS = """
(() => {
  const desk = (root) => root.querySelector(".sidegrade.desk")
    ?? [...root.querySelectorAll("*")].map((one) => one.shadowRoot && desk(one.shadowRoot)).find(Boolean);
  let found;
  return () => {
    if (!found?.isConnected) found = desk(document);
    return [...found?.querySelectorAll(".of-a .render, .of-b .render") ?? []];
  };
})()
"""
PLAIN = "() => [...document.images]"
STREAMLIT_IMAGES = "() => [...document.querySelectorAll('[data-testid=stImage] img')]"
IN_FRAMES = """
() => [...document.querySelectorAll("iframe")]
  .flatMap((frame) => [...frame.contentDocument?.querySelectorAll(".jx-image img") ?? []])
"""
STOPWATCH = """
(() => {
  const images = IMAGES;
  const shown = () => images().filter((one) => one.complete && one.naturalWidth > 1).map((one) => one.src);
  window.taken = [];
  window.bothShown = () => shown().length === 2;
  window.addEventListener("keydown", (event) => {
    window.keyAt = event.timeStamp;
    const before = new Set(shown());
    const painted = new MessageChannel();
    painted.port1.onmessage = () => window.taken.push(performance.now() - event.timeStamp);
    const look = () => {
      const now = shown();
      if (now.length === 2 && !now.some((source) => before.has(source))) painted.port2.postMessage(0);
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, { capture: true });
})()
"""


@dataclass(kw_only=True)
class Judging:
    """One page on which pairs are judged with keys."""

    page: Page

    def wait_until_shown(self) -> None:
        """Wait for the two pictures of a pair."""
        self.page.wait_for_function("() => window.bothShown?.()", timeout=PATIENCE_MS)

    def judge(self, *, votes: int, pause_ms: int) -> list[float]:
        """Vote, each time ``pause_ms`` after the last pair was painted; milliseconds from key to picture."""
        for number in range(votes):
            self.page.wait_for_timeout(pause_ms)
            self.page.keyboard.press("1")
            self.page.wait_for_function("n => window.taken.length > n", arg=number, timeout=PATIENCE_MS)
        return [float(ms) for ms in self.page.evaluate("() => window.taken")]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A real Chromium without its own network traffic.

    Raises:
        BackendUnavailable: there is none on this machine.
    """
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        raise BackendUnavailable("expected a Chromium, found none", remedy="apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def judging(browser: Browser, address: str, images: str) -> Iterator[Judging]:
    """A fresh window with an empty cache at an address; ``images`` is the script that finds the pictures."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_init_script(STOPWATCH.replace("IMAGES", images))
    context.route("https://cdn.knightlab.com/**", _juxtapose)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(address)
    opened = Judging(page=page)
    opened.wait_until_shown()
    yield opened
    context.close()


def _juxtapose(route: Route) -> None:
    """JuxtaposeJS from this machine in no time: the rival is not made to wait for its CDN."""
    name = Path(route.request.url).name.replace(".min", "")
    route.fulfill(path=JUXTAPOSE / name)
