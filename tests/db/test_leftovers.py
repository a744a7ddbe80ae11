"""Files that nothing names can go; what a render, a label or a golden version names never does."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from core.config.settings import Settings
from core.records import StoredFile, TriageEvent, TriageLabel
from db import tables
from db.leftovers import LeftoverKind
from db.store import Store
from tests.db.damage import a_render
from tests.world import make_world


def aged(store: Store, home: Path) -> None:
    """Let everything that is stored be two days old."""
    for path in home.rglob("*"):
        if path.is_file():
            before = path.stat().st_mtime - timedelta(days=2).total_seconds()
            os.utime(path, (before, before))
    with store._database.write() as connection:
        long_ago = datetime.fromisoformat("2020-01-01T00:00:00+00:00")
        connection.execute(tables.stored_files.update().values(claimed_at=long_ago))


def unnamed(store: Store, colour: str = "red") -> StoredFile:
    """A picture that was drawn for a pair that never got it."""
    return store.blobs.put(Image.new("RGB", (20, 10), colour))


def test_only_what_nothing_names_is_found_and_removed(
    store: Store, settings: Settings, now: datetime
) -> None:
    world = make_world(store, now)
    named = [render for arms in store.renders.of_run(world.run.id).values() for render in arms.values()]
    for render in named:
        store.blobs.thumbnail(render.digest or "", 24)
    left = unnamed(store)
    store.blobs.thumbnail(left.digest, 24)
    (settings.blobs / "sha256" / "aa").mkdir(exist_ok=True)
    (settings.blobs / "sha256" / "aa" / ".killed.part").write_bytes(b"half")
    (settings.blobs / "notes.txt").write_text("a person's own")
    aged(store, settings.home)
    found = list(store.leftovers.find())
    assert sorted(one.kind for one in found) == sorted(LeftoverKind)
    assert {one.path.name for one in found} == {
        f"{left.file_digest}.png",
        f"{left.digest}.webp",
        ".killed.part",
    }
    assert list(store.leftovers.remove(found)) == found
    assert list(store.leftovers.find()) == []
    assert not any(one.path.exists() for one in found)
    assert (settings.blobs / "notes.txt").exists()
    assert store.stored_files.holding(left.digest) == []
    for render in named:
        store.blobs.open(render.digest or "", file_digest=render.file_digest)


def test_what_was_written_or_drawn_within_a_day_stays(store: Store, settings: Settings) -> None:
    unnamed(store)
    assert list(store.leftovers.find()) == []
    aged(store, settings.home)
    assert len(list(store.leftovers.find())) == 1
    unnamed(store)  # drawn once more for another pair: the file is old, the claim is not
    assert list(store.leftovers.find()) == []


@pytest.mark.parametrize("by", ["a label", "a golden version", "equal pixels"])
def test_a_file_is_kept_also_when_no_render_has_it_any_more(
    store: Store, settings: Settings, now: datetime, by: str
) -> None:
    render = a_render(make_world(store, now))
    case_digest = store.pairs.get(render.pair_id).case_digest
    left = unnamed(store)
    event = TriageEvent(
        uuid="t",
        case_digest=case_digest,
        render_digest=left.digest,
        label_before=TriageLabel.UNTRIAGED,
        label_after=TriageLabel.POSITIVE,
        by="lea",
        created_at=now,
    )
    with store._database.write() as connection:
        if by == "equal pixels":
            same = tables.renders.update().where(tables.renders.c.id == render.id)
            connection.execute(same.values(digest=left.digest))
    if by != "equal pixels":
        store.golden.triage(event)
    if by == "a golden version":
        store.golden.freeze("lea", "", now)
        with store._database.write() as connection:
            connection.execute(tables.triage_events.delete())
    aged(store, settings.home)
    assert f"{left.file_digest}.png" not in {one.path.name for one in store.leftovers.find()}


def test_a_picture_that_is_drawn_between_the_look_and_the_removal_is_spared(
    store: Store, settings: Settings
) -> None:
    left = unnamed(store)
    aged(store, settings.home)
    found = list(store.leftovers.find())
    assert unnamed(store) == left
    assert list(store.leftovers.remove(found)) == []
    assert store.blobs.open(left.digest).size == (20, 10)


def test_many_leftovers_go_in_parts(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.leftovers.AT_ONCE", 2)
    for colour in ("red", "green", "blue", "white", "black"):
        unnamed(store, colour)
    aged(store, settings.home)
    assert len(list(store.leftovers.remove(store.leftovers.find()))) == 5
    assert list((settings.blobs / "sha256").rglob("*.png")) == []
