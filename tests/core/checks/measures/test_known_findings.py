"""Over known pairs the checks say what they always said: figures, places and words, to the last digit."""

from __future__ import annotations

from tests.core.checks.known_values import findings, lettering, stored


def test_every_figure_place_and_word_of_a_known_pair_is_as_stored() -> None:
    found, known = findings(), stored("findings")
    assert list(found) == list(known)
    for pair, lines in known.items():
        assert found[pair] == lines, pair


def test_every_figure_place_and_word_of_known_lettering_is_as_stored() -> None:
    found, known = lettering(), stored("lettering")
    assert list(found) == list(known)
    for pair, lines in known.items():
        assert found[pair] == lines, pair
