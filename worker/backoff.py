"""Waiting ever longer: between two tries a second, then two, four … and never more than half a minute."""

from __future__ import annotations

from collections.abc import Callable

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0


class Backoff:
    """Pauses that double; ``wait`` is called with seconds, and may return early where a stop is asked for."""

    def __init__(self, wait: Callable[[float], object]) -> None:
        self._wait = wait
        self.reset()

    def reset(self) -> None:
        """Begin with the shortest pause again, as after a success."""
        self.next_seconds = FIRST_PAUSE_SECONDS

    def pause(self) -> None:
        """Wait, and longer the next time."""
        seconds = self.next_seconds
        self.next_seconds = min(2 * seconds, LONGEST_PAUSE_SECONDS)
        self._wait(seconds)
