"""What a gate rule is given: the evidence, and what of it may be believed now.

Evidence that is missing, failed, stale or not a number is a *problem* of its case, never a value (see
:mod:`core.gates.belief`). A case whose candidate failed to deliver is not missing: it counts against the
candidate, as each rule says.

Long: everything that a rule may ask of the evidence stands in one class.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Generic, NamedTuple, TypeVar

from core.formatting import count
from core.gates.belief import Kind, Problem, require_number, require_self_test
from core.gates.judgement import Judgement
from core.records import (
    Arm,
    Case,
    Evidence,
    GateOutcome,
    Measurement,
    MeasurementStatus,
    Pair,
    Render,
    RenderStatus,
)
from core.records.kept import moment_text
from core.review.units import Unit, counted_units

T = TypeVar("T")
BELIEVED = frozenset({MeasurementStatus.MEASURED, MeasurementStatus.AMBIGUOUS})
BASELINE, CANDIDATE = Arm
DONE, FAILED = RenderStatus.DONE, RenderStatus.FAILED
"""Looked up once: a member of an enum costs as much as all else that is asked of a measurement."""


class CaseOf(NamedTuple):
    """A case of the run and its pairs, one for each seed."""

    digest: str
    case: Case
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Cases(Generic[T]):
    """What a rule read: a value for each case, or the problem it met instead."""

    values: dict[str, T] = field(default_factory=dict)
    problems: dict[str, Problem] = field(default_factory=dict)

    @property
    def asked(self) -> int:
        """Cases that the rule is about."""
        return len(self.values) + len(self.problems)


@dataclass(frozen=True, kw_only=True)
class Scope:
    """The evidence as one policy looks at it. No slots: what every rule asks for is sorted out only once."""

    evidence: Evidence
    now: datetime
    max_age_days: int
    """Renders and measurements older than this are stale."""
    max_missing_share: float
    """A gate with a larger share of cases without a value is inconclusive."""
    policy_digest: str
    """Verdicts are evidence only under the policy that the rollout was started with."""

    @cached_property
    def cases(self) -> list[CaseOf]:
        """Every case of the run, by first position."""
        found: dict[str, list[Pair]] = {}
        for pair in sorted(self.evidence.pairs, key=lambda pair: pair.position):
            found.setdefault(pair.case_digest, []).append(pair)
        return [CaseOf(digest, self.evidence.cases[digest], tuple(pairs)) for digest, pairs in found.items()]

    @cached_property
    def units(self) -> list[Unit]:
        """The units whose verdicts are evidence, in their order of review; none before the start."""
        return [] if self.unheard else counted_units(self.evidence, self.now)

    @property
    def unheard(self) -> Judgement | None:
        """The judgement of every rule about verdicts while none of them counts; None once they do."""
        start = self.evidence.start
        if start is not None and start.policy_digest == self.policy_digest:
            return None
        if start is None:
            short = "no verdict counts before the rollout is started"
            reason = (
                "Verdicts count from the start of the rollout on, so that nobody can choose a plan by them."
            )
        else:
            short = "verdicts count only under the policy that the rollout was started with"
            reason = (
                "The rollout was started under another policy, or another version of this one: its verdicts "
                "count only there."
            )
        return Judgement(outcome=GateOutcome.INCONCLUSIVE, short=short, reason=reason)

    @cached_property
    def _found(self) -> dict[str, dict[tuple[str, str, Arm | None], list[Measurement]]]:
        """Measurements by pair, then by check, metric and arm: of the pairs that were asked about."""
        return {}

    def _found_on(self, pair_id: str) -> dict[tuple[str, str, Arm | None], list[Measurement]]:
        if pair_id not in self._found:
            found = defaultdict(list)
            for m in self.evidence.measurements.get(pair_id, ()):
                found[m.check, m.metric, m.arm].append(m)
            self._found[pair_id] = dict(found)
        return self._found[pair_id]

    @cached_property
    def likeness(self) -> dict[str, int]:
        """A number for each case, equal for cases of which every rule reads the same, numbers aside.

        Empty where the evidence holds whole records: those are read one by one.
        """
        kept = self.evidence.kept
        if kept is None:
            return {}
        oldest, numbers = moment_text(self._oldest), dict[object, int]()
        likeness = {}
        for item in self.cases:
            heights = tuple(line.letter_height_px for line in item.case.expected_text)
            alike = tuple(kept.likeness(pair.id, oldest) for pair in item.pairs)
            likeness[item.digest] = numbers.setdefault((heights, alike), len(numbers))
        return likeness

    @cached_property
    def worked_out(self) -> dict[str, object]:
        """What several rules ask alike, by its name; each works it out when it is not there."""
        return {}

    def read(
        self,
        cases: Iterable[CaseOf],
        value_of: Callable[[CaseOf], T],
        *,
        also: Callable[[CaseOf], object] = lambda item: None,
    ) -> Cases[T]:
        """The value of each case, or the problem that reading it met. Of cases that are alike one is read.

        Args:
            value_of: may depend on a case's likeness and on ``also``; on nothing else of it.
        """
        found: Cases[T] = Cases()
        known: dict[object, T | Problem] = {}
        for item in cases:
            number = self.likeness.get(item.digest)
            alike = item.digest if number is None else (number, also(item))
            if alike not in known:
                known[alike] = _value_or_problem(value_of, item)
            value = known[alike]
            if isinstance(value, Problem):
                found.problems[item.digest] = value
            else:
                found.values[item.digest] = value
        return found

    def render(self, pair: Pair, arm: Arm) -> Render:
        """The render of one arm, which may have failed.

        Raises:
            Problem: not made yet, made by other weights than the run's, or too old.
        """
        render = self.evidence.renders.get(pair.id, {}).get(arm)
        if render is None:
            raise Problem(Kind.MISSING, f"the {arm} is not rendered yet")
        if render.created_at < self._oldest:
            raise self._stale(f"the render of the {arm}")
        run = self.evidence.run
        promised = run.baseline_digest if arm is BASELINE else run.candidate_digest
        if render.recipe.model_digest != promised:
            raise Problem(Kind.STALE, f"the {arm} was rendered by other weights than this run's")
        return render

    def delivered(self, pair: Pair) -> bool:
        """Whether the candidate has a picture where the baseline has one.

        Raises:
            Problem: as :meth:`render`, or the baseline failed, so that nothing can be compared.
        """
        if self.render(pair, BASELINE).status is FAILED:
            raise Problem(Kind.MISSING, "the baseline failed")
        return self.render(pair, CANDIDATE).status is DONE

    def measured(self, pair: Pair, check: str, metric: str, arm: Arm | None) -> list[Measurement]:
        """The believable measurements of one metric; empty where the check does not apply.

        Raises:
            Problem: not examined yet, could not be, examined before the picture was made, not a number, or
                by a check that has no self-test, or failed it.
        """
        found = self._found_on(pair.id).get((check, metric, arm), [])
        if not found:
            raise Problem(Kind.MISSING, f"{check} has not examined it yet")
        for measurement in found:
            self._require_believable(measurement, pair)
        return [m for m in found if m.status in BELIEVED]

    def value(self, pair: Pair, check: str, metric: str, arm: Arm | None) -> float:
        """The one value of a metric.

        Raises:
            Problem: as :meth:`measured`, or the check says it does not apply here.
        """
        values = [m.value for m in self.measured(pair, check, metric, arm) if m.value is not None]
        if not values:
            raise Problem(Kind.MISSING, f"{check} does not apply to it")
        return values[0]

    def blocked(self, found: Cases[T], *, about: str) -> Judgement | None:
        """The judgement when too little can be read to judge at all; None when there is enough.

        Args:
            about: what the cases are needed for, such as ``transparency``.
        """
        if found.asked == 0:
            reason = f"No case of this run is about {about}: add such cases, or mute this gate in the policy."
            return Judgement(
                outcome=GateOutcome.INCONCLUSIVE, short=f"no case is about {about}", reason=reason
            )
        if found.values and len(found.problems) <= self.max_missing_share * found.asked:
            return None
        return _blocked_by(list(found.problems.values()), found.asked, about)

    @cached_property
    def _oldest(self) -> datetime:
        return self.now - timedelta(days=self.max_age_days)

    def _stale(self, what: str) -> Problem:
        return Problem(Kind.STALE, f"{what} is older than {count(self.max_age_days, 'day')}")

    def _require_believable(self, measurement: Measurement, pair: Pair) -> None:
        require_self_test(measurement, self.evidence.self_tests.get(measurement.check))
        require_number(measurement)
        if measurement.created_at < self._oldest:
            raise self._stale(f"the result of {measurement.check}")
        if self._is_outdated(measurement, pair):
            raise Problem(Kind.STALE, f"{measurement.check} examined an earlier picture")

    def _is_outdated(self, measurement: Measurement, pair: Pair) -> bool:
        """Whether a picture of the pair was made after it was examined."""
        if self.evidence.outdated is not None:
            return (pair.id, measurement.check) in self.evidence.outdated
        renders = self.evidence.renders.get(pair.id, {}).values()
        return any(measurement.created_at < render.created_at for render in renders)


def _value_or_problem(value_of: Callable[[CaseOf], T], item: CaseOf) -> T | Problem:
    try:
        return value_of(item)
    except Problem as problem:
        return problem


def _blocked_by(problems: Sequence[Problem], asked: int, about: str) -> Judgement:
    worst = max(problem.kind for problem in problems)
    words, _ = Counter(p.words for p in problems if p.kind is worst).most_common(1)[0]
    return Judgement(
        outcome=GateOutcome.ERROR if worst is Kind.ERROR else GateOutcome.INCONCLUSIVE,
        short=f"{about} is unknown for {len(problems)} of {count(asked, 'case')}",
        reason=f"{len(problems)} of {count(asked, 'case')} cannot be judged, mostly because {words}.",
        n=asked - len(problems),
    )
