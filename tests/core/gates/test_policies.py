"""Policies: the shipped ones are sound, and a broken one is refused with file, line and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import InvalidFile, UnknownName
from core.gates import GATES
from core.gates.policies import (
    differences,
    find_policy,
    list_policies,
    load_policy,
    parse_policy,
    policy_names,
    readable_policies,
)
from core.records import Requirement
from tests.evidence import POLICIES

SMALL = """title = "Small"

[evidence]
max_age_days = 30
max_missing_share = 0.05

[gates.text]
rule = "typography"
requirement = "required"
margin = 0.05
level = 0.90
"""


def test_two_policies_ship() -> None:
    assert policy_names(POLICIES) == ["same-model", "upgrade"]


@pytest.mark.parametrize("name", ["same-model", "upgrade"])
def test_a_shipped_policy_explains_each_of_its_numbers(name: str) -> None:
    for line in (POLICIES / f"{name}.toml").read_text(encoding="utf-8").splitlines():
        _, equals, value = (part.strip() for part in line.partition("="))
        if equals and value[0].isdigit():
            assert "#" in value, line


def test_another_model_is_decided_by_people_text_alpha_speed_and_cost_and_distance_only_ranks() -> None:
    must = {gate.rule: gate.requirement for gate in find_policy(POLICIES, "upgrade").gates}
    for rule in ("preference", "typography", "alpha", "latency", "cost"):
        assert must[rule] in (Requirement.CRITICAL, Requirement.REQUIRED)
    assert must["perceptual"] is Requirement.MUTED


def test_the_same_model_is_decided_by_distance_too() -> None:
    must = {gate.rule: gate.requirement for gate in find_policy(POLICIES, "same-model").gates}
    assert must["perceptual"] is Requirement.REQUIRED


def test_a_changed_threshold_is_another_version_and_the_text_is_kept_whole() -> None:
    one, other = (
        parse_policy("small", SMALL),
        parse_policy("small", SMALL.replace("0.05\nlevel", "0.06\nlevel")),
    )
    assert one.digest != other.digest
    assert one.text == SMALL
    assert parse_policy("small", SMALL.replace("\n", "\r\n")).digest == one.digest


def test_versions_are_told_apart_by_what_they_decide_otherwise() -> None:
    old = parse_policy("small", SMALL)
    guarded = SMALL.replace("margin = 0.05", "margin = 0.1  # wider").replace("= 30", "= 60")
    new = parse_policy(
        "small", guarded + '[gates.alpha]\nrequirement = "muted"\nmargin = 0.05\nlevel = 0.9\n'
    )
    assert differences(old, new) == [
        "evidence.max_age_days: 30 → 60",
        "gates.text.margin: 0.05 → 0.1",
        "gates.alpha.requirement: nothing → muted",
        "gates.alpha.margin: nothing → 0.05",
        "gates.alpha.level: nothing → 0.9",
    ]
    assert differences(old, parse_policy("small", "# a comment\n" + SMALL)) == []


def test_a_gate_is_named_by_its_rule_unless_the_rule_is_given() -> None:
    (gate,) = parse_policy("small", SMALL).gates
    assert (gate.name, gate.rule, gate.title) == ("text", "typography", GATES["typography"].title)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("margin = 0.05", "margine = 0.05", r"broken\.toml, line 7, .*did you mean margine"),
        (
            'rule = "typography"',
            'rule = "typografy"',
            r"line 8, gates\.text\.rule: .*did you mean typography",
        ),
        (
            "level = 0.90",
            "level = 0.90\nlevle = 1",
            r"line 12, gates\.text\.levle: unknown key; did you mean level",
        ),
        ('"required"', '"mandatory"', r"line 9, gates\.text\.requirement: expected one of critical"),
        ("margin = 0.05", 'margin = "wide"', r"line 10, gates\.text\.margin: expected a number"),
        ("margin = 0.05", "margin = 7", r"line 10, gates\.text\.margin: expected 0\.001 to 0\.5, got 7"),
        ("margin = 0.05", "margin = nan", r"line 10, gates\.text\.margin: expected 0\.001 to 0\.5, got nan"),
        ("max_age_days = 30", "max_age_days = 0", r"line 4, evidence\.max_age_days: expected 1 to 3650"),
        ('"required"', '"muted"', r"gates: expected at least one critical or required gate"),
        ("[evidence]", "[evidenz]", r"did you mean evidenz"),
        ('title = "Small"', "title = ", r"broken\.toml: .*line 1"),
        ('title = "Small"', 'title = "Small"\nextra = 1', r"line 2, extra: unknown key"),
    ],
)
def test_a_broken_policy_is_refused_with_its_line_and_key(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    path = tmp_path / "broken.toml"
    path.write_text(SMALL.replace(old, new), encoding="utf-8")
    with pytest.raises(InvalidFile, match=message):
        load_policy(path)


def test_a_rule_that_can_only_guard_cannot_be_required() -> None:
    slices = '[gates.slices]\nrequirement = "required"\ntags = ["small"]\nalpha = 0.05\n'
    with pytest.raises(InvalidFile, match="make it guardrail or muted"):
        parse_policy("guard", SMALL + slices)


def test_a_guardrail_watches_something() -> None:
    slices = '[gates.slices]\nrequirement = "guardrail"\ntags = []\nalpha = 0.05\n'
    with pytest.raises(InvalidFile, match=r"gates\.slices\.tags: expected at least one tag"):
        parse_policy("guard", SMALL + slices)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match=r"nowhere\.toml"):
        load_policy(tmp_path / "nowhere.toml")


def test_an_unknown_policy_is_answered_with_near_names() -> None:
    with pytest.raises(UnknownName, match="did you mean upgrade"):
        find_policy(POLICIES, "upgrades")


@pytest.mark.parametrize(
    ("key", "old", "lowest", "highest", "beyond"),
    [("max_age_days", "30", "1", "3650", "3651"), ("max_missing_share", "0.05", "0.0", "0.5", "0.501")],
)
def test_a_policy_may_call_a_day_to_ten_years_fresh_and_miss_up_to_half_of_its_cases(
    key: str, old: str, lowest: str, highest: str, beyond: str
) -> None:
    for value in (lowest, highest):
        read = parse_policy("small", SMALL.replace(f"{key} = {old}", f"{key} = {value}"))
        assert getattr(read, key) == float(value)
    for value in ("-1", beyond):
        with pytest.raises(InvalidFile, match=rf"evidence\.{key}: expected {lowest[0]} to "):
            parse_policy("small", SMALL.replace(f"{key} = {old}", f"{key} = {value}"))


def test_a_policy_needs_no_description_and_asks_for_the_checks_of_its_gates() -> None:
    read = parse_policy("small", SMALL)
    assert (read.name, read.title, read.description) == ("small", "Small", "")
    assert read.checks == {"typography", "blank"}


def test_line_ends_make_no_other_version_and_a_letter_that_ends_no_line_stays() -> None:
    one, *others = (
        parse_policy("small", SMALL + end) for end in ("# a\u2028b\n", "# a\u2028b", "# a\u2028b\r\n")
    )
    assert one.text == SMALL + "# a\u2028b\n"
    assert [other.text for other in others] == [one.text] * 2


def test_a_broken_policy_is_left_out_of_the_list_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "whole.toml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "broken.toml").write_text("title = 1", encoding="utf-8")
    (tmp_path / "notes.md").write_text("no policy", encoding="utf-8")
    assert policy_names(tmp_path) == ["broken", "whole"]
    assert list(readable_policies(tmp_path)) == ["whole"]
    assert "broken.toml" in str(list_policies(tmp_path))
    with pytest.raises(InvalidFile, match=r"broken\.toml"):
        find_policy(tmp_path, "broken")
