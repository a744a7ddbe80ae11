"""Processes end together: on request, after a crash of the starter, and by force where they must."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from cli.processes import Program, Supervisor, ending, stop
from core.config.settings import PROJECT

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(PROJECT)}


def program(module: str, *arguments: str) -> Program:
    """A real program of Python's own, as a process of ours."""
    return Program(name=module, module=module, arguments=arguments, environment=ENVIRONMENT)


def server() -> Program:
    """A program that runs until it is ended."""
    return program("http.server", "0", "--bind", "127.0.0.1")


def eventually(holds: Callable[[], bool], *, within_seconds: float = 10.0) -> bool:
    """Whether something becomes true in time."""
    deadline = time.monotonic() + within_seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def is_running(pid: int) -> bool:
    """Whether a process exists and is more than a zombie."""
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_stop_ends_every_process() -> None:
    processes = [server().start(), server().start()]
    stop(processes)
    assert not any(is_running(process.pid) for process in processes)


def test_a_process_that_ignores_the_request_is_ended_by_force(tmp_path: Path) -> None:
    script = tmp_path / "stubborn.py"
    script.write_text(
        "import pathlib, signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"pathlib.Path({str(tmp_path / 'ready')!r}).touch()\n"
        "time.sleep(600)\n"
    )
    environment = {**ENVIRONMENT, "PYTHONPATH": f"{tmp_path}{os.pathsep}{PROJECT}"}
    process = Program(name="stubborn", module="stubborn", arguments=(), environment=environment).start()
    assert eventually((tmp_path / "ready").exists)
    stop([process], grace_seconds=0.2)
    assert process.returncode == -signal.SIGKILL


def test_a_process_ends_when_its_starter_is_killed_hard(tmp_path: Path) -> None:
    starter = subprocess.Popen(
        [
            sys.executable,
            "-c",
            textwrap.dedent(
                """
                import os, time
                from cli.processes import Program
                process = Program(name="child", module="http.server", arguments=("0", "--bind", "127.0.0.1"),
                                  environment=dict(os.environ)).start()
                print(process.pid, flush=True)
                time.sleep(600)
                """
            ),
        ],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert starter.stdout is not None
    child = int(starter.stdout.readline())
    assert is_running(child)
    starter.kill()
    starter.wait()
    starter.stdout.close()
    assert eventually(lambda: not is_running(child))


def test_a_crashed_program_starts_again_ever_more_slowly(capsys: pytest.CaptureFixture[str]) -> None:
    supervisor = Supervisor(server())
    try:
        first = supervisor.process
        first.kill()
        first.wait()
        supervisor.look()
        assert "was killed by SIGKILL; it starts again in 1 s" in capsys.readouterr().err
        supervisor.look()
        assert supervisor.process is first, "it waits for its delay"
        assert eventually(lambda: (supervisor.look(), supervisor.process is not first)[1], within_seconds=5)
        supervisor.process.kill()
        supervisor.process.wait()
        supervisor.look()
        assert "it starts again in 2 s" in capsys.readouterr().err
    finally:
        stop([supervisor.process])


def test_an_ending_is_said_in_words() -> None:
    assert ending(-signal.SIGTERM) == "was killed by SIGTERM"
    assert ending(3) == "ended with exit code 3"
