"""When a render enters or leaves the golden set: from reviewers' verdicts to labels, by one small rule.

A render belongs to its case by its pixels: a baseline that draws the same image in ten runs collects the
verdicts of all ten. What a person has labelled stays as labelled; the rule moves only its own labels.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from core.digests import content_digest
from core.errors import InvalidRequest
from core.records import Arm, Outcome, Reason, TriageEvent, TriageLabel

RULE_PREFIX = "rule:"
"""Starts the ``by`` of every label that a rule gave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionRule:
    """How many reviewers make a positive or a negative, and how many may disagree."""

    name: str = "two-reviewers"
    reviewers: int = 2
    """At least so many reviewers must accept a render (or refuse it)."""
    against: int = 0
    """At most so many may say the opposite."""

    def __post_init__(self) -> None:
        if self.reviewers < 1 or self.against < 0:
            raise InvalidRequest(
                f"promotion rule: expected reviewers ≥ 1 and against ≥ 0, "
                f"got {self.reviewers} and {self.against}"
            )

    @property
    def by(self) -> str:
        """How the rule signs its labels."""
        return RULE_PREFIX + self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a label is about: some pixels as an answer to a case."""

    case_digest: str
    render_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """One reviewer's standing verdict, seen from one of the two renders."""

    subject: Subject
    arm: Arm
    reviewer: str
    outcome: Outcome
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentLabel:
    """The label of a subject now, and who gave it."""

    label: TriageLabel
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TriagedRender:
    """A labelled render as the Golden set page shows it."""

    case_digest: str
    case_name: str
    prompt: str
    tags: tuple[str, ...]
    render_digest: str
    recipe_digest: str | None
    label: TriageLabel
    by: str
    reasons: tuple[Reason, ...]
    note: str
    event_uuid: str
    """The event that gave this label: what *undo* takes back."""
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BallotCount:
    """How many reviewers said what of one subject."""

    accepted: int = 0
    """Preferred it to another picture."""
    refused: int = 0
    """Called it and the other one bad."""
    against: int = 0
    """Refused it, or preferred another picture."""
    reasons: tuple[Reason, ...] = ()
    """Of those who refused it, each once."""


def counted(ballots: Iterable[Ballot]) -> BallotCount:
    """What the ballots of one subject come to; a reviewer counts once for each thing said.

    The winner of a pair is accepted; *both bad* refuses both; losing to a better image, a tie and *can't
    judge* say nothing about whether an image is good enough, but the loser's ballot stands against its entry.
    """
    accepted, refused, opposed = set(), set(), set()
    reasons: set[Reason] = set()
    for ballot in ballots:
        if ballot.outcome.refuses_both:
            refused.add(ballot.reviewer)
            reasons.update(ballot.reasons)
        elif ballot.outcome.arm is ballot.arm:
            accepted.add(ballot.reviewer)
        elif ballot.outcome.arm is ballot.arm.other:
            opposed.add(ballot.reviewer)
    return BallotCount(
        accepted=len(accepted),
        refused=len(refused),
        against=len(refused | opposed),
        reasons=tuple(reason for reason in Reason if reason in reasons),
    )


def label_by(rule: PromotionRule, ballots: Iterable[Ballot]) -> tuple[TriageLabel, tuple[Reason, ...]]:
    """The label that the ballots of one subject lead to, with the reasons of those who refused it."""
    return label_of(rule, counted(ballots))


def label_of(rule: PromotionRule, count: BallotCount) -> tuple[TriageLabel, tuple[Reason, ...]]:
    """The same from what they come to."""
    if count.accepted >= rule.reviewers and count.against <= rule.against:
        return TriageLabel.POSITIVE, ()
    if count.refused >= rule.reviewers and count.accepted <= rule.against:
        return TriageLabel.NEGATIVE, count.reasons
    return TriageLabel.UNTRIAGED, ()


def promotions(
    ballots: Iterable[Ballot], current: Mapping[Subject, CurrentLabel], rule: PromotionRule, now: datetime
) -> list[TriageEvent]:
    """The changes of label that follow from all standing verdicts; see :func:`changes`."""
    by_subject: dict[Subject, list[Ballot]] = defaultdict(list)
    for ballot in ballots:
        by_subject[ballot.subject].append(ballot)
    return changes({subject: counted(some) for subject, some in by_subject.items()}, current, rule, now)


def changes(
    counts: Mapping[Subject, BallotCount],
    current: Mapping[Subject, CurrentLabel],
    rule: PromotionRule,
    now: datetime,
) -> list[TriageEvent]:
    """The changes of label that follow, ordered by case and render.

    Labels that a person gave are left alone. A label of a rule that the verdicts no longer carry, because one
    was taken back, returns to untriaged. ``counts`` may leave out what leads to no label.
    """
    ruled = {subject for subject, now_is in current.items() if now_is.by.startswith(RULE_PREFIX)}
    subjects = sorted(counts.keys() | ruled, key=lambda s: (s.case_digest, s.render_digest))
    events = []
    for subject in subjects:
        before = current.get(subject, _UNSEEN)
        label, reasons = label_of(rule, counts.get(subject, _NO_BALLOTS))
        if label is not before.label and before.by.startswith(RULE_PREFIX):
            events.append(_event(subject, before.label, label, reasons, rule, now))
    return events


_NO_BALLOTS = BallotCount()
_UNSEEN = CurrentLabel(label=TriageLabel.UNTRIAGED, by=RULE_PREFIX)


def _event(
    subject: Subject,
    before: TriageLabel,
    after: TriageLabel,
    reasons: tuple[Reason, ...],
    rule: PromotionRule,
    now: datetime,
) -> TriageEvent:
    return TriageEvent(
        uuid=content_digest("triage", [subject, before, after, rule.by, now]),
        case_digest=subject.case_digest,
        render_digest=subject.render_digest,
        label_before=before,
        label_after=after,
        by=rule.by,
        reasons=reasons,
        created_at=now,
    )
