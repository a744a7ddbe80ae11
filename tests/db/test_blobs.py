"""The blob folder: lossless, named by content, never half-written, never outside itself."""

from __future__ import annotations

import io
import os
import threading
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image

from core.digests import pixel_digest
from core.errors import BlobMissing, DiskFull, InvalidRequest, StoreReadOnly
from core.recipes.recipe import read_recipe
from core.records import Arm
from db.store import Store
from tests.world import SUITE, picture, recipe


def files_under(folder: Path) -> list[Path]:
    """Every file, half-written ones included."""
    return [path for path in folder.rglob("*") if path.is_file()]


def a_picture(arm: Arm = Arm.BASELINE) -> Image.Image:
    """A small RGBA picture."""
    return picture(SUITE.cases[0], 1, arm)


@hypothesis_settings(
    max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    mode=st.sampled_from(["RGB", "RGBA"]), width=st.integers(1, 9), height=st.integers(1, 9), data=st.data()
)
def test_any_image_comes_back_with_every_pixel_and_every_alpha(
    store: Store, mode: str, width: int, height: int, data: st.DataObject
) -> None:
    size = width * height * len(mode)
    image = Image.frombytes(mode, (width, height), data.draw(st.binary(min_size=size, max_size=size)))
    digest = store.blobs.put(image).digest
    assert digest == pixel_digest(image)
    again = store.blobs.open(digest)
    assert (again.mode, again.size, again.tobytes()) == (image.mode, image.size, image.tobytes())


def test_the_same_pixels_are_one_file_that_is_never_written_again(store: Store) -> None:
    digest = store.blobs.put(a_picture()).digest
    before = store.blobs.path(digest).stat().st_mtime_ns
    assert store.blobs.put(a_picture()).digest == digest
    assert store.blobs.path(digest).stat().st_mtime_ns == before
    assert len(files_under(store.blobs.path(digest).parents[1])) == 1


def test_the_recipe_travels_inside_the_file(store: Store) -> None:
    made_by = recipe(SUITE.cases[0], 1, Arm.BASELINE)
    digest = store.blobs.put(a_picture(), made_by).digest
    assert read_recipe(store.blobs.png(digest)) == made_by


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "a" * 63, "A" * 64, "a" * 64 + "\n", "g" * 64])
def test_nothing_but_a_digest_names_a_file(store: Store, digest: str) -> None:
    for verb in (store.blobs.path, store.blobs.png, store.blobs.open):
        with pytest.raises(InvalidRequest, match="64 hex digits"):
            verb(digest)


def test_a_missing_file_is_said_to_be_missing(store: Store) -> None:
    assert not store.blobs.path("a" * 64).exists()
    with pytest.raises(BlobMissing, match="no such file"):
        store.blobs.open("a" * 64)


def test_a_file_whose_pixels_were_changed_is_never_shown_as_the_original(store: Store) -> None:
    digest = store.blobs.put(a_picture()).digest
    a_picture(Arm.CANDIDATE).save(store.blobs.path(digest), "PNG")
    with pytest.raises(BlobMissing, match="now holds"):
        store.blobs.open(digest)


def test_a_truncated_file_is_never_shown(store: Store) -> None:
    digest = store.blobs.put(a_picture()).digest
    path = store.blobs.path(digest)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(BlobMissing):
        store.blobs.open(digest)


@pytest.mark.parametrize("step", ["fsync", "replace", "chmod"])
def test_a_full_disk_leaves_nothing_half_written(
    store: Store, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, step, full)
        with pytest.raises(DiskFull, match="nothing was saved"):
            store.blobs.put(a_picture())
    folder = store.blobs.path("a" * 64).parents[1]
    assert files_under(folder) == []
    assert store.blobs.open(store.blobs.put(a_picture()).digest).size == a_picture().size


def test_a_read_only_folder_is_said_to_be_read_only(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    with pytest.raises(StoreReadOnly):
        store.blobs.put(a_picture())


def test_twenty_writers_of_one_image_leave_one_whole_file(store: Store) -> None:
    image = a_picture()
    threads = [threading.Thread(target=store.blobs.put, args=(image,)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(files_under(store.blobs.path("a" * 64).parents[1])) == 1
    assert store.blobs.open(pixel_digest(image)).tobytes() == image.tobytes()


def test_a_thumbnail_is_lossless_keeps_alpha_and_is_made_once(store: Store) -> None:
    digest = store.blobs.put(a_picture()).digest
    webp = store.blobs.thumbnail(digest, 24)
    small = Image.open(io.BytesIO(webp))
    assert (small.format, small.mode, small.size) == ("WEBP", "RGBA", (24, 24))
    assert small.getpixel((0, 0))[3] == 0
    store.blobs.path(digest).unlink()
    assert store.blobs.thumbnail(digest, 24) == webp


def test_a_thumbnail_is_never_larger_than_its_image(store: Store, now: datetime) -> None:
    image = a_picture()
    image.putpixel((0, 0), (255, 0, 0, 0))  # colour under full transparency: a lossy saver forgets it
    same = Image.open(io.BytesIO(store.blobs.thumbnail(store.blobs.put(image).digest, 400))).convert("RGBA")
    assert same.tobytes() == image.tobytes()


@pytest.mark.parametrize("width", [0, -1, 15, 4096])
def test_a_thumbnail_of_a_senseless_width_is_refused(store: Store, width: int) -> None:
    with pytest.raises(InvalidRequest, match="16–2048"):
        store.blobs.thumbnail("a" * 64, width)
