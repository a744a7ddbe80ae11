"""What could be lost is counted pair by pair, by one function for text, alpha and every other such gate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.checks.text.alphabet import TRIED
from core.decisions.losses import AtRisk, fewest_cases
from core.gates.outcomes import Outcomes, PairOutcome, Told
from core.gates.pairing import judge_paired, more_cases_needed
from core.gates.policies import parse_policy
from core.gates.scope import Scope
from core.records import Arm, Evidence, ExpectedText, GateOutcome, GateResult, Measurement, MeasurementStatus
from tests.evidence import NOW, every_measurement, every_render, judge, make_evidence, only, policy, result

RIGHT, WRONG, UNTOLD = Told.RIGHT, Told.WRONG, Told.UNTOLD
SCOPE = Scope(
    evidence=make_evidence(cases=1, verdicts=False),
    now=NOW,
    max_age_days=90,
    max_missing_share=0.05,
    policy_digest="",
)


def gate(counts: Mapping[PairOutcome, int], *, margin: float = 0.05, level: float = 0.90) -> GateOutcome:
    """The outcome of a gate over so many pairs of each kind, one seed a case."""
    pairs = {f"{outcome}{n}": (outcome,) for outcome, times in counts.items() for n in range(times)}
    found = Outcomes(pairs=pairs, problems={})
    return judge_paired(SCOPE, found, title="Text", margin=margin, level=level).outcome


def told(kept: int, gained: int, lost: int, out: int = 0) -> dict[PairOutcome, int]:
    """Pairs that were told on both arms."""
    return {
        PairOutcome(RIGHT, RIGHT): kept,
        PairOutcome(WRONG, RIGHT): gained,
        PairOutcome(RIGHT, WRONG): lost,
        PairOutcome(WRONG, WRONG): out,
    }


def text_of(evidence: Evidence, name: str = "text") -> GateResult:
    return result(judge(evidence, only(name)), name)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (told(58, 0, 0), GateOutcome.INCONCLUSIVE),
        (told(59, 0, 0), GateOutcome.SUCCESSFUL),
        (told(0, 0, 4, out=196), GateOutcome.FAILED),
        (told(200, 0, 4), GateOutcome.SUCCESSFUL),
        (told(200, 0, 5), GateOutcome.INCONCLUSIVE),
        (told(0, 0, 0, out=200), GateOutcome.INCONCLUSIVE),
        (told(100, 50, 20), GateOutcome.SUCCESSFUL),
        (told(0, 0, 0), GateOutcome.INCONCLUSIVE),
    ],
)
def test_a_gate_ends_as_the_reference_does(counts: dict[PairOutcome, int], expected: GateOutcome) -> None:
    assert gate(counts) is expected


def test_gains_alone_need_the_fewest_cases_too() -> None:
    assert gate(told(0, 69, 0), level=0.9393) is GateOutcome.SUCCESSFUL
    assert gate(told(0, 68, 0), level=0.9393) is GateOutcome.INCONCLUSIVE


@pytest.mark.parametrize(("fewest", "needed"), [(40, 39), (41, None)])
def test_no_forecast_goes_beyond_forty_times_the_cases(fewest: int, needed: int | None) -> None:
    margin = 1 - 0.05 ** (1 / (fewest - 0.5))
    assert fewest_cases(margin, 0.90) == fewest
    assert more_cases_needed([AtRisk(1, 0, 0)], margin, 0.90) == needed


def test_untold_pairs_are_answered_or_stay_the_loss_that_they_may_hide() -> None:
    seen = told(190, 2, 3, out=5) | {
        PairOutcome(RIGHT, UNTOLD): 2,
        PairOutcome(UNTOLD, WRONG): 1,
        PairOutcome(UNTOLD, UNTOLD): 1,
        PairOutcome(UNTOLD, RIGHT): 1,
        PairOutcome(WRONG, UNTOLD): 3,
    }
    assert gate(seen, level=0.9393) is GateOutcome.INCONCLUSIVE
    assert gate(seen, margin=0.10, level=0.9393) is GateOutcome.SUCCESSFUL
    assert gate(told(193, 2, 3, out=6), level=0.9393) is GateOutcome.SUCCESSFUL


@pytest.mark.parametrize("hidden", [(RIGHT, UNTOLD), (UNTOLD, WRONG), (UNTOLD, UNTOLD)])
def test_what_was_right_and_cannot_be_told_any_more_counts_as_lost(hidden: tuple[Told, Told]) -> None:
    assert gate(told(100, 0, 0) | {PairOutcome(*hidden): 30}) is GateOutcome.INCONCLUSIVE


@given(st.integers(0, 300))
def test_pairs_that_are_wrong_on_both_arms_change_nothing(out: int) -> None:
    for counts in (told(70, 0, 0), told(60, 0, 3), told(0, 0, 4)):
        assert gate(counts | {PairOutcome(WRONG, WRONG): out}) is gate(counts)


@settings(max_examples=40)
@given(st.lists(st.builds(PairOutcome, st.sampled_from(Told), st.sampled_from(Told)), max_size=7))
def test_a_gate_that_decides_with_untold_pairs_decides_the_same_however_they_are_told(
    pairs: list[PairOutcome],
) -> None:
    decided = gate(_nine_of_each(pairs))
    if decided is not GateOutcome.INCONCLUSIVE:
        assert {gate(_nine_of_each(answer)) for answer in _ways_of_telling(pairs)} == {decided}


def _nine_of_each(pairs: Sequence[PairOutcome]) -> Counter[PairOutcome]:
    return Counter([pair for pair in pairs for _ in range(9)])


def _ways_of_telling(pairs: Sequence[PairOutcome]) -> list[tuple[PairOutcome, ...]]:
    open_ = [
        [
            PairOutcome(*arms)
            for arms in product(*((arm,) if arm is not UNTOLD else (RIGHT, WRONG) for arm in pair))
        ]
        for pair in pairs
    ]
    return list(product(*open_))[:256]


def test_alpha_is_counted_as_text_is() -> None:
    both = make_evidence(cases=120, faulty={arm: range(70) for arm in Arm})
    found = result(judge(both, only("alpha")), "alpha")
    assert (found.outcome, found.n) == (GateOutcome.INCONCLUSIVE, 50)
    assert "50 of 120 pairs could show a loss" in found.reason
    nothing = make_evidence(cases=120, faulty={arm: range(120) for arm in Arm})
    assert result(judge(nothing, only("alpha")), "alpha").outcome is GateOutcome.INCONCLUSIVE


def test_four_losses_are_not_diluted_by_cases_that_neither_arm_can_letter() -> None:
    spoiled = make_evidence(
        cases=200, misread={Arm.BASELINE: range(4, 200), Arm.CANDIDATE: range(200)}, verdicts=False
    )
    found = text_of(spoiled)
    assert (found.outcome, found.value, found.n) == (GateOutcome.FAILED, -1.0, 4)


def test_text_that_is_wrong_on_both_arms_everywhere_is_never_a_success() -> None:
    analysis = judge(make_evidence(misread={arm: range(80) for arm in Arm}), only("text"))
    assert analysis.outcome is GateOutcome.INCONCLUSIVE
    assert analysis.sentence == "Not yet: no loss of text could show: it is wrong on both in 80 pairs."


def spelled(evidence: Evidence, words: Mapping[int, str]) -> Evidence:
    """The evidence with other text in some cases; what was measured of it is renamed."""
    lines = {f"poster-{number:04}": ExpectedText(text=text) for number, text in words.items()}
    cases = {
        digest: replace(case, expected_text=(lines[case.name],)) if case.name in lines else case
        for digest, case in evidence.cases.items()
    }
    names = {pair.id: pair.case_name for pair in evidence.pairs}

    def renamed(m: Measurement) -> Measurement | None:
        if m.check != "typography" or names[m.pair_id] not in lines:
            return m
        return replace(m, subject=lines[names[m.pair_id]].text) if m.subject.startswith("SALE") else None

    return every_measurement(replace(evidence, cases=cases), renamed)


def test_a_case_with_a_character_that_was_never_proved_is_outside_the_gate_and_named() -> None:
    evidence = make_evidence(cases=100, misread={arm: range(9) for arm in Arm}, verdicts=False)
    found = text_of(spelled(evidence, {number: f"¡OFERTA {number}!" for number in range(9)}))
    assert (found.outcome, found.n) == (GateOutcome.SUCCESSFUL, 91)
    assert (
        "Outside this gate: 9 of 100 cases (poster-0000, poster-0001, poster-0002 and 6 more)" in found.reason
    )
    assert "«¡»" in found.reason


def test_typographic_signs_are_inside_the_gate() -> None:
    found = text_of(spelled(make_evidence(verdicts=False), {0: "DON’T WAIT…", 1: "“BIG” – 50%"}))
    assert (found.outcome, found.n) == (GateOutcome.SUCCESSFUL, 80)


@pytest.mark.parametrize(
    ("outside", "expected"), [(20, GateOutcome.SUCCESSFUL), (21, GateOutcome.INCONCLUSIVE)]
)
def test_above_a_fifth_outside_the_gate_is_inconclusive(outside: int, expected: GateOutcome) -> None:
    evidence = make_evidence(cases=100, verdicts=False)
    found = text_of(spelled(evidence, dict.fromkeys(range(outside), "СКИДКА")))
    assert found.outcome is expected
    assert f"{outside} of 100 cases" in found.reason


def test_what_no_machine_can_read_is_known_before_anything_is_rendered() -> None:
    evidence = spelled(make_evidence(verdicts=False), dict.fromkeys(range(80), "할인"))
    bare = every_measurement(every_render(evidence, lambda render: None), lambda m: None)
    analysis = judge(bare, only("text"))
    assert analysis.sentence == "Not yet: text cannot be read by a machine in 80 of 80 cases."
    assert "poster-0000" in analysis.results[0].reason


def test_a_reader_whose_alphabet_was_never_measured_knows_no_character() -> None:
    evidence = make_evidence(verdicts=False)
    unmeasured = {**evidence.self_tests}
    unmeasured["typography"] = replace(unmeasured["typography"], score={})
    found = text_of(replace(evidence, self_tests=unmeasured))
    assert found.outcome is GateOutcome.INCONCLUSIVE
    assert "which characters the reader knows is not tested yet" in found.reason
    without_s = {
        **unmeasured,
        "typography": replace(unmeasured["typography"], score={"alphabet": TRIED[:40]}),
    }
    assert text_of(replace(evidence, self_tests=without_s)).outcome is GateOutcome.INCONCLUSIVE


def test_a_policy_may_say_how_many_cases_people_have_to_read() -> None:
    strict = parse_policy(
        "strict", policy().text.replace("[gates.text]", "[gates.text]\nmost_unreadable = 0.0")
    )
    evidence = spelled(make_evidence(verdicts=False), {0: "ŁÓDŹ"})
    assert result(judge(evidence, strict), "text").outcome is GateOutcome.INCONCLUSIVE


def test_one_line_that_is_surely_wrong_outweighs_one_that_cannot_be_told() -> None:
    def spoil(m: Measurement) -> Measurement:
        if m.check != "typography" or m.arm is not Arm.CANDIDATE:
            return m
        if m.subject.startswith("ONLY"):
            return replace(m, status=MeasurementStatus.AMBIGUOUS, value=None)
        return replace(m, value=0.0)

    assert text_of(every_measurement(make_evidence(verdicts=False), spoil)).outcome is GateOutcome.FAILED


def test_what_is_untold_is_said_first_where_it_keeps_the_gate_open_and_in_the_reason_ever_after() -> None:
    def unsure(m: Measurement) -> Measurement:
        blurred = m.check == "typography" and m.arm is Arm.CANDIDATE and m.pair_id < "pair_0005"
        return replace(m, status=MeasurementStatus.AMBIGUOUS, value=None) if blurred else m

    held = judge(every_measurement(make_evidence(verdicts=False), unsure), only("text"))
    lost = make_evidence(misread={Arm.CANDIDATE: range(40, 80)}, verdicts=False)
    failed = judge(every_measurement(lost, unsure), only("text"))
    assert ", 5 pairs cannot be told" in held.sentence
    assert failed.sentence == "No: text fell from 100% to 47%."
    assert "5 could not be told (5 count as lost)" in failed.results[0].reason
