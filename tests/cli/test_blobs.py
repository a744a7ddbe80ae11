"""``sidegrade blobs`` and the doctor say which pictures are whole, which are not, and what can go."""

from __future__ import annotations

import os
from contextlib import nullcontext
from datetime import datetime, timedelta

import pytest
from PIL import Image

from cli.main import run
from core.config.settings import Settings
from core.records import Render
from db import tables
from db.store import Store
from tests.cli.conftest import Sidegrade
from tests.db.damage import DAMAGE, a_render
from tests.world import make_world


@pytest.fixture
def render(store: Store, now: datetime) -> Render:
    """A render of a run whose pictures are all whole."""
    return a_render(make_world(store, now, seeds=(1,)))


@pytest.mark.parametrize("options", [(), ("--all",)])
def test_whole_pictures_are_said_to_be_whole(
    sidegrade: Sidegrade, render: Render, options: list[str]
) -> None:
    said = sidegrade("blobs", "verify", *options)
    assert (said.code, said.document) == (0, {"pictures": 8, "verified": 8, "failures": []})


def test_a_sample_says_how_many_are_left(
    sidegrade: Sidegrade, render: Render, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("cli.blobs.SAMPLE", 3)
    assert sidegrade("blobs", "verify").document["verified"] == 3
    assert sidegrade("blobs", "verify", "--all").document["verified"] == 8
    assert run(["blobs", "verify"]) == 0
    assert capsys.readouterr().out.strip() == "3 of 3 pictures are whole; 5 more with --all"


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_picture_is_named_with_its_pair(
    sidegrade: Sidegrade, store: Store, render: Render, damage: str
) -> None:
    DAMAGE[damage](store.blobs.path(render.digest or ""))
    said = sidegrade("blobs", "verify", "--all")
    (failure,) = said.document["failures"]
    assert (said.code, said.document["verified"]) == (1, 8)
    assert failure["error"] == ("BlobMissing" if damage == "missing" else "BlobDamaged")
    assert render.pair_id in failure["message"]
    line = next(line for line in sidegrade("doctor").document["lines"] if line["name"] == "pictures")
    assert (line["ok"], render.pair_id in line["says"]) == (False, True)
    assert "blobs verify --all" in line["failure"]["remedy"]


def test_the_doctor_says_how_many_pictures_it_looked_at(sidegrade: Sidegrade, render: Render) -> None:
    line = next(line for line in sidegrade("doctor").document["lines"] if line["name"] == "pictures")
    assert (line["ok"], line["says"]) == (True, "8 of 8 stored pictures are whole")


def test_leftovers_are_listed_first_and_removed_when_that_is_confirmed(
    sidegrade: Sidegrade, store: Store, settings: Settings, render: Render, now: datetime
) -> None:
    left = store.blobs.put(Image.new("RGB", (20, 10)))
    path = store.blobs.path(left.digest)
    assert sidegrade("blobs", "gc").document == {"removed": False, "files": []}
    before = path.stat().st_mtime - timedelta(days=2).total_seconds()
    for file in settings.blobs.rglob("*.png"):
        os.utime(file, (before, before))
    with store._database.write() as connection:
        connection.execute(tables.stored_files.update().values(claimed_at=now - timedelta(days=2000)))
    listed = sidegrade("blobs", "gc")
    assert [file["path"] for file in listed.document["files"]] == [str(path)]
    assert path.exists()
    assert sidegrade("blobs", "gc", "--yes").document == {"removed": True, "files": listed.document["files"]}
    assert not path.exists()
    assert sidegrade("blobs", "verify", "--all").code == 0


class Idle:
    """A worker with nothing to draw, and the signal that ends it after five looks."""

    name = "idle"

    def __init__(self, *_: object, **__: object) -> None:
        self.looks = 0

    def run_once(self, **_: object) -> bool:
        """Nothing was found."""
        return False

    def is_set(self) -> bool:
        """Whether it looked often enough."""
        self.looks += 1
        return self.looks > 5

    def wait(self, seconds: float) -> None:
        """It waits only when nothing is left to take in."""
        assert seconds == 0 or self.looks > 2

    def __enter__(self) -> Idle:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def test_a_worker_with_nothing_to_draw_takes_in_the_files_of_an_earlier_home(
    sidegrade: Sidegrade, settings: Settings, render: Render, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = [settings.blobs / digest[:2] / f"{digest}.png" for digest in ("0" * 64, render.digest or "")]
    for path in old:
        path.parent.mkdir()
    old[0].write_bytes(b"no picture at all")
    store.blobs.path(render.digest or "").rename(old[1])
    with store._database.write() as connection:
        connection.execute(tables.stored_files.delete())
        connection.execute(tables.renders.update().values(file_digest=None))
    monkeypatch.setattr("worker.loop.Worker", Idle)
    monkeypatch.setattr("cli.worker.stop_signals", Idle)
    monkeypatch.setattr("cli.worker.self_tests_beside", lambda *_: nullcontext(lambda: None))
    assert sidegrade("worker").code == 0
    assert [path.exists() for path in old] == [True, False]
    assert store.renders.get(render.id).file_digest == render.file_digest
    assert store.blobs.png(render.digest or "", file_digest=render.file_digest)
