"""Files on the disk, whole or not at all: how one is written, and read together with its signature.

A signature tells whether a file was touched since it was read last. It is no identity: what a file holds is
told by its bytes alone.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_PART = ".part"


class Signature(NamedTuple):
    """What changes with a file when it is written, replaced or moved."""

    inode: int
    size_bytes: int
    modified_ns: int
    changed_ns: int


def signature_of(path: Path) -> Signature:
    """The signature of a file; ``FileNotFoundError`` when there is none."""
    return _signature(os.stat(path))


def read_signed(path: Path) -> tuple[bytes, Signature]:
    """The bytes of a file, and the signature of the very file that they were read from."""
    with path.open("rb") as file:
        signature = _signature(os.fstat(file.fileno()))
        return file.read(), signature


def _signature(found: os.stat_result) -> Signature:
    return Signature(found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def is_part(path: Path) -> bool:
    """Whether a file is one that :func:`write_whole` has begun and not ended, by its name."""
    return path.name.startswith(".") and path.suffix == _PART


def write_whole(path: Path, content: bytes) -> None:
    """All of the file or none of it: written beside its place, flushed to the disk, then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=_PART)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)  # mkstemp makes it private; a worker of another user must be able to read
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
