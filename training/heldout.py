"""Prompts that no training saw, for measuring: dictionary words and random strings in equal numbers.

Training texts are random strings drawn from other seeds, so every word here is new to the models. Texts are
letters, digits and spaces: marks are drawn too, but OCR misreads a third of them on perfect drawings.
"""

import random
from collections.abc import Iterator
from dataclasses import replace

from training.grammar import random_poster
from training.posters import MAX_CHARACTERS, Poster

WORDS = (
    "SALE NOW",
    "OPEN",
    "SUMMER",
    "SALE",
    "50 OFF",
    "NEW",
    "JAZZ",
    "FREE",
    "PIZZA",
    "TODAY",
    "RUN 10K",
    "DANCE",
    "VOTE",
    "MUSIC",
    "WINTER",
    "SPRING",
    "COFFEE",
    "BOOKS",
    "HELLO",
    "LIVE",
    "EXPO 26",
    "GYM",
    "YOGA",
    "KIDS",
    "MAY 2026",
    "JULY 4",
    "FRIDAY",
    "QUIZ",
    "WAX",
    "BIKE",
    "TICKETS",
    "DOORS 8PM",
    "STAGE 2",
    "LEVEL 2",
    "MARKET",
    "CINEMA",
    "THEATRE",
    "BAKERY",
    "FLOWERS",
    "GALLERY",
    "CONCERT",
    "WORKSHOP",
    "HARVEST",
    "MIDNIGHT",
    "CLUB 54",
    "OXYGEN",
    "RHYTHM",
    "BLACKBIRD",
    "FJORD",
    "VINYL",
    "TYPE",
    "PRESS",
    "INK",
    "PAPER",
    "LETTER",
    "KIOSK",
    "ZEBRA",
    "WALTZ",
    "QUARTZ",
    "JUKEBOX",
    "SPHINX",
    "COMET",
    "ORBIT 9",
    "ROUTE 66",
    "GATE 12",
    "TRACK 7",
    "ROOM 4B",
)
_SIZES = (
    ("large",),
    ("small",),
    ("large", "small"),
    ("large", "large"),
    ("large", "small"),
    ("small", "small"),
)
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def heldout_posters(count: int, seed: int = 4242) -> list[Poster]:
    """The measuring posters: all layouts in turn, every second one of random strings."""
    rng = random.Random(seed)
    return [_poster(rng, _SIZES[k // 2 % len(_SIZES)], words=k % 2 == 0) for k in range(count)]


def is_word(poster: Poster) -> bool:
    """Whether a measuring poster says words, not random strings."""
    return all(line in WORDS for line in poster.lines)


def _poster(rng: random.Random, sizes: tuple[str, ...], *, words: bool) -> Poster:
    lines = rng.sample(WORDS, len(sizes)) if words else [_random_string(rng) for _ in sizes]
    return replace(random_poster(rng, plain=0), lines=tuple(lines), sizes=sizes)


def _random_string(rng: random.Random) -> str:
    return "".join(rng.choice(_ALPHABET) for _ in range(rng.randint(2, MAX_CHARACTERS)))


def numbered(posters: list[Poster]) -> Iterator[tuple[int, Poster]]:
    """Each poster with the seed it is drawn with."""
    return enumerate(posters, start=10_000)
