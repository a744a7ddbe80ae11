"""What the standing verdicts say of each picture for its case, counted in the same transaction as the event.

Only :func:`core.golden.promotion.counted` knows what a verdict says of a picture. Here the subjects that an
event concerns are counted anew from their verdicts; a test holds that the rows are those of all verdicts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any, Final

from sqlalchemy import Connection, or_, select

from core.golden.promotion import Ballot, BallotCount, PromotionRule, Subject, counted
from core.records.reviews import JUDGED
from db import tables
from db.dialects import upsert
from db.renders import is_latest
from db.rows import insert, row_of

_COUNTS, _PAIRS, _RENDERS = tables.golden_ballots, tables.pairs, tables.renders
_STANDING, _VERDICTS = tables.standing_verdicts, tables.verdicts
AT_ONCE: Final = 500
"""Cases that are counted at once when all are."""


def keep_ballots(connection: Connection, pair_ids: Collection[str]) -> None:
    """Count anew what is said of every picture that was ever drawn for some pairs."""
    pictures = (
        select(_PAIRS.c.case_digest, _RENDERS.c.digest)
        .join(_RENDERS, _RENDERS.c.pair_id == _PAIRS.c.id)
        .where(_PAIRS.c.id.in_(pair_ids), _RENDERS.c.digest.is_not(None))
        .distinct()
    )
    for case, digest in connection.execute(pictures).all():
        about = {"case_digest": case, "render_digest": digest}
        of_it = standing_ballots(connection, _PAIRS.c.case_digest == case, _RENDERS.c.digest == digest)
        if (count := counted(of_it)) == BallotCount():
            connection.execute(_COUNTS.delete().filter_by(**about))
        else:
            connection.execute(upsert(connection, _COUNTS), row_of(count, **about))


def ballots_that_may_label(connection: Connection, rule: PromotionRule) -> dict[Subject, BallotCount]:
    """What is said of every picture that enough reviewers accepted, or refused, for a rule's label."""
    enough = or_(_COUNTS.c.accepted >= rule.reviewers, _COUNTS.c.refused >= rule.reviewers)
    return {
        Subject(case_digest=row.case_digest, render_digest=row.render_digest): BallotCount(
            accepted=row.accepted, refused=row.refused, against=row.against, reasons=row.reasons
        )
        for row in connection.execute(select(_COUNTS).where(enough))
    }


def fill_ballots(connection: Connection) -> None:
    """Let the stored counts be those of all verdicts, in pages of cases."""
    connection.execute(_COUNTS.delete())
    last, page = "", select(_PAIRS.c.case_digest).distinct().order_by(_PAIRS.c.case_digest).limit(AT_ONCE)
    while cases := list(connection.scalars(page.where(_PAIRS.c.case_digest > last))):
        last = cases[-1]
        ballots = standing_ballots(connection, _PAIRS.c.case_digest.in_(cases))
        insert(
            connection,
            _COUNTS,
            [
                row_of(count, case_digest=subject.case_digest, render_digest=subject.render_digest)
                for subject, count in counts_of(ballots).items()
            ],
        )


def counts_of(ballots: Iterable[Ballot]) -> dict[Subject, BallotCount]:
    """What all ballots come to, by subject; those of which nothing is said are left out."""
    by_subject: defaultdict[Subject, list[Ballot]] = defaultdict(list)
    for ballot in ballots:
        by_subject[ballot.subject].append(ballot)
    counts = {subject: counted(some) for subject, some in by_subject.items()}
    return {subject: count for subject, count in counts.items() if count != BallotCount()}


def standing_ballots(connection: Connection, *which: Any) -> list[Ballot]:
    """Standing judgements, seen from each of the two renders they were about."""
    judged = (
        select(
            _PAIRS.c.case_digest,
            _RENDERS.c.digest.label("render_digest"),
            _RENDERS.c.arm,
            _VERDICTS.c.reviewer,
            _VERDICTS.c.outcome,
            _VERDICTS.c.reasons,
        )
        .select_from(_STANDING)
        .join(_VERDICTS, _VERDICTS.c.uuid == _STANDING.c.uuid)
        .join(_PAIRS, _PAIRS.c.id == _VERDICTS.c.pair_id)
        .join(_RENDERS, _RENDERS.c.pair_id == _PAIRS.c.id)
        .where(_STANDING.c.slot == JUDGED, is_latest(), _RENDERS.c.digest.is_not(None), *which)
    )
    return [
        Ballot(
            subject=Subject(case_digest=row.case_digest, render_digest=row.render_digest),
            arm=row.arm,
            reviewer=row.reviewer,
            outcome=row.outcome,
            reasons=row.reasons,
        )
        for row in connection.execute(judged)
    ]
