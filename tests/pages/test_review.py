"""The review page and the viewer's Python side: what is handed to the browser, and what never is."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.records import Arm, Outcome
from db.store import Store
from pages.components import classic_slider
from pages.components.classic_slider import in_script
from pages.routes.tokens import read_token, secret_of
from pages.web.headers import nonce
from tests.world import judge, make_world

pytestmark = pytest.mark.every_database
OpenPage = Callable[..., AppTest]
HEAVY = {"torch", "diffusers", "transformers", "lpips"}


def viewers(app: AppTest) -> list[dict[str, object]]:
    """What each viewer on the page was handed."""
    protos = [element.proto for element in app.get("bidi_component")]
    return [json.loads(proto.json) for proto in protos if proto.component_name == "sidegrade_viewer"]


def test_the_review_page_is_one_desk_with_its_reviewers_token(
    open_page: OpenPage, store: Store, now: datetime
) -> None:
    make_world(store, now)
    app = open_page("designers/review.py")
    assert not app.exception
    (desk,) = viewers(app)
    assert set(desk) == {"kind", "reviewer", "token"}
    assert (desk["kind"], desk["reviewer"]) == ("desk", "ana")
    assert "letterpress" not in json.dumps(desk)


def test_the_token_on_the_page_opens_the_routes(open_page: OpenPage, store: Store, now: datetime) -> None:
    from pages.components import session

    (desk,) = viewers(open_page("designers/review.py"))
    bearer = read_token(secret_of(session.settings()), str(desk["token"]), session.now())
    assert bearer.reviewer == "ana"


def test_a_comparison_names_the_sides_it_is_told_to(open_page: OpenPage, store: Store, now: datetime) -> None:
    world = make_world(store, now)
    judge(world, "ana", Outcome.TIE)
    pair = world.pairs[0]
    app = open_page("designers/compare.py", pair=pair.id)
    assert not app.exception
    (viewer,) = viewers(app)
    renders = store.renders.of_pair(pair.id)
    assert viewer["a"] == {"digest": renders[Arm.BASELINE].digest, "label": "letterpress (baseline)"}
    assert viewer["b"] == {"digest": renders[Arm.CANDIDATE].digest, "label": "letterpress-2 (candidate)"}


def test_the_page_process_loads_nothing_heavy(open_page: OpenPage) -> None:
    if HEAVY & set(sys.modules):
        pytest.skip("another test has loaded them already")
    open_page("designers/review.py")
    assert not HEAVY & set(sys.modules)


# ---- the classic slider -----------------------------------------------------------------------------------


def slider_page() -> None:
    from core.records import Size
    from pages.components.classic_slider import classic_slider

    labels = ("designer's </script><b>", "candidate\nβ 😀")
    classic_slider("a" * 64, "b" * 64, Size(256, 128), labels, width=512)


def test_the_classic_slider_gets_lossless_addresses_and_nothing_from_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("streamlit_image_comparison")
    monkeypatch.setenv("SIDEGRADE_REVIEWER", "ana")
    app = AppTest.from_function(slider_page).run()
    assert not app.exception
    (frame,) = app.get("iframe")
    html = frame.proto.srcdoc
    for digest in ("a" * 64, "b" * 64):
        assert f"/api/img/{digest}?t=" in html
    assert "//" not in html.replace("// Names", "").replace("</", "")
    assert "base64" not in html
    assert html.count("<script") == html.count(f'<script nonce="{nonce()}"') == 3, (
        "the app's policy runs no other"
    )
    assert "designer\\u0027s" in html
    assert "</script><b>" not in html
    assert "no zoom, no vote" in app.caption[0].value
    assert len(html) < 8_000


def test_the_classic_slider_leaves_pillows_limits_and_the_disk_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("streamlit_image_comparison")
    from PIL import Image

    before = Image.MAX_IMAGE_PIXELS
    monkeypatch.setenv("SIDEGRADE_REVIEWER", "ana")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "temp").mkdir()
    (tmp_path / "temp" / "mine.jpg").write_bytes(b"not yours")
    AppTest.from_function(slider_page).run()
    assert before == Image.MAX_IMAGE_PIXELS
    assert [path.name for path in (tmp_path / "temp").iterdir()] == ["mine.jpg"]


def test_without_the_package_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classic_slider, "PACKAGE", "no_such_package")
    monkeypatch.setenv("SIDEGRADE_REVIEWER", "ana")
    app = AppTest.from_function(slider_page).run()
    assert not app.exception
    assert "needs the package" in app.caption[0].value


@pytest.mark.parametrize("label", ["designer's", 'a"b', "x\\y", "</script>", "line\nbreak", "β 😀", "plain"])
def test_a_label_stays_inside_its_quotes_and_reads_the_same(label: str) -> None:
    assert json.loads(f'"{in_script(label)}"') == label
    assert not set(in_script(label)) & set("'\"<>\n\r")
