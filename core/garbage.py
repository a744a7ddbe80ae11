"""Making a million records that all live on: Python's collector would look through them again and again."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collection_paused() -> Iterator[None]:
    """Leave what has become garbage in cycles to later, for as long as the block takes.

    Of the whole process: when two threads are inside, the first that leaves lets the collector go on.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
