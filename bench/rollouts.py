"""Does the whole product decide rightly? Rollouts of the embedded models, driven as people would drive them.

A fresh home; the command line renders, starts and signs; five simulated reviewers judge through the running
app's own routes until the rollout is decided. The few-step model must be rejected for its lost alpha and its
small text, the better one approved, and a model against itself hardly ever. Exits with an error otherwise.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bench.itself import Itself, against_itself
from bench.reviewers import Reviewer, Send, panel, take_turn
from core.judging import judge
from core.policies import load_policy
from core.settings import PROJECT, Settings
from db.store import Store
from pages.routes.tokens import Bearer, issue_token, secret_of

Answer = dict[str, Any]

POLICY: Final = PROJECT / "policies" / "upgrade.toml"
BASELINE: Final = "letterpress"
LEAD: Final = "lea"
SECOND: Final = "max"
A_TURN: Final = 4
"""Verdicts of each reviewer between two looks at the rollout."""
JUDGED: Final = (0, 1, 2)
"""Exit codes of ``sidegrade gate``: successful, failed, inconclusive."""
REFUSED: Final = (1,)
"""The exit code of a step that the rules do not allow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A rollout and how it must end."""

    candidate: str
    state: str
    failing: frozenset[str] = frozenset()
    """Gates that must be among those that fail."""


SCENARIOS: Final = (
    Scenario(candidate="letterpress-turbo", state="rejected", failing=frozenset({"alpha", "small-text"})),
    Scenario(candidate="letterpress-2", state="approved"),
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


class Product:
    """Sidegrade in one home, reached as people reach it: the command line, and the app at a port."""

    def __init__(self, home: Path, port: int) -> None:
        self._home, self._port = home, port
        self.settings = Settings.from_env(os.environ, home=home)

    def command(self, *words: str, exits: Collection[int] = (0,)) -> Answer:
        """The JSON answer of a command that ends in one of these exit codes."""
        done = subprocess.run(
            [sys.executable, "-m", "cli", *words, "--home", str(self._home), "--json"],
            stdout=subprocess.PIPE,
            cwd=PROJECT,
        )
        if done.returncode not in exits:
            raise SystemExit(f"sidegrade {' '.join(words)}: exit code {done.returncode}")
        answer: Answer = json.loads(done.stdout)
        return answer

    @contextmanager
    def app(self) -> Iterator[None]:
        """The app, started by ``sidegrade up`` and ended with it."""
        words = ["up", "--port", str(self._port), "--home", str(self._home), "--json"]
        process = subprocess.Popen([sys.executable, "-m", "cli", *words], stdout=subprocess.PIPE, cwd=PROJECT)
        try:
            assert process.stdout is not None
            if not process.stdout.readline():  # it says its address once it answers
                raise SystemExit("sidegrade up ended before it was ready")
            yield
        finally:
            process.terminate()
            process.wait()

    def desk_of(self, reviewer: str) -> Send:
        """The app's routes in a reviewer's name, with a token as the pages make them."""

        def send(path: str, body: dict[str, str] | None) -> bytes:
            bearer = Bearer(reviewer=reviewer, role="reviewer")
            token = issue_token(secret_of(self.settings), bearer, datetime.now(UTC))
            request = urllib.request.Request(
                f"http://127.0.0.1:{self._port}{path}",
                data=None if body is None else json.dumps(body).encode(),
                headers={"authorization": f"Bearer {token}"},
            )
            with urllib.request.urlopen(request, timeout=60) as answer:
                return bytes(answer.read())

        return send


def rendered(product: Product, suite: str, candidate: str) -> str:
    """The id of the finished run of a suite."""
    words = ("run", suite, "--baseline", BASELINE, "--candidate", candidate, "--by", LEAD)
    answer = product.command(*words)
    if answer["failures"]:
        raise SystemExit(f"{len(answer['failures'])} pairs failed: {answer['failures'][0]}")
    return str(answer["run"])


def decided(product: Product, scenario: Scenario, run: str, reviewers: Sequence[Reviewer]) -> Decided:
    """One rollout from its start to its signature."""
    product.command("rollout", "start", run, "--policy", str(POLICY), "--by", LEAD)
    cast, decided_after = 0, None
    while True:
        status = product.command("rollout", "status", run)
        gates = product.command("gate", run, "--policy", str(POLICY), exits=JUDGED)["results"]
        if decided_after is None and status["rollout"]["state"] != "collecting":
            decided_after = cast
        if decided_after is not None and _prefer(gates):
            break  # people are heard even where machines have decided, to see whether they agree
        if (more := _turns(product, reviewers, run)) == 0:
            break
        cast += more
    refusal = ""
    if status["rollout"]["state"] == "ready":
        refusal = product.command("rollout", "approve", run, "--by", LEAD, exits=REFUSED)["message"]
        status = product.command("rollout", "approve", run, "--by", SECOND, "--note", "ship it")
    return Decided(
        scenario=scenario,
        status=status,
        gates=gates,
        decided_after=cast if decided_after is None else decided_after,
        verdicts=cast,
        self_approval=refusal,
    )


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


def story_of_itself(found: Itself) -> str:
    """The false approvals in Markdown."""
    return (
        f"## {BASELINE} → {BASELINE}: {found.rollouts} seeded rollouts of {found.cases} cases\n"
        f"All gates together approved {found.approved}; the preference gate alone, looked at after each "
        f"verdict, {found.preferred}. The promise is 5 %: at most {found.most_allowed} of {found.rollouts} "
        "with its sampling error."
    )


def main() -> None:
    """Print the three rollouts; exit with an error when one ends otherwise than it must."""
    parser = argparse.ArgumentParser(prog="python -m bench rollouts", description=__doc__)
    parser.add_argument("--suite", default="upgrade")
    parser.add_argument("--port", type=int, default=8670)
    parser.add_argument("--rollouts", type=int, default=200, help="of a model against itself")
    parser.add_argument("--seed", type=int, default=1, help="of the reviewers")
    parser.add_argument("--home", type=Path, help="a folder to keep, to look at the pages afterwards")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        product = Product(options.home or Path(temporary), options.port)
        runs = [rendered(product, options.suite, scenario.candidate) for scenario in SCENARIOS]
        objections = reviewed(product, runs, options.seed) + hardly_ever(product, runs[-1], options.rollouts)
    if objections:
        raise SystemExit("\n".join(objections))


def reviewed(product: Product, runs: Sequence[str], seed: int) -> list[str]:
    """Decide and print each scenario; what ended otherwise than it must."""
    objections = []
    with product.app():
        for scenario, run in zip(SCENARIOS, runs, strict=True):
            ended = decided(product, scenario, run, panel(seed))
            print(story(ended), flush=True)
            objections += ended.objections()
    return objections


def hardly_ever(product: Product, run: str, rollouts: int) -> list[str]:
    """Print the false approvals of a model against itself; the promise, where it is broken."""
    now = datetime.now(UTC)
    with Store.open(product.settings) as store:
        judged = judge(store, product.settings, store.runs.get(run), load_policy(POLICY), now)
    found = against_itself(judged.evidence, judged.policy, rollouts, now)
    print(story_of_itself(found))
    return found.objections()


if __name__ == "__main__":
    main()
