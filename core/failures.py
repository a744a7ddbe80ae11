"""Errors as records, and the boundary at which any error of a model's code becomes one of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import GenerationFailed, ModelUnavailable, OutOfMemory, SidegradeError
from core.records import Failure
from core.untrusted import mended

LONGEST_WORDS = 500
"""Characters of a foreign error's message: some hold a whole file."""


def failure_of(error: Exception) -> Failure:
    """The error's class, message and remedy; a foreign one by its :func:`typed` error."""
    ours = typed(error)
    return Failure(error=type(ours).__name__, message=mended(str(ours)), remedy=mended(ours.remedy))


def typed(error: Exception) -> SidegradeError:
    """The error itself when it is ours; a foreign one as ours, with its name and its words."""
    if isinstance(error, SidegradeError):
        return error
    if says_out_of_memory(error):
        return OutOfMemory(f"not enough memory ({named(error)})", remedy="free some, then retry")
    return GenerationFailed(named(error))


@contextmanager
def untrusted(model: str) -> Iterator[None]:
    """Around reading or opening a model that was made elsewhere; our own errors pass as they are.

    Raises:
        OutOfMemory: when there is not enough memory for it.
        ModelUnavailable: for any other error: a folder can be wrong in more ways than can be foreseen.
    """
    try:
        yield
    except SidegradeError:
        raise
    except Exception as error:
        if says_out_of_memory(error):
            raise OutOfMemory(
                f"{model}: does not fit in memory ({named(error)})",
                remedy="declare a smaller dtype or another device, or free some memory",
            ) from error
        raise ModelUnavailable(
            f"{model}: cannot be opened ({named(error)})",
            remedy="its folder is damaged, or made for another version: copy or fetch the model again",
        ) from error


def says_out_of_memory(error: Exception) -> bool:
    """Whether memory ran out: CPU and MPS allocators raise a plain RuntimeError that says so."""
    if isinstance(error, (MemoryError, OutOfMemory)) or type(error).__name__ == "OutOfMemoryError":
        return True
    words = ("out of memory", "can't allocate memory", "not enough memory")
    return isinstance(error, RuntimeError) and any(word in str(error) for word in words)


def named(error: Exception) -> str:
    """A foreign error on one line: its class and its words.

    >>> named(ImportError("requires torchsde,\\nwhich was not found"))
    'ImportError: requires torchsde, which was not found'
    """
    words = " ".join(str(error).split())[:LONGEST_WORDS]
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
