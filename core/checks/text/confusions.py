"""Glyphs that the reader confuses on perfect drawings: a finding that rests on them alone is ambiguous.

The groups are measured, per engine version: the self-test (``sidegrade doctor --checks``) draws every glyph
in several fonts and sizes, stores the confusion matrix, and distrusts the reader when it confuses what is not
listed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from rapidfuzz.distance import Levenshtein

GROUPS: Mapping[str, tuple[str, ...]] = {
    "rapidocr 3.10.0 PP-OCRv6 small": ("0Oo", "1Il|", "Cc", "Ss", "Vv", "Ww", "Xx", "Zz"),
}
"""Engine → groups of glyphs that look alike to it: it reads one O of five as 0, and one l of three as I."""
UNKNOWN_ENGINE = ("0OoQD", "1Il|i!", "5Ss", "8B", "2Zz", "Cc", "Kk", "Pp", "Uu", "Vv", "Ww", "Xx")
"""For an engine that was not measured yet: everything that is known to look alike to some reader."""

Confusion = tuple[str, str]
"""A drawn glyph and what it was read as; the empty text where it was not read at all."""


def fold(text: str, engine: str) -> str:
    """The text with each glyph replaced by the first of its group, and without spaces.

    >>> engine = "rapidocr 3.10.0 PP-OCRv6 small"
    >>> fold("OPEN", engine) == fold("0PEN", engine), fold("SALE", engine) == fold("SAFE", engine)
    (True, False)
    """
    groups = GROUPS.get(engine, UNKNOWN_ENGINE)
    first = str.maketrans({glyph: group[0] for group in groups for glyph in group})
    return "".join(text.split()).translate(first)


def confusion_matrix(readings: Iterable[tuple[str, str]]) -> tuple[Counter[Confusion], Counter[str]]:
    """How often each glyph was read as another, and how often each was drawn, from (drawn, read) lines."""
    confused: Counter[Confusion] = Counter()
    drawn_often: Counter[str] = Counter()
    for drawn, read in readings:
        drawn_often.update(drawn.replace(" ", ""))
        for edit in Levenshtein.editops(drawn, read):
            if edit.tag != "insert" and drawn[edit.src_pos] != " ":
                confused[drawn[edit.src_pos], read[edit.dest_pos] if edit.tag == "replace" else ""] += 1
    return confused, drawn_often


def unlisted(
    confused: Mapping[Confusion, int], drawn_often: Mapping[str, int], engine: str, *, above: float
) -> list[str]:
    """Confusions seen at least twice and in more than a share ``above`` of the drawings, but in no group."""
    return sorted(
        f"«{drawn}» read as «{read}» in {times} of {drawn_often[drawn]}"
        for (drawn, read), times in confused.items()
        if times > 1 and times / drawn_often[drawn] > above and fold(drawn, engine) != fold(read, engine)
    )


def returned(
    confused: Mapping[Confusion, int],
    drawn_often: Mapping[str, int],
    engine: str,
    *,
    least: float,
    fewest: int,
) -> str:
    """The characters, sorted, that were drawn ``fewest`` times and came back in a share ``least`` of them.

    A character read as another of its group came back: a line that rests on such a pair is ambiguous anyway.
    """
    lost: Counter[str] = Counter()
    for (drawn, read), times in confused.items():
        if fold(drawn, engine) != fold(read, engine):
            lost[drawn] += times
    return "".join(sorted(c for c, n in drawn_often.items() if n >= fewest and (n - lost[c]) / n >= least))
