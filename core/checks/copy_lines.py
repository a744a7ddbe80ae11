"""Lines as advertisements have them: each mark and each digit in its usual company, for a self-test.

Marks in random strings would be the wrong measure: a reader expects a comma after a word or inside a number.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from string import digits
from typing import Final

WORDS: Final = ("SALE", "Today", "JAZZ", "Free", "OPEN", "Quiz", "BIG", "Why", "Room", "Very", "MIX", "Keep")
LINES: Final = 120

Fill = Callable[[], str]
PATTERNS: Final[tuple[Callable[[Fill, Fill], str], ...]] = (
    lambda word, digit: f"{word()}! {word()}!",
    lambda word, digit: f"{word()}? {word()}",
    lambda word, digit: f"{word()}, {word()}",
    lambda word, digit: f"No. {digit()} {word()}.",
    lambda word, digit: f"{word()} & {word()}",
    lambda word, digit: f"{digit()}{digit()}% {word()}",
    lambda word, digit: f"{digit()}:{digit()}{digit()} {word()}:",
    lambda word, digit: f"{digit()},{digit()}{digit()}{digit()} {word()}",
    lambda word, digit: f"{digit()}.{digit()}{digit()} {word()}",
    lambda word, digit: f"{digit()}{digit()}-{digit()}{digit()} {word()}",
    lambda word, digit: f"{word()}-{word()}",
    lambda word, digit: f"{word()}'s {word()}",
    lambda word, digit: f'"{word()}" {digit()}{digit()}',
)


def copy_lines(seed: int) -> Iterator[str]:
    """So many lines that every mark is drawn at least nine times; the same for the same seed."""
    rng = random.Random(seed)
    for number in range(LINES):
        pattern = PATTERNS[number % len(PATTERNS)]
        yield pattern(lambda: rng.choice(WORDS), lambda: rng.choice(digits))
