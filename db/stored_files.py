"""Which files hold which pictures: the rows behind the blob folder.

A row is written before its file, so that a file is never without an owner: a picture that is being drawn
cannot be taken for a leftover, see :mod:`db.leftovers`.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select, tuple_

from core.records import StoredFile
from db import tables
from db.database import Database
from db.dialects import upsert
from db.rows import all_as, row_of, select_as

_FILES, _RENDERS, _PAIRS = tables.stored_files, tables.renders, tables.pairs
_PICTURE = (_RENDERS.c.digest, _RENDERS.c.file_digest)
PAGE = 500
"""Pictures that are read from the database at a time."""

Picture = tuple[str, str | None]
"""Digest of the pixels, and of the very file that a render names; None: stored before files had digests."""


class StoredFiles:
    """The digests of every file that was ever stored."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def holding(self, digest: str) -> list[StoredFile]:
        """The files whose decoded pixels have this digest, the one that was drawn last first."""
        mine = select_as(StoredFile, _FILES).where(_FILES.c.digest == digest)
        with self._database.read() as connection:
            return all_as(
                connection, StoredFile, mine.order_by(_FILES.c.claimed_at.desc(), _FILES.c.file_digest)
            )

    def claim(self, file: StoredFile) -> None:
        """Say that a file is about to be written, or is drawn once more, at this moment of the database."""
        with self._database.write() as connection:
            row = row_of(file, claimed_at=self._database.now(connection))
            connection.execute(upsert(connection, _FILES), row)

    def adopt(self, file: StoredFile) -> None:
        """Take in a file of before files had digests: it is that of every such render of its pixels."""
        old = _RENDERS.update().where(_RENDERS.c.digest == file.digest, _RENDERS.c.file_digest.is_(None))
        with self._database.write() as connection:
            row = row_of(file, claimed_at=self._database.now(connection))
            connection.execute(upsert(connection, _FILES), row)
            connection.execute(old.values(file_digest=file.file_digest))

    def pairs_with(self, digest: str) -> str:
        """The pairs that hold a picture, in words that tell no arm: reviewers read them."""
        pairs = (
            select(_PAIRS.c.id, _PAIRS.c.case_name)
            .join(_RENDERS, _RENDERS.c.pair_id == _PAIRS.c.id)
            .where(_RENDERS.c.digest == digest)
            .group_by(_PAIRS.c.id, _PAIRS.c.case_name)
            .order_by(func.max(_RENDERS.c.ordinal).desc())
        )
        with self._database.read() as connection:
            found = connection.execute(pairs).all()
        if not found:
            return "no pair holds it"
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        return f"pair {found[0].id}{more}, case {found[0].case_name}"

    def pictures(self) -> Iterator[Picture]:
        """Every picture that a render names, in pages: nothing is loaded whole."""
        file = func.coalesce(_RENDERS.c.file_digest, "")
        every = select(*_PICTURE).where(_RENDERS.c.digest.is_not(None))
        page = every.group_by(*_PICTURE).order_by(_RENDERS.c.digest, file).limit(PAGE)
        after = ("", "")
        while True:
            with self._database.read() as connection:
                rows = connection.execute(page.where(tuple_(_RENDERS.c.digest, file) > after)).all()
            if not rows:
                return
            yield from ((row.digest, row.file_digest) for row in rows)
            after = (rows[-1].digest, rows[-1].file_digest or "")

    def sample(self, count: int) -> list[Picture]:
        """So many of the pictures, drawn anew at each call; all of them where there are no more."""
        every = select(*_PICTURE).where(_RENDERS.c.digest.is_not(None))
        some = every.group_by(*_PICTURE).order_by(func.random()).limit(count)
        with self._database.read() as connection:
            return [(row.digest, row.file_digest) for row in connection.execute(some)]

    def count(self) -> int:
        """How many pictures renders name."""
        every = select(*_PICTURE).where(_RENDERS.c.digest.is_not(None))
        with self._database.read() as connection:
            return connection.scalar(select(func.count()).select_from(every.distinct().subquery())) or 0
