"""Records say by default what they always said: rows, files and digests of before still hold."""

from __future__ import annotations

import pytest

from tests.core.known import stored
from tests.core.records import known_values


@pytest.mark.parametrize("name", known_values.KNOWN)
def test_a_record_says_by_default_what_it_always_said(name: str) -> None:
    assert known_values.KNOWN[name]() == stored(known_values.__file__, name)
