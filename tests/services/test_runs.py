"""Asking for a run: what is acceptable, what is refused, and that the same request is the same run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.errors import ContractBreach, InvalidInput, InvalidPrompt, InvalidRequest, UnknownName
from core.records import RunKind, Size
from services.runs import (
    add_to_suite,
    case_of,
    import_suite,
    parse_seeds,
    parse_size,
    request_comparison,
    request_run,
)
from tests.world import SUITE

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
