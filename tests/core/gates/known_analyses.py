"""What the gates say of small made-up runs, word for word: outcomes, figures and sentences as stored.

A gate's figures and its sentence are what a person signs on, so a change of either is looked at as a change
of the product. After one that is meant::

    python -m tests.core.gates.known_analyses

writes ``known_analyses.json`` anew; read its difference before you commit it.

Long: one line for each way in which a run can end.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from core.gates import evaluate
from core.gates.policies import parse_policy
from core.gates.policy import Policy
from core.records import (
    Arm,
    CanaryCounts,
    Evidence,
    GateResult,
    Measurement,
    MeasurementStatus,
    Outcome,
    Purpose,
    Render,
    ReviewPlan,
    Waiver,
)
from core.review.units import deadline, review_units
from tests.evidence import (
    NOW,
    REVIEWERS,
    STARTED,
    every_measurement,
    every_render,
    judged,
    make_evidence,
    only,
    passed,
    policy,
    started,
    verdict,
)

STORED: Final = Path(__file__).with_name("known_analyses.json")
CANARY: Final = """
[gates.canary]
requirement = "required"
alpha = 0.05
planned_requests = 1350
most_ratio = 2.0
confidence = 0.95
"""
GPU_TIME: Final = ('metric = "latency_ms"\ntolerance = 0.10', 'metric = "gpu_seconds"\ntolerance = 0.10')
BOTH: Final = tuple(Arm)
CAND, BASE, TIE, BAD = Outcome.CANDIDATE, Outcome.BASELINE, Outcome.TIE, Outcome.BOTH_BAD

run = partial(make_evidence, verdicts=False)


@cache
def plain(cases: int = 80) -> Evidence:
    """A run without a fault, in which nobody has judged yet."""
    return run(cases=cases)


class Known(NamedTuple):
    """A run and the gates that are asked about it."""

    gates: str
    """Their names in the policy, parted by spaces; all when empty."""
    evidence: Evidence
    changes: tuple[tuple[str, str], ...] = ()
    """Words of the policy that are others here."""
    name: str = "upgrade"
    """The policy."""
    now: datetime = NOW
    under: str | None = "its own"
    """The policy that the rollout was started under; None: it is not started."""


def rules(known: Known) -> Policy:
    """The policy that a known run is judged by."""
    whole = _changed(known.name, known.changes)
    names = known.gates.split() or [gate.name for gate in whole.gates]
    return replace(whole, gates=tuple(gate for name in names for gate in only(name, whole).gates))


@cache
def _changed(name: str, changes: tuple[tuple[str, str], ...]) -> Policy:
    text = policy(name).text + CANARY
    for old, new in changes:
        if old not in text:
            raise ValueError(f"expected {old!r} in the policy {name}")
        text = text.replace(old, new)
    return parse_policy(name, text)


def told(known: Known) -> dict[str, Any]:
    """The analysis of a known run: its sentence, and what each gate says."""
    by, evidence = rules(known), known.evidence
    if known.under is None:
        evidence = replace(evidence, start=None)
    else:
        evidence = started(evidence, by if known.under == "its own" else policy(known.under))
    evidence = replace(evidence, units=review_units(evidence))  # folded once, as the store does
    analysis = evaluate(by, evidence, known.now)
    return {
        "sentence": analysis.sentence,
        "outcome": analysis.outcome.value,
        "gates": {result.gate: _told(result) for result in analysis.results},
    }


def _told(result: GateResult) -> dict[str, Any]:
    interval = result.interval
    numbers: dict[str, Any] = {
        "value": _rounded(result.value),
        "threshold": _rounded(result.threshold),
        "unit": result.unit,
        "n": result.n,
        "n_needed": result.n_needed,
    }
    if interval is not None:
        numbers["interval"] = [_rounded(interval.low), _rounded(interval.high), _rounded(interval.level)]
        numbers["method"] = interval.method
    return {
        "title": result.title,
        "says": f"{result.outcome.value} ({result.requirement.value})",
        **{name: number for name, number in numbers.items() if number not in (None, "")},
        "reason": result.reason,
    }


def _rounded(number: float | None) -> float | None:
    """To five digits, which no other machine's arithmetic moves."""
    return None if number is None else float(f"{number:.5g}")


def number_of(pair_id: str) -> int:
    """The number of a pair's case."""
    return int(pair_id[5:9])


def measured(
    evidence: Evidence,
    check: str,
    numbers: Collection[int],
    arms: Collection[Arm | None] = BOTH,
    **changes: Any,
) -> Evidence:
    """The evidence with other measurements of a check in some cases."""

    def change(m: Measurement) -> Measurement:
        concerned = m.check == check and number_of(m.pair_id) in numbers and m.arm in arms
        return replace(m, **changes) if concerned else m

    return every_measurement(evidence, change)


def rendered(
    evidence: Evidence, numbers: Collection[int], arms: Collection[Arm] = BOTH, **changes: Any
) -> Evidence:
    """The evidence with other renders in some cases."""

    def change(r: Render) -> Render:
        return replace(r, **changes) if number_of(r.pair_id) in numbers and r.arm in arms else r

    return every_render(evidence, change)


def without(evidence: Evidence, numbers: Collection[int]) -> Evidence:
    """The evidence of a run in which some cases are not drawn yet."""
    undrawn = every_render(evidence, lambda r: None if number_of(r.pair_id) in numbers else r)
    return every_measurement(undrawn, lambda m: None if number_of(m.pair_id) in numbers else m)


def slower(evidence: Evidence, factors: Callable[[int], float]) -> Evidence:
    """The evidence whose candidate takes so many times its time in a case."""

    def change(r: Render) -> Render:
        if r.arm is Arm.BASELINE or r.latency_ms is None or r.gpu_seconds is None:
            return r
        factor = factors(number_of(r.pair_id))
        return replace(r, latency_ms=r.latency_ms * factor, gpu_seconds=r.gpu_seconds * factor)

    return every_render(evidence, change)


def early(evidence: Evidence, verdicts: int) -> Evidence:
    """The evidence whose first verdicts were given before the start."""
    return replace(
        evidence, ordinals=tuple(number - verdicts for number in range(1, len(evidence.verdicts) + 1))
    )


def live(ours: int, requests: int, theirs: int = 1400) -> Evidence:
    """A run with live traffic: one request in a hundred went to the candidate."""
    counts = CanaryCounts(
        share=0.01, candidate_requests=requests, candidate_errors=ours, baseline_errors=theirs
    )
    return replace(plain(2), canary=counts)


def waived(evidence: Evidence, gates: Iterable[str], **changes: Any) -> Evidence:
    """The evidence with a waiver for each of the gates."""
    waiver = Waiver(
        id="w",
        gate="",
        run_id=None,
        owner="lea",
        reason="new cards arrive in May",
        expires_at=NOW + timedelta(days=1),
        created_at=STARTED,
    )
    return replace(evidence, waivers=tuple(replace(waiver, gate=gate, **changes) for gate in gates))


def second_opinions(evidence: Evidence, outcomes: Iterable[Outcome]) -> Evidence:
    """The evidence with a second opinion by zoe on the first pairs."""
    more = [
        verdict(pair, "zoe", outcome, 900 + place, purpose=Purpose.OVERLAP)
        for place, (pair, outcome) in enumerate(zip(evidence.pairs, outcomes, strict=False))
    ]
    return replace(evidence, verdicts=(*evidence.verdicts, *more))


def second_verdicts(evidence: Evidence, outcomes: Sequence[Outcome]) -> Evidence:
    """The evidence with a second verdict by the next reviewer on the first cases in their order of review."""
    firsts = zip(evidence.verdicts, outcomes, strict=False)
    more = [
        replace(first, uuid=f"second_{first.uuid}", reviewer=_next(first.reviewer), outcome=outcome)
        for first, outcome in firsts
    ]
    return replace(evidence, verdicts=(*evidence.verdicts, *more))


def _next(reviewer: str) -> str:
    return REVIEWERS[(REVIEWERS.index(reviewer) + 1) % len(REVIEWERS)]


def one_sided(evidence: Evidence, reviewer: str) -> Evidence:
    """The evidence in which whatever a reviewer chose was shown as A."""
    turned = (
        replace(event, side_a=event.outcome.arm) if event.reviewer == reviewer and event.outcome else event
        for event in evidence.verdicts
    )
    return replace(evidence, verdicts=tuple(turned))


def gold(evidence: Evidence, right: int, asked: int, reviewers: Collection[str]) -> Evidence:
    """The evidence with answers of some reviewers to pairs whose answer is known."""
    pairs = evidence.pairs[:asked]
    answers = [
        verdict(pair, who, BASE if place < right else TIE, 500 + place, purpose=Purpose.GOLD)
        for who in reviewers
        for place, pair in enumerate(pairs)
    ]
    known = {pair.id: BASE for pair in pairs}
    return replace(evidence, gold=known, verdicts=(*evidence.verdicts, *answers))


def _shows() -> dict[str, Known]:
    black = {"raw": {"looks": "black"}}
    three = run(empty={Arm.CANDIDATE: [3, 5, 9]})
    mixed = measured(measured(three, "blank", [3, 5], **black), "blank", [9], raw={"looks": "noise"})
    two = (
        ("[gates.shows]", "[gates.shows]\n#"),
        ("most = 0                   # pictures that may show", "most = 2 #"),
    )

    def shared(count: int) -> Evidence:
        return measured(run(empty=dict.fromkeys(BOTH, range(count))), "blank", range(count), **black)

    return {
        "every picture shows something": Known("shows", plain()),
        "one picture is black": Known(
            "shows", measured(run(empty={Arm.CANDIDATE: [3]}), "blank", [3], **black)
        ),
        "three pictures are black or noise": Known("shows", mixed),
        "three empty pictures where two may be": Known("shows", three, two),
        "two empty pictures where two may be": Known("shows", run(empty={Arm.CANDIDATE: [3, 5]}), two),
        "four of eighty are black on both": Known("shows", shared(4)),
        "five of eighty are black on both": Known("shows", shared(5)),
        "an empty picture beside a baseline that failed": Known(
            "shows", run(empty=dict.fromkeys(BOTH, (3,)), failing={Arm.BASELINE: [3]})
        ),
        "a candidate that failed shows nothing": Known("shows", run(failing={Arm.CANDIDATE: [3]})),
        "a render is not there yet": Known("shows", without(plain(), [3])),
    }


def _promises() -> dict[str, Known]:
    may = (("most = 0                   # pictures that may break", "most = 2 #"),)
    fail = (("most = 0                   # pictures that may fail", "most = 2 #"),)
    unsaid = rendered(run(failing={Arm.CANDIDATE: [4]}), [4], [Arm.CANDIDATE], failure=None)
    half = {Arm.CANDIDATE: range(4), Arm.BASELINE: range(2)}
    return {
        "promises are kept": Known("contract delivery", plain()),
        "three promises are broken": Known("contract", run(breaking=[1, 2, 3])),
        "two promises are broken where two may be": Known("contract", run(breaking=[1, 2]), may),
        "three promises are broken where two may be": Known("contract", run(breaking=[1, 2, 3]), may),
        "two pictures fail where two may": Known("delivery", run(failing={Arm.CANDIDATE: [1, 2]}), fail),
        "one picture fails": Known("contract delivery", run(failing={Arm.CANDIDATE: [4]})),
        "one picture fails and no reason is stored": Known("delivery", unsaid),
        "some pictures fail on both arms": Known("contract delivery", run(failing=half)),
        "a few pictures fail on both arms alone": Known(
            "contract delivery", run(failing=dict.fromkeys(BOTH, range(3)))
        ),
        "every picture fails on both arms": Known(
            "contract delivery", run(cases=20, failing=dict.fromkeys(BOTH, range(20)))
        ),
        "a promise is broken while another picture is missing": Known(
            "contract", without(run(breaking=[1]), [7])
        ),
        "a picture is missing": Known("contract delivery", without(plain(), [7])),
    }


def _with_strange_letters(count: int) -> Evidence:
    evidence = plain(40)
    cases = {
        digest: replace(
            case, expected_text=tuple(replace(line, text=f"{line.text} Ж") for line in case.expected_text)
        )
        if number < count
        else case
        for number, (digest, case) in enumerate(evidence.cases.items())
    }
    return replace(evidence, cases=cases)


def _losses() -> dict[str, Known]:
    def unsure(numbers: Collection[int], arm: Arm) -> Evidence:
        return measured(plain(), "typography", numbers, [arm], status=MeasurementStatus.AMBIGUOUS, value=None)

    unlettered = plain(10)
    bare = {digest: replace(case, expected_text=()) for digest, case in unlettered.cases.items()}
    opaque = {digest: replace(case, expects_alpha=False) for digest, case in unlettered.cases.items()}
    untested = replace(plain(), self_tests=passed(trusted=False))
    unknown = {**plain().self_tests}
    del unknown["alpha"]
    return {
        "nothing is lost": Known("alpha text small-text", plain(120)),
        "few cases": Known("alpha text small-text", plain(40)),
        "one case": Known("alpha text", plain(1)),
        "four seeds of a few cases": Known("text", run(cases=30, seeds=(1, 2, 3, 4))),
        "two channels are lost": Known("alpha", run(lost_alpha=[3, 7])),
        "some alpha has faults": Known("alpha", run(cases=200, faulty={Arm.CANDIDATE: range(8)})),
        "much alpha has faults": Known("alpha", run(cases=200, faulty={Arm.CANDIDATE: range(30)})),
        "alpha is better": Known("alpha", run(cases=120, faulty={Arm.BASELINE: range(30)})),
        "as much is gained as lost": Known(
            "text", run(misread={Arm.CANDIDATE: range(3), Arm.BASELINE: range(3, 6)})
        ),
        "a little more is gained than lost": Known(
            "text", run(cases=400, misread={Arm.CANDIDATE: range(1), Arm.BASELINE: range(3, 5)})
        ),
        "text falls": Known("text small-text", run(cases=160, misread={Arm.CANDIDATE: range(40)})),
        "text falls a little": Known("text small-text", run(cases=160, misread={Arm.CANDIDATE: range(6)})),
        "text rises": Known("text small-text", run(cases=160, misread={Arm.BASELINE: range(40)})),
        "text is wrong on both": Known("text", run(misread=dict.fromkeys(BOTH, range(80)))),
        "text is wrong on both in some cases": Known(
            "text", run(cases=120, misread=dict.fromkeys(BOTH, range(30)))
        ),
        "the candidate cannot be read in some": Known("text", unsure(range(3), Arm.CANDIDATE)),
        "the baseline cannot be read in some": Known("text", unsure(range(3), Arm.BASELINE)),
        "no text can be read": Known("text", unsure(range(80), Arm.CANDIDATE)),
        "no case has text": Known("text", replace(unlettered, cases=bare)),
        "no case expects alpha": Known("alpha", replace(unlettered, cases=opaque)),
        "two cases have a strange letter": Known("text", _with_strange_letters(2)),
        "three cases have a strange letter": Known("text", _with_strange_letters(3)),
        "four cases have a strange letter": Known("text", _with_strange_letters(4)),
        "more cases than may have a strange letter": Known("text", _with_strange_letters(9)),
        "some pictures failed on either arm": Known(
            "text alpha", run(failing={Arm.CANDIDATE: range(2), Arm.BASELINE: range(2, 5)})
        ),
        "some cases are not drawn": Known("text alpha", without(plain(120), range(4))),
        "more cases are not drawn": Known("text alpha perceptual latency", without(plain(120), range(30))),
        "the checks are not to be trusted": Known("text alpha contract", untested),
        "a check has no self-test": Known("alpha", replace(plain(), self_tests=unknown)),
        "another version was tested": Known("text", replace(plain(), self_tests=passed(version="0"))),
        "an engine broke": Known(
            "text contract",
            measured(
                measured(
                    plain(),
                    "typography",
                    [3],
                    status=MeasurementStatus.ERROR,
                    value=None,
                    reason="no weights",
                ),
                "contract",
                [4],
                value=math.inf,
            ),
        ),
        "everything is old": Known("text contract latency", plain(), now=NOW + timedelta(days=90)),
        "everything is just not old": Known(
            "text contract latency", plain(), now=STARTED + timedelta(days=90)
        ),
        "what was examined is old": Known(
            "contract", measured(plain(), "contract", [3], created_at=NOW - timedelta(days=90, seconds=1))
        ),
        "what was examined is just not old": Known(
            "contract", measured(plain(), "contract", [3], created_at=NOW - timedelta(days=90))
        ),
        "an earlier picture was examined": Known(
            "contract", measured(plain(), "contract", [3], created_at=STARTED - timedelta(seconds=1))
        ),
        "a picture was examined the moment it was drawn": Known(
            "contract", measured(plain(), "contract", [3], created_at=STARTED)
        ),
    }


def _distances() -> dict[str, Known]:
    def far(count: int, cases: int = 120, distance: float = 0.3) -> Evidence:
        return measured(run(cases=cases), "lpips", range(count), [None], value=distance)

    other = (('metric = "lpips"', 'metric = "stlpips"'),)
    return {
        "every picture is close": Known("perceptual", plain(120)),
        "pictures are just close enough": Known("perceptual", run(cases=120, lpips=0.2)),
        "pictures are just too far": Known("perceptual", run(cases=120, lpips=0.20001)),
        "some are far": Known("perceptual", far(3)),
        "many are far": Known("perceptual", far(30)),
        "another distance": Known("perceptual", plain(120), other),
        "a candidate that failed is not close": Known("perceptual", run(failing={Arm.CANDIDATE: range(2)})),
        "a baseline that failed is missing": Known("perceptual", run(failing={Arm.BASELINE: range(2)})),
        "one more baseline than may is missing": Known("perceptual", run(failing={Arm.BASELINE: range(5)})),
        "the same model": Known("perceptual alpha text latency cost tail", plain(120), name="same-model"),
    }


def _speed() -> dict[str, Known]:
    uneven = partial(slower, plain(60))
    cheap = plain()
    dearer = {
        **cheap.models,
        Arm.CANDIDATE: replace(cheap.models[Arm.CANDIDATE], cost_per_gpu_second=0.000015),
    }
    free = {**cheap.models, Arm.BASELINE: replace(cheap.models[Arm.BASELINE], cost_per_gpu_second=0.0)}
    gone = {Arm.BASELINE: cheap.models[Arm.BASELINE]}
    return {
        "as fast": Known("latency tail cost", plain(60)),
        "slower": Known("latency tail cost", run(cases=60, slower=1.4)),
        "slower in every fourth": Known("latency tail cost", uneven(lambda n: 1 + 0.6 * (n % 4 == 0))),
        "slower in every second": Known("latency cost", uneven(lambda n: 1 + 0.4 * (n % 2))),
        "slow at times": Known("tail", uneven(lambda n: 1 + 2 * (n % 12 == 0))),
        "by GPU time": Known("latency", run(cases=60, slower=1.05), (GPU_TIME,)),
        "five prompts": Known("latency cost", plain(5)),
        "four prompts": Known("latency cost", plain(4)),
        "forty-nine prompts": Known("tail", plain(49)),
        "fifty prompts": Known("tail", plain(50)),
        "one prompt of warm-ups": Known(
            "latency cost", rendered(plain(9), [3], [Arm.BASELINE], warm_up=True)
        ),
        "warm-ups leave too few": Known(
            "latency tail", rendered(plain(9), range(5), [Arm.CANDIDATE], warm_up=True)
        ),
        "nothing but warm-ups": Known("latency", rendered(plain(9), range(9), warm_up=True)),
        "failures are infinitely slow": Known(
            "latency tail cost", run(cases=60, failing={Arm.CANDIDATE: range(6)})
        ),
        "a second costs more": Known("cost", replace(cheap, models=dearer)),
        "a second costs nothing": Known("cost", replace(cheap, models=free)),
        "a price is missing": Known("cost", replace(cheap, models=gone)),
        "a timing is missing": Known("latency", rendered(plain(12), [2], latency_ms=None)),
        "no time passed": Known(
            "latency cost", rendered(plain(12), [2], latency_ms=0.0, gpu_seconds=math.inf)
        ),
    }


def _people() -> dict[str, Known]:
    none = plain()
    plan = partial(ReviewPlan, order_seed=7)
    end = deadline(none.run)
    two_votes = run(cases=60, plan=plan(max_units=60, votes_per_unit=2))
    both_votes = second_verdicts(judged(two_votes, [CAND] * 12), [TIE, CAND] * 6)
    harmless = run(cases=160, plan=plan(max_units=160, mode="non_inferiority", margin=0.075))
    won = [CAND, TIE, CAND, BASE, CAND, TIE, CAND, TIE, BASE, CAND] * 8
    sixteen = [CAND, TIE] * 8
    fans = [CAND if n % 5 == 0 else TIE for n in range(80)]
    gates = "quality kinds panel preference"
    return {
        "nobody has judged": Known(gates, none),
        "one verdict for the candidate": Known(gates, judged(none, [CAND])),
        "one verdict against both": Known(gates, judged(none, [BAD])),
        "all for the candidate": Known(gates, judged(none, [CAND] * 80)),
        "all against the candidate": Known(gates, judged(none, [BASE] * 80)),
        "all tie": Known(gates, judged(none, [TIE] * 80)),
        "won at the end": Known(gates, judged(none, won)),
        "won by the one test at the end": Known(
            "preference", judged(none, [CAND, BASE, TIE, CAND, TIE] * 16)
        ),
        "undecided at the end": Known(
            "preference", judged(none, [CAND, BASE, TIE, TIE, CAND, BASE, CAND, TIE] * 10)
        ),
        "lost in the end": Known("preference kinds", judged(none, [BASE, CAND, BASE, TIE] * 20)),
        "on the way": Known(gates, judged(none, sixteen)),
        "on the way with two verdicts a case": Known("preference panel", both_votes),
        "few cases are planned": Known("preference", plain(12)),
        "one case is planned": Known("preference", plain(1)),
        "half of it expired": Known(gates, judged(none, sixteen), now=end),
        "all of it expired": Known(gates, none, now=end),
        "a few expired": Known("preference quality", judged(none, ([CAND, BASE, TIE] * 30)[:76]), now=end),
        "a few more expired": Known(
            "preference quality", judged(none, ([CAND, BASE, TIE] * 30)[:75]), now=end
        ),
        "three were judged before the start": Known("preference", early(judged(none, sixteen), 3)),
        "all were judged before the start": Known("preference", early(judged(none, [CAND] * 80), 80)),
        "the run is empty": Known("preference", replace(none, pairs=())),
        "every tenth is bad on both": Known(
            "quality", judged(none, [BAD if n % 10 == 0 else CAND for n in range(80)])
        ),
        "every fourth is bad on both": Known(
            "quality", judged(none, [BAD if n % 4 == 0 else CAND for n in range(80)])
        ),
        "half is bad on both": Known("quality", judged(none, [BAD if n % 2 else CAND for n in range(80)])),
        "small text loses": Known(
            "kinds",
            judged(none, [BASE if n % 3 == 0 else TIE for n in range(80)]),
        ),
        "a reviewer picks one side": Known("panel", one_sided(judged(none, [CAND, BASE] * 40), "bob")),
        "one reviewer has not seen the known faults": Known(
            "panel", gold(judged(harmless, [TIE] * 160), 10, 12, ("ada", "bob", "cleo", "dan"))
        ),
        "a single reviewer judged": Known("panel", judged(none, [CAND] * 6, ["ada"])),
        "all cases are watched": Known("harm", judged(none, [BASE] * 4), name="same-model"),
        "all cases lose": Known("harm", judged(none, [BASE] * 30), name="same-model"),
        "one reviewer carries the panel": Known("panel", judged(none, fans)),
        "four reviewers": Known("panel", judged(none, [CAND] * 80, ("ada", "bob", "cleo", "dan"))),
        "twenty second opinions": Known(
            "panel", second_opinions(judged(none, [CAND] * 80), [CAND, BASE] * 10)
        ),
        "nineteen second opinions": Known("panel", second_opinions(judged(none, [CAND] * 80), [CAND] * 19)),
        "second opinions of one mind": Known(
            "panel", second_opinions(judged(none, [CAND] * 80), [CAND] * 30)
        ),
        "second opinions that mostly agree": Known(
            "panel", second_opinions(judged(none, won), [CAND, TIE, CAND, BASE] * 10)
        ),
        "known answers are missed": Known("panel", gold(judged(none, [CAND] * 80), 0, 3, ["eve"])),
        "known answers are found": Known("panel", gold(judged(none, [CAND] * 80), 12, 12, ["eve"])),
        "no loss in ties": Known("preference panel", judged(harmless, [TIE] * 160)),
        "no loss in ties, by reviewers who can see": Known(
            "panel", gold(judged(harmless, [TIE] * 160), 10, 12, ("ada", "bob", "cleo", "dan", "eve"))
        ),
        "not started": Known(gates, judged(none, [CAND] * 80), under=None),
        "started under another policy": Known(gates, judged(none, [CAND] * 80), under="same-model"),
    }


def _whole() -> dict[str, Known]:
    spoiled = run(
        cases=120, lost_alpha=[1], misread={Arm.CANDIDATE: range(60)}, breaking=[3], slower=1.4, lpips=0.5
    )
    broken = measured(make_evidence(), "contract", range(80), status=MeasurementStatus.ERROR, value=None)
    slow = make_evidence(slower=1.4)
    return {
        "everything succeeds": Known("", replace(make_evidence(), canary=live(8, 2000).canary)),
        "the same model succeeds": Known("", make_evidence(), name="same-model"),
        "much is wrong": Known("", spoiled),
        "nothing is there": Known("", replace(plain(6), renders={}, measurements={})),
        "a check could not run": Known("contract shows latency", broken),
        "two gates are waived": Known("latency cost text", waived(slow, ["latency", "cost"])),
        "a waiver is for another run": Known("latency", waived(slow, ["latency"], run_id="run_other")),
        "a waiver is for this run": Known("latency text", waived(slow, ["latency"], run_id=slow.run.id)),
        "a waiver begins now": Known("latency text", waived(slow, ["latency"], created_at=NOW)),
        "a waiver ends now": Known("latency text", waived(slow, ["latency"], expires_at=NOW)),
        "a waiver for what succeeds": Known("text latency", waived(make_evidence(), ["text"])),
        "a waiver for a critical gate": Known("alpha", waived(run(lost_alpha=[2]), ["alpha"])),
        "live errors are few": Known("canary", live(8, 2000)),
        "live errors are few so far": Known("canary", live(8, 900)),
        "live traffic is as planned": Known("canary", live(8, 1350)),
        "live errors are many": Known("canary", live(24, 2000)),
        "live errors are harm": Known("canary", live(60, 300)),
        "live errors are harm on two counts": Known(
            "canary", live(31, 300), (("planned_requests = 1350", "planned_requests = 1350\nharm_gates = 9"),)
        ),
        "no live error": Known("canary", live(0, 2000)),
        "one live request": Known("canary", live(1, 1, 0)),
        "no live traffic": Known("canary", plain(2)),
    }


def every_known() -> Mapping[str, Known]:
    """Every known run by what is true of it."""
    return {**_shows(), **_promises(), **_losses(), **_distances(), **_speed(), **_people(), **_whole()}


def written() -> dict[str, Any]:
    """What the gates say of every known run now."""
    return {name: told(known) for name, known in every_known().items()}


def _text(analyses: Mapping[str, Any]) -> str:
    """The file's text: a line for each gate, so that a difference shows which gates say otherwise."""
    line = partial(json.dumps, ensure_ascii=False)
    runs = []
    for name, analysis in analyses.items():
        gates = ",\n".join(f"  {line(gate)}: {line(says)}" for gate, says in analysis["gates"].items())
        about = f'"outcome": {line(analysis["outcome"])},\n "sentence": {line(analysis["sentence"])}'
        runs.append(f'{line(name)}: {{\n {about},\n "gates": {{\n{gates}\n }}\n}}')
    return "{\n" + ",\n".join(runs) + "\n}\n"


if __name__ == "__main__":
    STORED.write_text(_text(written()), encoding="utf-8")
