"""The golden set: renders that are right or wrong for their case, frozen as numbered versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, select

from core.digests import content_digest
from core.errors import InvalidRequest, UnknownName
from core.golden.promotion import PromotionRule, TriagedRender, changes
from core.records import Case, GoldenEntry, GoldenVersion, Recipe, TriageEvent, TriageLabel
from db import tables
from db.ballots import ballots_that_may_label
from db.blobs import Blobs
from db.database import Database
from db.golden_export import export_version
from db.rows import all_as, first_as, insert, row_of, select_as
from db.triage import (
    EVENTS,
    append_event,
    current_labels,
    events_about,
    last_event,
    standing_labels,
)

_VERSIONS = select_as(GoldenVersion, tables.golden_versions)


class Golden:
    """Which pixels are right, and which are wrong, for which case."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database = database
        self._blobs = blobs

    def label(self, case_digest: str, render_digest: str) -> TriageLabel:
        """The label of some pixels for a case; untriaged when there is none."""
        with self._database.read() as connection:
            event = last_event(connection, case_digest, render_digest)
        return TriageLabel.UNTRIAGED if event is None else event.label_after

    def positives(self, case_digest: str) -> list[str]:
        """Digests of the renders that are positives of a case, newest label first."""
        return [entry.render_digest for entry in self.entries(TriageLabel.POSITIVE, case_digest=case_digest)]

    def triage(self, events: TriageEvent | Sequence[TriageEvent]) -> int:
        """Change labels, all in one transaction; gives how many were changed.

        The label before is read here, whatever the event says. An event whose uuid is known, or that changes
        nothing, is left out.
        """
        wanted = [events] if isinstance(events, TriageEvent) else list(events)
        with self._database.write() as connection:
            return sum(append_event(connection, event) for event in wanted)

    def undo(self, uuid: str, event_uuid: str, by: str, now: datetime) -> bool:
        """Give the label back that an event replaced; False when a later event has changed it since.

        Raises:
            UnknownName: there is no such event.
        """
        with self._database.write() as connection:
            undone = first_as(
                connection, TriageEvent, EVENTS.where(tables.triage_events.c.uuid == event_uuid)
            )
            if undone is None:
                raise UnknownName.of("triage event", event_uuid, [])
            if last_event(connection, undone.case_digest, undone.render_digest) != undone:
                return False
            restored = replace(
                undone,
                uuid=uuid,
                label_after=undone.label_before,
                by=by,
                reasons=(),
                note=f"undo of {event_uuid}",
                created_at=now,
            )
            return append_event(connection, restored)

    def history(self, case_digest: str, render_digest: str) -> list[TriageEvent]:
        """Every change of a label, oldest first."""
        with self._database.read() as connection:
            return all_as(connection, TriageEvent, events_about(case_digest, render_digest))

    def entries(
        self,
        label: TriageLabel | None = None,
        *,
        tag: str | None = None,
        case_digest: str | None = None,
        limit: int = 500,
        offset: int = 0,
    ) -> list[TriagedRender]:
        """Labelled renders (positives and negatives when no label is named), newest label first."""
        events, cases = tables.triage_events.c, tables.cases.c
        labels = [TriageLabel.POSITIVE, TriageLabel.NEGATIVE] if label is None else [label]
        wanted = current_labels().where(events.label_after.in_(labels))
        if case_digest is not None:
            wanted = wanted.where(events.case_digest == case_digest)
        if tag is not None:
            tags = tables.case_tags.c
            wanted = wanted.where(cases.digest.in_(select(tags.case_digest).where(tags.tag == tag)))
        page = wanted.order_by(events.ordinal.desc()).limit(limit).offset(offset)
        with self._database.read() as connection:
            return [TriagedRender(**row._mapping) for row in connection.execute(page)]

    def preview(self, now: datetime, rule: PromotionRule | None = None) -> list[TriageEvent]:
        """What :meth:`promote` would change at this moment; nothing is stored."""
        with self._database.read() as connection:
            return _changes(connection, rule or PromotionRule(), now)

    def promote(self, now: datetime, rule: PromotionRule | None = None) -> list[TriageEvent]:
        """Let the rule turn all standing verdicts into labels; gives the events it made."""
        with self._database.write() as connection:
            events = _changes(connection, rule or PromotionRule(), now)
            insert(connection, tables.triage_events, [row_of(event) for event in events])
        return events

    def freeze(self, by: str, note: str, now: datetime) -> GoldenVersion:
        """Number and keep the set as it stands; an unchanged set is still its latest version.

        Raises:
            InvalidRequest: nothing is labelled yet.
        """
        with self._database.write() as connection:
            entries = _entries(connection)
            if not entries:
                raise InvalidRequest("golden set: expected labelled renders to freeze, found none")
            digest = content_digest("golden", entries)
            newest = first_as(
                connection, GoldenVersion, _VERSIONS.order_by(tables.golden_versions.c.number.desc())
            )
            if newest is not None and newest.digest == digest:
                return newest
            version = GoldenVersion(
                number=1 if newest is None else newest.number + 1,
                digest=digest,
                entries=entries,
                frozen_by=by,
                note=note,
                created_at=now,
            )
            insert(connection, tables.golden_versions, [row_of(version)])
        return version

    def versions(self) -> list[GoldenVersion]:
        """All frozen versions, newest first."""
        newest = _VERSIONS.order_by(tables.golden_versions.c.number.desc())
        with self._database.read() as connection:
            return all_as(connection, GoldenVersion, newest)

    def version(self, number: int) -> GoldenVersion:
        """One frozen version; ``UnknownName`` with the known numbers."""
        with self._database.read() as connection:
            wanted = _VERSIONS.where(tables.golden_versions.c.number == number)
            version = first_as(connection, GoldenVersion, wanted)
            if version is None:
                numbers = connection.scalars(select(tables.golden_versions.c.number))
                raise UnknownName.of("golden set version", str(number), map(str, numbers))
        return version

    def export(self, number: int, folder: Path) -> Path:
        """Write a version into a new folder: PNG files and ``golden.jsonl`` with cases and recipes.

        Raises:
            UnknownName, InvalidRequest, StoreError: as in :meth:`version` and :func:`export_version`.
        """
        version = self.version(number)
        with self._database.read() as connection:
            cases = _cases(connection, version)
            recipes = _recipes(connection, version)
        return export_version(version, folder, blobs=self._blobs, cases=cases, recipes=recipes)


def _changes(connection: Connection, rule: PromotionRule, now: datetime) -> list[TriageEvent]:
    return changes(ballots_that_may_label(connection, rule), standing_labels(connection), rule, now)


def _entries(connection: Connection) -> tuple[GoldenEntry, ...]:
    """Positives and negatives in an order that depends on nothing but themselves."""
    labelled = current_labels().where(
        tables.triage_events.c.label_after.in_([TriageLabel.POSITIVE, TriageLabel.NEGATIVE])
    )
    names = GoldenEntry.__dataclass_fields__
    rows = connection.execute(labelled)
    entries = (GoldenEntry(**{name: row._mapping[name] for name in names}) for row in rows)
    return tuple(sorted(entries, key=lambda e: (e.case_name, e.case_digest, e.render_digest)))


def _cases(connection: Connection, version: GoldenVersion) -> dict[str, Case]:
    digests = {entry.case_digest for entry in version.entries}
    wanted = select_as(Case, tables.cases).where(tables.cases.c.digest.in_(digests))
    return {case.digest: case for case in all_as(connection, Case, wanted)}


def _recipes(connection: Connection, version: GoldenVersion) -> dict[str, Recipe]:
    renders = tables.renders.c
    digests = {entry.recipe_digest for entry in version.entries}
    wanted = select(renders.recipe_digest, renders.recipe).where(renders.recipe_digest.in_(digests))
    return {row.recipe_digest: row.recipe for row in connection.execute(wanted)}
