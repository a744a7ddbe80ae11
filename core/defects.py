"""Exceptions that none of our errors foresees: one line for the log, a typed error for the caller."""

from __future__ import annotations

import logging
import traceback
from collections import deque
from pathlib import Path

from core.errors import InternalError, SidegradeError

_log = logging.getLogger("sidegrade")
_PLACES = 6


def reported(error: Exception, doing: str) -> SidegradeError:
    """A Sidegrade error as it is; any other as an ``InternalError`` that tells no path and no driver's words.

    Those stand in the one line that the log gets; ``doing`` says there what was being done.
    """
    if isinstance(error, SidegradeError):
        return error
    _log.error("%s: %s", doing, in_one_line(error))
    return InternalError(
        f"Sidegrade met an error of its own ({type(error).__name__})",
        remedy="try again; if it stays, give the line of the log about it to whoever keeps this installation",
    )


def in_one_line(error: BaseException) -> str:
    """An exception for a log: its kind, its words, and the innermost lines of code that led to it.

    >>> in_one_line(ValueError("two\\nlines"))
    "ValueError('two\\\\nlines')"
    """
    frames = deque(traceback.walk_tb(error.__traceback__), maxlen=_PLACES)
    places = [f"{Path(frame.f_code.co_filename).name}:{line}" for frame, line in frames]
    said = f"{type(error).__name__}({str(error)[:300]!r})"
    return f"{said} at {' > '.join(places)}" if places else said
