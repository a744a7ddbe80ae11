"""What browsers make of the border: every page works under its policy, and other sites get nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE_MS, REBOUND, App
from tests.browser.test_pages import PAGES, settle

pytestmark = pytest.mark.browser
FRAMING = b"<title>elsewhere</title><iframe src='%s' width=800 height=600></iframe>"
POSTING = """
async (address) => {
  try {
    const answer = await fetch(address, {method: "POST", mode: "no-cors", body: "{}"});
    return answer.type;
  } catch (error) { return "failed"; }
}
"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a browser that remembers Ana."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_init_script("localStorage.setItem('sidegrade.reviewer', 'Ana')")
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE_MS)
    yield opened
    context.close()


@pytest.fixture
def elsewhere(app: App) -> Iterator[str]:
    """The address of another site on this machine, whose page shows the app in a frame."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(FRAMING % app.url.encode())

        def log_message(self, *words: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()


@pytest.mark.slow
def test_no_page_and_no_part_of_the_desk_breaks_the_policy_of_its_own_app(app: App, page: Page) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{app.url}/compare")
    for name in PAGES:
        page.get_by_role("link", name=name, exact=True).first.click()
        expect(page.get_by_role("heading", level=1, name=name)).to_be_visible(timeout=PATIENCE_MS)
        settle(page)
    page.goto(app.url)
    page.locator(".desk .stage .render").first.wait_for(state="visible")
    assert [words for words in said if "Content Security Policy" in words or "violates" in words] == []


def test_another_site_cannot_show_the_app_in_a_frame(app: App, page: Page, elsewhere: str) -> None:
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(elsewhere)
    page.wait_for_timeout(500)
    assert any("frame-ancestors" in words or "X-Frame-Options" in words for words in refused), refused
    assert all("Sidegrade" not in frame.title() for frame in page.frames)


def test_a_foreign_name_that_leads_here_gets_no_app_and_no_websocket(app: App, page: Page) -> None:
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    answer = page.goto(f"http://{REBOUND}:{app.port}/")
    assert answer is not None
    assert answer.status == 403
    assert sockets == []


def test_another_sites_page_cannot_vote(app: App, page: Page, elsewhere: str) -> None:
    page.goto(elsewhere)
    assert page.evaluate(POSTING, f"{app.url}/api/verdicts") == "failed"
