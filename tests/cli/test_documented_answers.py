"""The JSON documents that docs/commands.md promises have exactly the keys that it names."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from cli.runs import outcome
from cli.up import ready
from core.config.settings import PROJECT, Settings
from db.store import Store
from tests.cli.conftest import Said, Sidegrade
from tests.world import World, make_world

POLICY = PROJECT / "policies" / "upgrade.toml"
DOCUMENT = (PROJECT / "docs" / "commands.md").read_text(encoding="utf-8")
PROMISED = {
    command: set(re.findall(r"`(\w+)`", keys))
    for command, keys in re.findall(r"^\| `([a-z ]+)` \| (`.*`) \|$", DOCUMENT, flags=re.MULTILINE)
}
"""The keys of a command's document, as the table under *JSON* names them."""

Asked = Callable[[World, Settings, Sidegrade], Any]
ASKED: dict[str, Asked] = {
    "up": lambda world, settings, sidegrade: ready(settings, "127.0.0.1", 8501, []).document,
    "run": lambda world, settings, sidegrade: (
        outcome(world.store, world.run, world.store.runs.progress(world.run.id)).document
    ),
    "pairs": lambda world, settings, sidegrade: sidegrade("pairs", world.run.id).document,
    "gate": lambda world, settings, sidegrade: sidegrade("gate", world.run.id, "--policy", POLICY).document,
    "rollout status": lambda world, settings, sidegrade: (
        sidegrade("rollout", "status", world.run.id).document
    ),
    "golden list": lambda world, settings, sidegrade: sidegrade("golden", "list").document,
    "blobs verify": lambda world, settings, sidegrade: sidegrade("blobs", "verify").document,
    "blobs gc": lambda world, settings, sidegrade: sidegrade("blobs", "gc").document,
    "models list": lambda world, settings, sidegrade: sidegrade("models", "list").document,
    "backup": lambda world, settings, sidegrade: sidegrade("backup", settings.home / "backup").document,
    "restore": lambda world, settings, sidegrade: restored(settings, sidegrade).document,
}


def restored(settings: Settings, sidegrade: Sidegrade) -> Said:
    """What is said when a home was made of a backup."""
    sidegrade("backup", settings.home / "backup")
    return sidegrade("restore", settings.home / "backup", "--home", settings.home / "new")


"""How a command is asked for its document, on a run whose pairs are finished."""


@pytest.fixture
def world(store: Store, now: datetime) -> World:
    """A run whose eight pairs are finished."""
    return make_world(store, now)


def test_every_promised_document_is_tried_here() -> None:
    assert sorted(PROMISED) == sorted(ASKED)


@pytest.mark.parametrize("command", sorted(ASKED))
def test_a_document_has_the_keys_that_are_promised(
    command: str, world: World, settings: Settings, sidegrade: Sidegrade
) -> None:
    assert set(ASKED[command](world, settings, sidegrade)) == PROMISED[command]
