"""Leads of the simulated world: each command is a process of its own, what was looked at may be stale."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from core.errors import DecisionRefused, InvalidRequest
from core.gates.policy import Policy
from core.golden.promotion import PromotionRule
from core.records import RolloutAction, RolloutState, TriageLabel
from services import golden, rollouts
from tests.simulation.processes import Process
from tests.simulation.told import Told
from tests.world import CANDIDATE

RULE = PromotionRule(reviewers=1)


@dataclass(kw_only=True)
class Lead:
    """One person who decides."""

    name: str
    told: Told
    policy: Policy
    seen: dict[str, rollouts.JudgedRun] = field(default_factory=dict)
    """The page that was looked at last, by run: it is what this person decides on."""

    def may_start(self, run_id: str) -> bool:
        """Whether no start was seen yet; another lead may have started since."""
        return run_id in self.seen and self.seen[run_id].rollout.started_by is None

    def may_sign(self, run_id: str) -> bool:
        """Whether what was seen last waits for a signature."""
        return run_id in self.seen and self.seen[run_id].rollout.state is RolloutState.READY

    def looks(self, desk: Process, run_id: str, chance: random.Random) -> str:
        """Judge the run and latch what its evidence decides, as every page does that shows it."""
        run = desk.store.runs.get(run_id)
        judged = rollouts.judge(desk.store, desk.settings, run, self.policy, desk.now)
        self.seen[run_id] = rollouts.latch(desk.store, judged, desk.now)
        return f"{self.seen[run_id].rollout.state}, {judged.analysis.outcome}"

    def starts(self, desk: Process, run_id: str, chance: random.Random) -> str:
        """Start the rollout on what was seen last."""
        if run_id not in self.seen:
            return self.looks(desk, run_id, chance)
        return self._asking(lambda: self._start(desk, run_id))

    def signs(self, desk: Process, run_id: str, chance: random.Random) -> str:
        """Approve, or now and then refuse or override, on what was seen last."""
        if run_id not in self.seen:
            return self.looks(desk, run_id, chance)
        action = chance.choices(
            [RolloutAction.APPROVE, RolloutAction.REFUSE, RolloutAction.OVERRIDE], [30, 1, 1]
        )[0]
        return self._asking(lambda: self._sign(desk, run_id, action))

    def labels(self, desk: Process, run_id: str, chance: random.Random) -> str:
        """Let the rule label pictures by verdicts."""
        events = golden.promote(desk.store, RULE, desk.now)
        self.told.labels |= {event.uuid for event in events}
        return f"{len(events)} labels"

    def relabels(self, desk: Process, run_id: str, chance: random.Random) -> str:
        """Label one picture by hand."""
        entries = desk.store.golden.entries()
        if not entries:
            return "nothing labelled"
        entry = chance.choice(sorted(entries, key=lambda one: (one.case_digest, one.render_digest)))
        label = chance.choice(list(TriageLabel))
        return f"{golden.relabel(desk.store, entry, label, note='by hand', by=self.name, now=desk.now)}"

    def freezes(self, desk: Process, run_id: str, chance: random.Random) -> str:
        """Freeze the golden set."""
        try:
            version = golden.freeze(desk.store, self.name, "", desk.now)
        except InvalidRequest:
            return "nothing to freeze"
        self.told.versions[version.number] = version.digest
        return f"version {version.number}"

    def retries(self, desk: Process, run_id: str, chance: random.Random) -> str:
        """Queue failed jobs once more; counted also when the answer is lost."""
        self.told.retried += 1
        return f"{desk.store.jobs.retry(run_id, desk.now)} jobs"

    def _start(self, desk: Process, run_id: str) -> None:
        rollouts.start(desk.store, self.seen[run_id], self.name, desk.now)
        self.told.starts += 1

    def _sign(self, desk: Process, run_id: str, action: RolloutAction) -> None:
        words = {"by": self.name, "note": "as agreed", "confirmed": CANDIDATE}
        rollouts.sign(desk.store, self.seen[run_id], action, now=desk.now, **words)
        self.told.signed.append(self.name)

    def _asking(self, step: Callable[[], None]) -> str:
        try:
            step()
        except DecisionRefused as refused:
            return f"refused: {refused}"
        return "taken"
