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
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Self
from unittest.mock import patch
from uuid import UUID

from core.config.settings import Settings
from core.errors import SidegradeError
from core.records import Arm, ReviewPlan
from tests.simulation import workers
from tests.simulation.actions import Action, possible_actions
from tests.simulation.disk import Disk
from tests.simulation.faults import AnswerLost, Fault, Killed, Kind, Ports, drawn_fault
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
        try:
            with self.ports.acting(fault):
                return action.do()
        except Killed:
            action.process.end()
            return "killed"
        except AnswerLost:
            return "answer lost"
        except SidegradeError as error:
            if fault is None or not fault.happened:
                words = f"{action.who} {action.what} failed without a fault: {error!r}"
                raise Broken(words, rules=[NO_FAULT_NO_FAILURE]) from error
            return f"{type(error).__name__}"

    def _choose(self) -> Action:
        actions = possible_actions(self, self._taste)
        return self.chance.choices(actions, [action.weight for action in actions])[0]

    def another_run(self) -> str:
        """Ask for the suite under another seed."""
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
