"""Does the candidate draw pictures at all? A black, flat or noise picture never passes, though it is stored.

One that is empty on both arms is the baseline's fault: it is said, and not held against the candidate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from core.config.toml_tables import Table
from core.formatting import count
from core.gates.belief import Kind, Problem
from core.gates.judgement import Judgement
from core.gates.outcomes import BLANK, EMPTY, shows_nothing
from core.gates.scope import CaseOf, Scope
from core.records import Arm, GateOutcome, Pair, RenderStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowsSettings:
    """How many pictures may show nothing."""

    most: int


class Empty(NamedTuple):
    """A picture of the candidate that shows nothing."""

    pair: Pair
    looks: str
    """What it is instead, such as ``black``."""
    on_both: bool
    """Whether the baseline's is empty too."""


def read(table: Table) -> ShowsSettings:
    """The settings as a policy declares them."""
    return ShowsSettings(most=table.integer("most", 0, minimum=0))


def judge(settings: ShowsSettings, scope: Scope, title: str) -> Judgement:
    """Failed when more pictures than allowed are empty on the candidate alone; nothing may be missing."""
    found = scope.read(scope.cases, lambda item: _empty_of(scope, item))
    pairs = {item.digest: item.pairs for item in scope.cases}
    empty = [
        one._replace(pair=pairs[digest][place])
        for digest, of_case in found.values.items()
        for place, one in of_case
    ]
    own, shared = [one for one in empty if not one.on_both], [one for one in empty if one.on_both]
    pictures = len(scope.evidence.pairs)
    if len(own) > settings.most:
        outcome, short = GateOutcome.FAILED, _are(own, pictures)
    elif blocked := replace(scope, max_missing_share=0.0).blocked(found, about=title.lower()):
        return blocked
    elif len(shared) > scope.max_missing_share * pictures:
        outcome, short = GateOutcome.INCONCLUSIVE, f"{_are(shared, pictures)} on both models"
    else:
        outcome, short = GateOutcome.SUCCESSFUL, _show_something(len(empty), pictures)
    return Judgement(
        outcome=outcome,
        short=short,
        reason=_reason(own, shared, pictures, settings),
        value=float(len(own)),
        threshold=float(settings.most),
        unit="pictures",
        n=pictures,
    )


def _empty_of(scope: Scope, item: CaseOf) -> list[tuple[int, Empty]]:
    """By the pair's place in its case."""
    found = [(place, _empty(scope, pair)) for place, pair in enumerate(item.pairs)]
    return [(place, one) for place, one in found if one is not None]


def _empty(scope: Scope, pair: Pair) -> Empty | None:
    if scope.render(pair, Arm.CANDIDATE).status is RenderStatus.FAILED:
        raise Problem(Kind.MISSING, "the candidate failed to deliver it")
    if not shows_nothing(scope, pair, Arm.CANDIDATE):
        return None
    looks = scope.measured(pair, BLANK, EMPTY, Arm.CANDIDATE)[0].raw.get("looks", "empty")
    drawn = scope.render(pair, Arm.BASELINE).status is RenderStatus.DONE
    return Empty(pair, str(looks), drawn and shows_nothing(scope, pair, Arm.BASELINE))


def _show_something(empty: int, pictures: int) -> str:
    if not empty:
        return "every picture shows something"
    return f"all but {empty} of {count(pictures, 'picture')} show something"


def _are(empty: Sequence[Empty], pictures: int) -> str:
    """Such as *3 of 160 pictures are black*; what they look like is said when they look the same."""
    looks = Counter(one.looks for one in empty)
    word = next(iter(looks)) if len(looks) == 1 else "empty"
    return f"{len(empty)} of {count(pictures, 'picture')} {'is' if len(empty) == 1 else 'are'} {word}"


def _reason(own: Sequence[Empty], shared: Sequence[Empty], pictures: int, settings: ShowsSettings) -> str:
    allowed = f"at most {settings.most} may be" if settings.most else "none may be"
    pronoun = "shows" if len(own) == 1 else "show"
    words = f"{len(own)} of the candidate's {count(pictures, 'picture')} {pronoun} nothing{_listed(own)}"
    if not shared:
        return f"{words}; {allowed}."
    return (
        f"{words}; {allowed}. {_are(shared, pictures)} on both models{_listed(shared)}: that is the "
        "baseline's fault, and nothing can be compared there."
    )


def _listed(empty: Sequence[Empty]) -> str:
    """What they look like, and the first one by name."""
    if not empty:
        return ""
    looks = ", ".join(f"{n} {word}" for word, n in Counter(one.looks for one in empty).items())
    return f" ({looks}, such as {empty[0].pair.case_name} with seed {empty[0].pair.seed})"
