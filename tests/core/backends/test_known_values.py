"""A poster is drawn today as it was drawn yesterday, so that stored renders replay bit by bit."""

from __future__ import annotations

import pytest

from tests.core.backends import known_values
from tests.core.known import as_stored, stored


@pytest.mark.parametrize("name", known_values.KNOWN)
def test_a_prompt_is_drawn_as_it_always_was(name: str) -> None:
    assert as_stored(known_values.KNOWN[name]()) == stored(known_values.__file__, name)
