"""An unknown name is answered with what was probably meant, or with all there is."""

from __future__ import annotations

import pytest

from core.errors import InvalidInput, UnknownName


@pytest.mark.parametrize(
    ("name", "known", "hint"),
    [
        (
            "letterpres",
            ["letterpress", "sd35", "letterpress-2"],
            "did you mean letterpress or letterpress-2?",
        ),
        ("abcd", ["abcx", "abxd", "axcd", "xbcd"], "did you mean xbcd or axcd or abxd?"),
        ("abcd", ["abxx"], "did you mean abxx?"),  # exactly half of it
        ("abcd", ["axxx", "a"], "known: a, axxx"),
        ("abcd", [], "nothing has that name"),
    ],
)
def test_near_names_are_offered_first_at_most_three(name: str, known: list[str], hint: str) -> None:
    error = UnknownName.of("model", name, known)
    assert str(error) == f"unknown model {name!r}; {hint}"
    assert isinstance(error, InvalidInput)
    assert error.remedy == ""
