"""Glyphs that the reader confuses on perfect drawings: a finding that rests on them alone is ambiguous.

The groups are measured, per engine version, by the self-test (``sidegrade doctor --checks``), which draws
every glyph in several fonts and sizes and fails when the reader confuses what is not listed here.
"""

from __future__ import annotations

GROUPS: tuple[str, ...] = ("0OoQD", "1Il|i!", "5Ss", "8B", "2Zz", "Cc", "Uu", "Vv", "Ww", "Xx", "Kk", "Pp")
"""Glyphs of one group look alike to the reader."""

_FIRST = str.maketrans({glyph: group[0] for group in GROUPS for glyph in group})


def fold(text: str) -> str:
    """The text with each glyph replaced by the first of its group, and without spaces.

    >>> fold("QUIZ") == fold("OUIZ"), fold("SALE") == fold("SAFE")
    (True, False)
    """
    return "".join(text.split()).translate(_FIRST)
