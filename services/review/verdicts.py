"""Taking a verdict and taking it back: the same rules for the desk and for a terminal."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from core.records import VerdictEvent
from core.review.acceptance import ONE_TO_ONE, refuse_from_afar, refuse_unfinished
from core.review.sides import Ballot, event_of

if TYPE_CHECKING:
    from db.store import Store


class Cast(NamedTuple):
    """What became of a verdict."""

    recorded: bool
    """False: nothing changed, for the reviewer has a verdict on the pair, or this one was known."""
    event: VerdictEvent
    """As it is stored, with the purpose it got there; when nothing was recorded, as it was offered."""


def cast_ballot(store: Store, ballot: Ballot, reviewer: str, now: datetime) -> bool:
    """Store a verdict of the desk; False when the same uuid, or a verdict on the pair, is there already.

    Raises:
        UnknownName: this reviewer was never handed such a task.
        InvalidRequest: the outcome is no word of the desk, or or the pair has no two pictures to judge.
        DecisionRefused: small text was not seen at 1:1, or the reviewer has seen the names.
    """
    handout = store.reviews.handout(ballot.task, reviewer)
    return cast(store, event_of(ballot, handout, reviewer=reviewer, now=now)).recorded


def cast(store: Store, verdict: VerdictEvent) -> Cast:
    """Store a verdict that names a pair and its arms, wherever it was given.

    Raises:
        UnknownName: there is no such pair.
        InvalidRequest: a picture of the pair was not drawn, or is missing.
        DecisionRefused: small text was not seen at 1:1, or the reviewer has seen the names.
    """
    pair = store.pairs.get(verdict.pair_id)
    if store.reviews.has_event(verdict.uuid):  # sent again: what it was given on may be gone by now
        return Cast(False, verdict)
    renders = store.renders.of_pair(pair.id)
    digests = [render.digest for render in renders.values() if render.digest is not None]
    refuse_unfinished(pair.id, renders, missing=store.pictures.look(digests, verdict.created_at))
    if verdict.look.max_zoom < ONE_TO_ONE:  # otherwise close enough, whatever the plan wants
        lines = store.suites.case(pair.case_digest).expected_text
        refuse_from_afar(verdict, lines, store.runs.get(pair.run_id).plan)
    stored = store.reviews.take(verdict)
    return Cast(stored is not None, stored or verdict)


def undo(store: Store, verdict_uuid: str, reviewer: str, *, uuid: str, now: datetime) -> bool:
    """Take back one's own verdict by a new event; False when it does not stand any more.

    Raises:
        UnknownName: no such verdict of this reviewer.
        DecisionRefused: names were shown for it.
    """
    return store.reviews.undo(uuid, verdict_uuid, reviewer, now)
