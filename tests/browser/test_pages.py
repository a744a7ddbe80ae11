"""Every page in a real browser, light and dark: nobody is shut out, nothing leaves the machine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from core.golden.promotion import PromotionRule
from core.records import Outcome
from tests.browser.conftest import PATIENCE_MS, App
from tests.world import verdict

pytestmark = pytest.mark.browser

PAGES = ("Compare", "Golden set", "Runs", "Replay", "Models", "Rollouts", "Insights")
STREAMLITS_OWN = {
    "empty-table-header",  # the corner of a dataframe
    "presentation-role-conflict",  # the file uploader's drop zone
    "scrollable-region-focusable",  # a table that is wider than a phone
}
"""Rules of axe that Streamlit's own elements break; nothing of ours may."""
SETTLED = """
() => document.querySelector("[data-test-script-state=notRunning]")
  && !document.querySelector("[data-testid=stSkeleton], [data-stale=true]")
"""


@pytest.fixture(scope="module", autouse=True)
def _judged(app: App) -> None:
    """Verdicts, a golden set and a version of it, so that every page has something to show."""
    now = datetime.now(UTC)
    with app.open_store() as store:
        (run,) = store.runs.list(limit=1)
        for pair in store.pairs.of_run(run.id)[:12]:
            for reviewer in ("ben", "chen"):
                store.reviews.record(verdict(pair, reviewer, Outcome.CANDIDATE, now))
        store.golden.promote(now, PromotionRule())
        store.golden.freeze("ben", "first", now)


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of a browser that remembers Ana; a parameter gives it options of its own."""
    options = getattr(request, "param", {})
    context = browser.new_context(viewport={"width": 1280, "height": 800}, **options)
    context.add_init_script("localStorage.setItem('sidegrade.reviewer', 'Ana')")
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE_MS)
    yield opened
    context.close()


def settle(page: Page) -> None:
    page.wait_for_function(SETTLED, timeout=PATIENCE_MS)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "names"),
    [({"color_scheme": "light"}, PAGES), ({"color_scheme": "dark"}, PAGES)],
    indirect=["page"],
    ids=["light", "dark"],
)
def test_every_page_can_be_used_by_everybody_and_asks_no_other_host(
    app: App, page: Page, names: tuple[str, ...]
) -> None:
    elsewhere, complaints = [], []
    page.on("request", lambda request: elsewhere.append(request.url) if app.url not in request.url else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{app.url}/compare")
    for name in names:
        page.get_by_role("link", name=name, exact=True).first.click()
        expect(page.get_by_role("heading", level=1, name=name)).to_be_visible(timeout=PATIENCE_MS)
        settle(page)
        violations = Axe().run(page).response["violations"]
        ours = [(found["id"], found["nodes"][0]["html"]) for found in violations]
        assert [one for one in ours if one[0] not in STREAMLITS_OWN] == [], name
    assert complaints == []
    assert [url for url in elsewhere if not url.startswith(("data:", "blob:"))] == []


def test_a_name_is_asked_once_and_a_link_leads_on_to_its_page(app: App, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{app.url}/insights")
    page.get_by_label("Your name").fill("Zoe")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", level=1, name="Insights")).to_be_visible(timeout=PATIENCE_MS)
    page.wait_for_function("() => localStorage.getItem('sidegrade.reviewer') === 'Zoe'")
    page.goto(f"{app.url}/runs")
    page.get_by_text("Reviewing as Zoe").wait_for()
    assert "Zoe" not in page.url
    context.close()


def test_the_golden_wall_is_walked_with_the_keyboard_and_its_images_are_the_stored_ones(
    app: App, page: Page
) -> None:
    page.goto(f"{app.url}/golden_set")
    page.locator(".tile img").first.wait_for()
    page.locator(".tile").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Save as Ana").wait_for()
    assert page.locator(".tile").nth(1).get_attribute("aria-pressed") == "true"
    assert (
        page.evaluate("() => document.activeElement.shadowRoot?.activeElement?.getAttribute('aria-pressed')")
        == "true"
    )
    assert "entry=" in page.url
