"""What a gate says of a run is what it said before; ``known_analyses`` tells how to change that."""

from __future__ import annotations

import json

import pytest

from core.gates import GATES
from tests.core.gates.known_analyses import STORED, every_known, rules, told

RUNS = every_known()
KNOWN = json.loads(STORED.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", RUNS)
def test_an_analysis_is_the_known_one(name: str) -> None:
    assert json.loads(json.dumps(told(RUNS[name]))) == KNOWN[name]


def test_every_rule_is_known_in_each_of_its_outcomes() -> None:
    assert RUNS.keys() == KNOWN.keys()
    seen = {
        (gate.rule, KNOWN[name]["gates"][gate.name]["says"].split()[0])
        for name, run in RUNS.items()
        for gate in rules(run).gates
    }
    never = {("panel", "failed"), ("slices", "successful")}
    for rule in GATES:
        for outcome in ("successful", "failed", "inconclusive"):
            assert ((rule, outcome) in seen) == ((rule, outcome) not in never), (rule, outcome)
