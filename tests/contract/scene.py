"""What every surface is driven at: a finished pair that ana may still judge blind, and ways to look at it.

One check of the pair has found a fault on one arm; it lies in a frozen golden set, and a map was drawn of it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from cli.main import run
from core.checks.maps import stored
from core.records import Arm, Outcome, Pair, Render, VerdictEvent
from db.store import Store
from pages.components import session
from pages.routes import all_routes
from pages.routes.context import AppContext
from pages.routes.tokens import TokenClaims, issue_token
from tests.pages.conftest import TIMEOUT_S, fine
from tests.world import DIGESTS, MODELS, all_proved, judge, make_world, measurement, per_arm, verdict

ANA = "ana"
"""Who looks at every surface; she has judged nothing."""
FAULT = "the halo is grey"
"""A fault of one arm: it tells which picture of the pair is whose as well as a name does."""
SECRET = "a secret of this test"


@dataclass(frozen=True)
class Output:
    """What one look at a surface gave."""

    words: str
    pictures: bool = False
    """Whether it holds a picture itself, not only its digest."""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A store with one blind pair to look at, and the three kinds of surfaces over it."""

    store: Store
    now: datetime
    run_id: str
    pair: Pair
    folder: Path
    terminal: Callable[..., tuple[int, str]]
    """Runs ``sidegrade …`` as ana: the exit code, and all that was printed."""

    @property
    def renders(self) -> dict[Arm, Render]:
        """The two renders of the pair."""
        return self.store.renders.of_pair(self.pair.id)

    def client(self, *more: BaseRoute) -> TestClient:
        """Speaks to the routes in ana's name; ``more`` routes lie beside the app's own."""
        context = AppContext(store=lambda: self.store, secret=lambda: SECRET, now=lambda: self.now)
        token = issue_token(SECRET, TokenClaims(reviewer=ANA, role="reviewer"), self.now)
        app = Starlette(routes=[*all_routes(context), *more])
        return TestClient(app, headers={"authorization": f"Bearer {token}"})

    def item(self) -> dict[str, Any]:
        """The pair as ana's desk sees it."""
        item: dict[str, Any] = self.client().get(f"/api/pairs/{self.pair.id}").json()["item"]
        return item

    def own_verdict(self) -> VerdictEvent:
        """A verdict of ana's on the pair, that she could give."""
        return verdict(self.pair, ANA, Outcome.TIE, self.now, uuid=str(uuid4()))

    def knows(self, pair: Pair) -> bool:
        """Whether it is kept that ana has seen a picture of the pair named."""
        return self.store.reviews.names_shown(pair.id, ANA)

    def pairs(self) -> list[Pair]:
        """Every pair of the store."""
        return [pair for one in self.store.runs.list() for pair in self.store.pairs.of_run(one.id)]


@pytest.fixture
def scene(
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Scene:
    monkeypatch.setenv("SIDEGRADE_REVIEWER", ANA)
    session.reset()
    now = datetime.now(UTC) - timedelta(
        minutes=5
    )  # pages and commands ask the clock; old renders prove nothing
    world = make_world(store, now)
    store.selftests.save(all_proved())
    pair = next(one for one in world.pairs if one.case_name == "star")
    drawn = now + timedelta(minutes=1)
    kept, broken = per_arm(pair, drawn)
    heat = measurement(pair, drawn, raw=stored(np.ones((4, 8), np.float32)))
    store.measurements.append([kept, replace(broken, value=1.0, reason=FAULT), heat])
    for reviewer in ("ben", "cleo"):
        judge(world, reviewer, {"star": Outcome.CANDIDATE})
    store.golden.promote(now)
    store.golden.freeze("ben", "", now)

    def terminal(*words: object) -> tuple[int, str]:
        code = run([str(word) for word in words])
        said = capsys.readouterr()
        return code, said.out + said.err

    return Scene(
        store=store, now=now, run_id=world.run.id, pair=pair, folder=tmp_path / "taken", terminal=terminal
    )


def tells(output: Output, scene: Scene, pair: Pair) -> bool:
    """Whether an output lets its reader know which model drew a picture of this pair.

    It does with a recipe; with the name, the digest or the arm of a model beside a picture of the pair; and
    with a fault of one arm.
    """
    words = output.words.casefold()
    renders = scene.store.renders.of_pair(pair.id).values()
    pictured = any(render.digest and render.digest[:10] in words for render in renders)
    pictured |= output.pictures and pair.id == scene.pair.id
    named = any(name in words for name in (*MODELS.values(), *DIGESTS.values(), *Arm))
    recipe = any(render.recipe.digest in words for render in renders)
    return recipe or (pictured and named) or (FAULT in words and pair.id == scene.pair.id)


def look(app: AppTest) -> Output:
    """All that a page sent to the browser, tables and the data of components included."""
    elements = list(_elements(fine(app)._tree))
    words = "\n".join(str(getattr(one, "proto", "")) for one in elements)
    return Output(words, pictures=any(getattr(one, "type", "") == "imgs" for one in elements))


def open_page(frame: Path, page: str | None, **query: str) -> AppTest:
    """The app's frame with one of its pages; None: the bare address."""
    app = AppTest.from_file(str(frame), default_timeout=TIMEOUT_S)
    if page is not None:
        app.switch_page(page)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def read_archive(content: bytes) -> Output:
    """The texts of a downloaded zip, and the names of its files."""
    import zipfile

    archive = zipfile.ZipFile(io.BytesIO(content))
    texts = [archive.read(name).decode() for name in archive.namelist() if not name.endswith((".png", "/"))]
    return Output("\n".join([*archive.namelist(), *texts]))


def _elements(block: Any) -> Iterator[Any]:
    for child in block.children.values():
        yield child
        if hasattr(child, "children"):
            yield from _elements(child)
