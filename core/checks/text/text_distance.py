"""How far a read line is from the expected one: NED, CER, WER, words, and glyphs that look alike.

Formulas: similarity = 1 − lev / max(len) (AnyText's NED); CER = lev / len(expected), WER the same over
words, both can exceed 1. Texts are compared after NFC, collapse of white space and the folding of
typographic signs (:mod:`core.checks.text.folding`), case kept.
"""

from __future__ import annotations

import unicodedata
from collections import Counter

from rapidfuzz.distance import Levenshtein

from core.checks.text.folding import fold_signs


def normal(text: str) -> str:
    """NFC with single spaces and none at the ends; case is kept.

    >>> normal(" SALE   NOW ")
    'SALE NOW'
    """
    return " ".join(unicodedata.normalize("NFC", text).split())


def comparable(text: str) -> str:
    """As :func:`normal`, and with one sign for each class of quotation marks, dashes and dots.

    >>> comparable("DON’T  MISS…")
    "DON'T MISS..."
    """
    return fold_signs(normal(text))


def similarity(expected: str, read: str) -> float:
    """1 for equal texts, 0 for texts that share nothing; 1 for two empty texts."""
    return float(Levenshtein.normalized_similarity(comparable(expected), comparable(read)))


def character_error_rate(expected: str, read: str) -> float:
    """Edits per expected character; an empty expectation counts as one character."""
    expected, read = comparable(expected), comparable(read)
    return Levenshtein.distance(expected, read) / max(1, len(expected))


def word_error_rate(expected: str, read: str) -> float:
    """Edits per expected word, whole words being inserted, deleted or replaced."""
    words, got = comparable(expected).split(), comparable(read).split()
    return Levenshtein.distance(words, got) / max(1, len(words))


def wrong_letters(expected: str, read: str) -> int:
    """How many of the expected letters were not read as they are written; spaces do not count."""
    expected, read = comparable(expected), comparable(read)
    edits = Levenshtein.editops(expected, read)
    return sum(1 for e in edits if e.tag != "insert" and expected[e.src_pos] != " ")


def missing_words(expected: str, read: str) -> list[str]:
    """Words that should be there and are not, each as often as it is missing."""
    return _surplus(expected, read)


def invented_words(expected: str, read: str) -> list[str]:
    """Words that are there and should not be."""
    return _surplus(read, expected)


def _surplus(of: str, over: str) -> list[str]:
    return list((Counter(comparable(of).split()) - Counter(comparable(over).split())).elements())
