"""A stored file that is cut, swapped, empty or gone: never shown, named with its pair, drawn again whole.

Long: every door and every damage.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from PIL import Image

from core.digests import bytes_digest, pixel_digest
from core.errors import BlobDamaged, BlobMissing, DiskFull, SidegradeError, StoreError
from core.records import Arm, Render
from db import verifier
from db.blob_files import Signature, read_signed
from db.blobs import Blobs
from db.store import Store
from services.pictures import verify_pictures
from tests.db.damage import DAMAGE, a_render, cut
from tests.world import SUITE, make_world, picture, recipe

Damage = Callable[[Path], None]
"""What happens to a file."""


@pytest.fixture
def render(store: Store, now: datetime) -> Render:
    """A stored render of a pair."""
    return a_render(make_world(store, now))


def file_of(store: Store, render: Render) -> Path:
    """Where its file lies."""
    return store.blobs.path(render.digest or "", file_digest=render.file_digest)


READERS: dict[str, Callable[[Blobs, str], object]] = {
    "the picture": lambda blobs, digest: blobs.open(digest),
    "the file": lambda blobs, digest: blobs.png(digest),
    "a thumbnail": lambda blobs, digest: blobs.thumbnail(digest, 24),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_leaves_by_no_door_and_its_pair_is_named(
    store: Store, render: Render, damage: str, reader: str
) -> None:
    digest = render.digest or ""
    store.blobs.png(digest)  # it was whole, and this process knows it
    DAMAGE[damage](file_of(store, render))
    expected = BlobMissing if damage == "missing" else BlobDamaged
    with pytest.raises(BlobMissing, match=render.pair_id) as refused:
        READERS[reader](store.blobs, digest)
    assert type(refused.value) is expected
    assert "sale-now" in str(refused.value)
    assert f"sidegrade replay {digest[:16]}" in refused.value.remedy
    assert not any(arm in str(refused.value) for arm in Arm)  # a reviewer reads it, and judges blind


@pytest.mark.parametrize("damage", DAMAGE)
def test_drawing_the_same_picture_again_heals_it(store: Store, render: Render, damage: str) -> None:
    path = file_of(store, render)
    whole = path.read_bytes()
    DAMAGE[damage](path)
    assert store.blobs.put(picture(SUITE.cases[0], 1, render.arm)).file_digest == render.file_digest
    assert path.read_bytes() == whole
    assert pixel_digest(store.blobs.open(render.digest or "")) == render.digest


@pytest.mark.parametrize("damage", DAMAGE)
def test_equal_pixels_in_another_file_stand_in_but_are_not_the_renders_own(
    store: Store, render: Render, damage: str
) -> None:
    digest = render.digest or ""
    other = store.blobs.put(picture(SUITE.cases[0], 1, render.arm), recipe(SUITE.cases[0], 1, render.arm))
    assert (other.digest, other.file_digest == render.file_digest) == (digest, False)
    DAMAGE[damage](file_of(store, render))
    assert bytes_digest(store.blobs.png(digest)) == other.file_digest
    with pytest.raises(BlobMissing):
        store.blobs.png(digest, file_digest=render.file_digest)


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_picture_that_cannot_be_read_is_not_there(store: Store, render: Render, damage: str) -> None:
    digest = render.digest or ""
    assert store.blobs.is_there(digest)
    DAMAGE[damage](file_of(store, render))
    with pytest.raises(BlobMissing):
        store.blobs.open(digest)
    assert not store.blobs.is_there(digest)


def test_a_lie_that_shows_in_no_size_is_remembered_once_it_was_found(
    store: Store, render: Render, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifier, "FRESH_NS", 0)
    DAMAGE["bytes of equal length"](file_of(store, render))
    with pytest.raises(BlobDamaged):
        store.blobs.png(render.digest or "")
    assert not store.blobs.is_there(render.digest or "")
    assert not store.blobs.is_there("a" * 64)


def test_a_file_that_is_not_touched_is_hashed_once(
    store: Store, render: Render, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[int] = []

    def counting(content: bytes) -> str:
        hashed.append(len(content))
        return bytes_digest(content)

    monkeypatch.setattr(verifier, "FRESH_NS", 0)
    monkeypatch.setattr(verifier, "bytes_digest", counting)
    for _ in range(3):
        store.blobs.png(render.digest or "")
    assert len(hashed) == 1
    path = file_of(store, render)
    path.write_bytes(path.read_bytes())
    store.blobs.png(render.digest or "")
    assert len(hashed) == 2


def test_a_second_write_within_one_tick_of_the_disks_clock_is_noticed(
    store: Store, render: Render, monkeypatch: pytest.MonkeyPatch
) -> None:
    tick = time.time_ns()

    def by_a_coarse_clock(path: Path) -> tuple[bytes, Signature]:
        content, signature = read_signed(path)
        return content, signature._replace(modified_ns=tick, changed_ns=tick)

    monkeypatch.setattr(verifier, "read_signed", by_a_coarse_clock)
    store.blobs.png(render.digest or "")
    DAMAGE["bytes of equal length"](file_of(store, render))
    with pytest.raises(BlobDamaged):
        store.blobs.png(render.digest or "")


@pytest.mark.parametrize("damage", ["cut", "empty", "another's"])
def test_a_kept_thumbnail_that_lies_is_made_again(store: Store, now: datetime, damage: str) -> None:
    world = make_world(store, now)
    one, two = (render.digest or "" for render in store.renders.of_pair(world.pairs[0].id).values())
    first, second = store.blobs.thumbnail(one, 24), store.blobs.thumbnail(two, 24)
    assert first != second
    folder = file_of(store, a_render(world)).parents[3] / "thumbnails" / "24"
    path = folder / f"{one}.webp"
    if damage == "another's":
        path.write_bytes((folder / f"{two}.webp").read_bytes())
    else:
        path.write_bytes(path.read_bytes()[: 40 if damage == "cut" else 0])
    assert store.blobs.thumbnail(one, 24) == first
    assert store.blobs.thumbnail(two, 24) == second


def test_every_missing_and_damaged_picture_is_found_and_no_other(store: Store, now: datetime) -> None:
    world = make_world(store, now)
    renders = [render for arms in store.renders.of_run(world.run.id).values() for render in arms.values()]
    for damage, render in zip(DAMAGE.values(), renders, strict=False):
        damage(file_of(store, render))
    found = {one.digest: one.failure.error for one in verify_pictures(store) if one.failure}
    lost = {render.digest: "BlobDamaged" for render in renders[: len(DAMAGE)]}
    lost[renders[list(DAMAGE).index("missing")].digest] = "BlobMissing"
    assert found == lost
    assert len(list(verify_pictures(store))) == len(renders) == store.stored_files.count()
    assert len(list(verify_pictures(store, sample=3))) == 3


def test_pictures_are_listed_in_pages_without_loss(
    store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(store, now)
    renders = [render for arms in store.renders.of_run(world.run.id).values() for render in arms.values()]
    monkeypatch.setattr("db.stored_files.PAGE", 3)
    listed = list(store.stored_files.pictures())
    assert sorted(listed) == sorted((render.digest, render.file_digest) for render in renders)


@pytest.mark.parametrize("damage", [name for name in DAMAGE if name != "missing"])
def test_a_golden_export_refuses_a_file_that_lies_and_goes_on_once_it_is_healed(
    store: Store, now: datetime, tmp_path: Path, damage: str
) -> None:
    render = a_render(make_world(store, now))
    number = frozen(store, now, render)
    DAMAGE[damage](file_of(store, render))
    with pytest.raises(BlobDamaged, match=render.pair_id):
        store.golden.export(number, tmp_path / "out")
    assert not (tmp_path / "out" / "golden.jsonl").exists()
    store.blobs.put(picture(SUITE.cases[0], 1, render.arm))
    index = store.golden.export(number, tmp_path / "out")
    with Image.open(index.parent / f"{render.digest}.png") as image:
        assert pixel_digest(image) == render.digest


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_an_export_that_met_a_full_disk_goes_on_when_it_is_asked_again(
    store: Store, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    renders = store.renders.of_pair(make_world(store, now).pairs[0].id).values()
    number = frozen(store, now, *renders)
    done, real = [], getattr(os, step)

    def full(*words: object) -> None:
        if done:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        done.append(real(*words))

    with monkeypatch.context() as patched:
        patched.setattr(os, step, full)
        with pytest.raises(DiskFull):
            store.golden.export(number, tmp_path / "out")
    assert len(list((tmp_path / "out").iterdir())) == 1  # a whole picture, and no half one
    store.golden.export(number, tmp_path / "out")
    assert len(list((tmp_path / "out").iterdir())) == 3
    with pytest.raises(SidegradeError, match="empty folder"):
        store.golden.export(number, tmp_path / "out")


def frozen(store: Store, now: datetime, *renders: Render) -> int:
    """The number of a golden version that holds these renders."""
    from core.records import TriageEvent, TriageLabel

    for render in renders:
        event = TriageEvent(
            uuid=f"label-{render.id}",
            case_digest=store.pairs.get(render.pair_id).case_digest,
            render_digest=render.digest or "",
            label_before=TriageLabel.UNTRIAGED,
            label_after=TriageLabel.POSITIVE,
            by="lea",
            created_at=now,
        )
        store.golden.triage(event)
    return store.golden.freeze("lea", "", now).number


def test_a_cut_is_found_wherever_it_is(store: Store, render: Render) -> None:
    path = file_of(store, render)
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(BlobDamaged):
            store.blobs.png(render.digest or "")
    cut(path)
    assert issubclass(BlobDamaged, StoreError)
