"""Opens a page of the app without a browser, on the test's own store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
import streamlit
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from core.errors import InternalError
from db.store import Store
from pages.components import session
from pages.components.states import TITLES

FRAME = Path(__file__).resolve().parents[2] / "pages" / "frame.py"
TIMEOUT_S = 30
"""Far above a page's 200 ms: a busy machine must not fail a test."""

# Each opening of a page would look through every installed package anew, which takes longer than the page.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)

OpenPage = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def _new_process() -> None:
    session.reset()


@pytest.fixture
def open_page(store: Store, database: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenPage]:
    """``open_page("engineers/runs.py", run="run_12ab")`` runs the frame and that page as the reviewer ana."""
    monkeypatch.setenv("SIDEGRADE_REVIEWER", "ana")

    def opened(page: str, **query: str) -> AppTest:
        session.reset()
        app = AppTest.from_file(str(FRAME), default_timeout=TIMEOUT_S)
        app.switch_page(page)
        for name, value in query.items():
            app.query_params[name] = value
        return app.run()

    yield opened
    if (
        database
    ):  # the pages keep their store for as long as the process lives; a server waits for its closing
        streamlit.cache_resource.clear()


def words(app: AppTest) -> str:
    """Everything the page says, tables included, as one text without the escapes of Markdown."""
    kinds = ("title", "header", "markdown", "caption", "text", "error", "success", "warning", "info")
    said = [str(element.value) for kind in kinds for element in getattr(app, kind)]
    tables = [table.value.to_string() for table in app.get("table")]
    return "\n".join(said + tables).replace("\\", "").replace("\N{NO-BREAK SPACE}", " ")


def fine(app: AppTest) -> AppTest:
    """The page, after making sure that nothing was raised on it."""
    assert not app.exception, [error.value for error in app.exception]
    assert defects(app) == []
    return app


def tables_of(app: AppTest) -> str:
    """What stands in the page's tables that one picks a row from."""
    return "\n".join(frame.value.to_string() for frame in app.dataframe)


def insist(app: AppTest) -> AppTest:
    """The page after its one question about names was answered with yes."""
    (switch,) = (one for one in app.toggle if one.key.startswith("unblind"))
    return fine(switch.set_value(True).run())


def defects(app: AppTest) -> list[str]:
    """What the page says of errors that nobody foresaw."""
    return [error.value for error in app.error if error.proto.title == TITLES[InternalError]]


def press(app: AppTest, label: str) -> AppTest:
    """The page after a click on the button of this label."""
    (button,) = (one for one in app.button if one.label == label)
    return button.click().run()
