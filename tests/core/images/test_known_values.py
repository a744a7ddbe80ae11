"""What is drawn of differences, boxes and maps is drawn as ever: pictures of today lie beside yesterday's."""

from __future__ import annotations

import pytest

from tests.core.images import known_values
from tests.core.known import as_stored, stored


@pytest.mark.parametrize("name", known_values.KNOWN)
def test_a_picture_is_drawn_and_counted_as_it_always_was(name: str) -> None:
    assert as_stored(known_values.KNOWN[name]()) == stored(known_values.__file__, name)
