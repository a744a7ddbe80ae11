"""Prompts as people type them → one normal form, the exact strings they demand, and their tags.

Two text encoders read the same words differently once spaces, line ends or compositions of letters differ, so
every prompt passes :func:`normalise_prompt` before it becomes part of a recipe.
"""

from __future__ import annotations

import re
import unicodedata

from core.errors import InvalidPrompt
from core.records import ExpectedText
from core.untrusted import Unfit, readable

MAX_PROMPT_CHARACTERS = 10_000
"""No model reads more; a model's contract may allow less."""

EXACT_TEXT = re.compile(r"exact text\s*:\s*", re.IGNORECASE)
QUOTES = {'"': '"', "“": "”", "„": "“", "«": "»"}
TAGS = {
    "transparent": r"on transparent|transparent (back)?ground|cut-?out|sticker",
    "portrait": r"portrait|headshot",
    "product": r"product photo|packshot",
    "banner": r"banner",
    "badge": r"badge",
    "poster": r"poster",
    "shape": r"circle|star|square|arrow",
}
"""Tag → the words that earn it."""


def normalise_prompt(text: str, *, allow_empty: bool = False) -> str:
    """The prompt in NFC with single spaces; emoji and right-to-left text stay as they are.

    Raises:
        InvalidPrompt: when it is empty (unless allowed), longer than 10,000 characters, or holds a control
            character or half a surrogate pair; the position and the code point are named.
    """
    if len(text) > MAX_PROMPT_CHARACTERS:
        raise InvalidPrompt(f"expected at most {MAX_PROMPT_CHARACTERS:,} characters, got {len(text):,}")
    try:
        readable(text)
    except Unfit as error:
        raise InvalidPrompt(str(error)) from error
    normal = " ".join(unicodedata.normalize("NFC", text).split())
    if not normal and not allow_empty:
        raise InvalidPrompt("expected a prompt, got an empty text")
    return normal


def expected_strings(prompt: str) -> tuple[ExpectedText, ...]:
    """The quoted lines after ``exact text:``; a backslash keeps a quotation mark inside a line.

    >>> [line.text for line in expected_strings('poster, exact text: "SUMMER" "50 OFF", red on cream')]
    ['SUMMER', '50 OFF']

    Raises:
        InvalidPrompt: when a quotation mark is never closed, or the quotes hold nothing.
    """
    found = EXACT_TEXT.search(prompt)
    lines: list[ExpectedText] = []
    at = found.end() if found else len(prompt)
    while at < len(prompt) and prompt[at] in QUOTES:
        line, at = _quoted(prompt, at)
        lines.append(ExpectedText(text=line))
        at = _next_quote(prompt, at)
    return tuple(lines)


def tags_of(prompt: str) -> tuple[str, ...]:
    """Tags a prompt earns by its words, such as ``typography`` for one with exact text."""
    lines = expected_strings(prompt)
    lettering = ["typography"] * bool(lines) + ["two-line"] * (len(lines) > 1)
    earned = [tag for tag, words in TAGS.items() if re.search(rf"\b({words})\b", prompt, re.IGNORECASE)]
    return tuple(lettering + earned)


def _quoted(prompt: str, start: int) -> tuple[str, int]:
    """The text between the quotation mark at ``start`` and its partner, and the position after it."""
    closing, line = QUOTES[prompt[start]], ""
    at = start + 1
    while at < len(prompt):
        if prompt[at] == "\\" and prompt[at + 1 : at + 2] in ("\\", closing):
            line, at = line + prompt[at + 1], at + 2
        elif prompt[at] == closing:
            if not line.strip():
                raise InvalidPrompt(
                    f"exact text: expected letters in the quotes at position {start + 1}, got none"
                )
            return " ".join(line.split()), at + 1
        else:
            line, at = line + prompt[at], at + 1
    raise InvalidPrompt(f"exact text: the quotation mark at position {start + 1} is never closed")


def _next_quote(prompt: str, at: int) -> int:
    """Position of a further quoted line: only spaces, a comma, a slash, ``+`` or "and" may stand between."""
    if between := re.compile(r'(?:\s*(?:,|/|\+|and\b|&))?\s*(?=["“„«])').match(prompt, at):
        return between.end()
    return len(prompt)
