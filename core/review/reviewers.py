"""What is known about each reviewer: known answers, sides, repeats, agreement. For trust, never for exclusion
by opinion: only known answers disqualify.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Final, NamedTuple

from core.decisions.agreement import Sides, krippendorff_alpha
from core.records import Evidence, Outcome, Purpose, UnitState, VerdictEvent
from core.review.units import Unit, standing

GOLD_PAIRS: Final = 12
GOLD_NEEDED: Final = 10
"""10 of 12: a reviewer who is right 95% of the time passes with .980, one who guesses with .019."""


class Known(NamedTuple):
    """Right answers among the pairs whose answer is known."""

    right: int
    asked: int

    @property
    def failed(self) -> bool:
        """Whether more than 2 in 12 were wrong: of the first 12 pairs, and as a share ever after."""
        return self.asked - self.right > (1 - GOLD_NEEDED / GOLD_PAIRS) * max(self.asked, GOLD_PAIRS) + 1e-9

    @property
    def qualified(self) -> bool:
        """Whether the reviewer has shown to see what there is to see."""
        return not self.failed and self.right >= GOLD_NEEDED


def sides_chosen(evidence: Evidence) -> dict[str, Sides]:
    """How often each reviewer's decisive verdicts chose A and B, controls included."""
    alike: dict[tuple[str, int, int], list[VerdictEvent]] = defaultdict(list)
    for verdict in standing(evidence.verdicts):
        alike[verdict.reviewer, id(verdict.outcome), id(verdict.side_a)].append(verdict)
    found: defaultdict[str, Sides] = defaultdict(lambda: Sides(0, 0))
    for (reviewer, _, _), (verdict, *others) in alike.items():
        chosen, times = verdict.outcome.arm if verdict.outcome else None, 1 + len(others)
        if chosen is None or verdict.side_a is None:
            continue
        left, right = found[reviewer]
        is_a = chosen is verdict.side_a
        found[reviewer] = Sides(left + times * is_a, right + times * (not is_a))
    return dict(found)


def known_answers(evidence: Evidence) -> dict[str, Known]:
    """Each reviewer's result on the gold pairs."""
    found: defaultdict[str, Known] = defaultdict(lambda: Known(0, 0))
    for verdict in standing(evidence.verdicts):
        if verdict.purpose.has_known_answer and verdict.pair_id in evidence.gold:
            right, asked = found[verdict.reviewer]
            found[verdict.reviewer] = Known(
                right + (verdict.outcome is evidence.gold[verdict.pair_id]), asked + 1
            )
    return dict(found)


def repeatability(evidence: Evidence) -> dict[str, tuple[int, int]]:
    """For each reviewer: repeats answered as the first time, and repeats in all."""
    verdicts = standing(evidence.verdicts)
    first = {(v.reviewer, v.pair_id): v.outcome for v in verdicts if v.purpose.counts}
    found: defaultdict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for verdict in verdicts:
        if verdict.purpose.repeats_own_verdict and (verdict.reviewer, verdict.pair_id) in first:
            same, asked = found[verdict.reviewer]
            agrees = verdict.outcome is first[verdict.reviewer, verdict.pair_id]
            found[verdict.reviewer] = (same + agrees, asked + 1)
    return dict(found)


def agreement(evidence: Evidence) -> float:
    """Krippendorff's alpha (nominal) over pairs that several reviewers judged; NaN without any.

    It says little about few of them: :func:`agreement_on` gives their number as well.
    """
    return agreement_on(evidence)[1]


def agreement_on(evidence: Evidence) -> tuple[int, float]:
    """How many pairs several reviewers judged, and the :func:`agreement` that rests on them."""
    several = [labels for labels in _labels(evidence) if len(labels) > 1]
    return len(several), krippendorff_alpha(several)


_JUDGEMENTS: Final = frozenset(id(purpose) for purpose in Purpose if purpose.is_judgement)
_VOTES: Final = frozenset(id(outcome) for outcome in Outcome if outcome.is_vote)
"""Members of an enum are looked up by identity: there are a hundred thousand verdicts."""


def _labels(evidence: Evidence) -> list[list[Outcome]]:
    """What each pair was called, by everybody who judged it."""
    labels: defaultdict[str, list[Outcome]] = defaultdict(list)
    for verdict in standing(evidence.verdicts):
        outcome = verdict.outcome
        if outcome is not None and id(verdict.purpose) in _JUDGEMENTS and id(outcome) in _VOTES:
            labels[verdict.pair_id].append(outcome)
    return list(labels.values())


def reviewer_means(closed: list[Unit]) -> dict[str, float]:
    """Each reviewer's mean score over the verdicts that are evidence."""
    scores: defaultdict[str, list[float]] = defaultdict(list)
    for vote in (vote for unit in closed if unit.state is UnitState.CLOSED for vote in unit.votes):
        if vote.outcome is not None and vote.outcome.score is not None:
            scores[vote.reviewer].append(vote.outcome.score)
    return {reviewer: sum(values) / len(values) for reviewer, values in sorted(scores.items())}
