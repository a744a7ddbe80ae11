"""Reviewers at their desks, each with a model of the desk's outbox (``outbox.js``).

What was judged waits in the browser under its uuid and is sent in order, again and again, until the server
has answered; a refusal takes it out. Answers get lost, requests arrive twice, tabs are reloaded.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field
from uuid import UUID

from core.access.person import person_key
from core.errors import DecisionRefused, SidegradeError, StoreError
from core.records import Look, Outcome, QueueItem, Reason, ReviewFilter, RunKind
from core.review.sides import Ballot
from services.review import desk, verdicts
from services.review.pictures import with_pictures
from tests.simulation.processes import Process
from tests.simulation.told import Told


@dataclass(frozen=True, kw_only=True)
class Undo:
    """A verdict that its reviewer wants back."""

    uuid: str
    verdict: str


@dataclass(kw_only=True)
class Reviewer:
    """One person at a desk; the outbox and the pairs on the table live in the browser and outlast servers."""

    name: str
    told: Told
    likes: str
    """Whose pictures are preferred mostly: an outcome's word."""
    sure: float = 0.8
    """Share of the verdicts that prefer it."""
    table: list[QueueItem] = field(default_factory=list)
    outbox: deque[Ballot | Undo] = field(default_factory=deque)
    pairs: dict[str, str] = field(default_factory=dict)
    """The pair of every verdict that was given here, by its uuid."""
    sent: list[tuple[str, str]] = field(default_factory=list)
    """Own verdicts that were answered *saved*, and their pairs: what can be undone or looked up."""

    def ask(self, app: Process, chance: random.Random) -> str:
        """Load the next pairs, as the desk's page does."""
        runs = app.store.runs.list(limit=2, kind=RunKind.SUITE)
        wanted, limit = ReviewFilter(run_id=chance.choice(runs).id), chance.choice([1, 3, 5])

        def read() -> tuple[None, list[QueueItem]]:
            return None, app.store.reviews.queue(self.name, wanted, limit, now=app.now, controls=True)

        self.table = list(with_pictures(app.store, read, app.now)[1])
        self.told.shown += [item.pair_id for item in self.table]
        return f"{len(self.table)} pairs"

    def judge(self, app: Process, chance: random.Random) -> str:
        """Judge what lies on the table, keep it in the outbox, and send."""
        if not self.table:
            self.ask(app, chance)
        if not self.table:
            return "nothing to judge"
        asked = self.table.pop(0)
        ballot = Ballot(
            uuid=_uuid(chance),
            task=asked.task,
            outcome=self._outcome(asked, app, chance),
            reasons=(Reason.TYPOGRAPHY,),
            look=Look(max_zoom=1.0),
        )
        self.pairs[ballot.uuid] = asked.pair_id
        self.outbox.append(ballot)
        return self.send(app, chance)

    def undo(self, app: Process, chance: random.Random) -> str:
        """Take the latest verdict back."""
        if self.sent:
            self.outbox.append(Undo(uuid=_uuid(chance), verdict=self.sent.pop()[0]))
        return self.send(app, chance)

    def reveal(self, app: Process, chance: random.Random) -> str:
        """Look who drew the pair that was judged last."""
        if self.sent and not self.outbox:
            try:
                desk.reveal(app.store, self.sent[-1][1], self.name, now=app.now)
            except DecisionRefused:  # taken back in the same person's other tab
                return "refused"
        return "names"

    def put_off(self, app: Process, chance: random.Random) -> str:
        """Leave a pair for later."""
        if self.table:
            desk.put_off(app.store, self.table.pop(0).task, self.name, app.now)
        return "put off"

    def send(self, app: Process, chance: random.Random) -> str:
        """Empty the outbox as far as the server answers."""
        twice = chance.random() < 0.25
        answers = []
        while self.outbox:
            answers.append(self._deliver(app, self.outbox[0], twice=twice))
            self.outbox.popleft()
        return ", ".join(answers) or "nothing to send"

    def _deliver(self, app: Process, said: Ballot | Undo, *, twice: bool) -> str:
        try:
            saved = self._request(app, said)
            self._note(said, saved)
            if twice:
                self._request(app, said)
        except StoreError:
            raise  # the server is in trouble: it stays in the outbox
        except SidegradeError as refused:
            return f"refused: {type(refused).__name__}"
        return f"saved {saved}"

    def _note(self, said: Ballot | Undo, saved: bool) -> None:
        """Keep an answer that has arrived."""
        person = person_key(self.name)
        if isinstance(said, Undo):
            if saved:
                self.told.saved[said.uuid] = (person, said.verdict)
            return
        pair_id = self.pairs[said.uuid]
        (self.told.saved if saved else self.told.known)[said.uuid] = (person, pair_id)
        if saved:
            self.sent.append((said.uuid, pair_id))

    def _request(self, app: Process, said: Ballot | Undo) -> bool:
        if isinstance(said, Undo):
            return verdicts.undo(app.store, said.verdict, self.name, uuid=said.uuid, now=app.now)
        return verdicts.cast_ballot(app.store, said, self.name, app.now)

    def _outcome(self, asked: QueueItem, app: Process, chance: random.Random) -> str:
        """Mostly what this reviewer likes, told by side; a blind reviewer sees it in the picture."""
        mood = chance.random()
        if mood < self.sure:
            side_a = app.store.reviews.handout(asked.task, self.name).side_a
            return "a" if side_a == self.likes else "b"
        return chance.choice(["a", "b", "tie", "both_bad", Outcome.CANT_JUDGE.value])


def _uuid(chance: random.Random) -> str:
    return str(UUID(int=chance.getrandbits(128), version=4))
