"""How far a run has come, on stderr: a bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from core.formatting import duration
from core.records import RunProgress

LINE_EVERY_SECONDS = 5.0

Show = Callable[[RunProgress], None]


@contextmanager
def shown_progress() -> Iterator[Show]:
    """A function that shows a run's progress on stderr each time it is called."""
    if not sys.stderr.isatty():
        yield _lines()
        return
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda now: bar.update(
            task, total=now.total, completed=now.finished, description=f"pairs, {time_left(now)}"
        )


def time_left(progress: RunProgress) -> str:
    """The expected time in words; unknown before the first pair has finished."""
    if progress.finished == progress.total:
        return "done"
    if progress.eta_seconds is None:
        return "time left not known yet"
    return f"about {duration(progress.eta_seconds)} left"


def _lines() -> Show:
    last = 0.0

    def show(progress: RunProgress) -> None:
        nonlocal last
        if time.monotonic() - last >= LINE_EVERY_SECONDS or progress.finished == progress.total:
            last = time.monotonic()
            print(f"{progress.finished} of {progress.total} pairs, {time_left(progress)}", file=sys.stderr)

    return show
