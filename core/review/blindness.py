"""What it costs to name a model, and which runs a blind reviewer may be told of.

A reviewer who knows which model drew a picture judges no pair blind any more that holds it, in whatever run.
Which pairs those are is asked in :mod:`db.stakes`; that the names were seen is kept in :mod:`db.names_shown`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.errors import InvalidRequest
from core.records import Arm, Render, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class NamingCost:
    """What it costs one reviewer to be told the models of some pairs."""

    asked: frozenset[str]
    """The pairs that would be named."""
    lost: Mapping[str, set[str]]
    """By such a pair, the pairs that could then no longer be judged blind; free ones are left out."""

    @property
    def pairs(self) -> set[str]:
        """All pairs that could no longer be judged blind."""
        return set().union(*self.lost.values())

    @property
    def own(self) -> set[str]:
        """Those of them that would be named themselves."""
        return self.pairs & self.asked

    @property
    def elsewhere(self) -> set[str]:
        """Those of them that hold an equal picture."""
        return self.pairs - self.asked

    @property
    def free(self) -> set[str]:
        """The pairs that can be named without a question."""
        return set(self.asked - self.lost.keys())


def refuse_foreign_pictures(pair_id: str, renders: Mapping[Arm, Render], digests: set[str]) -> None:
    """Refuse to tell places of a pair for a picture that is not of it.

    The lines of such a couple would be those of an arm, and tell which arm the reviewer's own A is.

    Raises:
        InvalidRequest: one of the digests is of another pair.
    """
    if not digests <= {render.digest for render in renders.values()}:
        raise InvalidRequest(f"places: expected two renders of {pair_id}, got one that is not of it")


def listed_blind(runs: Iterable[Run]) -> list[Run]:
    """The runs that a blind reviewer may look at: a noise floor shows one model twice and holds no question.

    Suite, date and number of seeds tell nothing; the models of a run must not be told beside them.
    """
    return [run for run in runs if run.kind.is_reviewed]
