"""Identity by content: what is stored under a digest today is found under it tomorrow."""

from __future__ import annotations

import math

import pytest

from core.digests import canonical_json
from tests.core import known_values
from tests.core.known import stored


def test_the_same_content_has_the_digest_that_stored_rows_carry() -> None:
    assert known_values.digests() == stored(known_values.__file__, "digests")


def test_a_value_without_one_text_has_no_digest() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json(math.nan)
    for value in (b"bytes", {1, 2}, object):
        with pytest.raises(TypeError, match="no canonical JSON for"):
            canonical_json([value])
