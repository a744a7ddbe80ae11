"""Does the whole product decide rightly? Rollouts of the embedded models, driven as people would drive them.

The command line renders, starts and signs; five simulated reviewers judge through the running app until the
rollout is decided. The few-step model must be rejected for its lost alpha and its small text, the better one
approved. Exits with an error otherwise. A stopped comparison goes on where it was.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from bench.product import BASELINE, LEAD, POLICY, UPGRADE, Answer, Product, options, rendered
from bench.reviewers import Reviewer, panel, take_turn
from db.store import Store

SECOND: Final = "max"
A_TURN: Final = 4
"""Verdicts of each reviewer between two looks at the rollout."""
JUDGED: Final = (0, 1, 2)
"""Exit codes of ``sidegrade gate``: successful, failed, inconclusive."""
NEVER: Final = datetime.max.replace(tzinfo=UTC)
REFUSED: Final = (1,)
"""The exit code of a step that the rules do not allow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A rollout and how it must end."""

    candidate: str
    seed: int
    """Of its own: a picture that lies in both runs is the baseline's, which reviewers could tell by then."""
    state: str
    failing: frozenset[str] = frozenset()
    """Gates that must be among those that fail."""


SCENARIOS: Final = (
    Scenario(
        candidate="letterpress-turbo",
        seed=2,
        state="rejected",
        failing=frozenset({"alpha", "small-text"}),
    ),
    Scenario(candidate=UPGRADE, seed=1, state="approved"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """How a rollout ended."""

    scenario: Scenario
    status: Answer
    """What ``sidegrade rollout status`` said last; its analysis is the one that decided."""
    gates: Sequence[Answer]
    """What ``sidegrade gate`` said of each gate when all had voted."""
    decided_after: int
    """Verdicts that were in when the rollout left *collecting*."""
    verdicts: int
    self_approval: str
    """What the command line said when the lead tried to approve her own rollout."""

    @property
    def state(self) -> str:
        return str(self.status["rollout"]["state"])

    def objections(self) -> list[str]:
        """Where it ended otherwise than it must."""
        wanted, name = self.scenario, f"{BASELINE} → {self.scenario.candidate}"
        failed = {gate["gate"] for gate in self.gates if gate["outcome"] == "failed"}
        found = [] if self.state == wanted.state else [f"{name}: expected {wanted.state}, got {self.state}"]
        return found + [f"{name}: {gate} did not fail" for gate in sorted(wanted.failing - failed)]


def decided(product: Product, scenario: Scenario, run: str, reviewers: Sequence[Reviewer]) -> Decided:
    """One rollout from its start to its signature."""
    if product.command("rollout", "status", run)["rollout"] is None:
        product.command("rollout", "start", run, "--policy", str(POLICY), "--by", LEAD)
    while True:
        status = product.command("rollout", "status", run)
        gates = product.command("gate", run, "--policy", str(POLICY), exits=JUDGED)["results"]
        if status["rollout"]["state"] != "collecting" and _prefer(gates):
            break  # people are heard even where machines have decided, to see whether they agree
        if _turns(product, reviewers, run) == 0:
            break
    refusal = ""
    if status["rollout"]["state"] == "ready":
        refusal = product.command("rollout", "approve", run, "--by", LEAD, exits=REFUSED)["message"]
        status = product.command("rollout", "approve", run, "--by", SECOND, "--note", "ship it")
    return Decided(
        scenario=scenario,
        status=status,
        gates=gates,
        decided_after=given(product, run, until=decided_at(status)),
        verdicts=given(product, run),
        self_approval=refusal,
    )


def decided_at(status: Answer) -> datetime:
    """When the event *decide* was stored; NEVER while the rollout has none."""
    moments = [event["created_at"] for event in status["events"] if event["action"] == "decide"]
    return datetime.fromisoformat(moments[0]) if moments else NEVER


def given(product: Product, run: str, *, until: datetime = NEVER) -> int:
    """How many verdicts were given on a run up to a moment, hidden controls included."""
    with Store.open(product.settings) as store:
        return sum(verdict.created_at <= until for verdict in store.reviews.current(run_id=run))


def _prefer(gates: Sequence[Answer]) -> bool:
    """Whether the reviewers have come to a preference."""
    return any(gate["gate"] == "preference" and gate["outcome"] != "inconclusive" for gate in gates)


def _turns(product: Product, reviewers: Sequence[Reviewer], run: str) -> int:
    """All reviewers judge a few pairs at the same time."""
    with ThreadPoolExecutor(len(reviewers)) as room:
        turns = [
            room.submit(take_turn, one, product.desk_of(one.name), run, most=A_TURN) for one in reviewers
        ]
        return sum(turn.result() for turn in turns)


def story(ended: Decided) -> str:
    """A rollout in Markdown."""
    rollout, analysis = ended.status["rollout"], ended.status["analysis"]
    lines = [
        f"## {BASELINE} → {ended.scenario.candidate}: {ended.state}",
        f"> {analysis['sentence']}",
        "",
        f"Started by {rollout['started_by']}; decided after {ended.decided_after} verdicts, "
        f"{ended.verdicts} cast by five reviewers in all; signed by {rollout['signed_by'] or 'nobody'}.",
    ]
    if ended.self_approval:
        lines.append(f"{LEAD} could not sign her own rollout: “{ended.self_approval}”.")
    lines += ["", "| gate | needed | outcome | why |", "|---|---|---|---|"]
    lines += [f"| {g['title']} | {g['requirement']} | {g['outcome']} | {g['reason']} |" for g in ended.gates]
    return "\n".join(lines)


def main() -> None:
    """Print both rollouts; exit with an error when one ends otherwise than it must."""
    parser = options(argparse.ArgumentParser(prog="python -m bench rollouts", description=__doc__))
    parser.add_argument("--seed", type=int, default=1, help="of the reviewers")
    asked = parser.parse_args()
    product = Product(asked.home, asked.port)
    runs = [rendered(product, asked.suite, one.candidate, seed=one.seed) for one in SCENARIOS]
    objections = []
    with product.app():
        for scenario, run in zip(SCENARIOS, runs, strict=True):
            ended = decided(product, scenario, run, panel(asked.seed))
            print(story(ended), flush=True)
            objections += ended.objections()
    if objections:
        raise SystemExit("\n".join(objections))


if __name__ == "__main__":
    main()
