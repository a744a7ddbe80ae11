"""Restoring a backup as a new home: every file is compared with the manifest before anything is written."""

from __future__ import annotations

from pathlib import Path

from core.errors import BackupDamaged
from db.copies import facts_of, without_file
from db.schema import refuse_foreign
from services.backups.folders import copied, described, new_folder, refuse_used
from services.backups.making import BLOBS
from services.backups.manifest import DATABASE, BackupFile, Manifest, read_manifest

_REMEDY = "use another backup: this one was cut, changed or copied in part"


def restore(folder: Path, home: Path) -> Manifest:
    """Make a home of a backup; gives its manifest. The backup itself is only read.

    The home is written beside its place, compared once more and renamed: it is whole or not there.

    Raises:
        InvalidRequest: the folder holds no backup, or the home holds something already.
        BackupDamaged: a file is gone, or is not the one of the manifest.
        StoreError: a newer Sidegrade made the backup, or the disk refuses.
    """
    manifest = read_manifest(folder)
    refuse_foreign(str(folder), manifest.schema)
    refuse_used(home.absolute())
    for file in manifest.files:
        _refuse_other(file, _found(folder, file))
    with new_folder(home) as draft:
        for file in manifest.files:
            _refuse_other(file, copied(folder / file.path, draft, file.path))
        (draft / BLOBS).mkdir(exist_ok=True)
        _refuse_other_content(manifest, draft)
    return manifest


def _found(folder: Path, file: BackupFile) -> BackupFile:
    try:
        return described(folder, file.path)
    except FileNotFoundError as error:
        raise BackupDamaged(
            f"{file.path}: expected a file of the backup, found none", remedy=_REMEDY
        ) from error


def _refuse_other(expected: BackupFile, found: BackupFile) -> None:
    if found != expected:
        raise BackupDamaged(
            f"{expected.path}: expected {expected.size_bytes:,} bytes with SHA-256 {expected.sha256}, "
            f"got {found.size_bytes:,} with {found.sha256}",
            remedy=_REMEDY,
        )


def _refuse_other_content(manifest: Manifest, draft: Path) -> None:
    """Every byte is the manifest's; that the database says the same as it does guards the manifest itself."""
    facts = facts_of(draft / DATABASE)
    missing = tuple(without_file(facts, draft / BLOBS))
    said = (manifest.schema, dict(manifest.rows), manifest.missing)
    if (facts.schema, dict(facts.rows), missing) != said:
        raise BackupDamaged(
            f"{DATABASE}: expected the schema, rows and pictures of the manifest, got others", remedy=_REMEDY
        )
