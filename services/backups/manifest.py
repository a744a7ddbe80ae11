"""``manifest.json``: what a backup holds, file by file. Written last: a folder without one is no backup."""

from __future__ import annotations

import errno
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from core.digests import canonical_json, content_digest
from core.errors import BackupDamaged, InvalidRequest
from core.untrusted import read_json

MANIFEST = "manifest.json"
DATABASE = "sidegrade.db"
FORMAT = 1
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupFile:
    """One file of a backup."""

    path: str
    """Relative to the backup, with ``/``."""
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds."""

    made_at: datetime
    schema: str
    """Number of the database's schema."""
    source: str
    """``sqlite`` or ``postgresql``: what the rows were copied from; in a backup they lie in SQLite."""
    rows: Mapping[str, int]
    """Rows of each table."""
    pictures: int
    missing: tuple[str, ...]
    """Digests of pictures that the database names and the home had no file of."""
    files: tuple[BackupFile, ...]
    format: int = FORMAT

    @property
    def digest(self) -> str:
        """Identity of the whole backup."""
        return content_digest("backup", self)

    @property
    def size_bytes(self) -> int:
        """Bytes of all files together."""
        return sum(file.size_bytes for file in self.files)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Put the manifest into a backup, its digest with it."""
    body = json.loads(canonical_json(manifest))
    text = json.dumps({"digest": manifest.digest, **body}, indent=1, ensure_ascii=False)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a backup.

    Raises:
        InvalidRequest: the folder holds no backup, or one of a later format.
        BackupDamaged: the manifest was cut or changed, or names a file outside the backup.
    """
    path = folder / MANIFEST
    try:
        if path.exists() and not path.is_file():
            raise OSError(errno.EINVAL, "it is no regular file")  # a pipe would be waited for
        said = read_json(path.read_bytes())
    except OSError as error:
        raise InvalidRequest(
            f"{folder}: expected a backup with a {MANIFEST}, found none ({error.strerror})",
            remedy="name the folder that `sidegrade backup` made; without a manifest it was never finished",
        ) from error
    except ValueError as error:
        raise _damaged(f"expected JSON ({error})") from error
    if isinstance(said, dict) and isinstance(said.get("format"), int) and said["format"] > FORMAT:
        raise InvalidRequest(
            f"{folder}: expected a backup of format {FORMAT}, got {said['format']}",
            remedy="a newer Sidegrade has made it: update this one",
        )
    try:
        digest = said.pop("digest")
        manifest = _manifest(said)
        _refuse_strange(manifest)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _damaged(f"expected the fields of a manifest ({type(error).__name__}: {error})") from error
    if manifest.digest != digest:
        raise _damaged(f"expected the content of {digest}, got that of {manifest.digest}")
    return manifest


def _manifest(said: dict[str, Any]) -> Manifest:
    """The record of a parsed manifest."""
    nested = {
        "made_at": datetime.fromisoformat(said["made_at"]),
        "missing": tuple(map(_text, said["missing"])),
        "files": tuple(BackupFile(**file) for file in said["files"]),
        "rows": {table: int(count) for table, count in said["rows"].items()},
    }
    return Manifest(**{**said, **nested})


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected a text, got {value!r:.40}")
    return value


def _refuse_strange(manifest: Manifest) -> None:
    """A manifest names files below the backup, each once, the database among them."""
    names = [_text(file.path) for file in manifest.files]
    _text(manifest.schema), _text(manifest.source)
    strange = next(_strange(manifest.files), None)
    if strange is not None:
        raise _damaged(f"expected files inside the backup, got {strange[:80]!r}")
    if len(set(names)) < len(names) or DATABASE not in names:
        raise _damaged(f"expected each file once and {DATABASE} among them")


def _strange(files: tuple[BackupFile, ...]) -> Iterator[str]:
    for file in files:
        path = PurePosixPath(file.path)
        tidy = path.parts and not path.is_absolute() and ".." not in path.parts and str(path) == file.path
        if not tidy or file.path == MANIFEST or file.size_bytes < 0 or not _SHA256.fullmatch(file.sha256):
            yield file.path


def _damaged(message: str) -> BackupDamaged:
    return BackupDamaged(f"{MANIFEST}: {message}", remedy="use another backup: this one cannot be trusted")
