"""Takes in the files of a home of before schema 0007, which lie under the digests of their pixels.

One file at a time: its pixels are verified, its row is written, then it is moved to its own name. A file is
in one of the two places at every moment, and both are read, so a pass can end anywhere and begin again. One
that does not hold the pixels of its name stays where it is.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from core.digests import bytes_digest
from core.errors import InvalidImage
from core.records import StoredFile
from db.blobs import place_of
from db.stored_files import StoredFiles
from db.translation import disk_error
from db.verifier import decoded

_FOLDER, _FILE = re.compile(r"[0-9a-f]{2}"), re.compile(r"[0-9a-f]{64}\.png")


class Adoption:
    """One pass over the old files."""

    def __init__(self, folder: Path, files: StoredFiles) -> None:
        self._folder, self._files = folder, files
        self._left = old_files(folder)

    def step(self) -> bool:
        """Take in the next file; False when every one was looked at.

        Raises:
            StoreError: the database or the disk refuses; the file stays as it was.
        """
        try:
            path = next(self._left, None)
            if path is not None:
                self._take_in(path)
        except OSError as error:
            raise disk_error(str(self._folder), error) from error
        return path is not None

    def _take_in(self, path: Path) -> None:
        try:
            png = path.read_bytes()
            decoded(png, path.stem)
        except (
            FileNotFoundError,
            InvalidImage,
        ):  # another process took it in, or it is damaged
            return
        file = StoredFile(file_digest=bytes_digest(png), digest=path.stem, size_bytes=len(png))
        self._files.adopt(file)
        to = place_of(self._folder, file).path
        to.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):  # another process was faster
            os.replace(path, to)
        with suppress(OSError):  # others are left in it
            path.parent.rmdir()


def old_files(folder: Path) -> Iterator[Path]:
    """The files that lie under the digests of their pixels; the list of one folder is held at a time."""
    if not folder.is_dir():
        return
    for inner in sorted(path for path in folder.iterdir() if _FOLDER.fullmatch(path.name)):
        yield from sorted(path for path in inner.iterdir() if _FILE.fullmatch(path.name))
