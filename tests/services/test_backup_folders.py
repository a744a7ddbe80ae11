"""A folder appears whole or not at all, and a manifest that says anything strange is none."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.config.settings import Settings
from core.errors import BackupDamaged, DiskFull, InvalidRequest, StoreError
from db.store import Store
from services.backups.folders import copied, described, new_folder, refuse_used
from services.backups.making import back_up
from services.backups.manifest import BackupFile, Manifest, read_manifest, write_manifest
from services.backups.restoring import restore

NOW = datetime(2026, 3, 3, 14, 22, 10, tzinfo=UTC)
SHA = "0123456789abcdef" * 4
DATABASE = BackupFile(path="sidegrade.db", size_bytes=12, sha256=SHA)
MANIFEST = Manifest(
    made_at=NOW,
    schema="0009",
    source="sqlite",
    rows={"runs": 2},
    pictures=1,
    missing=("gone",),
    files=(DATABASE, BackupFile(path="blobs/a.png", size_bytes=30, sha256=SHA)),
)


def test_a_new_folder_has_its_name_only_once_all_of_it_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, synced = tmp_path / "deep" / "new", list[bool]()
    monkeypatch.setattr(os, "sync", lambda: synced.append(place.exists()))
    with new_folder(place) as draft:
        (draft / "a").write_text("x")
        assert draft.parent == place.parent
        assert not place.exists()
    assert synced == [False]
    assert (place / "a").read_text() == "x"
    assert [path.name for path in place.parent.iterdir()] == ["new"]


def fill(place: Path, *then: Callable[[], object]) -> None:
    """Write one file into a new folder, and do something else before it gets its name."""
    with new_folder(place) as draft:
        (draft / "a").write_text("mine")
        for one in then:
            one()


def full() -> None:
    raise OSError(errno.ENOSPC, "full")


def test_of_a_folder_that_could_not_be_finished_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        fill(tmp_path / "new", lambda: {}["nothing"])
    with pytest.raises(DiskFull):
        fill(tmp_path / "new", full)
    assert list(tmp_path.iterdir()) == []


def test_what_came_to_the_place_meanwhile_stays(tmp_path: Path) -> None:
    new, other = tmp_path / "new", tmp_path / "other"
    with pytest.raises(InvalidRequest, match="expected a new or empty folder, found something there"):
        fill(new, new.mkdir, lambda: (new / "b").write_text("theirs"))
    assert [path.name for path in new.iterdir()] == ["b"]
    fill(other, other.mkdir)  # empty: nothing is lost
    assert (other / "a").is_file()


def test_only_a_place_that_holds_nothing_is_unused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("empty", "full"):
        (tmp_path / name).mkdir()
    (tmp_path / "full" / "a").write_text("x")
    (tmp_path / "link").symlink_to("empty")
    (tmp_path / "dangling").symlink_to("nowhere")
    refuse_used(tmp_path / "empty")
    refuse_used(tmp_path / "nothing")
    for name in ("full", "full/a", "link", "dangling"):
        with pytest.raises(InvalidRequest, match="expected a new or empty folder, found") as refused:
            refuse_used(tmp_path / name)
        assert "nothing is overwritten" in refused.value.remedy
    monkeypatch.setattr(Path, "is_mount", lambda path: True)
    with pytest.raises(InvalidRequest, match="expected a new folder, got a mount point") as refused:
        refuse_used(tmp_path / "empty")
    assert refused.value.remedy == f"name one inside it: {tmp_path / 'empty'}/sidegrade"


def test_a_copy_is_described_as_its_source_and_takes_nothings_place(tmp_path: Path) -> None:
    content = os.urandom(2**20 + 7)
    (tmp_path / "source").write_bytes(content)
    made = copied(tmp_path / "source", tmp_path / "copies", "a/b/c.png")
    assert made == BackupFile(
        path="a/b/c.png", size_bytes=2**20 + 7, sha256=hashlib.sha256(content).hexdigest()
    )
    assert (tmp_path / "copies" / "a/b/c.png").read_bytes() == content
    assert described(tmp_path / "copies", "a/b/c.png") == made
    assert copied(tmp_path / "source", tmp_path / "copies", "a/b/d.png").path == "a/b/d.png"
    with pytest.raises(FileExistsError):
        copied(tmp_path / "source", tmp_path / "copies", "a/b/c.png")
    with pytest.raises(FileNotFoundError):
        described(tmp_path, "nothing")


@pytest.mark.timeout(20)
def test_a_pipe_or_a_folder_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "folder"):
        with pytest.raises(StoreError, match=r"expected a file that can be read \(it is no regular file\)"):
            described(tmp_path, name)


def test_a_manifest_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_manifest(tmp_path, MANIFEST)
    assert read_manifest(tmp_path) == MANIFEST
    assert MANIFEST.size_bytes == 42
    text = (tmp_path / "manifest.json").read_text(encoding="utf-8")
    assert text.endswith("}\n")
    said = json.loads(text)
    assert (next(iter(said)), said["digest"], said["format"]) == ("digest", MANIFEST.digest, 1)
    assert replace(MANIFEST, pictures=2).digest != MANIFEST.digest


STRANGE = {
    "a file twice": {"files": (DATABASE, DATABASE)},
    "no database": {"files": (replace(DATABASE, path="other.db"),)},
    "fewer than no bytes": {"files": (replace(DATABASE, size_bytes=-1),)},
    "a short digest": {"files": (replace(DATABASE, sha256=SHA[1:]),)},
    "a digest in capitals": {"files": (replace(DATABASE, sha256=SHA.upper()),)},
    "a file above": {"files": (DATABASE, replace(DATABASE, path="../a"))},
    "a file at the root": {"files": (DATABASE, replace(DATABASE, path="/a"))},
    "itself": {"files": (DATABASE, replace(DATABASE, path="manifest.json"))},
    "a schema that is no text": {"schema": 9},
    "a source that is no text": {"source": None},
    "a missing picture that is no text": {"missing": (1,)},
}


@pytest.mark.parametrize("strange", STRANGE)
def test_a_manifest_that_says_something_strange_is_refused(strange: str, tmp_path: Path) -> None:
    write_manifest(tmp_path, replace(MANIFEST, **STRANGE[strange]))
    with pytest.raises(BackupDamaged, match=r"^manifest\.json: expected ") as refused:
        read_manifest(tmp_path)
    assert refused.value.remedy == "use another backup: this one cannot be trusted"


def test_an_empty_file_is_a_file_of_a_backup(tmp_path: Path) -> None:
    manifest = replace(
        MANIFEST, files=(DATABASE, BackupFile(path="policies/a.toml", size_bytes=0, sha256=SHA))
    )
    write_manifest(tmp_path, manifest)
    assert read_manifest(tmp_path) == manifest


def test_a_manifest_of_a_later_format_or_of_other_content_is_told_apart(tmp_path: Path) -> None:
    write_manifest(tmp_path, replace(MANIFEST, format=2))
    with pytest.raises(InvalidRequest, match="expected a backup of format 1, got 2"):
        read_manifest(tmp_path)
    write_manifest(tmp_path, MANIFEST)
    file = tmp_path / "manifest.json"
    file.write_text(file.read_text().replace('"pictures": 1', '"pictures": 2'))
    with pytest.raises(
        BackupDamaged, match=f"expected the content of {MANIFEST.digest}, got that of backup_"
    ):
        read_manifest(tmp_path)
    file.write_text("[]")
    with pytest.raises(BackupDamaged, match="expected the fields of a manifest"):
        read_manifest(tmp_path)
    file.unlink()
    with pytest.raises(InvalidRequest, match=r"expected a backup with a manifest\.json, found none"):
        read_manifest(tmp_path)


def test_a_home_without_pictures_is_backed_up_with_its_settings_and_restored(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    owned = replace(settings, reviewer="Ana", lpips_nets=("alex", "vgg"), lpips_weights=tmp_path / "w")
    made = back_up(store, owned, tmp_path / "backup", NOW)
    assert (made.made_at, made.pictures, made.missing, made.source) == (NOW, 0, (), "sqlite")
    assert {
        "sidegrade.db",
        "models.toml",
        "settings.json",
        "policies/upgrade.toml",
        "suites/starter.toml",
    } <= {file.path for file in made.files}
    assert json.loads((tmp_path / "backup" / "settings.json").read_text(encoding="utf-8")) == {
        "SIDEGRADE_HOME": str(owned.home),
        "SIDEGRADE_MODELS": str(owned.models_file),
        "SIDEGRADE_SUITES": str(owned.suites_folder),
        "SIDEGRADE_POLICIES": str(owned.policies_folder),
        "SIDEGRADE_LPIPS_WEIGHTS": str(tmp_path / "w"),
        "SIDEGRADE_LPIPS_NETS": "alex,vgg",
        "SIDEGRADE_FEATURE_CACHE_MB": "512",
        "SIDEGRADE_REVIEWER": "Ana",
        "SIDEGRADE_HOSTS": "",
    }
    for home in (tmp_path / "backup", tmp_path / "new"):
        if home.name == "new":
            assert restore(tmp_path / "backup", home) == made
        assert (home / "blobs").is_dir()


def test_a_backup_among_the_pictures_is_refused(store: Store, settings: Settings, tmp_path: Path) -> None:
    for folder in (settings.blobs, settings.blobs / "backup"):
        with pytest.raises(InvalidRequest, match="expected a folder outside the pictures"):
            back_up(store, settings, folder, NOW)
    without_models = replace(settings, models_file=tmp_path / "none.toml")
    made = back_up(store, without_models, settings.home / "backup", NOW)
    assert "models.toml" not in {file.path for file in made.files}


def test_the_first_file_that_is_another_is_named_with_both_digests(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    back_up(store, settings, tmp_path / "backup", NOW)
    models = tmp_path / "backup" / "models.toml"
    content = models.read_bytes()
    models.write_bytes(content + b"\n")
    with pytest.raises(
        BackupDamaged, match=rf"^models\.toml: expected {len(content):,} bytes with SHA-256 "
    ) as no:
        restore(tmp_path / "backup", tmp_path / "new")
    longer = hashlib.sha256(models.read_bytes()).hexdigest()
    assert f"got {len(content) + 1:,} with {longer}" in str(no.value)
    models.unlink()
    with pytest.raises(BackupDamaged, match=r"^models\.toml: expected a file of the backup, found none"):
        restore(tmp_path / "backup", tmp_path / "new")
    assert not (tmp_path / "new").exists()
