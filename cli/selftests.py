"""Runs the self-tests of the checks, once for each version of a check: without one no gate believes it.

It takes half a minute of processor time, so a worker does it in a process beside when it has nothing to draw,
and ``sidegrade run`` when its pairs are done. Each result is kept as soon as its check is done.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from cli.processes import Program, stop
from cli.programs import environment_of
from core.config.settings import Settings
from core.torch_runtime import prepare_process

if TYPE_CHECKING:
    from db.store import Store

NICE = 10
"""Drawing and examining go first: their timings are evidence."""


def run_missing(store: Store, settings: Settings, now: Callable[[], datetime]) -> None:
    """Run and keep the self-tests that are missing."""
    from core.checks.selftest.validity import missing_self_tests

    names = missing_self_tests(store.selftests.latest())
    if not names:
        return
    from core.checks.selftest.run import run_self_tests

    for name in names:
        print(f"self-test of {name} …", file=sys.stderr)
        store.selftests.save(run_self_tests(settings, now(), checks=[name]))


@contextmanager
def self_tests_beside(store: Store, settings: Settings) -> Iterator[Callable[[], None]]:
    """A function to call when there is nothing else to do: it begins what is missing, and only once.

    The process ends on the way out, whether it is done or not.
    """
    from core.checks.selftest.validity import missing_self_tests

    begun: list[subprocess.Popen[bytes]] = []
    looked = False

    def begin() -> None:
        nonlocal looked
        if not looked and missing_self_tests(store.selftests.latest()):
            begun.append(_program(settings).start())
        looked = True

    try:
        yield begin
    finally:
        stop(begun)


def _program(settings: Settings) -> Program:
    environment = {**environment_of(settings), "OMP_NUM_THREADS": "1"}
    return Program(name="the self-tests", module="cli.selftests", arguments=(), environment=environment)


def main() -> None:
    """The process beside: run what is missing, and end."""
    prepare_process()
    from db.store import Store

    os.nice(NICE)
    settings = Settings.from_env(os.environ)
    with Store.open(settings) as store:
        run_missing(store, settings, store.now)


if __name__ == "__main__":
    main()
