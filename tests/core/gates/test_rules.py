"""Each gate rule does what its policy line says, and worse evidence never helps the candidate.

Long: every rule of the gates in turn.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.gates import preference_growth
from core.gates.policies import parse_policy
from core.records import (
    Arm,
    CanaryCounts,
    Evidence,
    ExpectedText,
    GateOutcome,
    Outcome,
    Purpose,
    ReviewPlan,
    VerdictAction,
    Waiver,
)
from tests.evidence import (
    NOW,
    REVIEWERS,
    STARTED,
    every_measurement,
    every_render,
    judge,
    judged,
    make_evidence,
    measurement,
    only,
    policy,
    result,
    verdict,
)

RANK = {
    GateOutcome.SUCCESSFUL: 2,
    GateOutcome.INCONCLUSIVE: 1,
    GateOutcome.ERROR: 0,
    GateOutcome.FAILED: 0,
}
SAME = policy("same-model")
PREFERENCE = only("preference")
NO_VERDICTS = make_evidence(verdicts=False)
outcomes = st.lists(
    st.sampled_from([Outcome.CANDIDATE, Outcome.BASELINE, Outcome.TIE, Outcome.BOTH_BAD]), max_size=80
)


def outcome(evidence: Evidence, gate: str) -> GateOutcome:
    """The outcome of one gate of the shipped policy."""
    return judge(evidence, only(gate)).results[0].outcome


@pytest.mark.parametrize(
    ("misread", "expected"),
    [(1, GateOutcome.SUCCESSFUL), (5, GateOutcome.INCONCLUSIVE), (30, GateOutcome.FAILED)],
)
def test_text_is_judged_by_cases_that_only_one_arm_letters_right(misread: int, expected: GateOutcome) -> None:
    evidence = make_evidence(cases=120, misread={Arm.CANDIDATE: range(misread)})
    assert outcome(evidence, "text") is expected


def test_text_that_both_arms_misread_is_no_loss() -> None:
    evidence = make_evidence(cases=120, misread={arm: range(30) for arm in Arm})
    assert outcome(evidence, "text") is GateOutcome.SUCCESSFUL
    found = result(judge(evidence), "text")
    assert found.n == 90
    assert "90 of 120 pairs could show a loss: 0 that were right are now wrong" in found.reason
    assert "30 are wrong on both and were left out" in found.reason


def test_small_text_is_judged_by_small_lines_alone() -> None:
    evidence = make_evidence(cases=120, misread={Arm.CANDIDATE: range(1, 120, 2)})
    assert outcome(evidence, "text") is GateOutcome.FAILED
    assert outcome(evidence, "small-text") is GateOutcome.SUCCESSFUL
    assert result(judge(evidence), "small-text").n == 60


def test_the_same_words_at_two_sizes_are_told_apart() -> None:
    plain = make_evidence(cases=60)
    twice = tuple(ExpectedText(text="SALE", letter_height_px=height) for height in (24, 14))
    ladders = {digest: replace(case, expected_text=twice) for digest, case in plain.cases.items()}
    lines = {
        pair.id: tuple(
            measurement(pair.id, "typography", "exact", arm, float(arm is Arm.BASELINE or place == 0), "SALE")
            for arm in Arm
            for place in (0, 1)
        )
        for pair in plain.pairs
    }
    found_else = every_measurement(plain, lambda m: None if m.check == "typography" else m).measurements
    everything = {pair: (*lines[pair], *found_else[pair]) for pair in lines}
    evidence = replace(plain, cases=ladders, measurements=everything)
    found = result(judge(evidence, only("small-text")), "small-text")
    assert (found.outcome, found.value) == (GateOutcome.FAILED, -1.0)


def test_a_case_passes_only_when_all_of_its_seeds_do() -> None:
    evidence = make_evidence(cases=100, seeds=(1, 2, 3))
    found = result(judge(evidence), "text")
    assert (found.n, found.value) == (100, 0.0)


def test_an_open_gate_says_how_many_more_cases_would_settle_it() -> None:
    found = result(judge(make_evidence(cases=40)), "text")
    assert found.outcome is GateOutcome.INCONCLUSIVE
    assert found.n_needed is not None
    enough = result(judge(make_evidence(cases=40 + found.n_needed)), "text")
    assert enough.outcome is GateOutcome.SUCCESSFUL


def test_one_lost_alpha_channel_fails_whatever_the_rest_does() -> None:
    found = result(judge(make_evidence(lost_alpha=[3])), "alpha")
    assert found.outcome is GateOutcome.FAILED
    assert "no alpha channel in 1 of 80 cases" in found.reason


def test_alpha_faults_are_compared_with_the_baselines() -> None:
    both = make_evidence(cases=120, faulty={arm: range(20) for arm in Arm})
    worse = make_evidence(cases=120, faulty={Arm.CANDIDATE: range(20)})
    assert outcome(both, "alpha") is GateOutcome.SUCCESSFUL
    assert outcome(worse, "alpha") is GateOutcome.FAILED


def test_one_broken_promise_fails_and_is_quoted() -> None:
    found = result(judge(make_evidence(breaking=[7])), "contract")
    assert (found.outcome, found.value) == (GateOutcome.FAILED, 1.0)
    assert "poster-0007 with seed 1: breaches is 1.0" in found.reason


def test_a_request_without_a_picture_fails_delivery_and_counts_everywhere_against_the_candidate() -> None:
    evidence = make_evidence(cases=120, failing={Arm.CANDIDATE: range(40)})
    analysis = judge(evidence)
    assert result(analysis, "delivery").outcome is GateOutcome.FAILED
    assert "OutOfMemory: out of memory at batch 1" in result(analysis, "delivery").reason
    assert result(analysis, "delivery").reason.startswith("The candidate failed to deliver in 40 of 120")
    assert result(analysis, "text").outcome is GateOutcome.FAILED
    assert result(analysis, "latency").outcome is not GateOutcome.SUCCESSFUL


def test_where_both_arms_failed_both_are_named_and_the_candidate_still_fails() -> None:
    evidence = make_evidence(cases=38, failing={arm: range(38) for arm in Arm}, verdicts=False)
    analysis = judge(evidence)
    assert analysis.sentence.startswith(
        "No: candidate and baseline failed to deliver in 38 of 38 pictures, so nothing can be compared"
    )
    found = result(analysis, "delivery")
    assert (found.outcome, found.value) == (GateOutcome.FAILED, 38.0)
    assert "candidate and baseline failed to deliver" in result(analysis, "contract").reason


def test_pictures_that_only_the_candidate_lacks_are_counted_beside_those_that_both_lack() -> None:
    failing = {Arm.BASELINE: range(8, 14), Arm.CANDIDATE: range(10)}
    found = result(judge(make_evidence(cases=40, failing=failing, verdicts=False)), "delivery")
    assert (found.outcome, found.value) == (GateOutcome.FAILED, 10.0)
    assert found.reason.startswith(
        "The candidate failed to deliver in 10 of 40 pictures (in 2 of them the baseline too)"
    )


def test_a_baseline_that_is_not_drawn_yet_hides_no_failure_of_the_candidate() -> None:
    evidence = make_evidence(cases=10, failing={Arm.CANDIDATE: range(10)}, verdicts=False)
    waiting = every_render(evidence, lambda r: r if r.arm is Arm.CANDIDATE else None)
    found = result(judge(waiting), "delivery")
    assert (found.outcome, found.value) == (GateOutcome.FAILED, 10.0)


@pytest.mark.parametrize(
    ("factor", "expected"),
    [
        ((1.0, 1.0), GateOutcome.SUCCESSFUL),
        ((1.0, 1.3), GateOutcome.INCONCLUSIVE),
        ((1.4, 1.4), GateOutcome.FAILED),
    ],
)
def test_latency_is_judged_by_the_ratio_of_the_same_cases(
    factor: tuple[float, float], expected: GateOutcome
) -> None:
    # Every other case a third slower: the middle factor leaves the limit inside the interval.
    uneven = every_render(
        make_evidence(cases=40),
        lambda r: (
            replace(r, latency_ms=(r.latency_ms or 0) * factor[int(r.pair_id[5:9]) % 2])
            if r.arm is Arm.CANDIDATE
            else r
        ),
    )
    assert outcome(uneven, "latency") is expected


def test_the_first_render_after_loading_is_no_evidence_of_speed() -> None:
    slow_start = every_render(
        make_evidence(),
        lambda r: (
            replace(r, warm_up=True, latency_ms=1e6)
            if r.pair_id.startswith("pair_0000") and r.arm is Arm.CANDIDATE
            else r
        ),
    )
    assert result(judge(slow_start), "latency").n == 79
    assert outcome(slow_start, "latency") is GateOutcome.SUCCESSFUL


@pytest.mark.parametrize("gate", ["latency", "cost"])
@pytest.mark.parametrize("warm_ups", [1, 4])
def test_what_was_drawn_while_a_model_warmed_up_is_left_out_not_missing(warm_ups: int, gate: str) -> None:
    """Of a run so small that as many missing cases would block the gate."""
    few = every_render(
        make_evidence(cases=9),
        lambda r: replace(r, warm_up=r.arm is Arm.BASELINE and int(r.pair_id[5:9]) < warm_ups),
    )
    found = judge(few, only(gate)).results[0]
    assert found.outcome is GateOutcome.SUCCESSFUL
    assert found.n == 9 - warm_ups
    prompts = "1 prompt" if warm_ups == 1 else "4 prompts"
    assert f"Left out: {prompts} drawn only right after a model was loaded." in found.reason


def test_a_run_of_warm_ups_alone_tells_nothing_and_says_why() -> None:
    cold = every_render(make_evidence(), lambda r: replace(r, warm_up=True))
    for gate in ("latency", "tail", "cost"):
        found = judge(cold, only(gate)).results[0]
        assert found.outcome is GateOutcome.INCONCLUSIVE
        assert found.n == 0
        assert "Left out: 80 prompts drawn only right after a model was loaded." in found.reason


def test_a_prompt_counts_by_those_of_its_seeds_that_are_no_warm_up() -> None:
    first_seed = every_render(
        make_evidence(cases=40, seeds=(1, 2)), lambda r: replace(r, warm_up=r.pair_id.endswith("_1"))
    )
    found = judge(first_seed, only("latency")).results[0]
    assert (found.outcome, found.n) == (GateOutcome.SUCCESSFUL, 40)
    assert "Left out" not in found.reason


def test_cost_is_time_times_price() -> None:
    evidence = make_evidence()
    dearer = {
        **evidence.models,
        Arm.CANDIDATE: replace(evidence.models[Arm.CANDIDATE], cost_per_gpu_second=0.00002),
    }
    found = result(judge(replace(evidence, models=dearer)), "cost")
    assert found.outcome is GateOutcome.FAILED
    assert found.value == pytest.approx(2 * 0.97, rel=0.01)


def test_distance_decides_only_for_the_same_model() -> None:
    other = make_evidence(lpips=0.4)
    assert judge(other).outcome is GateOutcome.SUCCESSFUL
    assert result(judge(other, SAME), "perceptual").outcome is GateOutcome.FAILED
    assert judge(other, SAME).outcome is GateOutcome.FAILED
    assert judge(make_evidence(), SAME).outcome is GateOutcome.SUCCESSFUL


def test_ties_are_no_alarm_for_the_same_model_and_lost_verdicts_are() -> None:
    even = judged(NO_VERDICTS, [Outcome.TIE] * 80)
    worse = judged(NO_VERDICTS, [Outcome.BASELINE] * 40)
    assert judge(even, SAME).outcome is GateOutcome.SUCCESSFUL
    assert result(judge(worse, SAME), "harm").outcome is GateOutcome.FAILED
    assert "reviewers prefer the baseline on all cases" in judge(worse, SAME).sentence


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ([Outcome.CANDIDATE] * 80, GateOutcome.SUCCESSFUL),
        ([Outcome.CANDIDATE, Outcome.TIE, Outcome.BASELINE], GateOutcome.INCONCLUSIVE),
        ([Outcome.BASELINE] * 12, GateOutcome.FAILED),
        ([Outcome.TIE] * 80, GateOutcome.FAILED),
    ],
)
def test_preference_follows_the_verdicts(given_: list[Outcome], expected: GateOutcome) -> None:
    assert outcome(judged(NO_VERDICTS, given_), "preference") is expected


def test_an_open_preference_says_how_many_verdicts_are_missing() -> None:
    evidence = judged(NO_VERDICTS, [Outcome.CANDIDATE, Outcome.TIE] * 8)
    found = result(judge(evidence), "preference")
    assert found.n_needed is not None
    assert f"about {found.n_needed} more verdict" in judge(evidence).sentence


def test_a_plan_too_small_to_decide_says_so() -> None:
    analysis = judge(make_evidence(cases=12, verdicts=False), only("preference"))
    assert analysis.sentence == "Not yet: 12 more verdicts will hardly decide preference."


def test_both_bad_is_no_preference_but_a_fault_of_both() -> None:
    evidence = judged(NO_VERDICTS, [Outcome.BOTH_BAD] * 80)
    assert result(judge(evidence), "preference").value == 0.0
    assert outcome(evidence, "quality") is GateOutcome.FAILED


def test_a_kind_of_case_that_loses_rejects_while_the_others_win() -> None:
    evidence = make_evidence(cases=160)
    order = {pair.id: pair.case_digest for pair in evidence.pairs}
    turned = tuple(
        replace(v, outcome=Outcome.BASELINE) if "small" in evidence.cases[order[v.pair_id]].tags else v
        for v in evidence.verdicts
    )
    analysis = judge(replace(evidence, verdicts=turned))
    assert result(analysis, "kinds").outcome is GateOutcome.FAILED
    assert "reviewers prefer the baseline on cases tagged small" in analysis.sentence


def test_the_panel_must_lean_the_same_way() -> None:
    fans = [
        Outcome.CANDIDATE if place % 5 == 0 else (Outcome.TIE if place % 2 else Outcome.CANDIDATE)
        for place in range(80)
    ]
    one_fan = [Outcome.CANDIDATE if place % 5 == 0 else Outcome.TIE for place in range(80)]
    assert outcome(judged(NO_VERDICTS, fans), "panel") is GateOutcome.SUCCESSFUL
    found = result(judge(judged(NO_VERDICTS, one_fan)), "panel")
    assert found.outcome is GateOutcome.INCONCLUSIVE
    assert "do not clearly lean towards the candidate" in found.reason


def judged_by_two(pairs: int, second: Outcome) -> Evidence:
    """The good evidence with a second verdict on so many pairs: every other one agrees with the first."""
    evidence = make_evidence()
    again = tuple(
        verdict(pair, "zoe", second if place % 2 else Outcome.CANDIDATE, 900 + place, purpose=Purpose.OVERLAP)
        for place, pair in enumerate(evidence.pairs[:pairs])
    )
    return replace(evidence, verdicts=evidence.verdicts + again)


@pytest.mark.parametrize("pairs", [0, 1, 2, 19])
def test_no_agreement_is_told_from_few_pairs_judged_twice(pairs: int) -> None:
    said = result(judge(judged_by_two(pairs, Outcome.BASELINE)), "panel").reason
    assert f"too few pairs judged twice ({pairs}) to tell agreement" in said
    assert "1 is full" not in said
    assert "low" not in said


def test_agreement_is_told_from_twenty_pairs_judged_twice_on() -> None:
    said = result(judge(judged_by_two(20, Outcome.BASELINE)), "panel").reason
    assert "their agreement on 20 pairs judged twice is low, -0.30 (1 is full, 0 is chance)" in said
    alike = result(judge(judged_by_two(20, Outcome.CANDIDATE)), "panel").reason
    assert "all 20 pairs judged twice got one and the same verdict" in alike


def test_a_panel_that_is_too_small_is_not_said_to_hold() -> None:
    one = judged(NO_VERDICTS, [Outcome.CANDIDATE] * 10, REVIEWERS[:1])
    assert result(judge(one), "panel").reason.startswith("1 of at least 5 reviewers took part; too few")
    assert result(judge(make_evidence()), "panel").reason.startswith("Holds for this panel of 5 reviewers;")


def test_a_reviewer_who_always_picks_one_side_needs_an_audit() -> None:
    evidence = make_evidence(cases=120)
    sided = tuple(replace(v, side_a=Arm.CANDIDATE) if v.reviewer == "bob" else v for v in evidence.verdicts)
    found = result(judge(replace(evidence, verdicts=sided)), "panel")
    assert found.outcome is GateOutcome.INCONCLUSIVE
    assert "bob mostly picks one side" in found.reason


def test_a_reviewer_who_misses_known_answers_needs_an_audit() -> None:
    evidence = make_evidence()
    gold = {pair.id: Outcome.BASELINE for pair in evidence.pairs[:12]}
    answers = tuple(
        verdict(pair, "eve", Outcome.CANDIDATE, 500 + i, purpose=Purpose.GOLD)
        for i, pair in enumerate(evidence.pairs[:3])
    )
    spoiled = replace(evidence, gold=gold, verdicts=evidence.verdicts + answers)
    assert "eve misses known answers" in result(judge(spoiled), "panel").reason
    assert judge(spoiled).outcome is GateOutcome.INCONCLUSIVE


def test_non_inferiority_needs_reviewers_who_proved_that_they_see() -> None:
    plan = ReviewPlan(order_seed=7, max_units=80, mode="non_inferiority", margin=0.075)
    evidence = make_evidence(plan=plan)
    assert "have not yet found the known faults" in result(judge(evidence), "panel").reason
    gold = {pair.id: Outcome.BASELINE for pair in evidence.pairs[:12]}
    answers = tuple(
        verdict(pair, name, Outcome.BASELINE, 500 + place, purpose=Purpose.GOLD)
        for name in REVIEWERS
        for place, pair in enumerate(evidence.pairs[:12])
    )
    qualified = replace(evidence, gold=gold, verdicts=evidence.verdicts + answers)
    assert outcome(qualified, "panel") is GateOutcome.SUCCESSFUL


@pytest.mark.parametrize(
    ("requests", "ours", "expected"),
    [
        (2000, 8, GateOutcome.SUCCESSFUL),
        (900, 8, GateOutcome.INCONCLUSIVE),
        (2000, 24, GateOutcome.INCONCLUSIVE),
        (300, 60, GateOutcome.FAILED),
    ],
)
def test_live_errors_fail_at_once_and_succeed_only_at_the_planned_number(
    requests: int, ours: int, expected: GateOutcome
) -> None:
    text = """
title = "Live"
[evidence]
max_age_days = 1
max_missing_share = 0.0
[gates.canary]
requirement = "required"
alpha = 0.05
planned_requests = 1350
most_ratio = 2.0
confidence = 0.95
"""
    counts = CanaryCounts(
        share=0.01, candidate_requests=requests, candidate_errors=ours, baseline_errors=1400
    )
    analysis = judge(replace(make_evidence(), canary=counts), parse_policy("live", text))
    assert analysis.outcome is expected


@settings(max_examples=12)
@given(st.sets(st.integers(0, 79)), st.sets(st.integers(0, 79)), st.integers(0, 79))
def test_one_more_misread_case_never_helps_the_candidate(
    baseline: set[int], candidate: set[int], more: int
) -> None:
    def of(wrong: set[int]) -> Evidence:
        return make_evidence(misread={Arm.BASELINE: baseline, Arm.CANDIDATE: wrong}, verdicts=False)

    for gate in ("text", "small-text"):
        assert RANK[outcome(of(candidate | {more}), gate)] <= RANK[outcome(of(candidate), gate)]


@settings(max_examples=8)
@given(st.floats(0.5, 2.0), st.floats(1.0, 1.5))
def test_a_slower_candidate_never_does_better(slower: float, more: float) -> None:
    for gate in ("latency", "tail", "cost"):
        fast, slow = (
            outcome(make_evidence(cases=60, slower=factor, verdicts=False), gate)
            for factor in (slower, slower * more)
        )
        assert RANK[slow] <= RANK[fast]


@settings(max_examples=20)
@given(outcomes, st.integers(0, 79))
def test_a_verdict_turned_against_the_candidate_never_helps_it(given_: list[Outcome], at: int) -> None:
    worse = [Outcome.BASELINE if place == at else was for place, was in enumerate(given_)]
    before, after = (outcome(judged(NO_VERDICTS, votes), "preference") for votes in (given_, worse))
    assert RANK[after] <= RANK[before]


@settings(max_examples=15)
@given(outcomes, st.permutations(REVIEWERS))
def test_who_gave_which_verdict_does_not_matter_for_preference(
    given_: list[Outcome], names: list[str]
) -> None:
    one, other = (judge(judged(NO_VERDICTS, given_, who), PREFERENCE) for who in (REVIEWERS, names))
    assert one.results == other.results


@settings(max_examples=15)
@given(outcomes)
def test_swapping_the_arms_mirrors_the_net_preference(given_: list[Outcome]) -> None:
    swapped = {Outcome.CANDIDATE: Outcome.BASELINE, Outcome.BASELINE: Outcome.CANDIDATE}
    mirrored = [swapped.get(outcome, outcome) for outcome in given_]
    one, other = (judge(judged(NO_VERDICTS, votes), PREFERENCE).results[0] for votes in (given_, mirrored))
    assert one.interval is not None
    assert other.interval is not None
    assert (one.value or 0) == pytest.approx(-(other.value or 0))
    assert (one.interval.low, one.interval.high) == pytest.approx(
        (-(other.interval.high or 0), -(other.interval.low or 0)), abs=1e-6
    )


def test_swapping_the_arms_turns_a_fall_into_a_rise() -> None:
    fell = result(judge(make_evidence(cases=120, misread={Arm.CANDIDATE: range(30)})), "text")
    rose = result(judge(make_evidence(cases=120, misread={Arm.BASELINE: range(30)})), "text")
    assert fell.value == pytest.approx(-(rose.value or 0))
    assert (fell.outcome, rose.outcome) == (GateOutcome.FAILED, GateOutcome.SUCCESSFUL)


def test_a_second_verdict_on_a_closed_case_changes_nothing() -> None:
    evidence = make_evidence()
    again = tuple(
        verdict(pair, "zoe", Outcome.BASELINE, 900 + place) for place, pair in enumerate(evidence.pairs)
    )
    doubled = replace(evidence, verdicts=evidence.verdicts + again)
    assert result(judge(doubled), "preference") == result(judge(evidence), "preference")


def test_taking_a_verdict_back_after_its_case_is_closed_changes_nothing() -> None:
    evidence = make_evidence()
    undo = replace(
        evidence.verdicts[0],
        uuid="undo",
        action=VerdictAction.UNDO,
        outcome=None,
        undoes=evidence.verdicts[0].uuid,
    )
    undone = replace(evidence, verdicts=(*evidence.verdicts, undo))
    assert result(judge(undone), "preference") == result(judge(evidence), "preference")


def test_a_waiver_lifts_a_required_gate_for_its_time_and_says_so() -> None:
    evidence = make_evidence(slower=1.4)
    waiver = Waiver(
        id="w1",
        gate="latency",
        run_id=evidence.run.id,
        owner="lea",
        reason="new cards arrive in May",
        expires_at=NOW,
        created_at=STARTED,
    )
    cost = replace(waiver, id="w2", gate="cost")
    waived = replace(evidence, waivers=(waiver, cost))
    assert judge(waived).outcome is GateOutcome.FAILED
    before = judge(waived, now=STARTED + (NOW - STARTED) / 2)
    assert before.outcome is GateOutcome.SUCCESSFUL
    assert "Waived: Latency, Cost" in before.sentence
    assert result(before, "latency").outcome is GateOutcome.FAILED
    assert "Waived by lea" in result(before, "latency").reason


def test_no_waiver_lifts_a_critical_gate() -> None:
    evidence = make_evidence(lost_alpha=[1])
    waiver = Waiver(
        id="w",
        gate="alpha",
        run_id=None,
        owner="lea",
        reason="please",
        expires_at=NOW.replace(year=2030),
        created_at=STARTED,
    )
    assert judge(replace(evidence, waivers=(waiver,))).outcome is GateOutcome.FAILED


def test_the_sentence_is_the_answer_with_its_reasons() -> None:
    assert judge(make_evidence()).sentence.startswith(
        "Yes: reviewers prefer the candidate (for minus against: +100%)"
    )
    fallen = make_evidence(cases=160, misread={Arm.CANDIDATE: range(1, 160, 4)})
    assert judge(fallen).sentence == "No: text fell from 100% to 75%."
    collecting = make_evidence(cases=120, misread={Arm.CANDIDATE: [0, 2, 4, 6, 8]}, verdicts=False)
    assert judge(collecting).sentence.startswith("Not yet: text fell from 100% to 96%")
    assert "more" in judge(collecting).sentence


def test_the_growth_of_the_evidence_can_be_drawn() -> None:
    grown = preference_growth(policy(), make_evidence(), NOW)
    assert grown is not None
    assert len(grown.candidate_better) == len(grown.not_clearly_better) == 80
    assert (grown.approve_at, grown.reject_at) == pytest.approx((50, 10))
    assert grown.candidate_better[16] >= grown.approve_at > grown.candidate_better[15]


def test_the_same_evidence_has_the_same_analysis_and_other_evidence_another() -> None:
    evidence = make_evidence()
    assert judge(evidence) == judge(evidence)
    changed = replace(evidence, verdicts=evidence.verdicts[:-1])
    assert judge(changed).evidence_digest != judge(evidence).evidence_digest


def test_an_analysis_keeps_the_policy_whole() -> None:
    analysis = judge(make_evidence())
    assert parse_policy("upgrade", analysis.policy_text).digest == analysis.policy_digest
