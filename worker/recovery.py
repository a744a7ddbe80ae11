"""A worker's own trouble: it says why it waits, waits ever longer, and looks before it goes on.

Trouble is what no job is to blame for (:func:`core.failures.is_workers_trouble`): a store that refuses, a
folder that cannot be written, a ``models.toml`` that is being edited.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from core.failures import failure_of, is_workers_trouble
from core.records import Failure
from worker.backoff import Backoff


class Recovering(Protocol):
    """A worker as its recovery knows it."""

    def require_able(self) -> None:
        """Raise the trouble that still stands in the way of any job."""
        ...

    def report_trouble(self, trouble: Failure | None) -> None:
        """Say why the worker waits; None: it goes on."""
        ...


class Recovery:
    """Does the steps of a worker, one after the other, through whatever trouble it meets.

    ``wait`` is called with the seconds of a pause; ``tell`` with each trouble and the pause that follows it.
    """

    def __init__(
        self, worker: Recovering, *, wait: Callable[[float], object], tell: Callable[[Failure, float], None]
    ) -> None:
        self._worker, self._tell = worker, tell
        self._backoff = Backoff(wait)
        self._in_trouble = False

    def step(self, work: Callable[[], bool]) -> bool:
        """What ``work`` gives: whether it found something to do. After trouble and a pause: True.

        After trouble the worker first looks whether it has passed, so that nothing is drawn only to be lost.

        Raises:
            Exception: whatever ``work`` raises that is no trouble of the worker.
        """
        try:
            if self._in_trouble:
                self._worker.require_able()
                self._ended()
            found = work()
        except Exception as error:
            if not is_workers_trouble(error):
                raise
            self._begun(failure_of(error))
            return True
        self._backoff.reset()
        return found

    def _begun(self, trouble: Failure) -> None:
        self._in_trouble = True
        self._worker.report_trouble(trouble)
        self._tell(trouble, self._backoff.next_seconds)
        self._backoff.pause()

    def _ended(self) -> None:
        self._in_trouble = False
        self._worker.report_trouble(None)
