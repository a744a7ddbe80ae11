"""Where pairs are examined: on the spot, or in a process of its own beside the generation.

OCR and perceptual networks take as long as a small model takes to draw. In their own process they neither
hold up the next generation nor share its clock, so latencies and processor times stay evidence.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from queue import SimpleQueue
from threading import Thread
from typing import NamedTuple, Protocol

from core.checks.pair import PairToExamine
from core.checks.picture import FeatureCache
from core.config.settings import Settings
from core.errors import CheckUnavailable
from core.failures import failure_of
from core.records import Failure, Measurement
from core.torch_runtime import prepare_process


class Submitted(NamedTuple):
    """A pair on its way to the checks, and the moment its measurements are dated with."""

    pair: PairToExamine
    now: datetime


class CheckRunner(Protocol):
    """Takes pairs in, gives measurements out in the same order."""

    def submit(self, pair: PairToExamine, now: datetime) -> None:
        """Begin to examine a pair."""
        ...

    def ready(self) -> bool:
        """Whether :meth:`next` would answer at once."""
        ...

    def next(self) -> list[Measurement]:
        """Measurements of the pair that was submitted first; waits for them."""
        ...

    def close(self) -> None:
        """End it; what was not collected is lost."""
        ...


class InProcessCheckRunner:
    """Examines in the caller's process, when the answer is asked for."""

    def __init__(self, settings: Settings, checks: Sequence[str] | None = None) -> None:
        self._settings, self._checks = settings, checks
        self._features = FeatureCache(settings.feature_cache_bytes)
        self._waiting: list[Submitted] = []

    def submit(self, pair: PairToExamine, now: datetime) -> None:
        """Keep the pair until it is asked for."""
        self._waiting.append(Submitted(pair, now))

    def ready(self) -> bool:
        """Always, once a pair was submitted."""
        return bool(self._waiting)

    def next(self) -> list[Measurement]:
        """Examine the pair that waits for longest."""
        return examined(self._waiting.pop(0), self._settings, self._checks, self._features)

    def close(self) -> None:
        """Nothing to end."""


class SubprocessCheckRunner:
    """Examines in a process of its own, which ends when this one does, however it does."""

    def __init__(self, settings: Settings, checks: Sequence[str] | None = None) -> None:
        self._settings, self._checks = settings, checks
        self._unanswered: deque[Submitted] = deque()
        self._suspect: Submitted | None = None
        self._start()

    def submit(self, pair: PairToExamine, now: datetime) -> None:
        """Send the pair."""
        submitted = Submitted(pair, now)
        self._unanswered.append(submitted)
        self._outbox.put(submitted)

    def ready(self) -> bool:
        """Whether an answer has arrived, or the process has died."""
        return bool(self._unanswered) and self._pipe.poll()

    def next(self) -> list[Measurement]:
        """Wait for the next answer.

        Raises:
            CheckUnavailable: when the pair could not be examined, or the process died twice at it.
        """
        while True:
            try:
                answer: list[Measurement] | Failure = self._pipe.recv()
            except (EOFError, OSError):
                self._start_again()
            else:
                self._unanswered.popleft()
                if isinstance(answer, Failure):
                    raise CheckUnavailable(f"{answer.error}: {answer.message}", remedy=answer.remedy)
                return answer

    def close(self) -> None:
        """Let the process end by itself after the pair it is at."""
        self._outbox.put(None)
        self._sender.join(timeout=1)
        self._pipe.close()
        self._process.join(timeout=5)
        if self._process.is_alive():
            self._process.kill()

    def _start(self) -> None:
        context = get_context("spawn")  # a fork would copy torch's threads and locks
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(theirs, self._settings, self._checks), name="check_runner", daemon=True
        )
        self._process.start()
        theirs.close()  # only the child holds its end: it reads end-of-file when we are gone
        self._outbox: SimpleQueue[Submitted | None] = SimpleQueue()
        # A thread sends: with both ends sending large messages at once, neither would ever read.
        self._sender = Thread(
            target=_send, args=(self._outbox, self._pipe), name="pairs to examine", daemon=True
        )
        self._sender.start()

    def _start_again(self) -> None:
        """A pair at which the process dies twice is given up; the others are examined by the next one."""
        self.close()
        self._start()
        given_up = self._unanswered[0] is self._suspect
        self._suspect = None if given_up else self._unanswered[0]
        if given_up:
            self._unanswered.popleft()
        for submitted in self._unanswered:
            self._outbox.put(submitted)
        if given_up:
            raise CheckUnavailable(
                "expected measurements, but the examining process died twice at this pair",
                remedy="most likely it was killed for memory: free some, then retry the pair",
            )


def _send(outbox: SimpleQueue[Submitted | None], pipe: Connection) -> None:
    with suppress(OSError):  # the process died: the caller that waits for its answer notices
        while (submitted := outbox.get()) is not None:
            pipe.send(submitted)


def examined(
    submitted: Submitted, settings: Settings, checks: Sequence[str] | None, features: FeatureCache
) -> list[Measurement]:
    """All measurements of one pair, here and now; what other pairs share with it is kept in ``features``."""
    from core.checks import examine

    pair = replace(submitted.pair, cache=features)
    return examine(pair, checks=checks, settings=settings, now=submitted.now)


def _serve(pipe: Connection, settings: Settings, checks: Sequence[str] | None) -> None:
    """The process: one pair in, one answer out, until the other end is closed."""
    for politely in (signal.SIGINT, signal.SIGTERM):  # sent to the whole group; the worker ends us in order
        signal.signal(politely, signal.SIG_IGN)
    prepare_process()
    os.nice(5)  # the generation goes first: its timings are evidence
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when torch and the OCR runtime load
    features = FeatureCache(settings.feature_cache_bytes)
    while True:
        try:
            submitted: Submitted = pipe.recv()
        except EOFError:
            return
        pipe.send(_answer(submitted, settings, checks, features))


def _answer(
    submitted: Submitted, settings: Settings, checks: Sequence[str] | None, features: FeatureCache
) -> list[Measurement] | Failure:
    """What was measured; else why not, so that the process lives on for the next pair."""
    try:
        return examined(submitted, settings, checks, features)
    except Exception as error:
        return failure_of(error)
