"""Records into rows and rows into records, for every table alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, Table, select

from db.dialects import insert_or_skip

R = TypeVar("R")
AT_ONCE = 10_000
"""Ids in one statement; SQLite takes at most 32,766."""
Row = Mapping[str, Any]


def row_of(record: Any, **bookkeeping: Any) -> dict[str, Any]:
    """A record's fields as they are, plus the table's own columns; the column types do the rest."""
    return {f.name: getattr(record, f.name) for f in fields(record)} | bookkeeping


@cache
def select_as(record: type, table: Table) -> Select[Any]:
    """``SELECT`` of exactly the record's fields; built once, for a statement never changes."""
    return select(*(table.c[f.name] for f in fields(record)))


def all_as(connection: Connection, record: type[R], statement: Select[Any]) -> list[R]:
    """Every row of a statement made by :func:`select_as`, as records."""
    result = connection.execute(statement)
    names = tuple(result.keys())
    return [record(**dict(zip(names, row, strict=True))) for row in result]


def all_numbered(
    connection: Connection, record: type[R], statement: Select[Any], ordinal: ColumnElement[int]
) -> list[tuple[int, R]]:
    """Every row of a statement made by :func:`select_as`, as its ordinal and its record."""
    result = connection.execute(statement.add_columns(ordinal))
    names = tuple(result.keys())[:-1]
    return [(row[-1], record(**dict(zip(names, row[:-1], strict=True)))) for row in result]


def first_as(connection: Connection, record: type[R], statement: Select[Any]) -> R | None:
    """The first row as a record, or None."""
    row = connection.execute(statement.limit(1)).first()
    return None if row is None else record(**row._mapping)


def insert(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Append rows; none at all is fine."""
    if values := list(rows):
        connection.execute(table.insert(), values)


def insert_new(connection: Connection, table: Table, rows: Iterable[Row]) -> int:
    """Append the rows whose key is not there yet; gives how many were new."""
    statement = insert_or_skip(connection, table)
    return sum(connection.execute(statement, dict(row)).rowcount for row in rows)


def batches(ids: Iterable[str], at_once: int = AT_ONCE) -> Iterator[list[str]]:
    """The ids in lists that one statement can hold."""
    rest = iter(ids)
    while some := list(islice(rest, at_once)):
        yield some
