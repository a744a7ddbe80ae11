"""A defect is one line for the log and one sentence for the caller, without paths and words of a driver."""

from __future__ import annotations

import logging

import pytest

from core.defects import in_one_line, reported
from core.errors import InternalError, InvalidInput


def deep(levels: int) -> None:
    if levels == 0:
        raise KeyError("secret")
    deep(levels - 1)


def caught(levels: int) -> KeyError:
    """An error that came from so many calls below this one."""
    with pytest.raises(KeyError) as raised:
        deep(levels)
    return raised.value


def test_the_innermost_six_places_are_told() -> None:
    for levels, places in ((0, 2), (3, 5), (4, 6), (20, 6)):
        line = in_one_line(caught(levels))
        assert line.startswith("KeyError(\"'secret'\") at ")
        assert line.count("test_defects.py:") == places


def test_an_error_that_was_never_raised_has_no_place_and_long_words_are_cut() -> None:
    assert in_one_line(ValueError("x" * 301)) == f"ValueError({'x' * 300!r})"


def test_our_own_error_is_given_back_and_another_is_logged_and_told_without_its_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    own = InvalidInput("a word")
    with caplog.at_level(logging.ERROR, logger="sidegrade"):
        assert reported(own, "reading") is own
        assert caplog.records == []
        told = reported(caught(0), "reading")
    assert isinstance(told, InternalError)
    assert str(told) == "Sidegrade met an error of its own (KeyError)"
    assert "line of the log" in told.remedy
    (record,) = caplog.records
    assert record.getMessage().startswith("reading: KeyError(\"'secret'\") at ")
