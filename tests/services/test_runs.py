"""Asking for a run: what is acceptable, what is refused, and that the same request is the same run.

Long: every word that a request for a run is made of.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from core.errors import ContractBreach, InvalidInput, InvalidPrompt, InvalidRequest, UnknownName
from core.recipes.noise_floor import NoiseFloor
from core.records import ReviewPlan, RunKind, Size
from services.runs import (
    add_to_suite,
    case_of,
    comparisons,
    import_suite,
    kind_of_suite_run,
    noise_floor_of,
    parse_seeds,
    parse_size,
    plan_for,
    request_comparison,
    request_run,
    suite_runs,
)
from tests.world import PLAN, SUITE, finish_all

PROMPT = 'poster, exact text: "OPEN LATE", white on teal'


def compare(store, settings, now, **changes):
    asked = {
        "prompt": PROMPT,
        "seed": "7",
        "width": 256,
        "height": 128,
        "baseline": "letterpress",
        "candidate": "letterpress-2",
    }
    return request_comparison(store, settings, requested_by="ana", now=now, **(asked | changes))


def test_the_same_comparison_is_the_same_pair(store, settings, now):
    assert compare(store, settings, now) == compare(store, settings, now)
    assert compare(store, settings, now) != compare(store, settings, now, seed=8)
    assert {run.kind for run in store.runs.list()} == {RunKind.COMPARE}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"prompt": ""}, InvalidPrompt),
        ({"prompt": "x" * 20_000}, InvalidPrompt),
        ({"seed": -1}, InvalidRequest),
        ({"seed": 2**64}, InvalidRequest),
        ({"seed": "abc"}, InvalidRequest),
        ({"width": 0}, InvalidRequest),
        ({"width": 7}, InvalidRequest),
        ({"width": 1000, "height": 30_000}, InvalidRequest),
        ({"width": 512, "height": 512}, ContractBreach),
        ({"baseline": "letterpres"}, UnknownName),
    ],
)
def test_what_no_model_could_draw_is_refused_and_nothing_is_queued(store, settings, now, changes, error):
    with pytest.raises(error):
        compare(store, settings, now, **changes)
    assert store.runs.list() == []


def test_a_suite_run_plans_no_more_units_than_it_has_cases(store, settings, now):
    names = {"baseline": "letterpress", "candidate": "letterpress-2"}
    run = request_run(store, settings, SUITE, seeds=[1], requested_by="ana", now=now, **names)
    assert run.plan.max_units == len(SUITE.cases)
    assert len(store.pairs.of_run(run.id)) == len(SUITE.cases)


def test_a_typed_prompt_becomes_a_case_with_its_strings_and_tags():
    case = case_of("star, transparent background", width=128, height=128)
    assert (case.name, case.expects_alpha) == ("star-transparent-background", True)
    assert [line.text for line in case_of(PROMPT, width=8, height=8).expected_text] == ["OPEN LATE"]
    assert case_of("شعار", width=8, height=8).name == "compare"


@pytest.mark.parametrize("text", ["", "a", "1-", "-1", "1..3", "5-2", str(2**64), "0-9999999999"])
def test_seeds_that_are_none_are_refused(text):
    with pytest.raises(InvalidRequest, match="seed"):
        parse_seeds(text)


@pytest.mark.parametrize("text", ["", "large", "256×", "256×128×3", "-8x8", "²x8"])
def test_sizes_that_are_none_are_refused(text):
    with pytest.raises(InvalidRequest, match="size"):
        parse_size(text)


def test_a_case_joins_a_stored_suite_once(store, settings, now):
    case = case_of(PROMPT, width=256, height=128)
    first = add_to_suite(store, settings, "ours", case, now=now)
    assert add_to_suite(store, settings, "ours", case, now=now) == first == store.suites.get("ours")
    other = case_of(PROMPT.replace("teal", "cream"), width=256, height=128)
    grown = add_to_suite(store, settings, "ours", other, now=now)
    assert [one.name for one in grown.cases] == [case.name, other.name]


@pytest.mark.parametrize("name", ["", "Sale Now", "../../x", "a\0b", "\x1b[31mred", "nice \ud83d", "x" * 81])
def test_a_case_joins_under_a_name_that_a_suite_file_could_hold(store, settings, now, name):
    case = replace(case_of(PROMPT, width=256, height=128), name=name)
    with pytest.raises(InvalidRequest, match="case: expected a name"):
        add_to_suite(store, settings, "ours", case, now=now)
    assert store.suites.list() == []


def test_a_suite_file_or_a_bad_name_is_refused(store, settings, now, tmp_path, monkeypatch):
    case = case_of(PROMPT, width=256, height=128)
    for name in ("", "No Spaces", "../up"):
        with pytest.raises(InvalidRequest, match="expected a name"):
            add_to_suite(store, settings, name, case, now=now)
    with pytest.raises(InvalidRequest, match="file that people edit"):
        add_to_suite(store, settings, "starter", case, now=now)


@pytest.mark.parametrize(
    ("content", "file_name", "told"),
    [
        (b"\xff\xfe", "a.csv", "UTF-8"),
        (b"prompt\n\n", "a.csv", "got 0"),
        (b'{"prompt": ""}\n', "a.jsonl", "line 1"),
        (b"prompt\nposter", "a.xlsx", "xlsx"),
    ],
)
def test_a_file_of_prompts_that_is_wrong_stores_nothing(store, settings, now, content, file_name, told):
    with pytest.raises(InvalidInput, match=told):
        import_suite(store, settings, content, file_name, name="ours", size=Size(256, 128), now=now)
    assert store.suites.list() == []


def test_a_file_of_prompts_becomes_a_suite_under_a_name_of_its_own(store, settings, now):
    named = {"size": Size(256, 128), "now": now}
    suite = import_suite(
        store, settings, "\ufeffprompt\nposter\nstar\n".encode(), "a.CSV", name="ours", **named
    )
    assert [case.prompt for case in store.suites.get("ours").cases] == ["poster", "star"]
    assert suite.cases[0].size == Size(256, 128)
    for taken in ("ours", "starter"):
        with pytest.raises(InvalidRequest, match="already"):
            import_suite(store, settings, b"prompt\nposter\n", "a.csv", name=taken, **named)


def test_from_one_to_a_thousand_seeds_are_taken():
    assert parse_seeds("7") == (7,)
    assert parse_seeds("1, 2, 10-12") == (1, 2, 10, 11, 12)
    assert parse_seeds("0-999") == tuple(range(1000))
    with pytest.raises(InvalidRequest, match="seeds"):
        parse_seeds("0-1000")


def test_the_name_of_a_typed_case_is_its_first_48_letters():
    assert case_of("a" * 60, width=8, height=8).name == "a" * 48
    assert case_of("a" * 47 + " b", width=8, height=8).name == "a" * 47


def test_a_suite_on_one_model_measures_its_noise_and_on_two_is_evidence(store, settings, now):
    assert kind_of_suite_run("a", "a") is RunKind.NOISE_FLOOR
    assert kind_of_suite_run("a", "b") is RunKind.SUITE
    names = {"baseline": "letterpress", "candidate": "letterpress-2", "requested_by": "ana", "now": now}
    run = request_run(store, settings, SUITE, seeds=[1], **names)
    assert (run.kind, run.baseline, run.candidate) == (RunKind.SUITE, "letterpress", "letterpress-2")
    assert (run.seeds, run.requested_by, run.created_at) == ((1,), "ana", now)
    assert run.baseline_digest != run.candidate_digest
    compare(store, settings, now)
    assert suite_runs(store, limit=9) == [run]
    assert [one.kind for one in comparisons(store, limit=9)] == [RunKind.COMPARE]
    more = request_run(store, settings, SUITE, seeds=[2], **names)
    assert len(suite_runs(store, limit=1)) == 1
    assert {one.id for one in suite_runs(store, limit=2)} == {run.id, more.id}


def test_a_plan_that_is_given_is_kept_and_the_usual_one_has_no_more_than_400_units(store, settings, now):
    names = {"baseline": "letterpress", "candidate": "letterpress-2", "requested_by": "ana", "now": now}
    plan = ReviewPlan(max_units=2, votes_per_unit=3)
    assert request_run(store, settings, SUITE, seeds=[1], plan=plan, **names).plan == plan
    cases = tuple(replace(SUITE.cases[0], name=f"case-{number}") for number in range(401))
    assert plan_for(replace(SUITE, cases=cases)) == ReviewPlan(max_units=400)
    assert plan_for(replace(SUITE, cases=cases[:399]), look_closer_px=12) == ReviewPlan(
        max_units=399, look_closer_px=12
    )


def test_a_comparison_is_one_case_of_the_words_that_were_typed(store, settings, now):
    pair = compare(store, settings, now, prompt=f"  {PROMPT} ", negative_prompt=" blur ")
    case = store.suites.case(pair.case_digest)
    assert case == case_of(PROMPT, "blur", width=256, height=128)
    assert (pair.seed, case.negative_prompt, pair.case_name) == (7, "blur", case.name)
    assert case.name == "poster-exact-text-open-late-white-on-teal"
    assert store.runs.get(pair.run_id).suite == "compare"


@pytest.mark.parametrize(
    ("text", "seeds"),
    [
        ("5-5", (5,)),
        ("3-4,1", (3, 4, 1)),
        ("1 1", (1, 1)),
        (" 2 , 0-1 ", (2, 0, 1)),
        (str(2**63 - 1), (2**63 - 1,)),
    ],
)
def test_seeds_are_numbers_and_ranges_in_the_order_typed(text, seeds):
    assert parse_seeds(text) == seeds


def test_a_wrong_list_of_seeds_or_a_wrong_size_is_repeated_as_far_as_it_can_be_read():
    with pytest.raises(InvalidRequest, match=r"expected 1 to 1,000, such as 1, 2, 10-12, got '0-1000,1'$"):
        parse_seeds("0-1000,1")
    with pytest.raises(InvalidRequest, match="got '" + "1 " * 40 + "'$"):
        parse_seeds("1 " * 1001)
    with pytest.raises(InvalidRequest, match=r"such as 768×512, got '" + "x" * 40 + "'$"):
        parse_size("x" * 41)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("512", Size(512, 512)),
        (" 768x512 ", Size(768, 512)),
        ("768 X 512", Size(768, 512)),
        ("768×512", Size(768, 512)),
        ("7*5", Size(7, 5)),
        ("999999x1", Size(999_999, 1)),
    ],
)
def test_one_number_is_a_square_and_two_are_width_and_height(text, size):
    assert parse_size(text) == size
    with pytest.raises(InvalidRequest, match="size"):
        parse_size("1000000")


def test_another_case_of_the_same_name_does_not_join(store, settings, now):
    case = case_of(PROMPT, width=256, height=128)
    suite = add_to_suite(store, settings, "ours", case, now=now)
    assert (suite.name, suite.title, suite.cases) == ("ours", "ours", (case,))
    with pytest.raises(InvalidRequest, match=f"ours holds another case named {case.name}") as refused:
        add_to_suite(store, settings, "ours", replace(case, width=128), now=now)
    assert refused.value.remedy == "name it otherwise"
    with pytest.raises(InvalidRequest, match="got '" + "X" * 80 + "'$"):
        add_to_suite(store, settings, "X" * 81, case, now=now)
    with pytest.raises(InvalidRequest) as edited:
        add_to_suite(store, settings, "starter", case, now=now)
    assert edited.value.remedy == "add the case to suites/starter.toml"


def test_the_noise_floor_of_files_is_that_of_their_latest_run_against_themselves(store, now):
    request = partial(
        store.runs.request,
        SUITE,
        kind=RunKind.NOISE_FLOOR,
        baseline="a",
        candidate="a",
        plan=PLAN,
        requested_by="lea",
        now=now,
    )
    run = request(baseline_digest="model_x", candidate_digest="model_x", seeds=(1,))
    request(baseline_digest="model_x", candidate_digest="model_y", seeds=(1,))
    assert noise_floor_of(store, "model_x") == NoiseFloor()  # nothing is drawn yet
    finish_all(store, now)
    assert noise_floor_of(store, "model_y") == NoiseFloor()
    floor = noise_floor_of(store, "model_x")
    assert (floor.pairs, floor.lpips) == (len(store.pairs.of_run(run.id)), 0.12)
