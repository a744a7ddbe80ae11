"""Runs tasks that wait for one another, several side by side, each in a process of its own.

Of the tasks that could start, the one with the longest way still before it goes first: what everything else
waits for must never wait itself.
"""

import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter

_GLANCE_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One piece of work: what it does, which tasks must have ended before, and about how long it takes.

    Only the order of what could start at once depends on `minutes`.
    """

    work: Callable[[], object]
    needs: tuple[str, ...] = ()
    minutes: float = 1.0


class TaskFailed(Exception):
    """A task's process ended with another code than 0."""

    def __init__(self, name: str, code: int) -> None:
        super().__init__(
            f"{name} ended with exit code {code}, expected 0; the others were stopped. "
            "Every task goes on from its last checkpoint when it is started again."
        )


def ways_ahead(tasks: Mapping[str, Task]) -> dict[str, float]:
    """Minutes from the start of each task to the end of the last one that waits for it.

    >>> chain = {"a": Task(work=print), "b": Task(work=print, needs=("a",), minutes=2.0)}
    >>> ways_ahead(chain)
    {'b': 2.0, 'a': 3.0}
    """
    order = TopologicalSorter({name: task.needs for name, task in tasks.items()}).static_order()
    ahead: dict[str, float] = {}
    for name in reversed(list(order)):
        waiting = (ahead[other] for other, task in tasks.items() if name in task.needs)
        ahead[name] = tasks[name].minutes + max(waiting, default=0.0)
    return ahead


def run_all(tasks: Mapping[str, Task], jobs: int, start: Callable[[str], subprocess.Popen[bytes]]) -> None:
    """Start every task once all that it needs has ended, at most `jobs` at a time; `start` begins one.

    Raises:
        TaskFailed: a task failed; what was running beside it has been stopped.
    """
    ahead = ways_ahead(tasks)
    sorter = TopologicalSorter({name: task.needs for name, task in tasks.items()})
    sorter.prepare()
    ready: list[str] = []
    running: dict[str, subprocess.Popen[bytes]] = {}
    try:
        while sorter.is_active():
            ready = sorted([*ready, *sorter.get_ready()], key=ahead.__getitem__)
            while ready and len(running) < jobs:
                name = ready.pop()
                running[name] = start(name)
            ended = _first_to_end(running)
            if code := running.pop(ended).returncode:
                raise TaskFailed(ended, code)
            sorter.done(ended)
    finally:
        for process in running.values():
            process.terminate()
            process.wait()


def _first_to_end(running: Mapping[str, subprocess.Popen[bytes]]) -> str:
    while True:
        for name, process in running.items():
            if process.poll() is not None:
                return name
        time.sleep(_GLANCE_SECONDS)
