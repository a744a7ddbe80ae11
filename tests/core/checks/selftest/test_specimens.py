"""Specimens are the same drawings on every machine, so a self-test of today says what it said yesterday."""

from __future__ import annotations

from tests.core.checks.known_values import drawings, stored


def test_every_specimen_and_what_is_done_to_it_is_drawn_as_it_always_was() -> None:
    assert drawings() == stored("drawings")
