"""Texts made comparable: signs that differ in print and say the same become one.

For comparing only: what is shown and stored is the text as it was written or read. A change inside a class,
such as a straight apostrophe where a curly one was asked for, is not judged.
"""

from __future__ import annotations

import re
from typing import Final

APOSTROPHES: Final = "’‘‛′ʼ´`＇׳"
DOUBLE_QUOTES: Final = "“”„‟″＂〝〞״"
DASHES: Final = "‐‑‒–—―−－"
"""Not the Japanese ー and not the numeral 一, which are letters."""
_CLASSES: Final = str.maketrans(
    dict.fromkeys(APOSTROPHES, "'") | dict.fromkeys(DOUBLE_QUOTES, '"') | dict.fromkeys(DASHES, "-")
)
_DOTS: Final = re.compile(r"[…⋯]|\.{2,}")
_TWO_FOR_QUOTES: Final = re.compile(r"''|,,(?=\w)")


def fold_signs(text: str) -> str:
    """The text with one sign for each class of quotation marks, dashes and dots.

    >>> fold_signs("“Don’t…” – 50"), fold_signs("„Wait..“")
    ('"Don\\'t..." - 50', '"Wait..."')
    """
    return _TWO_FOR_QUOTES.sub('"', _DOTS.sub("...", text.translate(_CLASSES)))
