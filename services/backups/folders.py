"""Folders that appear whole or not at all, and copies of files whose digest is known."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from core.errors import InvalidRequest, StoreError
from db.translation import disk_error
from services.backups.manifest import BackupFile

_CHUNK = 1024 * 1024


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A draft beside ``path``; it gets that name once the block is done and all of it is on the disk.

    When the block raises, nothing is left of it.

    Raises:
        InvalidRequest: there is something at ``path`` already, or it is a mount point.
        StoreError: the disk refuses.
    """
    path = path.absolute()
    refuse_used(path)
    draft = path.with_name(f".{path.name}.{uuid4().hex}.part")
    try:
        draft.mkdir(parents=True)
        yield draft
        os.sync()
        draft.rename(path)  # takes the place of an empty folder, never of one that holds something
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
            refuse_used(path)
        raise disk_error(str(path), error) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def refuse_used(path: Path) -> None:
    """Refuse a place that holds something: nothing is ever overwritten.

    Raises:
        InvalidRequest: it is no folder, holds something, cannot be looked into, or is a mount point.
    """
    try:
        if os.path.lexists(path) and (path.is_symlink() or not path.is_dir() or any(path.iterdir())):
            raise InvalidRequest(
                f"{path}: expected a new or empty folder, found something there",
                remedy="name a folder that does not exist yet: nothing is overwritten",
            )
    except OSError as error:
        raise InvalidRequest(f"{path}: expected a new or empty folder ({error.strerror})") from error
    if path.is_mount():
        raise InvalidRequest(
            f"{path}: expected a new folder, got a mount point",
            remedy=f"name one inside it: {path}/sidegrade",
        )


def copied(source: Path, folder: Path, name: str) -> BackupFile:
    """Copy a file to ``folder/name``, digested on the way.

    Raises:
        FileNotFoundError: there is no such file.
        StoreError: it is no regular file or cannot be read.
        OSError: the copy cannot be written.
    """
    with _reading(source) as reading:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as writing:
            return _digested(reading, name, writing)


def described(folder: Path, name: str) -> BackupFile:
    """Size and digest of a file as it lies there; errors as those of :func:`copied`."""
    with _reading(folder / name) as reading:
        return _digested(reading, name)


def _reading(path: Path) -> BinaryIO:
    """The open file; a pipe, which would be waited for, is not opened."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        return path.open("rb")
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StoreError(
            f"{path}: expected a file that can be read ({error.strerror})",
            remedy="make it readable for the user of this command",
        ) from error


def _digested(reading: BinaryIO, name: str, writing: BinaryIO | None = None) -> BackupFile:
    """Read to the end, writing along where asked."""
    digest, size = hashlib.sha256(), 0
    while chunk := reading.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
        if writing is not None:
            writing.write(chunk)
    return BackupFile(path=name, size_bytes=size, sha256=digest.hexdigest())
