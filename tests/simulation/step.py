"""One step of a history as the rules see it, and what they remember from step to step."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from core.gates.policy import Policy
from tests.simulation.observer import Observer, Row, Sight
from tests.simulation.told import Told


class Broken(AssertionError):
    """Rules do not hold; ``rules`` are their names."""

    def __init__(self, words: str, *, rules: Collection[str] = ()) -> None:
        super().__init__(words)
        self.rules = frozenset(rules)


@dataclass(kw_only=True)
class Remembered:
    """What the rules saw in earlier steps."""

    starts: dict[str, int] = field(default_factory=dict)
    """How many verdict events there were when each run's rollout was started."""
    ready: set[str] = field(default_factory=set)
    """Runs whose evidence was judged anew when it was latched as a yes, and was one."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """What was told, what is there now, and what was there before."""

    told: Told
    now: Sight
    before: Sight
    observer: Observer
    policy: Policy
    remembered: Remembered

    def added(self, log: str) -> list[Row]:
        """The rows that were appended to a log in this step."""
        return self.now.logs[log][len(self.before.logs[log]) :]
