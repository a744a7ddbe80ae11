"""A name beside a verdict is one somebody can be called by, and never that of a rule."""

from __future__ import annotations

import pytest

from core.errors import InvalidInput
from core.people import MAX_NAME, person_name


@pytest.mark.parametrize("text", ["", "   ", "a" * (MAX_NAME + 1), "ada\x00", "ada\u202elovelace"])
def test_a_name_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="expected 1 to 60 printable characters"):
        person_name(text)


@pytest.mark.parametrize("text", ["rule:two-reviewers", "Policy:upgrade", " rule: x"])
def test_nobody_is_called_like_a_rule(text: str) -> None:
    with pytest.raises(InvalidInput, match="belong to automatic rules"):
        person_name(text)


def test_spaces_never_make_two_people_of_one() -> None:
    assert person_name(" Ada\tLovelace\n") == person_name("Ada Lovelace") == "Ada Lovelace"
