"""Blind review as a contract over every surface: who was told a name judges that picture blind no more.

The surfaces are counted, not remembered: a new page, route or command without a row is a failure here.
"""

from __future__ import annotations

import re

import pytest

from cli.main import app
from core.config.settings import PROJECT
from core.records import Arm
from db.renders import Renders
from tests.contract.drivers import Reply, cast_at_desk, cast_at_terminal
from tests.contract.scene import ANA, Scene, scene
from tests.contract.surfaces import (
    SURFACES,
    Does,
    asks_for_pairs,
    commands_of,
    faults,
    product,
    unlisted,
)
from tests.pages.conftest import FRAME

__all__ = ["scene"]


FINGERPRINT = pytest.mark.xfail(
    strict=True,
    raises=AssertionError,
    reason="a digest computed from the model stands beside the picture's own digest (Trust)",
)
EXAMPLE = pytest.mark.xfail(
    strict=True,
    raises=AssertionError,
    reason="a gate's reason tells a fault of the candidate's picture by case and seed (Trust)",
)
LEAKS = {
    "sidegrade golden list": FINGERPRINT,
    "page rollouts": EXAMPLE,
    "sidegrade gate": EXAMPLE,
    "sidegrade rollout start": EXAMPLE,
    "sidegrade rollout status": EXAMPLE,
    "sidegrade rollout approve": EXAMPLE,
    "sidegrade rollout refuse": EXAMPLE,
    "sidegrade rollout override": EXAMPLE,
}
"""Surfaces that tell today whose a picture is, and keep it nowhere."""


def rows(*kinds: Does) -> list[str]:
    """The names of the surfaces of some kinds, in the order of the table."""
    return [name for name, row in SURFACES.items() if row.does in kinds]


def driven() -> list[object]:
    """The surfaces that are looked at, those that leak today marked so."""
    names = rows(Does.NAMES, Does.NEITHER, Does.TAKES, Does.TAKES_BACK)
    return [pytest.param(name, marks=LEAKS.get(name, ())) for name in names]


def test_every_surface_of_the_product_is_in_the_table_and_the_table_in_the_product() -> None:
    found = product(FRAME)
    assert unlisted(found, SURFACES) == []
    assert sorted(set(SURFACES) - found) == []


@pytest.mark.parametrize("name", driven())
def test_what_names_a_picture_keeps_that_it_did_and_nothing_else_names_one(scene: Scene, name: str) -> None:
    assert SURFACES[name].drive is not None
    assert faults(SURFACES[name], scene) == []


@pytest.mark.parametrize("name", rows(Does.APART))
def test_a_command_that_is_not_driven_asks_for_no_pair(name: str) -> None:
    assert not asks_for_pairs(commands_of(app)[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", rows(Does.NAMES))
def test_who_was_named_a_picture_is_refused_at_the_desk_and_at_the_terminal_alike(
    scene: Scene, name: str
) -> None:
    assert faults(SURFACES[name], scene) == []
    before = scene.store.reviews.history(scene.pair.id)
    assert (cast_at_desk(scene), cast_at_terminal(scene)) == (Reply.REFUSED, Reply.REFUSED)
    assert scene.store.reviews.history(scene.pair.id) == before


PROBES = (PROJECT / "cli" / "doctor.py",)
"""It changes no label, and takes the lock that every change takes."""
ROUND_THE_ROOM = re.compile(r"\bstore\.(reviews|stakes|golden\.(promote|freeze|export|triage|undo))\b")


@pytest.mark.parametrize("floor", ["pages", "cli"])
def test_no_entrance_goes_round_the_services_that_keep_review_blind(floor: str) -> None:
    files = sorted((PROJECT / floor).rglob("*.py"))
    assert files
    found = [path for path in files if ROUND_THE_ROOM.search(path.read_text(encoding="utf-8"))]
    assert [str(path.relative_to(PROJECT)) for path in found if path not in PROBES] == []


# ---- what takes verdicts -----------------------------------------------------------------------------------


def cast(name: str, scene: Scene) -> Reply:
    """What the surface makes of ana's verdict on the pair."""
    take = SURFACES[name].cast
    assert take is not None
    return take(scene)


@pytest.mark.parametrize("name", rows(Does.TAKES, Does.TAKES_BACK))
def test_after_names_were_shown_no_surface_takes_a_verdict_or_gives_one_back(scene: Scene, name: str) -> None:
    if SURFACES[name].does is Does.TAKES_BACK:
        scene.store.reviews.record(scene.own_verdict())
    scene.store.reviews.show_names(scene.pair.id, ANA, scene.now)
    before = scene.store.reviews.history(scene.pair.id)
    assert cast(name, scene) is Reply.REFUSED
    assert scene.store.reviews.history(scene.pair.id) == before


@pytest.mark.parametrize("name", rows(Does.TAKES, Does.TAKES_BACK))
def test_twice_is_once(scene: Scene, name: str) -> None:
    if SURFACES[name].does is Does.TAKES_BACK:
        scene.store.reviews.record(scene.own_verdict())
    assert cast(name, scene) is Reply.TAKEN
    once = scene.store.reviews.history(scene.pair.id)
    assert cast(name, scene) is Reply.NOTHING
    assert scene.store.reviews.history(scene.pair.id) == once


@pytest.mark.parametrize("name", rows(Does.TAKES))
def test_no_surface_takes_a_verdict_on_a_pair_that_lacks_a_picture(
    scene: Scene, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Renders.of_pair

    def lacking(self: Renders, pair_id: str) -> dict[Arm, object]:
        return {arm: render for arm, render in whole(self, pair_id).items() if arm is Arm.BASELINE}

    monkeypatch.setattr(Renders, "of_pair", lacking)
    before = scene.store.reviews.history(scene.pair.id)
    assert cast(name, scene) is Reply.REFUSED
    assert scene.store.reviews.history(scene.pair.id) == before
