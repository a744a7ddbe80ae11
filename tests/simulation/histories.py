"""Histories by number: each is replayed by its seed, and a failure says how."""

from __future__ import annotations

import tempfile
from collections.abc import Collection
from contextlib import ExitStack
from pathlib import Path

from tests.simulation.bugs import BUGS
from tests.simulation.step import Broken
from tests.simulation.world import SimulatedWorld

STEPS = 40


class HistoryFailed(AssertionError):
    """A history after which rules do not hold, with the command that replays it."""

    def __init__(self, words: str, *, rules: Collection[str]) -> None:
        super().__init__(words)
        self.rules = frozenset(rules)
        """Names of the rules; none when the history itself could not go on."""


def live(seed: int, *, steps: int = STEPS, bug: str | None = None, skewed: bool = False) -> list[str]:
    """One history in a home of its own; gives its journal, a line a step.

    Raises:
        HistoryFailed: a rule does not hold, or an action failed in a way that its caller does not know.
        KeyError: there is no such bug.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sidegrade-history-")))
        if bug is not None:
            stack.enter_context(BUGS[bug].plant())
        world = stack.enter_context(SimulatedWorld(seed=seed, folder=folder, skewed=skewed))
        try:
            world.live(steps)
        except Exception as error:
            journal = "\n".join(world.journal[-12:])
            command = replay_command(seed, steps=steps, bug=bug, skewed=skewed)
            raise HistoryFailed(
                f"{type(error).__name__}: {error}\n{journal}\nreplay it: {command}",
                rules=error.rules if isinstance(error, Broken) else (),
            ) from error
        return world.journal


def replay_command(seed: int, *, steps: int, bug: str | None, skewed: bool) -> str:
    """What lives the same history again."""
    words = ["python -m tests.simulation --seed", str(seed), "--steps", str(steps)]
    return " ".join([*words, *(["--bug", bug] if bug else []), *(["--skewed"] if skewed else [])])
