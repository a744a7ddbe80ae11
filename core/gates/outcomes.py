"""What a check says of both pictures of a pair, and what that means for a loss: kept, gained, lost or out.

A pair is *at risk* when a loss could show on it: it was right on the baseline, or is on the candidate. What
cannot be told is counted twice: in the worst table as the loss it may hide, in the best as the gain.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from core.decisions.losses import AtRisk
from core.gates.belief import Kind, Problem
from core.gates.scope import CaseOf, Cases, Scope
from core.records import Arm, Pair, RenderStatus

BLANK: Final = "blank"
"""The check that says whether a picture shows anything: one that does not is never right."""
EMPTY: Final = "empty"
"""Its metric: 1 for a picture that shows nothing."""


class Told(StrEnum):
    """What is known of one picture."""

    RIGHT = "right"
    WRONG = "wrong"
    """Also: the candidate failed technically, or the picture shows nothing."""
    UNTOLD = "untold"
    """The check cannot tell, or has not examined it; or the baseline failed technically."""


class Effect(StrEnum):
    """What a pair says about a loss."""

    KEPT = "kept"
    GAINED = "gained"
    LOST = "lost"
    OUT = "out"
    """No loss could show: wrong on both arms, or not right on the baseline and better on the candidate."""


class PairOutcome(NamedTuple):
    """What is known of both pictures of a pair."""

    baseline: Told
    candidate: Told

    @property
    def is_told(self) -> bool:
        """Whether both pictures could be told."""
        return Told.UNTOLD not in self


WORST: Final[Mapping[PairOutcome, Effect]] = {
    PairOutcome(Told.RIGHT, Told.RIGHT): Effect.KEPT,
    PairOutcome(Told.RIGHT, Told.WRONG): Effect.LOST,
    PairOutcome(Told.RIGHT, Told.UNTOLD): Effect.LOST,
    PairOutcome(Told.WRONG, Told.RIGHT): Effect.GAINED,
    PairOutcome(Told.WRONG, Told.WRONG): Effect.OUT,
    PairOutcome(Told.WRONG, Told.UNTOLD): Effect.OUT,
    PairOutcome(Told.UNTOLD, Told.RIGHT): Effect.OUT,
    PairOutcome(Told.UNTOLD, Told.WRONG): Effect.LOST,
    PairOutcome(Told.UNTOLD, Told.UNTOLD): Effect.LOST,
}
"""Everything untold that may hide a loss is one."""
BEST: Final[Mapping[PairOutcome, Effect]] = {
    **WORST,
    PairOutcome(Told.RIGHT, Told.UNTOLD): Effect.KEPT,
    PairOutcome(Told.WRONG, Told.UNTOLD): Effect.GAINED,
    PairOutcome(Told.UNTOLD, Told.RIGHT): Effect.GAINED,
    PairOutcome(Told.UNTOLD, Told.WRONG): Effect.OUT,
    PairOutcome(Told.UNTOLD, Told.UNTOLD): Effect.GAINED,
}
"""Everything untold is as good as it could be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """What a rule read: every pair of every case it is about, and the cases that it could not wholly read."""

    pairs: Mapping[str, tuple[PairOutcome, ...]]
    """By case digest."""
    problems: Mapping[str, Problem]
    """By case digest, the worst one of each: a picture that is missing, stale, or failed its examination."""

    @property
    def cases(self) -> Cases[tuple[PairOutcome, ...]]:
        """The cases as :meth:`Scope.blocked` asks for them: read whole, or with a problem."""
        whole = {digest: pairs for digest, pairs in self.pairs.items() if digest not in self.problems}
        return Cases(whole, dict(self.problems))

    def count(self) -> Counter[PairOutcome]:
        """How many pairs ended in each outcome."""
        counts: Counter[PairOutcome] = Counter()
        for pairs, cases in self._alike():
            for outcome in pairs:
                counts[outcome] += cases
        return counts

    def at_risk(self, table: Mapping[PairOutcome, Effect], *, told: bool = False) -> list[AtRisk]:
        """What each case has at risk by a table; ``told`` leaves out the pairs that could not be told."""
        found: dict[int, AtRisk | None] = {}
        for pairs, _ in self._alike():
            of = Counter(table[outcome] for outcome in pairs if outcome.is_told or not told)
            counts = AtRisk(of[Effect.KEPT], of[Effect.GAINED], of[Effect.LOST])
            found[id(pairs)] = counts if counts.pairs else None
        return [case for pairs in self.pairs.values() if (case := found[id(pairs)]) is not None]

    def _alike(self) -> list[tuple[tuple[PairOutcome, ...], int]]:
        """The outcomes of cases that were read as one, and how many those are."""
        one = {id(pairs): pairs for pairs in self.pairs.values()}
        times = Counter(map(id, self.pairs.values()))
        return [(pairs, times[number]) for number, pairs in one.items()]


def read_outcomes(
    scope: Scope, items: Iterable[CaseOf], told: Callable[[CaseOf, Pair, Arm], Told]
) -> Outcomes:
    """Both pictures of every pair, each by ``told``, which is asked only of pictures that show something."""
    found = scope.read(items, lambda item: _outcomes(scope, item, told))
    return Outcomes(
        pairs={digest: pairs for digest, (pairs, _) in found.values.items()},
        problems={digest: met for digest, (_, met) in found.values.items() if met is not None},
    )


def _outcomes(
    scope: Scope, item: CaseOf, told: Callable[[CaseOf, Pair, Arm], Told]
) -> tuple[tuple[PairOutcome, ...], Problem | None]:
    """The pairs of one case, and the worst problem that was met."""
    met: list[Problem] = []
    pairs = tuple(
        PairOutcome(*(_told(scope, item, pair, arm, told, met) for arm in Arm)) for pair in item.pairs
    )
    return pairs, max(met, key=lambda problem: problem.kind) if met else None


def shows_nothing(scope: Scope, pair: Pair, arm: Arm) -> bool:
    """Whether a picture is flat or noise.

    Raises:
        Problem: as :meth:`Scope.value`.
    """
    return scope.value(pair, BLANK, EMPTY, arm) == 1


def _told(
    scope: Scope,
    item: CaseOf,
    pair: Pair,
    arm: Arm,
    told: Callable[[CaseOf, Pair, Arm], Told],
    met: list[Problem],
) -> Told:
    try:
        if scope.render(pair, arm).status is RenderStatus.FAILED:
            return _failed(arm)
        said = told(item, pair, arm)
        return Told.WRONG if said is not Told.WRONG and shows_nothing(scope, pair, arm) else said
    except Problem as problem:
        met.append(problem)
        return Told.UNTOLD


def _failed(arm: Arm) -> Told:
    """The candidate had to deliver; a baseline that did not leaves nothing to lose, but nothing is known."""
    if arm is Arm.BASELINE:
        raise Problem(Kind.MISSING, "the baseline failed")
    return Told.WRONG
