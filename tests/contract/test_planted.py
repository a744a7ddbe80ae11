"""A surface that is planted past the rules of blind review is found: without a row, and with a wrong one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated

import pytest
import typer
from starlette.routing import BaseRoute

from cli import call
from cli.answers import Answer
from cli.main import app
from db.store import Store
from pages.routes.context import AppContext, RequestContext, guarded
from tests.contract.scene import Output, Scene, look, open_page, scene
from tests.contract.surfaces import (
    SURFACES,
    Does,
    Row,
    app_routes,
    asks_for_pairs,
    commands_of,
    faults,
    product,
    routes_of,
    unlisted,
)
from tests.pages.conftest import FRAME

__all__ = ["scene"]

PLANTED_PAGE = """
import streamlit as st
from pages.components import session

store = session.store()
for run in store.runs.list():
    for pair in store.pairs.of_run(run.id):
        for render in store.renders.of_pair(pair.id).values():
            st.write(render.recipe.model, render.digest)
"""


@pytest.fixture
def planted_frame(tmp_path: Path) -> Path:
    """The app's frame with one more page, which names models and asks nobody."""
    pages = tmp_path / "pages"
    shutil.copytree(FRAME.parent, pages, ignore=shutil.ignore_patterns("*.js", "__pycache__", "routes"))
    (pages / "engineers" / "planted.py").write_text(PLANTED_PAGE)
    frame = pages / "frame.py"
    planted = 'PAGES = [\n    st.Page("engineers/planted.py", title="Planted"),'
    frame.write_text(frame.read_text().replace("PAGES = [", planted, 1))
    return frame


def names_outright(context: RequestContext) -> dict[str, object]:
    """A planted route: models beside digests."""
    found = context.store.renders.of_pair(context.path["pair"]).values()
    return {"pictures": [[render.recipe.model, render.digest] for render in found]}


def planted_route(store: Store, now: datetime) -> BaseRoute:
    context = AppContext(store=lambda: store, secret=lambda: "a secret of this test", now=lambda: now)
    return guarded("/api/planted/{pair}", names_outright, context)


def planted_commands() -> typer.Typer:
    """The product's commands with one more, which names models and asks nobody."""
    group = typer.Typer()

    @call.command(group)
    def planted(call: call.Call, pair: Annotated[str, typer.Argument(help="A pair.")]) -> Answer:
        """Name the models of a pair."""
        with call.store() as store:
            renders = store.renders.of_pair(pair)
        return Answer(document=list(renders.values()), text="")

    whole = typer.Typer()
    for one in (*app.registered_groups, typer.models.TyperInfo(group)):
        whole.registered_groups.append(one)
    return whole


def test_a_planted_page_is_red_without_a_row_and_red_with_one(scene: Scene, planted_frame: Path) -> None:
    assert unlisted(product(planted_frame), SURFACES) == ["page planted"]

    def drive(_: Scene) -> Iterator[Output]:
        yield look(open_page(planted_frame, "engineers/planted.py"))

    for does in (Does.NEITHER, Does.NAMES):
        assert any("names a picture of star" in fault for fault in faults(Row(does, drive), scene))


def test_a_planted_route_is_red_without_a_row_and_red_with_one(scene: Scene) -> None:
    planted = planted_route(scene.store, scene.now)
    assert unlisted(routes_of([*app_routes(), planted]), SURFACES) == ["GET /api/planted/{pair}"]

    def drive(scene: Scene) -> Iterator[Output]:
        yield Output(scene.client(planted).get(f"/api/planted/{scene.pair.id}").text)

    for does in (Does.NEITHER, Does.NAMES):
        assert any("names a picture of star" in fault for fault in faults(Row(does, drive), scene))


def test_a_planted_command_is_red_without_a_row_and_red_with_one(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted = planted_commands()
    assert unlisted(commands_of(planted), SURFACES) == ["sidegrade planted"]
    assert asks_for_pairs(commands_of(planted)["sidegrade planted"])
    monkeypatch.setattr("cli.main.app", planted)

    def drive(scene: Scene) -> Iterator[Output]:
        code, words = scene.terminal("planted", scene.pair.id, "--json")
        assert code == 0, words
        yield Output(words)

    for does in (Does.NEITHER, Does.NAMES):
        assert any("names a picture of star" in fault for fault in faults(Row(does, drive), scene))


def test_a_row_that_says_names_but_reaches_none_is_red(scene: Scene) -> None:
    found = faults(Row(Does.NAMES, SURFACES["GET /api/queue"].drive), scene)
    assert found == ["names nothing, so its row is wrong or its driver does not reach it"]


def test_a_row_that_says_neither_of_what_names_or_judges_is_red(scene: Scene) -> None:
    assert faults(Row(Does.NEITHER, SURFACES["POST /api/verdicts"].drive), scene) == [
        "takes a verdict, but its row does not say so"
    ]
    assert faults(Row(Does.NEITHER, SURFACES["sidegrade pairs"].drive), scene) == [
        "keeps that models were named, but its row does not say that it names any"
    ]
