"""Waiting for a database that is not there yet, with words: programs are started in any order."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from cli.answers import explained
from cli.call import Call
from core.errors import StoreLocked, StoreUnreachable
from core.failures import failure_of
from core.records import Failure
from worker.backoff import Backoff

if TYPE_CHECKING:
    from db.store import Store

Answered = TypeVar("Answered")


def store_when_there(
    call: Call, stopping: threading.Event, *, meanwhile: Callable[[], None] = lambda: None
) -> Store | None:
    """The store, opened as soon as its database answers; None when a stop was asked for first.

    Between two tries it waits a second, then ever longer, up to half a minute. Each refusal is told.

    Args:
        meanwhile: called before each try; what it raises ends the waiting.

    Raises:
        StoreError: any refusal that waiting does not mend, such as a login or a damaged file.
    """
    backoff = Backoff(stopping.wait)
    while not stopping.is_set():
        meanwhile()
        try:
            return call.store()
        except (StoreUnreachable, StoreLocked) as error:
            tell_pause(failure_of(error), backoff.next_seconds)
        backoff.pause()
    return None


def when_there(ask: Callable[[], Answered]) -> Answered:
    """What ``ask`` gives, as soon as the database answers; each refusal is told, and Ctrl-C ends the waiting.

    Raises:
        StoreError: any refusal that waiting does not mend.
    """
    backoff = Backoff(time.sleep)
    while True:
        try:
            return ask()
        except (StoreUnreachable, StoreLocked) as error:
            tell_pause(failure_of(error), backoff.next_seconds)
        backoff.pause()


def tell_pause(failure: Failure, seconds: float) -> None:
    """Say on stderr what is waited for, and for how long before the next try."""
    print(explained(failure), file=sys.stderr)
    print(f"waiting for it, next try in {seconds:.0f} s; Ctrl-C ends this", file=sys.stderr)
