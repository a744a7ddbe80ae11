"""Labels as a fold over triage events: the last event of a render is its label. Used by :mod:`db.golden`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, select

from core.errors import UnknownName
from core.golden.promotion import CurrentLabel, Subject
from core.records import TriageEvent, TriageLabel
from db import tables
from db.rows import first_as, insert, row_of, select_as

EVENTS = select_as(TriageEvent, tables.triage_events)
"""All triage events, as records."""
_LATER = tables.triage_events.alias("later")


def events_about(case_digest: str, render_digest: str) -> Select[Any]:
    """Every change of one label, oldest first."""
    events = tables.triage_events.c
    mine = EVENTS.where(events.case_digest == case_digest, events.render_digest == render_digest)
    return mine.order_by(events.ordinal)


def last_event(connection: Connection, case_digest: str, render_digest: str) -> TriageEvent | None:
    """The event that gave a render its label; None while it is untriaged."""
    newest = events_about(case_digest, render_digest).order_by(None)
    return first_as(connection, TriageEvent, newest.order_by(tables.triage_events.c.ordinal.desc()))


def append_event(connection: Connection, event: TriageEvent) -> bool:
    """Append a change with the true label before it; False when it is known or changes nothing."""
    if connection.scalar(
        select(tables.triage_events.c.ordinal).where(tables.triage_events.c.uuid == event.uuid)
    ):
        return False
    if not connection.scalar(select(tables.cases.c.digest).where(tables.cases.c.digest == event.case_digest)):
        raise UnknownName.of("case", event.case_digest, [])
    last = last_event(connection, event.case_digest, event.render_digest)
    before = TriageLabel.UNTRIAGED if last is None else last.label_after
    if before is event.label_after:
        return False
    insert(connection, tables.triage_events, [row_of(replace(event, label_before=before))])
    return True


def is_last_event() -> ColumnElement[bool]:
    """Whether an event is the last about its render: the one that gives the label."""
    events, later = tables.triage_events.c, _LATER.c
    return ~exists().where(
        later.case_digest == events.case_digest,
        later.render_digest == events.render_digest,
        later.ordinal > events.ordinal,
    )


def current_labels() -> Select[Any]:
    """The last event of every labelled render, as fields of :class:`core.golden.promotion.TriagedRender`."""
    events, cases, renders, pairs = tables.triage_events.c, tables.cases.c, tables.renders.c, tables.pairs.c
    recipe_digest = (
        select(renders.recipe_digest)
        .join(tables.pairs, pairs.id == renders.pair_id)
        .where(renders.digest == events.render_digest, pairs.case_digest == events.case_digest)
        .order_by(renders.ordinal)
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(
            events.case_digest,
            cases.name.label("case_name"),
            cases.prompt,
            cases.tags,
            events.render_digest,
            recipe_digest.label("recipe_digest"),
            events.label_after.label("label"),
            events.by,
            events.reasons,
            events.note,
            events.uuid.label("event_uuid"),
            events.created_at.label("since"),
        )
        .join(tables.cases, cases.digest == events.case_digest)
        .where(is_last_event())
    )


def standing_labels(connection: Connection) -> dict[Subject, CurrentLabel]:
    """The label of every render that ever had one, and who gave it."""
    events = tables.triage_events.c
    current = select(events.case_digest, events.render_digest, events.label_after, events.by)
    return {
        Subject(case_digest=row.case_digest, render_digest=row.render_digest): CurrentLabel(
            label=row.label_after, by=row.by
        )
        for row in connection.execute(current.where(is_last_event()))
    }
