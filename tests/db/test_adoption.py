"""A home of schema 0006, with files under their pixels' digests, opens, is read and taken in file by file.

``homes/0006`` was written by the Sidegrade of that schema: two cases, seeds and reviewers, a golden version.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from core.config.settings import Settings
from core.digests import bytes_digest, pixel_digest
from core.errors import BlobDamaged, BlobMissing, DiskFull
from core.records import Render
from db.blobs import Blobs
from db.store import Store
from services.pictures import verify_pictures
from tests.db.damage import DAMAGE

HOME = Path(__file__).parent / "homes" / "0006"
pytestmark = pytest.mark.sqlite_only("the stored home is a file of SQLite")


@pytest.fixture
def home(settings: Settings) -> Path:
    """A copy of the stored home."""
    shutil.copytree(HOME / "blobs", settings.blobs)
    database = sqlite3.connect(settings.home / "sidegrade.db")
    database.executescript((HOME / "sidegrade.sql").read_text(encoding="utf-8"))
    database.close()
    return settings.home


def renders_of(store: Store) -> list[Render]:
    """Every render of the home."""
    (run,) = store.runs.list()
    return [render for arms in store.renders.of_run(run.id).values() for render in arms.values()]


def pictures_under(home: Path) -> list[str]:
    """The names of all its pictures, wherever they lie."""
    return sorted(path.name for path in (home / "blobs").rglob("*.png"))


def taken_in(store: Store) -> int:
    """Take in all that is left; gives how many files were looked at."""
    return sum(1 for _ in iter(store.adoption.step, False))


def test_every_picture_opens_before_anything_was_taken_in(home: Path, settings: Settings) -> None:
    before = pictures_under(home)
    with Store.open(settings) as store:
        renders = renders_of(store)
        assert len(renders) == 8
        for render in renders:
            assert (render.file_digest, store.blobs.is_there(render.digest or "")) == (None, True)
            assert pixel_digest(store.blobs.open(render.digest or "")) == render.digest
        assert pictures_under(home) == before
        assert store.golden.versions()[0].entries


def test_taking_in_moves_each_file_under_the_digest_of_its_bytes_and_alters_none(
    home: Path, settings: Settings
) -> None:
    contents = {path.stem: path.read_bytes() for path in (home / "blobs").rglob("*.png")}
    with Store.open(settings) as store:
        assert taken_in(store) == 8
        for render in renders_of(store):
            png = contents[render.digest or ""]
            assert render.file_digest == bytes_digest(png)
            assert store.blobs.png(render.digest or "", file_digest=render.file_digest) == png
    assert [path.name for path in (home / "blobs").iterdir()] == ["sha256"]
    assert pictures_under(home) == sorted(f"{bytes_digest(png)}.png" for png in contents.values())
    with Store.open(settings) as again:
        assert taken_in(again) == 0
        assert [one.failure for one in verify_pictures(again)] == [None] * 8
        assert list(again.leftovers.find()) == []


@pytest.mark.parametrize("stopped_after", [0, 3, 7])
@pytest.mark.parametrize("step", ["the row", "the move"])
def test_a_pass_that_is_stopped_anywhere_loses_nothing_and_goes_on(
    home: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, step: str, stopped_after: int
) -> None:
    with Store.open(settings) as store, monkeypatch.context() as patched:

        def stops(*_: object) -> None:
            raise DiskFull("no space") if step == "the row" else OSError(28, "No space left on device")

        for _ in range(stopped_after):
            assert store.adoption.step()
        if step == "the row":
            patched.setattr(store.stored_files, "adopt", stops)
        else:
            patched.setattr(os, "replace", stops)
        with pytest.raises(DiskFull):
            store.adoption.step()
    with Store.open(settings) as again:
        for render in renders_of(again):
            digest = render.digest or ""
            assert pixel_digest(again.blobs.open(digest, file_digest=render.file_digest)) == digest
            assert pixel_digest(again.blobs.open(digest)) == digest
        assert taken_in(again) == 8 - stopped_after
        assert all(render.file_digest for render in renders_of(again))
    assert len(pictures_under(home)) == 8


def test_a_reader_that_looked_before_the_move_finds_the_picture_after_it(
    home: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(settings) as store:
        digest = renders_of(store)[0].digest or ""
        places = Blobs._places

        def overtaken(blobs: Blobs, *words: str | None) -> object:
            for place in places(blobs, *words):  # type: ignore[arg-type]  # as it was called
                if "sha256" not in place.path.parts:
                    taken_in(store)
                yield place

        monkeypatch.setattr(Blobs, "_places", overtaken)
        assert pixel_digest(store.blobs.open(digest)) == digest


# one bit of a PNG may change no pixel, and its pixels are all that an old file is known by
@pytest.mark.parametrize("damage", [name for name in DAMAGE if name != "bytes of equal length"])
def test_a_file_that_lies_is_not_taken_in_and_is_named(home: Path, settings: Settings, damage: str) -> None:
    with Store.open(settings) as store:
        lost, *others = renders_of(store)
        DAMAGE[damage](store.blobs.path(lost.digest or ""))
        taken_in(store)
        expected = BlobMissing if damage == "missing" else BlobDamaged
        with pytest.raises(expected, match=lost.pair_id):
            store.blobs.open(lost.digest or "")
        assert store.renders.get(lost.id).file_digest is None
        assert all(store.renders.get(render.id).file_digest for render in others)


def test_two_processes_that_take_in_at_once_do_not_collide(home: Path, settings: Settings) -> None:
    with Store.open(settings) as one, Store.open(settings) as other:
        while one.adoption.step() or other.adoption.step():
            pass
        assert [proved.failure for proved in verify_pictures(one)] == [None] * 8
    assert len(pictures_under(home)) == 8
