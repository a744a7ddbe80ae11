"""The processes that ``sidegrade up`` starts: each in its own group, on a leash, and ended together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

STDERR = 2
GRACE_SECONDS = 5.0
FIRST_DELAY_SECONDS = 1.0
LONGEST_DELAY_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """How a process of ours is started: a Python module, its arguments and its environment."""

    name: str
    module: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]

    def start(self) -> subprocess.Popen[bytes]:
        """Start it in a process group of its own; what it prints goes to our stderr."""
        return subprocess.Popen(
            [sys.executable, "-m", "cli.parent_watch", self.module, *self.arguments],
            env=dict(self.environment),
            stdin=subprocess.PIPE,  # the leash: closed by the system when we die
            stdout=STDERR,
            start_new_session=True,  # Ctrl-C in the terminal reaches us alone, and we end it in order
        )


class Supervisor:
    """Keeps one program running: after a crash it is started again, ever more slowly.

    The delay doubles from one second to a minute, and starts anew once the program has lasted a minute.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.process = program.start()
        self._started_at = time.monotonic()
        self._delay_seconds = FIRST_DELAY_SECONDS
        self._due_at: float | None = None

    def look(self) -> None:
        """Notice a crash, or start the program again when its delay is over."""
        now = time.monotonic()
        if self._due_at is not None:
            if now >= self._due_at:
                self._due_at = None
                self._started_at = now
                self.process = self.program.start()
        elif (code := self.process.poll()) is not None:
            _let_go(self.process)
            if now - self._started_at > LONGEST_DELAY_SECONDS:
                self._delay_seconds = FIRST_DELAY_SECONDS
            print(
                f"{self.program.name} {ending(code)}; it starts again in {self._delay_seconds:.0f} s",
                file=sys.stderr,
            )
            self._due_at = now + self._delay_seconds
            self._delay_seconds = min(2 * self._delay_seconds, LONGEST_DELAY_SECONDS)


def stop(processes: Sequence[subprocess.Popen[bytes]], *, grace_seconds: float = GRACE_SECONDS) -> None:
    """End the processes and everything they started: politely, then after the grace by force."""
    for process in processes:
        _signal(process, signal.SIGTERM)
    deadline = time.monotonic() + grace_seconds
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, deadline - time.monotonic()))
        _signal(process, signal.SIGKILL)
        process.wait()
        _let_go(process)


@contextmanager
def stop_signals() -> Iterator[threading.Event]:
    """An event that is set by Ctrl-C, SIGTERM or a closed terminal; the old handlers return afterwards."""
    stopping = threading.Event()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, lambda *_: stopping.set()) for number in numbers}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def ending(code: int) -> str:
    """How a process ended, in words.

    >>> ending(-9), ending(1)
    ('was killed by SIGKILL', 'ended with exit code 1')
    """
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    # the whole group is gone already (macOS says "not permitted" of a group that only waits to be reaped)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _let_go(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()
