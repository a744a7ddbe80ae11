"""Self-tests of the checks: the latest of each check on this machine is what a gate may rely on."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, func, select

from core.records import SelfTest
from db import tables
from db.database import Database
from db.rows import all_as, insert, row_of, select_as


class SelfTests:
    """How well each check told known positives from known negatives."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, results: Iterable[SelfTest]) -> None:
        """Append results."""
        with self._database.write() as connection:
            insert(connection, tables.self_tests, [row_of(result) for result in results])

    def latest(self) -> dict[str, SelfTest]:
        """The latest result of every check, by its name."""
        with self._database.read() as connection:
            return latest_self_tests(connection)


def latest_self_tests(connection: Connection) -> dict[str, SelfTest]:
    """The latest result of every check, inside the caller's transaction."""
    tests = tables.self_tests
    newest = select(func.max(tests.c.ordinal)).group_by(tests.c.check)
    statement = select_as(SelfTest, tests).where(tests.c.ordinal.in_(newest)).order_by(tests.c.check)
    return {result.check: result for result in all_as(connection, SelfTest, statement)}
