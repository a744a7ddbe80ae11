"""The sums of each run, kept in the same transaction as the event that changes them.

Only :mod:`core.sums` knows what a pair or a verdict adds. Here the pairs that an event concerns are read
before and after it, and the difference is written; a test on random histories holds that the stored sums are
those of :func:`folded_sums`, which adds up all rows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, Select, func, select

from core.records import Arm, Measurement, StandingVerdict, VerdictEvent
from core.records.reviews import JUDGED
from core.records.sums import Counted, SumKey
from core.sums import Drawn, Found, Place, Sums, sums_of_pair, sums_of_verdict
from db import tables
from db.dialects import add_up
from db.rows import all_as, batches, select_as

OfRun = dict[str, Sums]
"""Sums by run."""
AT_ONCE: Final = 500
"""Pairs that are read at once."""

_PAIRS, _RENDERS, _FOUND, _SUMS = tables.pairs, tables.renders, tables.measurements, tables.run_sums
_PLACE = (_PAIRS.c.id, _PAIRS.c.run_id, _PAIRS.c.case_digest, _PAIRS.c.position, _PAIRS.c.ready)


@contextmanager
def pairs_counted(connection: Connection, pair_ids: Collection[str]) -> Iterator[None]:
    """Lets the sums follow whatever becomes of some pairs inside; one pair in one such block at a time."""
    before = of_pairs(connection, pair_ids)
    yield
    write_difference(connection, before, of_pairs(connection, pair_ids))


def count_standing(
    connection: Connection, gone: Collection[StandingVerdict], new: Collection[StandingVerdict]
) -> None:
    """Let the sums follow the judgements that ceased to stand and those that began to."""
    both = {(row.uuid, row.slot) for row in gone} & {(row.uuid, row.slot) for row in new}
    gone, new = ([row for row in rows if (row.uuid, row.slot) not in both] for rows in (gone, new))
    write_difference(connection, of_standing(connection, gone), of_standing(connection, new))


def of_pairs(connection: Connection, pair_ids: Collection[str]) -> OfRun:
    """What some pairs add to the sums of their runs; they may be many."""
    sums: OfRun = defaultdict(Counter)
    for some in batches(pair_ids, AT_ONCE):
        _add_pairs(connection, sums, some)
    return sums


def _add_pairs(connection: Connection, sums: OfRun, pair_ids: Collection[str]) -> None:
    places = connection.execute(select(*_PLACE).where(_PAIRS.c.id.in_(pair_ids))).all()
    drawn, found = drawn_of(connection, pair_ids), found_of(connection, pair_ids)
    tags = tags_of(connection, {row.case_digest for row in places})
    for row in places:
        place = Place(row.id, row.case_digest, row.position, row.ready, tags[row.case_digest])
        sums[row.run_id].update(sums_of_pair(place, drawn[row.id], found[row.id]))


def of_standing(connection: Connection, rows: Collection[StandingVerdict]) -> OfRun:
    """What some standing verdicts add; hidden controls add nothing."""
    judged = {row.uuid: row for row in rows if row.slot == JUDGED}
    if not judged:
        return {}
    verdicts = tables.verdicts
    events = select_as(VerdictEvent, verdicts).where(verdicts.c.uuid.in_(judged))
    of_case = tags_of(connection, {row.case_digest for row in judged.values()})
    sums: OfRun = defaultdict(Counter)
    for event in all_as(connection, VerdictEvent, events):
        row = judged[event.uuid]
        sums[row.run_id].update(sums_of_verdict(event, row.outcome, of_case[row.case_digest]))
    return sums


def folded_sums(connection: Connection) -> Iterator[OfRun]:
    """What all rows add, page by page: what the stored sums have to be."""
    last = ""
    page = select(_PAIRS.c.id).order_by(_PAIRS.c.id).limit(AT_ONCE)
    while pair_ids := list(connection.scalars(page.where(_PAIRS.c.id > last))):
        last = pair_ids[-1]
        yield of_pairs(connection, pair_ids)
        standing = tables.standing_verdicts
        on_them = select_as(StandingVerdict, standing).where(standing.c.pair_id.in_(pair_ids))
        yield of_standing(connection, all_as(connection, StandingVerdict, on_them))


def fill_sums(connection: Connection) -> None:
    """Let the stored sums be those of all rows, as a home needs that was written without them."""
    connection.execute(_SUMS.delete())
    for sums in folded_sums(connection):
        write_difference(connection, {}, sums)


def stored_sums(connection: Connection) -> OfRun:
    """The sums as their rows say."""
    sums: OfRun = defaultdict(Counter)
    for row in connection.execute(select(_SUMS)):
        sums[row.run_id][SumKey(row.what, row.arm, row.key, row.outcome)] = row.n
    return sums


def write_difference(connection: Connection, before: OfRun, now: OfRun) -> None:
    """Add to the stored sums what is more now than before; a sum of nothing has no row."""
    rows = []
    for run_id in {*before, *now}:
        change = Counter(now.get(run_id, Counter()))
        change.subtract(before.get(run_id, Counter()))
        rows += [{"run_id": run_id, **key._asdict(), "n": n} for key, n in change.items() if n]
    if rows:
        connection.execute(add_up(connection, _SUMS, "n"), rows)
    if any(row["n"] < 0 for row in rows):
        connection.execute(_SUMS.delete().where(_SUMS.c.n == 0, _SUMS.c.run_id.in_({*before, *now})))


def tags_of(connection: Connection, cases: Collection[str]) -> Mapping[str, list[str]]:
    """The tags of some cases, by case; empty where it has none."""
    of_case: defaultdict[str, list[str]] = defaultdict(list)
    rows = select(tables.case_tags).where(tables.case_tags.c.case_digest.in_(cases))
    for case, tag in connection.execute(rows):
        of_case[case].append(tag)
    return of_case


def drawn_of(connection: Connection, pair_ids: Collection[str]) -> dict[str, dict[Arm, Drawn]]:
    """The latest render of each arm of some pairs."""
    names = ("pair_id", "arm", "status", "digest", "failure")
    rows = select(*(_RENDERS.c[name] for name in names)).where(_RENDERS.c.pair_id.in_(pair_ids))
    drawn: defaultdict[str, dict[Arm, Drawn]] = defaultdict(dict)
    for row in connection.execute(rows.order_by(_RENDERS.c.ordinal)):
        drawn[row.pair_id][row.arm] = Drawn(row.status, row.digest, row.failure)
    return drawn


def found_of(connection: Connection, pair_ids: Collection[str]) -> dict[str, list[Found]]:
    """What the latest examination by each check found on some pairs, in the order it was measured."""
    by = (_FOUND.c.pair_id, _FOUND.c.check)
    newest = select(*by, func.max(_FOUND.c.examination).label("examination")).group_by(*by)
    latest = newest.where(_FOUND.c.pair_id.in_(pair_ids)).subquery()
    current = (
        select_as(Measurement, _FOUND)
        .add_columns(_FOUND.c.alarm)
        .join(
            latest,
            (latest.c.pair_id == _FOUND.c.pair_id)
            & (latest.c.check == _FOUND.c.check)
            & (latest.c.examination == _FOUND.c.examination),
        )
    )
    found: defaultdict[str, list[Found]] = defaultdict(list)
    for row in connection.execute(current.order_by(_FOUND.c.ordinal)):
        words = dict(row._mapping)
        alarm = words.pop("alarm")
        found[row.pair_id].append(Found(Measurement(**words), alarm))
    return found


class RunSums:
    """The sums of one run, or of all, inside a transaction."""

    def __init__(self, connection: Connection, run_id: str | None) -> None:
        self._connection, self._run_id = connection, run_id

    def of(self, what: Counted, *entities: Any) -> Select[Any]:
        """Rows of one kind of sum."""
        rows = select(*(entities or (_SUMS.c.arm, _SUMS.c.key, _SUMS.c.outcome, _SUMS.c.n)))
        rows = rows.where(_SUMS.c.what == what)
        return rows if self._run_id is None else rows.where(_SUMS.c.run_id == self._run_id)

    def total(self, what: Counted) -> int:
        """One kind of sum, over all keys."""
        return int(self._connection.scalar(self.of(what, func.sum(_SUMS.c.n))) or 0)

    def by_key(self, what: Counted) -> Iterable[Any]:
        """One kind of sum, row by row, in the order of arm, key and outcome."""
        return self._connection.execute(self.of(what).order_by(_SUMS.c.arm, _SUMS.c.key, _SUMS.c.outcome))

    def rows(self, statement: Select[Any]) -> Iterable[Any]:
        """The rows of a statement that :meth:`of` began."""
        return self._connection.execute(statement)
