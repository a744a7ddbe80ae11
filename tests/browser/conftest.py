"""A running app in front of a real Chromium: one server per module, one fresh reviewer per test.

Long: one file holds how the app and a reviewer's desk are driven.
"""

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Error, Page, Request, sync_playwright

from core.config.settings import Settings
from core.records import Pair
from db.store import Store
from tests.browser import posters

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE_MS = 45_000
REBOUND = "rebind.attacker.test"
"""A name of another site that leads to this machine in the browser of these tests."""
ARGUMENTS = [
    f"--host-resolver-rules=MAP {REBOUND} 127.0.0.1",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(kw_only=True)
class App:
    """A server on a home folder of its own; it can be stopped and started again on the same port."""

    home: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SIDEGRADE_")}
        with (self.home / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(self.port)],
                cwd=PROJECT,
                env=environment | {"SIDEGRADE_HOME": str(self.home)},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while not self._answers():
            assert time.monotonic() < deadline, (self.home / "server.log").read_text()[-2000:]
            time.sleep(0.1)

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=20)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/api/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def open_store(self) -> Store:
        return Store.open(Settings.from_env({}, home=self.home))

    def pair(self, case: str) -> Pair:
        """The pair of a case of the posters."""
        with self.open_store() as store:
            (run,) = store.runs.list(limit=1)
            return next(pair for pair in store.pairs.of_run(run.id) if pair.case_name == case)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app on a home that holds the posters."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    running = App(home=tmp_path_factory.mktemp("home"), port=port)
    with running.open_store() as store:
        posters.fill(store, datetime.now(UTC))
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; without one the test is skipped, or fails where a browser is demanded."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    demanded = os.environ.get("SIDEGRADE_REQUIRE_BROWSER")
    if path is None:
        words = "no Chromium here (apt-get install chromium)"
        pytest.fail(words) if demanded else pytest.skip(words)
    with sync_playwright() as playwright:
        try:
            launched = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        except Error as error:
            pytest.fail(str(error)) if demanded else pytest.skip(f"Chromium does not start: {error}")
        yield launched
        launched.close()


@dataclass(kw_only=True)
class Desk:
    """The review desk as its reviewer uses it, with everything that went over the network."""

    page: Page
    app: App
    reviewer: str
    urls: list[str] = field(default_factory=list)
    received: list[bytes] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    under_way: set[Request] = field(default_factory=set)

    def open(self, query: str = "") -> Desk:
        self.page.goto(f"{self.app.url}/{query}")
        return self.ready()

    def ready(self) -> Desk:
        """Wait until a pair is painted."""
        self.page.locator(".desk .stage .render").first.wait_for(state="visible", timeout=PATIENCE_MS)
        self.page.locator(".desk .stage .message").wait_for(state="hidden", timeout=PATIENCE_MS)
        return self

    @property
    def pair(self) -> str:
        """The pair on the table."""
        return self.page.locator(".desk").get_attribute("data-pair") or ""

    def press(self, *keys: str) -> Desk:
        for key in keys:
            self.page.keyboard.press(key)
        return self

    def judge(self, key: str) -> str:
        """Vote and wait for the next pair; gives the pair that was judged."""
        before = self.pair
        self.press(key)
        self.page.wait_for_function(MOVED_ON, arg=before, timeout=PATIENCE_MS)
        if self.page.locator(".desk .question").is_visible():  # the sizes differ: say yes
            self.press("Enter")
            self.page.wait_for_function(MOVED_ON, arg=before, timeout=PATIENCE_MS)
        return before

    def settled(self) -> Desk:
        """Wait until everything that was asked for has come and is drawn."""
        deadline = time.monotonic() + PATIENCE_MS / 1000
        self.page.evaluate(TWO_FRAMES)
        while self.under_way:
            assert time.monotonic() < deadline, [request.url for request in self.under_way]
            self.page.wait_for_timeout(20)
            if not self.under_way:
                self.page.evaluate(TWO_FRAMES)
        return self

    def says(self, words: str) -> None:
        """Wait for a message over the stage."""
        self.page.locator(".desk .toast", has_text=words).wait_for(state="visible", timeout=PATIENCE_MS)

    def all_sent(self) -> Desk:
        self.page.locator(".desk .unsent").wait_for(state="hidden", timeout=PATIENCE_MS)
        self.page.wait_for_function(
            "() => !Object.keys(localStorage).some((key) => key.startsWith('sidegrade.outbox'))",
            timeout=PATIENCE_MS,
        )
        return self

    def stage(self, selector: str = ".stage") -> Image.Image:
        """A screenshot of the stage (or of a part), without the slider's handle, letters and messages."""
        self.page.evaluate(OVERLAYS, "hidden")
        window = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")
        self.page.evaluate(OVERLAYS, "")
        edges = self.page.evaluate(EDGES, selector)
        return window.crop(tuple(round(edge) for edge in edges))


@pytest.fixture
def open_desk(app: App, browser: Browser) -> Iterator[Callable[..., Desk]]:
    """``open_desk()`` gives a desk with a reviewer of its own; keywords go to the browser context."""
    contexts: list[BrowserContext] = []

    def opened(
        *, reviewer: str | None = None, context: BrowserContext | None = None, **options: object
    ) -> Desk:
        name = reviewer or f"reviewer {uuid4().hex[:8]}"
        if context is None:
            context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
            contexts.append(context)
            context.add_init_script(f"localStorage.setItem('sidegrade.reviewer', {name!r})")
            context.add_init_script(FIND_DESK)
        desk = Desk(page=context.new_page(), app=app, reviewer=name)
        desk.page.set_default_timeout(PATIENCE_MS)
        _listen(desk)
        return desk

    yield opened
    for context in contexts:
        context.close()


MOVED_ON = """
before => {
  const shown = (name) => !window.desk().querySelector(name).hidden;
  return window.desk().dataset.pair !== before || shown(".message") || shown(".question");
}
"""
TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
OVERLAYS = """
visibility => window.desk().querySelectorAll(".handle, .corner, .toast, .caption")
  .forEach((one) => { one.style.visibility = visibility; })
"""
EDGES = """
selector => {
  const box = window.desk().querySelector(selector).getBoundingClientRect();
  return [box.left, box.top, box.right, box.bottom].map((edge) => edge * devicePixelRatio);
}
"""
FIND_DESK = """
window.desk = () => {
  const within = (root) => root.querySelector(".sidegrade.desk")
    ?? [...root.querySelectorAll("*")].map((one) => one.shadowRoot && within(one.shadowRoot)).find(Boolean);
  return within(document);
};
"""


def _listen(desk: Desk) -> None:
    page = desk.page
    page.on("request", lambda request: (desk.urls.append(request.url), desk.under_way.add(request)))
    page.on("requestfinished", lambda request: desk.under_way.discard(request))
    page.on("requestfailed", lambda request: desk.under_way.discard(request))
    page.on("response", lambda response: desk.urls.append(response.url))
    page.on("pageerror", lambda error: desk.complaints.append(str(error)))
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: _frame(desk, frame)))


def _frame(desk: Desk, frame: str | bytes) -> None:
    desk.received.append(frame if isinstance(frame, bytes) else frame.encode())
