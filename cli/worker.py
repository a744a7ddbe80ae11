"""``sidegrade worker``: draws and examines what is asked for, until it is told to stop."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from cli.answers import Answer, explained
from cli.call import Call, command
from cli.processes import Supervisor, stop, stop_signals
from cli.programs import environment_of, worker_program
from cli.selftests import self_tests_beside
from cli.waiting import store_when_there, tell_pause

if TYPE_CHECKING:
    from core.records import WorkerStatus
    from db.store import Store

commands = typer.Typer()

ALIVE = timedelta(seconds=15)
"""A worker that reported within this time is trusted to go on; workers report every 5 s."""


@command(commands)
def worker(
    call: Call,
    threads: Annotated[int, typer.Option(help="CPU threads of a generation.", min=1)] = 1,
    poll: Annotated[float, typer.Option(help="Seconds between looks into an empty queue.", min=0.05)] = 0.5,
) -> Answer:
    """Draw and examine what is in the queue, until Ctrl-C; what was begun then goes back to the queue.

    A database that does not answer yet is waited for; a damaged one is refused at the start, before anything
    is written into it. Later trouble that no pair is to blame for, such as a full disk or a broken
    models.toml, is waited out, and fails nothing.
    """
    from worker.loop import Worker
    from worker.recovery import Recovery

    with stop_signals() as stopping:
        opened = store_when_there(call, stopping)
        if opened is None:
            return Answer(document={"worker": None}, text="stopped before the database was there")
        with (
            sound(opened) as store,
            Worker(
                store, call.settings, now=store.now(), threads=threads, should_stop=stopping.is_set
            ) as working,
            self_tests_beside(store, call.settings) as begin_self_tests,
        ):
            print(f"worker {working.name} is at work in {call.settings.home}", file=sys.stderr)
            recovery = Recovery(working, wait=stopping.wait, tell=tell_pause)

            def work() -> bool:
                if working.run_once(now=store.now()):
                    return True
                begin_self_tests()
                return store.adoption.step()

            while not stopping.is_set():
                stopping.wait(0 if recovery.step(work) else poll)
            return Answer(document={"worker": working.name}, text=f"worker {working.name} has stopped")


@contextmanager
def sound(opened: Store) -> Iterator[Store]:
    """A store whose database was looked through for damage; closed at the end.

    Raises:
        DatabaseDamaged: with the first that was found; nothing is written into it.
    """
    with opened as store:
        store.require_sound()
        yield store


@contextmanager
def worker_at_work(call: Call, store: Store) -> Iterator[Callable[[], None]]:
    """A function to call now and then, so that a worker works off the queue.

    It leaves that to a worker that is running already, and says why that one waits, where it does. When none
    reports, it starts one of our own, and again after a crash; our own ends on the way out.
    """
    own: list[Supervisor] = []
    told: set[str] = set()

    def keep_working() -> None:
        if own:
            own[0].look()
        elif not (at_work := workers_at_work(store)):
            own.append(Supervisor(worker_program(environment_of(call.settings))))
        elif news := set(map(waiting, at_work)) - told - {""}:
            told.update(news)
            print(*sorted(news), sep="\n", file=sys.stderr)

    try:
        yield keep_working
    finally:
        stop([supervisor.process for supervisor in own])


def workers_at_work(store: Store) -> list[WorkerStatus]:
    """Workers that have reported of late, by the database's clock."""
    return store.workers.list(within=ALIVE)


def waiting(worker: WorkerStatus) -> str:
    """Why a worker waits, in one line; empty while it is in no trouble."""
    return f"worker {worker.name} waits: {explained(worker.trouble)}" if worker.trouble else ""
