"""Suites and their cases. A case lives once, under its digest, however many suites hold it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select

from core.errors import UnknownName
from core.records import Case, Suite
from db import tables
from db.database import Database
from db.dialects import lower
from db.rows import all_as, first_as, insert, insert_new, row_of, select_as


class Suites:
    """Every version of every suite that was ever run or saved."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, suite: Suite, now: datetime) -> Suite:
        """Store this version as the latest of its name; saving the latest again changes nothing."""
        with self._database.write() as connection:
            save_suite(connection, suite, now)
        return suite

    def get(self, name: str) -> Suite:
        """The latest version of a suite.

        Raises:
            UnknownName: with the nearest names.
        """
        with self._database.read() as connection:
            suite = _latest(connection, tables.suites.c.name == name)
            if suite is None:
                raise UnknownName.of("suite", name, connection.scalars(select(tables.suites.c.name)))
            return suite

    def list(self) -> list[Suite]:
        """The latest version of every suite, by name."""
        newest = select(func.max(tables.suites.c.ordinal)).group_by(tables.suites.c.name)
        with self._database.read() as connection:
            rows = connection.execute(
                select(tables.suites).where(tables.suites.c.ordinal.in_(newest)).order_by("name")
            )
            return [_suite(connection, row) for row in rows.all()]

    def case(self, digest: str) -> Case:
        """One case; ``UnknownName`` when no suite ever held it."""
        with self._database.read() as connection:
            case = first_as(connection, Case, _CASES.where(tables.cases.c.digest == digest))
        if case is None:
            raise UnknownName.of("case", digest, [])
        return case

    def cases(self, digests: Iterable[str]) -> dict[str, Case]:
        """Cases by digest; digests that are unknown are left out."""
        with self._database.read() as connection:
            found = all_as(connection, Case, _CASES.where(tables.cases.c.digest.in_(set(digests))))
        return {case.digest: case for case in found}


_CASES = select_as(Case, tables.cases)


def save_suite(connection: Connection, suite: Suite, now: datetime) -> None:
    """Store a suite inside the caller's transaction; used by :meth:`Suites.save` and by run requests."""
    if _latest(connection, tables.suites.c.name == suite.name) == suite:
        return
    save_cases(connection, suite.cases)
    digest = suite.digest  # of all its cases: worth keeping
    places = [
        {"suite_digest": digest, "position": position, "case_digest": case.digest}
        for position, case in enumerate(suite.cases)
    ]
    insert_new(connection, tables.suite_cases, places)
    words = {"name": suite.name, "title": suite.title, "description": suite.description}
    insert(connection, tables.suites, [{"digest": digest, "saved_at": now, **words}])


def save_cases(connection: Connection, cases: Iterable[Case]) -> None:
    """Store cases that are not known yet, inside the caller's transaction."""
    for case in cases:
        digest = case.digest
        if insert_new(connection, tables.cases, [row_of(case, digest=digest)]):
            tags = [{"case_digest": digest, "tag": tag} for tag in sorted(set(case.tags))]
            insert(connection, tables.case_tags, tags)
            insert(connection, tables.case_names, [{"name": lower(case.name), "case_digest": digest}])


def cases_of(connection: Connection, digests: Collection[str]) -> dict[str, Case]:
    """Some cases by their digests, which are read: to make one anew takes as long as to read its case."""
    some = _CASES.add_columns(tables.cases.c.digest).where(tables.cases.c.digest.in_(digests))
    found = {}
    for row in connection.execute(some):
        words = dict(row._mapping)
        digest = words.pop("digest")
        found[digest] = Case(**words)
    return found


def fill_names(connection: Connection) -> None:
    """Let the stored cases be found by their names, as a home needs that was written without them."""
    connection.execute(tables.case_names.delete())
    cases = connection.execute(select(tables.cases.c.name, tables.cases.c.digest)).all()
    rows = [{"name": lower(row.name), "case_digest": row.digest} for row in cases]
    insert(connection, tables.case_names, rows)


def _latest(connection: Connection, condition: ColumnElement[bool]) -> Suite | None:
    newest = select(tables.suites).where(condition).order_by(tables.suites.c.ordinal.desc()).limit(1)
    row = connection.execute(newest).first()
    return None if row is None else _suite(connection, row)


def _suite(connection: Connection, row: Row[Any]) -> Suite:
    places = tables.suite_cases
    of_suite = (
        _CASES.join(places, places.c.case_digest == tables.cases.c.digest)
        .where(places.c.suite_digest == row.digest)
        .order_by(places.c.position)
    )
    return Suite(
        name=row.name,
        title=row.title,
        description=row.description,
        cases=tuple(all_as(connection, Case, of_suite)),
    )
