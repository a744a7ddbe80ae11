"""The characters that the reader is put to the test on: outside of them it may call nothing wrong.

That a dictionary lists a character says nothing: the self-test draws each of these in its usual company and
keeps those that come back (``alphabet`` in its score), and gates believe only those. A line with any other
character can be right, for readers hardly ever invent the expected text; it can be wrong only in its other
letters.
"""

from __future__ import annotations

import re
from string import ascii_letters, digits
from typing import Final

from core.checks.text.confusions import fold
from core.checks.text.text_distance import comparable

MARKS: Final = ".,!?&%-'\":"
TRIED: Final = ascii_letters + digits + MARKS
MOST_UNKNOWN: Final = 1 / 3
"""A line with a larger share of unknown letters cannot be told by its other ones."""


def unknown_characters(text: str, alphabet: str = TRIED) -> str:
    """The characters of a text that are in no way of writing it in the alphabet, each once.

    >>> unknown_characters("DON’T MISS – 50%"), unknown_characters("¡OFERTA ¡AHORA")
    ('', '¡')
    """
    bare = "".join(comparable(text).split())
    return "".join(dict.fromkeys(letter for letter in bare if letter not in alphabet))


def may_be(expected: str, read: str, engine: str) -> bool:
    """Whether what was read may be the expected line, had the reader only known all of its characters.

    True as well where too few of its letters are known to tell. Both texts come with their signs folded.
    """
    unknown = unknown_characters(expected)
    if not unknown:
        return False
    letters = "".join(expected.split())
    if sum(letter in unknown for letter in letters) > MOST_UNKNOWN * len(letters):
        return True
    known = (".{0,2}" if letter in unknown else re.escape(fold(letter, engine)) for letter in letters)
    return re.fullmatch("".join(known), fold(read, engine), re.DOTALL) is not None
