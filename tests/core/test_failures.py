"""Any error of a model's code becomes one of ours, in words of bounded length."""

from __future__ import annotations

import pytest

from core.errors import GenerationFailed, ModelUnavailable, OutOfMemory, UnsafeWeights
from core.failures import failure_of, named, says_out_of_memory, typed, untrusted


class OutOfMemoryError(RuntimeError):
    """Named as torch names its own."""


@pytest.mark.parametrize(
    ("error", "is_memory"),
    [
        (MemoryError(), True),
        (OutOfMemory("no room"), True),
        (OutOfMemoryError("CUDA"), True),
        (RuntimeError("MPS backend out of memory"), True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), True),
        (RuntimeError("not enough memory: you tried to allocate"), True),
        (RuntimeError("index out of range"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_only_a_want_of_memory_is_told_as_one(error: Exception, is_memory: bool) -> None:
    assert says_out_of_memory(error) is is_memory
    with pytest.raises(OutOfMemory if is_memory else ModelUnavailable), untrusted("mine"):
        raise error


def test_our_own_errors_pass_as_they_are() -> None:
    own = UnsafeWeights("a pickle", remedy="convert it")
    assert typed(own) is own
    with pytest.raises(UnsafeWeights) as passed, untrusted("mine"):
        raise own
    assert passed.value is own


def test_a_foreign_error_is_named_with_its_model_and_what_to_do() -> None:
    unopened = r"^mine: cannot be opened \(KeyError: 'vae'\)$"
    with pytest.raises(ModelUnavailable, match=unopened) as refused, untrusted("mine"):
        raise KeyError("vae")
    assert "copy or fetch the model again" in refused.value.remedy
    with (
        pytest.raises(OutOfMemory, match=r"^mine: does not fit in memory \(MemoryError\)$"),
        untrusted("mine"),
    ):
        raise MemoryError


def test_a_failure_is_stored_with_its_class_its_words_and_its_remedy() -> None:
    ours = failure_of(UnsafeWeights("found \ud83d", remedy="convert \0"))
    assert (ours.error, ours.message, ours.remedy) == ("UnsafeWeights", "found \ufffd", "convert \ufffd")
    foreign = failure_of(IndexError("index out of range"))
    assert (foreign.error, foreign.message) == ("GenerationFailed", "IndexError: index out of range")
    full = failure_of(MemoryError())
    assert (full.error, full.message, full.remedy) == (
        "OutOfMemory",
        "not enough memory (MemoryError)",
        "free some, then retry",
    )
    assert isinstance(typed(OSError()), GenerationFailed)


def test_a_foreign_message_is_one_line_of_at_most_500_characters() -> None:
    assert named(ValueError("two\n  lines")) == "ValueError: two lines"
    assert named(ValueError("x" * 501)) == "ValueError: " + "x" * 500
    assert named(ValueError()) == "ValueError"
