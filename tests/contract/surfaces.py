"""Every surface of the product in one table, and what is wrong with one: no row is a fault as well.

Surfaces are counted where the product lists them: the navigation, the routes, the commands. A new one gets a
row here: does it name models, take verdicts, or neither?
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import streamlit as st
import typer
from starlette.routing import BaseRoute
from typer.main import get_command

from cli import main
from pages.routes import all_routes
from pages.routes.context import AppContext
from tests.contract.drivers import (
    Drive,
    Reply,
    by,
    cast_at_desk,
    cast_at_terminal,
    command,
    doctor_command,
    export,
    get,
    golden_page,
    page,
    post,
    reveal,
    run_command,
    take_back,
    triage_and_back,
)
from tests.contract.scene import Output, Scene, open_page, tells


class Does(StrEnum):
    """What a surface is to blind review."""

    NAMES = "names models"
    """It tells which model drew a picture: whoever looks judges that picture blind no more."""
    TAKES = "takes verdicts"
    TAKES_BACK = "takes verdicts back"
    NEITHER = "neither"
    APART = "apart"
    """It is not driven here: its source asks for no stored pair, picture, finding or verdict."""


class Row(NamedTuple):
    """One surface."""

    does: Does
    drive: Drive | None = None
    """Looks at the surface as ana, in one or several steps; it is checked after each."""
    cast: Callable[[Scene], Reply] | None = None
    """Gives a verdict of ana's on the scene's pair, or takes it back."""


# ---- where the product lists its surfaces ------------------------------------------------------------------


def pages_of(frame: Path) -> set[str]:
    """The pages of a navigation, as the frame gives them to Streamlit."""
    found: list[Any] = []
    real = st.navigation

    def listening(pages: Any, **words: Any) -> Any:
        found.extend(pages if isinstance(pages, list) else [one for some in pages.values() for one in some])
        return real(pages, **words)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(st, "navigation", listening)
        open_page(frame, None)
    return {f"page {page.url_path}".rstrip() for page in found}


def routes_of(routes: Iterable[BaseRoute]) -> set[str]:
    """The routes of an app, each with its method; what has no method (a mount) with its path alone."""
    found = set()
    for route in routes:
        methods = (getattr(route, "methods", None) or {""}) - {"HEAD"}
        found |= {f"{method} {getattr(route, 'path', route)}".strip() for method in methods}
    return found


def commands_of(app: typer.Typer) -> dict[str, Callable[..., object]]:
    """The commands of a command line, with the functions behind them."""

    def walk(command: Any, name: str) -> Iterator[tuple[str, Callable[..., object]]]:
        inner = getattr(command, "commands", None)
        if inner is None:
            yield name, command.callback
        else:
            for word, one in inner.items():
                yield from walk(one, f"{name} {word}")

    return dict(walk(get_command(app), "sidegrade"))


def app_routes() -> list[BaseRoute]:
    """The app's own routes, to be counted only."""

    def unused() -> None:
        raise AssertionError("no request is made")

    return all_routes(AppContext(store=unused, secret=unused, now=unused))


def product(frame: Path) -> set[str]:
    """Every surface that the product lists."""
    return pages_of(frame) | routes_of(app_routes()) | set(commands_of(main.app))


def unlisted(found: Iterable[str], table: dict[str, Row]) -> list[str]:
    """Surfaces that the product has and the table has not."""
    return sorted(set(found) - set(table))


# ---- what is wrong with one --------------------------------------------------------------------------------


def faults(row: Row, scene: Scene) -> list[str]:
    """What a surface does that blind review, or its own row, does not allow."""
    found, told, before = [], set(), _history(scene)
    for number, output in enumerate((row.drive or _nothing)(scene)):
        for pair in scene.pairs():
            if tells(output, scene, pair):
                told.add(pair.id)
                if not scene.knows(pair):
                    found.append(f"look {number} names a picture of {pair.case_name} and keeps it nowhere")
    if row.does is Does.NAMES and scene.pair.id not in told:
        found.append("names nothing, so its row is wrong or its driver does not reach it")
    if row.does is not Does.NAMES and any(scene.knows(pair) for pair in scene.pairs()):
        found.append("keeps that models were named, but its row does not say that it names any")
    if row.does is Does.NEITHER and _history(scene) != before:
        found.append("takes a verdict, but its row does not say so")
    return found


ASKS_FOR_PAIRS = re.compile(
    r"\bstore\.(pairs|renders|blobs|stored_files|reviews|measurements|replays|stakes|evidence)\b"
)


def asks_for_pairs(command: Callable[..., object]) -> bool:
    """Whether the file of a command reads anything of stored pairs."""
    file = inspect.getsourcefile(inspect.unwrap(command))
    return ASKS_FOR_PAIRS.search(Path(file or "").read_text(encoding="utf-8")) is not None


def _history(scene: Scene) -> list[str]:
    return [event.uuid for pair in scene.pairs() for event in scene.store.reviews.history(pair.id)]


def _nothing(scene: Scene) -> Iterator[Output]:
    yield from ()


START = "rollout start {run} --policy {policy} --by lea"
NAMES, TAKES, NEITHER, APART = Does.NAMES, Does.TAKES, Does.NEITHER, Does.APART

SURFACES: dict[str, Row] = {
    "page": Row(NEITHER, page(None)),
    "page review": Row(NEITHER, page("designers/review.py", pair="{pair}")),
    "page compare": Row(NAMES, page("designers/compare.py", pair="{pair}")),
    "page golden_set": Row(NAMES, golden_page),
    "page runs": Row(NAMES, page("engineers/runs.py", run="{run}", pair="{pair}")),
    "page replay": Row(NAMES, page("engineers/replay.py", render="{render}")),
    "page models": Row(NEITHER, page("engineers/models.py")),
    "page rollouts": Row(NEITHER, page("leads/rollouts.py", run="{run}")),
    "page insights": Row(NEITHER, page("leads/insights.py", run="{run}")),
    "GET /api/health": Row(NEITHER, get("/api/health")),
    "GET /api/ui/{version}/{name}": Row(NEITHER, get("/api/ui/{ui}/main.js")),
    "GET /api/img/{digest}": Row(NEITHER, get("/api/img/{a}", pictures=True)),
    "GET /api/thumb/{digest}": Row(NEITHER, get("/api/thumb/{a}", pictures=True)),
    "GET /api/difference/{first}/{second}": Row(NEITHER, get("/api/difference/{a}/{b}", pictures=True)),
    "GET /api/places/{first}/{second}": Row(NEITHER, get("/api/places/{a}/{b}?pair={pair}", pictures=True)),
    "GET /api/map/{pair}/{check}": Row(NEITHER, get("/api/map/{pair}/lpips", pictures=True)),
    "GET /api/queue": Row(NEITHER, get("/api/queue")),
    "GET /api/pairs/{pair}": Row(NEITHER, get("/api/pairs/{pair}")),
    "GET /api/gallery": Row(NEITHER, get("/api/gallery?show=all")),
    "GET /api/runs": Row(NEITHER, get("/api/runs", pictures=True)),
    "GET /api/positives/{pair}": Row(NEITHER, get("/api/positives/{pair}")),
    "POST /api/pairs/{pair}/reveal": Row(NAMES, reveal),
    "POST /api/verdicts": Row(TAKES, by(cast_at_desk), cast_at_desk),
    "POST /api/undo": Row(Does.TAKES_BACK, by(take_back, judged=True), take_back),
    "POST /api/skips": Row(NEITHER, post("/api/skips")),
    "POST /api/triage": Row(NEITHER, triage_and_back),
    "POST /api/triage/undo": Row(NEITHER, triage_and_back),
    "sidegrade up": Row(APART),
    "sidegrade worker": Row(APART),
    "sidegrade run": Row(NEITHER, run_command),
    "sidegrade pairs": Row(NAMES, command("pairs {run}")),
    "sidegrade verdict": Row(TAKES, by(cast_at_terminal), cast_at_terminal),
    "sidegrade golden list": Row(NEITHER, command("golden list")),
    "sidegrade golden promote": Row(NEITHER, command("golden promote --reviewers 1")),
    "sidegrade golden freeze": Row(NEITHER, command("golden freeze")),
    "sidegrade golden export": Row(NAMES, export),
    "sidegrade gate": Row(NEITHER, command("gate {run} --policy {policy}", codes=(1, 2, 3))),
    "sidegrade rollout start": Row(NEITHER, command(START)),
    "sidegrade rollout status": Row(NEITHER, command(START, "rollout status {run}")),
    "sidegrade rollout approve": Row(
        NEITHER, command(START, "rollout approve {run} --by max", codes=(0, 1))
    ),
    "sidegrade rollout refuse": Row(NEITHER, command(START, "rollout refuse {run} --by max --note no")),
    "sidegrade rollout override": Row(
        NEITHER,
        command(START, "rollout override {run} --by max --note yes --candidate letterpress-2"),
    ),
    "sidegrade replay": Row(NAMES, command("replay {render}", codes=(0, 1))),
    "sidegrade models list": Row(NEITHER, command("models list")),
    "sidegrade models check": Row(APART),
    "sidegrade models fetch": Row(APART),
    "sidegrade contract check": Row(APART),
    "sidegrade edits": Row(APART),
    "sidegrade import": Row(APART),
    "sidegrade weights list": Row(NEITHER, command("weights list")),
    "sidegrade weights fetch": Row(APART),
    "sidegrade blobs verify": Row(NEITHER, command("blobs verify --all")),
    "sidegrade blobs gc": Row(NEITHER, command("blobs gc")),
    "sidegrade doctor": Row(NEITHER, doctor_command),
    "sidegrade backup": Row(APART),
    "sidegrade restore": Row(APART),
}  # fmt: skip
