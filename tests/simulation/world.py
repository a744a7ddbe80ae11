"""The simulated world: one seed chooses who acts, what they do, what goes wrong and how time passes.

    with SimulatedWorld(seed=7, folder=tmp_path) as world:
        world.live(40)

The store, its SQLite file, the picture folder, the services and the folds are the product's own. Only who
calls them, the clocks and the faults are simulated.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Self
from unittest.mock import patch
from uuid import UUID

from core.access.person import person_key
from core.config.settings import Settings
from core.errors import SidegradeError
from core.records import Arm, ReviewPlan
from tests.simulation import workers
from tests.simulation.disk import Disk
from tests.simulation.faults import Fault, Killed, Kind, Ports, drawn_fault
from tests.simulation.invariants import check
from tests.simulation.leads import Lead
from tests.simulation.observer import Observer, Sight
from tests.simulation.processes import Process
from tests.simulation.reviewers import Reviewer
from tests.simulation.scenario import BEGINS, POLICY, SUITE, empty_home
from tests.simulation.step import Broken, Remembered, Step
from tests.simulation.told import Told
from tests.world import request_run

NO_FAULT_NO_FAILURE = "no_action_fails_without_a_fault"
"""What is broken when an action fails in a way that none of its callers knows."""


@dataclass(frozen=True, kw_only=True)
class Action:
    """What somebody may do next."""

    who: str
    what: str
    process: Process
    do: Callable[[], str]
    weight: float


class SimulatedWorld:
    """One history."""

    def __init__(self, *, seed: int, folder: Path, skewed: bool = False) -> None:
        self.seed, self.chance = seed, random.Random(seed)
        self.time = BEGINS
        home = folder / "home"
        shutil.copytree(empty_home(), home)
        self.settings = Settings.from_env({}, home=home)
        self.ports = Ports(home / "sidegrade.db")
        self.told = Told()
        self.journal: list[str] = []
        self.remembered = Remembered()
        self.disk = Disk(folder=self.settings.blobs)
        self._skewed = skewed
        self._decided = seed % 3 == 2
        """Every third history begins after the start, so that there is time to come to a decision."""
        self._taste: dict[str, float] = {}
        self._passed: defaultdict[str, Counter[Kind]] = defaultdict(Counter)
        self._open = ExitStack()
        self._people()

    def __enter__(self) -> Self:
        for place in ("db.handouts.uuid4", "services.rollouts.uuid4", "services.golden.uuid4"):
            self._open.enter_context(patch(place, self._uuid))
        self._open.enter_context(patch("db.handouts.SystemRandom", lambda: self.chance))
        self._open.enter_context(patch("db.store.migrate"))  # the home is migrated; to ask takes 30 ms
        self._open.enter_context(self.ports.installed())
        self.observer = Observer(
            settings=self.settings, database=self.settings.home / "sidegrade.db", clock=lambda: self.time
        )
        self._open.callback(self.observer.close)
        for process in self.processes:
            self._open.callback(process.end)
        self.runs = [self._request((1,))]
        if self._decided:
            self._until_the_start()
        self.before = self.observer.look()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def live(self, steps: int) -> None:
        """Let so many things happen, and hold every rule after each.

        Raises:
            Broken: a rule does not hold.
            SidegradeError: an action failed in a way that none of its callers knows.
        """
        for number in range(1, steps + 1):
            self._pass_time()
            action = self._choose()
            fault = drawn_fault(self.chance, self._passed[action.what])
            outcome = self._act(action, fault)
            self._passed[action.what] |= self.ports.passed
            what_fault = f" [{fault.kind}]" if fault else ""
            self.journal.append(
                f"{number:3} {action.process.name}: {action.who} {action.what}{what_fault}: {outcome}"
            )
            now = self.observer.look(self.before)
            check(self._step(now))
            self.told.end_step()
            self.before = now

    def _step(self, now: Sight) -> Step:
        return Step(
            told=self.told,
            now=now,
            before=self.before,
            observer=self.observer,
            policy=POLICY,
            remembered=self.remembered,
        )

    def _act(self, action: Action, fault: Fault | None) -> str:
        met = fault is not None
        try:
            with self.ports.acting(fault):
                return action.do()
        except Killed:
            action.process.end()
            return "killed"
        except SidegradeError as error:
            if not met:
                words = f"{action.who} {action.what} failed without a fault: {error!r}"
                raise Broken(words, rules=[NO_FAULT_NO_FAILURE]) from error
            return f"{type(error).__name__}"

    def _choose(self) -> Action:
        actions = self._actions()
        return self.chance.choices(actions, [action.weight for action in actions])[0]

    def _actions(self) -> list[Action]:
        chance, run = self.chance, self.chance.choice(self.runs)
        reviewed = bool(self.before.logs["verdicts"])
        found = []
        for reviewer in self.reviewers:
            for weight, do in (
                (0.7, reviewer.ask),
                (8 if reviewer.table or self._left_to_judge(reviewer) else 0, reviewer.judge),
                (4 if reviewer.outbox else 0, reviewer.send),
                (1.2 if reviewer.sent else 0, reviewer.undo),
                (0.4 if reviewer.sent else 0, reviewer.reveal),
                (0.3 if reviewer.table else 0, reviewer.put_off),
            ):
                found.append(self._action(reviewer.name, do, self.app, weight, self.app, chance))
        for harm in (self.disk.loses, self.disk.damages):
            found.append(self._action("disk", harm, self.machine, 0.3, chance))
        found.append(
            self._action("disk", self.disk.gives_back, self.machine, 1 if self.disk.harmed else 0, chance)
        )
        work = sum(job["state"] in ("queued", "running") for job in self.before.jobs.values())
        for worker in self.workers:
            for weight, draw in (
                (1 if work else 0.1, workers.claims),
                (15 if work else 0.1, workers.draws),
                (1 if worker.jobs else 0, workers.renews),
                (0.3 if worker.jobs else 0, workers.releases),
                (0.3 if worker.jobs else 0, workers.ends),
            ):
                found.append(self._action(worker.name, draw, worker, weight, worker, self.told, chance))
        for lead in self.leads:
            for weight, step in (
                (3.5, lead.looks),
                (2 if lead.may_start(run) else 0, lead.starts),
                (12 if lead.may_sign(run) else 0.2, lead.signs),
                (0.5 if reviewed else 0, lead.labels),
                (0.4 if self.told.labels else 0, lead.relabels),
                (0.4 if self.told.labels else 0, lead.freezes),
                (
                    0.4 if any(job["state"] == "failed" for job in self.before.jobs.values()) else 0,
                    lead.retries,
                ),
            ):
                found.append(self._action(lead.name, step, self.command, weight, self.command, run, chance))
        if len(self.runs) == 1:
            found.append(self._action("lea", self._another_run, self.command, 0.5))
        return found

    def _action(
        self, who: str, do: Callable[..., str], process: Process, weight: float, *about: object
    ) -> Action:
        """Each history has its own taste: what is rare in most is common in some."""
        kind = do.__name__
        if kind not in self._taste:
            self._taste[kind] = self.chance.choice([0.2, 1, 1, 3])
        return Action(
            who=who, what=kind, process=process, do=lambda: do(*about), weight=weight * self._taste[kind]
        )

    def _left_to_judge(self, reviewer: Reviewer) -> bool:
        """Whether a pair can be shown that this person has not judged."""
        person, standing = person_key(reviewer.name), self.before.queue["standing_verdicts"]
        judged = {row["pair_id"] for row in standing if row["reviewer"] == person}
        return any(pair["ready"] and pair_id not in judged for pair_id, pair in self.before.pairs.items())

    def _another_run(self) -> str:
        run = self._request((2,))
        self.runs.append(run)
        return run

    def _request(self, seeds: tuple[int, ...]) -> str:
        control = 0.0 if self._decided else 0.2
        plan = ReviewPlan(
            order_seed=self.seed % 5,
            mode="non_inferiority",
            margin=0.45,
            control_share=control,
            overlap_share=control,
        )
        votes = 2 if self.seed % 4 == 0 and not self._decided else 1
        plan = replace(plan, max_units=len(SUITE.cases), votes_per_unit=votes)
        return request_run(self.command.store, self.command.now, suite=SUITE, seeds=seeds, plan=plan).id

    def _until_the_start(self) -> None:
        """Everything is drawn and the rollout is started, without a fault."""
        worker, lead, (run,) = self.workers[0], self.leads[0], self.runs
        while workers.claims(worker, self.told, self.chance) != "0 jobs":
            while worker.jobs:
                workers.draws(worker, self.told, self.chance, failures=0)
        self.told.end_step()
        lead.looks(self.command, run, self.chance)
        lead.starts(self.command, run, self.chance)
        self.remembered.starts[run] = 0

    def _pass_time(self) -> None:
        self.time += timedelta(seconds=self.chance.choice([1, 1, 1, 5, 20, 70]))
        if self._skewed and self.chance.random() < 0.1:
            jump = timedelta(seconds=self.chance.choice([-86_400, -600, -30, 0, 30, 600, 86_400]))
            whose = self.chance.choice(self.processes)
            whose.skew = jump
            if whose is self.machine:  # the clock of the database, which all leases go by
                self.time += jump

    def _people(self) -> None:
        self.processes = [
            Process(name=name, settings=self.settings, true_time=lambda: self.time)
            for name in ("machine", "app", "command", "worker-1", "worker-2")
        ]
        self.machine, self.app, self.command, *self.workers = self.processes
        likes = self.chance.choice([Arm.CANDIDATE, Arm.CANDIDATE, Arm.BASELINE])
        words = {"told": self.told, "likes": likes, "sure": 1.0 if self._decided else 0.8}
        self.reviewers = [Reviewer(name=name, **words) for name in ("ana", "ben", "Ana")]
        self.leads = [Lead(name=name, told=self.told, policy=POLICY) for name in ("lea", "max")]

    def _uuid(self) -> UUID:
        return UUID(int=self.chance.getrandbits(128), version=4)
