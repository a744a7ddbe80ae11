"""The collector rests inside the block and goes on after it, whatever happened there."""

from __future__ import annotations

import gc

import pytest

from core.garbage import collection_paused


def test_the_collector_rests_inside_and_goes_on_after_an_error() -> None:
    with collection_paused():
        assert not gc.isenabled()
    with pytest.raises(ValueError, match="inside"), collection_paused():
        raise ValueError("inside")
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with collection_paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
