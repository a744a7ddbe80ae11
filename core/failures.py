"""Errors as records: what is stored and shown where a result was expected."""

from __future__ import annotations

from core.errors import SidegradeError
from core.records import Failure


def failure_of(error: SidegradeError) -> Failure:
    """The error's class, message and remedy."""
    return Failure(error=type(error).__name__, message=str(error), remedy=error.remedy)
