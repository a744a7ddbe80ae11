"""Files of the blob folder that nothing names: drawn for a pair that was cancelled, or half-written.

What a render, a label or a golden version names stays, and so does what was written or drawn within a day: it
may be on its way to becoming a render. A file of another name than the store gives is not the store's, and is
left alone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, select

from core.records import GoldenVersion
from db import tables
from db.blob_files import is_part
from db.database import Database
from db.rows import all_as, select_as

T = TypeVar("T")
YOUNG = timedelta(days=1)
"""Far longer than drawing and examining a pair takes."""
AT_ONCE = 200
"""Files of one transaction: other writers wait as long as these are removed."""
_FILES, _RENDERS = tables.stored_files, tables.renders
_NAMED = re.compile(r"(?P<digest>[0-9a-f]{64})\.(png|webp)")


class LeftoverKind(StrEnum):
    """What a leftover is."""

    PICTURE = "picture"
    """No render, label or golden version names it."""
    THUMBNAIL = "thumbnail"
    """Of a picture that nothing names."""
    HALF_WRITTEN = "half-written"
    """Its writer was killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """A file that can go."""

    path: Path
    kind: LeftoverKind
    size_bytes: int


class Leftovers:
    """Finds and removes what nothing names in the folders of a home."""

    def __init__(self, database: Database, blobs: Path) -> None:
        self._database, self._blobs, self._thumbnails = database, blobs, blobs.parent / "thumbnails"

    def find(self) -> Iterator[Leftover]:
        """Every leftover as of now; the folders are read in parts of ``AT_ONCE`` files."""
        golden = self._golden()
        for paths in _parts(self._paths()):
            with self._database.read() as connection:
                found = self._among(connection, paths, golden)
            yield from found

    def remove(self, leftovers: Iterable[Leftover]) -> Iterator[Leftover]:
        """Remove those that still are leftovers at that moment; gives each that is gone.

        Raises:
            StoreError: the disk or the database refuses; what was given before is removed.
        """
        golden = self._golden()
        for some in _parts(leftovers):
            with self._database.write() as connection:  # no file can be claimed meanwhile
                still = self._among(connection, [one.path for one in some], golden)
                names = [one.path.stem for one in still if one.kind is LeftoverKind.PICTURE]
                connection.execute(_FILES.delete().where(_FILES.c.file_digest.in_(names)))
                for one in still:
                    one.path.unlink(missing_ok=True)
            yield from still

    def _golden(self) -> set[str]:
        with self._database.read() as connection:
            versions = all_as(connection, GoldenVersion, select_as(GoldenVersion, tables.golden_versions))
        return {entry.render_digest for version in versions for entry in version.entries}

    def _paths(self) -> Iterator[Path]:
        for folder in (self._blobs, self._thumbnails):
            for inner, _, names in os.walk(folder):
                yield from (Path(inner) / name for name in sorted(names))

    def _among(self, connection: Connection, paths: Iterable[Path], golden: set[str]) -> list[Leftover]:
        before = self._database.now(connection) - YOUNG
        old = [path for path in paths if _older(path, before)]
        stems = {path.stem for path in old if _NAMED.fullmatch(path.name)}
        pixels = _named_pixels(connection, stems) | golden
        files = _named_files(connection, stems, golden, before)
        found = []
        for path in old:
            kind = self._kind(path)
            by_bytes = kind is LeftoverKind.PICTURE and path.is_relative_to(self._blobs / "sha256")
            if kind is not None and path.stem not in (files if by_bytes else pixels):
                found.append(Leftover(path=path, kind=kind, size_bytes=path.stat().st_size))
        return found

    def _kind(self, path: Path) -> LeftoverKind | None:
        """None: no file of the store."""
        if is_part(path):
            return LeftoverKind.HALF_WRITTEN
        if not _NAMED.fullmatch(path.name):
            return None
        return LeftoverKind.PICTURE if path.is_relative_to(self._blobs) else LeftoverKind.THUMBNAIL


def _older(path: Path, before: datetime) -> bool:
    try:
        return path.stat().st_mtime < before.timestamp()
    except FileNotFoundError:
        return False


def _named_files(connection: Connection, stems: set[str], golden: set[str], before: datetime) -> set[str]:
    """Those of some files that a render names, hold named pixels, or that were claimed of late."""
    of_renders = select(_RENDERS.c.file_digest).where(_RENDERS.c.file_digest.in_(stems))
    rows = connection.execute(select(_FILES).where(_FILES.c.file_digest.in_(stems))).all()
    pixels = _named_pixels(connection, {row.digest for row in rows}) | golden
    kept = {row.file_digest for row in rows if row.digest in pixels or row.claimed_at >= before}
    return kept | set(connection.scalars(of_renders))


def _named_pixels(connection: Connection, digests: set[str]) -> set[str]:
    """Those of some pictures that a render or a label names."""
    labels = tables.triage_events.c.render_digest
    of_renders = select(_RENDERS.c.digest).where(_RENDERS.c.digest.in_(digests))
    of_labels = select(labels).where(labels.in_(digests))
    return {*connection.scalars(of_renders), *connection.scalars(of_labels)}


def _parts(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while some := list(islice(rest, AT_ONCE)):
        yield some
