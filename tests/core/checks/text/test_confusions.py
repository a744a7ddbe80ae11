"""What a reader confuses is counted by glyph; what happens twice, and often enough, is held against it."""

from __future__ import annotations

from collections import Counter

from core.checks.text.confusions import confusion_matrix, returned, unlisted

ENGINE = "rapidocr 3.10.0 PP-OCRv6 small"


def test_each_glyph_that_was_drawn_is_counted_and_what_it_was_read_as() -> None:
    confused, drawn = confusion_matrix([("BAR 8", "8AR 8"), ("BAR 8", "BA 8"), ("BAR 8", "BAR! 8")])
    assert confused == {("B", "8"): 1, ("R", ""): 1}
    assert drawn == {"B": 3, "A": 3, "R": 3, "8": 3}


def test_a_confusion_counts_when_it_came_twice_and_in_more_than_the_share() -> None:
    drawn = Counter({"B": 20, "K": 1})
    assert unlisted(Counter({("K", "X"): 1}), drawn, ENGINE, above=0.05) == []
    assert unlisted(Counter({("B", "8"): 2}), drawn, ENGINE, above=0.1) == []
    assert unlisted(Counter({("B", "8"): 2}), drawn, ENGINE, above=0.09) == ["«B» read as «8» in 2 of 20"]


def test_a_confusion_of_the_readers_own_groups_is_listed_already() -> None:
    assert unlisted(Counter({("O", "0"): 9}), Counter({"O": 20}), ENGINE, above=0.05) == []


def test_a_character_is_known_when_it_came_back_often_enough_among_enough_drawings() -> None:
    drawn = Counter({"A": 10, "B": 10, "C": 9})
    confused = Counter({("A", "4"): 1, ("B", "8"): 2})
    assert returned(confused, drawn, ENGINE, least=0.9, fewest=10) == "A"
    assert returned(confused, drawn, ENGINE, least=0.8, fewest=9) == "ABC"
