"""Making a backup of a home at work: the database first, then the pictures that it names.

A picture is on the disk before the database takes the render that names it, so whatever a snapshot names is
there when the files are copied afterwards. Weights are fetched or lie with the models, thumbnails are made
again, the secret that signs tokens is made anew: they stay behind.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import InvalidRequest
from db.copies import picture_files, without_file
from services.backups.folders import copied, described, new_folder
from services.backups.manifest import DATABASE, BackupFile, Manifest, write_manifest

if TYPE_CHECKING:
    from core.config.settings import Settings
    from db.store import Store

BLOBS, SUITES, POLICIES = "blobs", "suites", "policies"
MODELS, SETTINGS = "models.toml", "settings.json"


def back_up(store: Store, settings: Settings, folder: Path, now: datetime) -> Manifest:
    """Copy the home into a new folder, while workers and reviewers go on; gives what the folder holds.

    Raises:
        InvalidRequest: the folder holds something, or lies among the pictures.
        StoreError: the database or the disk refuses; nothing is left of the backup.
    """
    if folder.absolute().resolve().is_relative_to(settings.blobs.resolve()):
        raise InvalidRequest(f"{folder}: expected a folder outside the pictures in {settings.blobs}")
    with new_folder(folder) as draft:
        facts = store.copy_database(draft / DATABASE)
        pictures = _pictures(settings.blobs, draft)
        manifest = Manifest(
            made_at=now,
            schema=facts.schema,
            source=store.dialect,
            rows=facts.rows,
            pictures=len(pictures),
            missing=tuple(without_file(facts, draft / BLOBS)),
            files=(
                described(draft, DATABASE),
                *pictures,
                *_edited(settings, draft),
                _settings(settings, draft),
            ),
        )
        write_manifest(draft, manifest)
    return manifest


def _pictures(blobs: Path, draft: Path) -> list[BackupFile]:
    """Copies of all stored pictures. Looked for twice: a file may be moved while the others are copied."""
    found: dict[Path, BackupFile] = {}
    for _ in range(2):
        for path in picture_files(blobs):
            if path not in found:
                with suppress(FileNotFoundError):
                    found[path] = copied(blobs / path, draft, f"{BLOBS}/{path.as_posix()}")
    (draft / BLOBS).mkdir(exist_ok=True)
    return [found[path] for path in sorted(found)]


def _edited(settings: Settings, draft: Path) -> Iterator[BackupFile]:
    """Copies of the files that people edit, broken ones too: suites, policies, models."""
    for name, folder in ((SUITES, settings.suites_folder), (POLICIES, settings.policies_folder)):
        for path in sorted(folder.glob("*.toml")):
            if path.is_file():
                yield copied(path, draft, f"{name}/{path.name}")
    if settings.models_file.is_file():
        yield copied(settings.models_file, draft, MODELS)


def _settings(settings: Settings, draft: Path) -> BackupFile:
    """The settings of this process, to be read by people; no secret, and no database URL, is among them."""
    said = {
        "SIDEGRADE_HOME": str(settings.home),
        "SIDEGRADE_MODELS": str(settings.models_file),
        "SIDEGRADE_SUITES": str(settings.suites_folder),
        "SIDEGRADE_POLICIES": str(settings.policies_folder),
        "SIDEGRADE_LPIPS_WEIGHTS": str(settings.lpips_weights or ""),
        "SIDEGRADE_LPIPS_NETS": ",".join(settings.lpips_nets),
        "SIDEGRADE_FEATURE_CACHE_MB": str(settings.feature_cache_mb),
        "SIDEGRADE_REVIEWER": settings.reviewer or "",
        "SIDEGRADE_HOSTS": ",".join(sorted(settings.hosts)),
    }
    (draft / SETTINGS).write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return described(draft, SETTINGS)
