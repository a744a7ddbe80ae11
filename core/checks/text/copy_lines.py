"""Lines as advertisements have them: each mark and each digit in its usual company, for a self-test.

Marks in random strings would be the wrong measure: a reader expects a comma after a word or inside a number.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from string import digits
from typing import Final

WORDS: Final = ("SALE", "Today", "JAZZ", "Free", "OPEN", "Quiz", "BIG", "Why", "Room", "Very", "MIX", "Keep")
PATTERNS: Final = (
    *("_! _!", "_? _", "_, _", "No. # _.", "_ & _", "##% _", "#:## _:", "#,### _", "#.## _", "##-## _"),
    *("_-_", "_'s _", '"_" ##'),
)
"""``_`` stands for a word, ``#`` for a digit."""
LINES: Final = 120


def copy_lines(seed: int) -> Iterator[str]:
    """So many lines that every mark is drawn at least nine times; the same for the same seed."""
    rng = random.Random(seed)
    choices = {"_": WORDS, "#": digits}
    for number in range(LINES):
        pattern = PATTERNS[number % len(PATTERNS)]
        yield "".join(rng.choice(choices[sign]) if sign in choices else sign for sign in pattern)
