"""Can the candidate still letter what the baseline can? Pairs whose lines are read right, compared.

A picture is right when every line asked about is read exactly as written, wrong when one is surely not. A
case whose text holds a character that the reader was never tested on is outside the gate, on both arms and
before anything is drawn: neither of its pictures could be right, so no loss could show on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from core.checks.text.alphabet import unknown_characters
from core.config.toml_tables import Table
from core.formatting import count, percent
from core.gates.belief import Kind, Problem
from core.gates.judgement import Judgement
from core.gates.outcomes import Told, read_outcomes
from core.gates.pairing import judge_paired
from core.gates.scope import CaseOf, Scope
from core.records import Arm, Case, ExpectedText, GateOutcome, Measurement, MeasurementStatus, Pair

CHECK: Final = "typography"
NAMED: Final = 3
"""How many cases outside the gate a reason names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypographySettings:
    """Which lines are looked at, and how much worse the candidate may be."""

    margin: float
    level: float
    max_letter_height_px: int | None
    most_unreadable: float
    """The share of text cases that may be outside the gate before it cannot decide."""


class Outside(NamedTuple):
    """A case that no machine here can judge, and the characters that are to blame."""

    item: CaseOf
    characters: str


def read(table: Table) -> TypographySettings:
    """The settings as a policy declares them."""
    height = table.optional_number("max_letter_height_px", minimum=1, maximum=10_000)
    return TypographySettings(
        margin=table.number("margin", minimum=0.001, maximum=0.5),
        level=table.number("level", minimum=0.5, maximum=0.999),
        max_letter_height_px=None if height is None else int(height),
        most_unreadable=table.number("most_unreadable", 0.20, minimum=0, maximum=0.5),
    )


def judge(settings: TypographySettings, scope: Scope, title: str) -> Judgement:
    """Successful when the candidate surely lost no more than the margin of what the baseline could letter."""
    about = [item for item in scope.cases if _asked_lines(settings, item.case)]
    outside = _outside(settings, scope, about)
    if len(outside) > settings.most_unreadable * len(about):
        return _unreadable(outside, title, asked=len(about), most=settings.most_unreadable)
    left_out = {one.item.digest for one in outside}

    def told(item: CaseOf, pair: Pair, arm: Arm) -> Told:
        lines = zip(item.case.expected_text, _examined(scope, pair, arm, item.case), strict=True)
        return _together([found for line, found in lines if _is_asked(settings, line)])

    return judge_paired(
        scope,
        read_outcomes(scope, [item for item in about if item.digest not in left_out], told),
        title=title,
        margin=settings.margin,
        level=settings.level,
        note=_note(outside, asked=len(about)),
    )


def _asked_lines(settings: TypographySettings, case: Case) -> list[ExpectedText]:
    return [line for line in case.expected_text if _is_asked(settings, line)]


def _is_asked(settings: TypographySettings, line: ExpectedText) -> bool:
    limit = settings.max_letter_height_px
    return limit is None or (line.letter_height_px is not None and line.letter_height_px <= limit)


def _together(lines: Sequence[Measurement]) -> Told:
    """One line that is surely wrong makes a picture wrong; one that cannot be told leaves it untold."""
    values = [None if m.status is MeasurementStatus.AMBIGUOUS else m.value for m in lines]
    if 0 in values:
        return Told.WRONG
    return Told.UNTOLD if None in values else Told.RIGHT


def _examined(scope: Scope, pair: Pair, arm: Arm, case: Case) -> list[Measurement]:
    """The measurement of every expected line, in their order: the same words may stand there at two sizes."""
    if _alphabet(scope) is None:
        raise Problem(
            Kind.MISSING,
            "which characters the reader knows is not tested yet (run `sidegrade doctor --checks`)",
        )
    found = scope.measured(pair, CHECK, "exact", arm)
    if [m.subject for m in found] != [line.text for line in case.expected_text]:
        raise Problem(Kind.MISSING, f"{CHECK} did not examine every line")
    return found


def _outside(settings: TypographySettings, scope: Scope, about: Sequence[CaseOf]) -> list[Outside]:
    """Cases with a character that the self-test of the reader does not hold; none before it was made."""
    alphabet = _alphabet(scope)
    if alphabet is None:
        return []
    texts = ["".join(line.text for line in _asked_lines(settings, item.case)) for item in about]
    if not unknown_characters("\n".join(texts), alphabet):  # of 40,000 cases at once
        return []
    found = [
        Outside(item, unknown_characters(text, alphabet)) for item, text in zip(about, texts, strict=True)
    ]
    return [one for one in found if one.characters]


def _alphabet(scope: Scope) -> str | None:
    """The characters that the reader knows by its self-test; None before its self-test was made."""
    test = scope.evidence.self_tests.get(CHECK)
    alphabet = test.score.get("alphabet") if test else None
    return alphabet if isinstance(alphabet, str) else None


def _note(outside: Sequence[Outside], *, asked: int) -> str:
    """Which cases are outside the gate, in a sentence; empty without any."""
    if not outside:
        return ""
    some = ", ".join(one.item.case.name for one in outside[:NAMED])
    more = f" and {len(outside) - NAMED} more" if len(outside) > NAMED else ""
    letters = "".join(dict.fromkeys("".join(one.characters for one in outside)))
    return (
        f"Outside this gate: {len(outside)} of {count(asked, 'case')} ({some}{more}), for the reader was "
        f"never tested on «{letters}»; people have to read them."
    )


def _unreadable(outside: Sequence[Outside], title: str, *, asked: int, most: float) -> Judgement:
    return Judgement(
        outcome=GateOutcome.INCONCLUSIVE,
        short=f"{title.lower()} cannot be read by a machine in {len(outside)} of {count(asked, 'case')}",
        reason=f"{_note(outside, asked=asked)} At most {percent(most)} of the cases may be outside.",
        n=asked - len(outside),
    )
