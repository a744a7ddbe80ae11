"""Waiting for a database that is not there yet, with words: programs are started in any order."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from cli.answers import explained
from cli.call import Call
from core.errors import StoreLocked, StoreUnreachable
from core.failures import failure_of

if TYPE_CHECKING:
    from db.store import Store

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0


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
    pause = FIRST_PAUSE_SECONDS
    while not stopping.is_set():
        meanwhile()
        try:
            return call.store()
        except (StoreUnreachable, StoreLocked) as error:
            print(explained(failure_of(error)), file=sys.stderr)
            print(f"waiting for it, next try in {pause:.0f} s; Ctrl-C ends this", file=sys.stderr)
        stopping.wait(pause)
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
    return None
