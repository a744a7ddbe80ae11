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
from cli.waiting import store_when_there
from core.errors import StoreError
from core.failures import failure_of

if TYPE_CHECKING:
    from db.store import Store

commands = typer.Typer()

ALIVE = timedelta(seconds=15)
"""A worker that reported within this time is trusted to go on; workers report every 5 s."""
PAUSE_SECONDS = 5.0
"""Between two tries when the database refuses."""


@command(commands)
def worker(
    call: Call,
    threads: Annotated[int, typer.Option(help="CPU threads of a generation.", min=1)] = 1,
    poll: Annotated[float, typer.Option(help="Seconds between looks into an empty queue.", min=0.05)] = 0.5,
) -> Answer:
    """Draw and examine what is in the queue, until Ctrl-C; what was begun then goes back to the queue.

    A database that does not answer yet is waited for; a damaged one is refused at the start, before anything
    is written into it.
    """
    from worker.loop import Worker

    with stop_signals() as stopping:
        opened = store_when_there(call, stopping)
        if opened is None:
            return Answer(document={"worker": None}, text="stopped before the database was there")
        with (
            sound(opened) as store,
            Worker(
                store, call.settings, now=call.now(), threads=threads, should_stop=stopping.is_set
            ) as working,
            self_tests_beside(store, call.settings) as begin_self_tests,
        ):
            print(f"worker {working.name} is at work in {call.settings.home}", file=sys.stderr)
            while not stopping.is_set():
                try:
                    if not (found_work := working.run_once(now=call.now())):
                        begin_self_tests()
                        found_work = store.adoption.step()
                except StoreError as error:
                    print(explained(failure_of(error)), file=sys.stderr)
                    stopping.wait(PAUSE_SECONDS)
                else:
                    stopping.wait(0 if found_work else poll)
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

    It leaves that to a worker that is running already. When none reports, it starts one of our own, and again
    after a crash; our own ends on the way out.
    """
    own: list[Supervisor] = []

    def keep_working() -> None:
        if own:
            own[0].look()
        elif not somebody_works(store):
            own.append(Supervisor(worker_program(environment_of(call.settings))))

    try:
        yield keep_working
    finally:
        stop([supervisor.process for supervisor in own])


def somebody_works(store: Store) -> bool:
    """Whether a worker has reported of late, by the database's clock."""
    return bool(store.workers.list(within=ALIVE))
