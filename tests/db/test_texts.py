"""Every text that reaches the store comes back as it went in, or is refused: alike on both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.errors import InvalidInput
from core.failures import failure_of
from core.records import (
    Arm,
    Case,
    JobState,
    Outcome,
    Pin,
    Reason,
    ReviewFilter,
    RolloutAction,
    RolloutEvent,
    Suite,
    TriageEvent,
    TriageLabel,
    WorkerStatus,
)
from core.untrusted import Unfit, readable
from db.store import Store
from tests.world import World, make_world, request_run, verdict

TEXTS = st.text(st.characters() | st.sampled_from("\0\x07\x1b\x7f\x85\ud83d\udcff\n\t é😀%_\\'"), max_size=12)
"""Half surrogate pairs and control characters among them."""


def comment(world: World, text: str) -> str:
    event = replace(verdict(world.pairs[0], f"r {uuid4()}", Outcome.TIE, world.now), comment=text)
    world.store.reviews.record(replace(event, uuid=str(uuid4())))
    return world.store.reviews.history(world.pairs[0].id)[-1].comment


def pin(world: World, text: str) -> str:
    where = Pin(arm=None, x=0.5, y=0.5, reason=Reason.ALPHA, text=text)
    event = replace(verdict(world.pairs[0], f"r {uuid4()}", Outcome.TIE, world.now), pins=(where,))
    world.store.reviews.record(replace(event, uuid=str(uuid4())))
    return world.store.reviews.history(world.pairs[0].id)[-1].pins[0].text


def reviewer(world: World, text: str) -> str:
    event = replace(verdict(world.pairs[0], "ana", Outcome.TIE, world.now), reviewer=f"{uuid4()}{text}")
    world.store.reviews.record(replace(event, uuid=str(uuid4())))
    return world.store.reviews.history(world.pairs[0].id)[-1].reviewer[36:]


def _case(world: World, **words: Any) -> Case:
    case = Case(name="one", prompt="a star", width=8, height=8)
    suite = Suite(name=f"suite-{uuid4()}", cases=(replace(case, **words),))
    world.store.suites.save(suite, world.now)
    return world.store.suites.get(suite.name).cases[0]


def prompt(world: World, text: str) -> str:
    return _case(world, prompt=text).prompt


def tag(world: World, text: str) -> str:
    return _case(world, tags=(text,)).tags[0]


def title(world: World, text: str) -> str:
    suite = Suite(name=f"suite-{uuid4()}", title=text, cases=(_case(world),))
    world.store.suites.save(suite, world.now)
    return world.store.suites.get(suite.name).title


def run_name(world: World, text: str) -> str:
    case = Case(name="one", prompt="a star", width=8, height=8)
    run = request_run(world.store, world.now, suite=Suite(name=text, cases=(case,)), again=True)
    return world.store.runs.get(run.id).suite


def note_of_a_label(world: World, text: str) -> str:
    """Of two labels one after the other at least one is a change."""
    render = world.store.renders.of_pair(world.pairs[0].id)[Arm.CANDIDATE]
    for label in (TriageLabel.POSITIVE, TriageLabel.NEGATIVE):
        event = TriageEvent(
            uuid=str(uuid4()),
            case_digest=world.pairs[0].case_digest,
            render_digest=render.digest or "",
            label_before=TriageLabel.UNTRIAGED,
            label_after=label,
            by="lea",
            note=text,
            created_at=world.now,
        )
        world.store.golden.triage(event)
    return text


def note_of_a_decision(world: World, text: str) -> str:
    event = RolloutEvent(
        uuid=str(uuid4()),
        run_id=world.run.id,
        action=RolloutAction.START,
        by="lea",
        note=text,
        policy_digest="policy_1",
        created_at=world.now,
    )
    seen = len(world.store.decisions.events(world.run.id))
    world.store.decisions.append_event(event, seen=seen)
    return world.store.decisions.events(world.run.id)[-1].note


def asked_for(world: World, text: str) -> str:
    """What is looked for: by tag, by check, by run, by words."""
    wanted = ReviewFilter(run_id=text or None, tag=text, failed_check=text)
    assert world.store.reviews.count("ana", wanted) == 0
    world.store.renders.find(text)
    return text


DOORS: list[Callable[[World, str], str]] = [
    comment,
    pin,
    reviewer,
    prompt,
    tag,
    title,
    run_name,
    note_of_a_label,
    note_of_a_decision,
    asked_for,
]


@pytest.fixture
def world(store: Store, now: datetime) -> World:
    return make_world(store, now)


@pytest.mark.fast_everywhere
@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_a_text_comes_back_as_it_went_in_or_is_refused(
    world: World, door: Callable[[World, str], str]
) -> None:
    @settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(TEXTS)
    @example("a\0b")
    @example("a\x1b[31mb")
    @example("nice \ud83d")
    @example("two\nlines\tand é 😀")
    def through(text: str) -> None:
        try:
            readable(text)
        except Unfit:
            with pytest.raises(InvalidInput, match=r"U\+|a database can hold"):
                door(world, text)
        else:
            assert door(world, text) == text

    through()
    assert world.store.reviews.count("ben", ReviewFilter(run_id=world.run.id)) == len(world.pairs)


def test_what_a_machine_reports_is_kept_whatever_it_holds(store: Store, now: datetime) -> None:
    request_run(store, now)
    (job,) = store.jobs.claim("worker-1", limit=1, lease_seconds=60)
    failure = failure_of(RuntimeError("\x1b[31mred\x1b[0m \0 \ud83d"))
    assert store.jobs.fail(job.id, "worker-1", failure, now)
    assert store.jobs.get(job.id).state is JobState.FAILED
    assert store.jobs.get(job.id).failure == failure
    status = WorkerStatus(
        name="worker-1", device="cpu\0", pid=1, started_at=now, last_seen_at=now, doing="drawing \x07"
    )
    store.workers.beat(status)
    assert store.workers.list()[0].doing == "drawing \ufffd"
