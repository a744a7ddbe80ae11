"""Load for a home that is to be backed up: reviewers who judge and take back, a lead who asks for more.

The reviewers are threads of this process, through the services that the desk's routes call; what was
acknowledged to them is kept, for a backup has to hold it.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from uuid import uuid4

from core.config.settings import Settings
from core.gates.policies import load_policy
from core.golden.promotion import PromotionRule
from core.records import Case, ReviewFilter, ReviewPlan, Run, Suite
from core.review.sides import Ballot
from db.store import Store
from services import golden, rollouts
from services.review import desk, verdicts
from services.runs import request_run
from tests.conftest import DRAWING
from tests.home_answers import POLICY
from tests.world import all_proved

OUTCOMES = ("a", "b", "tie", "both_bad")
PAUSE_S = 0.1
"""Between two verdicts of a reviewer."""
TAKEN_BACK = 0.25
"""Share of the verdicts that their reviewer takes back and gives again."""
SUITE = Suite(
    name="load",
    title="Load",
    cases=tuple(
        Case(name=f"case-{number:02}", prompt=f'a poster, exact text: "SALE {number}"', width=128, height=64)
        for number in range(24)
    ),
)


def prepared(folder: Path) -> dict[str, str]:
    """The environment of a home in this folder, with two models that draw by Pillow."""
    models = folder / "models.toml"
    models.write_text(DRAWING, encoding="utf-8")
    (folder / "home").mkdir()
    ours = {"SIDEGRADE_HOME": str(folder / "home"), "SIDEGRADE_MODELS": str(models), "OMP_NUM_THREADS": "1"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SIDEGRADE_")}
    return kept | ours


class Load:
    """Reviewers and a lead at work on one home."""

    def __init__(self, store: Store, settings: Settings, reviewers: int) -> None:
        self._store, self._settings = store, settings
        self._names = [f"reviewer-{number}" for number in range(reviewers)]
        self._kept: dict[str, list[str]] = {name: [] for name in self._names}
        """Uuids that were acknowledged, by reviewer: each list has one writer."""
        self._enough = Event()
        self._trouble: list[BaseException] = []
        self.slowest_s = 0.0
        """The longest that a verdict took since this was last set to 0."""
        store.selftests.save(all_proved())

    @contextmanager
    def running(self) -> Iterator[Load]:
        """Everybody at work until the block ends; whatever went wrong for one of them is raised then."""
        work = [Thread(target=self._guarded, args=(self._judge, name)) for name in self._names]
        work.append(Thread(target=self._guarded, args=(self._lead, "lea")))
        for one in work:
            one.start()
        try:
            yield self
        finally:
            self._enough.set()
            for one in work:
                one.join()
        if self._trouble:
            raise self._trouble[0]

    def acknowledged(self) -> set[str]:
        """Every verdict, and every taking back, of which a reviewer was told that it is saved."""
        return {uuid for kept in self._kept.values() for uuid in list(kept)}

    def wait_for_votes(self) -> None:
        """Wait until the worker has drawn and the first pairs are judged."""
        while len(self.acknowledged()) < len(self._names) and not self._trouble:
            time.sleep(0.1)

    def wait_for_a_version(self) -> None:
        """Wait until the lead has frozen a golden version: on a slow machine later than the trial is long."""
        while not self._store.golden.versions() and not self._trouble:
            time.sleep(0.1)

    def _guarded(self, work: Callable[[str], None], name: str) -> None:
        try:
            while not self._enough.is_set():
                work(name)
                self._enough.wait(PAUSE_S)
        except BaseException as error:
            self._trouble.append(error)
            self._enough.set()

    def _judge(self, name: str) -> None:
        """The next pair, judged; now and then taken back."""
        page = desk.next_page(self._store, name, ReviewFilter(), limit=1, now=datetime.now(UTC))
        for asked in page.items:
            uuid = uuid4().hex
            ballot = Ballot(uuid=uuid, task=asked.item.task, outcome=random.choice(OUTCOMES))
            begin = time.perf_counter()
            saved = verdicts.cast_ballot(self._store, ballot, name, datetime.now(UTC))
            self.slowest_s = max(self.slowest_s, time.perf_counter() - begin)
            if saved:
                self._kept[name].append(uuid)
            if saved and random.random() < TAKEN_BACK:
                self._take_back(name, uuid)

    def _take_back(self, name: str, verdict: str) -> None:
        uuid = uuid4().hex
        if verdicts.undo(self._store, verdict, name, uuid=uuid, now=datetime.now(UTC)):
            self._kept[name].append(uuid)

    def _lead(self, name: str) -> None:
        """Once all is drawn: promote, freeze, and ask for the suite with another seed, as a rollout."""
        runs = self._store.runs.list(limit=1_000_000)
        progress = [self._store.runs.progress(run.id) for run in runs[:1]]
        if any(one.finished < one.total for one in progress):
            return
        now = datetime.now(UTC)
        golden.promote(self._store, PromotionRule(name="one", reviewers=1, against=0), now)
        if self._store.golden.entries(limit=1):
            golden.freeze(self._store, name, f"after {len(runs)} runs", now)
        self._start(self._asked(seed=len(runs) + 1, by=name), name)

    def _asked(self, *, seed: int, by: str) -> Run:
        return request_run(
            self._store,
            self._settings,
            SUITE,
            baseline="sketch",
            candidate="sketch-turbo",
            seeds=[seed],
            plan=ReviewPlan(votes_per_unit=3, order_seed=seed),
            requested_by=by,
            now=datetime.now(UTC),
        )

    def _start(self, run: Run, by: str) -> None:
        now = datetime.now(UTC)
        judged = rollouts.judge(self._store, self._settings, run, load_policy(POLICY), now)
        rollouts.start(self._store, judged, by, now)
