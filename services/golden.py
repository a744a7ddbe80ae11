"""The golden set, one verb each: what a rule or a person labels, what is frozen, what is taken away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from core.errors import InvalidRequest
from core.golden.promotion import PromotionRule, TriagedRender
from core.records import GoldenVersion, Reason, TriageEvent, TriageLabel
from services.review import names

if TYPE_CHECKING:
    from db.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A frozen version that was written into a folder."""

    version: GoldenVersion
    index: Path
    """``golden.jsonl``: one line a render with its case and recipe."""
    lost: set[str]
    """The pairs that the reviewer could judge blind until now."""


def promote(store: Store, rule: PromotionRule, now: datetime) -> list[TriageEvent]:
    """Let the verdicts that stand label renders by this rule; gives the events it made."""
    return store.golden.promote(now, rule)


def freeze(store: Store, by: str, note: str, now: datetime) -> GoldenVersion:
    """Keep the set as it stands under the next number; an unchanged set keeps its number.

    Raises:
        InvalidRequest: nothing is labelled yet.
    """
    return store.golden.freeze(by, note, now)


def export(store: Store, number: int | None, folder: Path, *, reviewer: str, now: datetime) -> Exported:
    """Write a frozen version (None: the latest) with its recipes; that names the models is kept.

    Raises:
        UnknownName: there is no version of this number.
        InvalidRequest: nothing is frozen yet, or the folder holds something already.
        StoreError: a file is missing, or the disk refuses.
    """
    version = _latest(store) if number is None else store.golden.version(number)
    index = store.golden.export(version.number, folder)
    lost = names.cost_of_golden_names(store, version, reviewer)
    names.show_golden_names(store, version, reviewer, now)
    return Exported(version=version, index=index, lost=lost)


def relabel(
    store: Store,
    entry: TriagedRender,
    label: TriageLabel,
    *,
    reasons: Sequence[Reason] = (),
    note: str = "",
    by: str,
    now: datetime,
) -> bool:
    """Accept, refuse or retire one render; False when that is its label already."""
    event = TriageEvent(
        uuid=uuid4().hex,
        case_digest=entry.case_digest,
        render_digest=entry.render_digest,
        label_before=entry.label,
        label_after=label,
        by=by,
        reasons=tuple(reasons),
        note=note,
        created_at=now,
    )
    return store.golden.triage(event) == 1


def undo_last_change(store: Store, entry: TriagedRender, by: str, now: datetime) -> bool:
    """Give back the label that the entry's last change replaced; False when it was changed again since.

    Raises:
        UnknownName: the change that the entry names does not exist.
    """
    return store.golden.undo(uuid4().hex, entry.event_uuid, by, now)


def _latest(store: Store) -> GoldenVersion:
    versions = store.golden.versions()
    if not versions:
        raise InvalidRequest(
            "golden set: nothing is frozen yet", remedy="freeze it first: sidegrade golden freeze"
        )
    return versions[0]
