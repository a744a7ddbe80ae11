"""The whole of it as processes: `run` from nothing, `replay` in a new process, and the life of `up`."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from core.config.settings import PROJECT, Settings
from core.records import ReplayOutcome
from db.store import Store
from tests.world import all_proved

MODELS = """
[models.{name}]
backend = "drawing"
num_inference_steps = {steps}
guidance_scale = 1.0
[models.{name}.contract]
mode = "{mode}"
"""
SUITE = """
name = "starter"
[defaults]
width = 128
height = 64
[[case]]
name = "sale"
prompt = 'poster, exact text: "SALE NOW", white on teal'
[[case]]
name = "open"
prompt = 'poster, exact text: "OPEN", cream on navy'
"""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture
def environment(tmp_path: Path, database: dict[str, str]) -> dict[str, str]:
    """A home of its own, with models that draw in milliseconds under the names of the embedded ones."""
    names = {"letterpress": (8, "RGBA"), "letterpress-2": (16, "RGBA"), "letterpress-turbo": (2, "RGB")}
    (tmp_path / "models.toml").write_text(
        "".join(MODELS.format(name=name, steps=steps, mode=mode) for name, (steps, mode) in names.items())
    )
    (tmp_path / "suites").mkdir()
    (tmp_path / "suites" / "starter.toml").write_text(SUITE)
    return {
        **os.environ,
        **database,
        "SIDEGRADE_HOME": str(tmp_path / "home"),
        "SIDEGRADE_MODELS": str(tmp_path / "models.toml"),
        "SIDEGRADE_SUITES": str(tmp_path / "suites"),
        "OMP_NUM_THREADS": "1",
    }


@pytest.fixture
def store(environment: dict[str, str]) -> Iterator[Store]:
    """The store that the processes share; the self-tests have run, which takes half a minute."""
    with Store.open(Settings.from_env(environment)) as opened:
        opened.selftests.save(all_proved())
        yield opened


def sidegrade(*words: str, environment: dict[str, str]) -> tuple[int, Any]:
    """Exit code and document of a command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "cli", *words, "--json"],
        cwd=PROJECT, env=environment, stdout=subprocess.PIPE, timeout=180,
    )  # fmt: skip
    return done.returncode, json.loads(done.stdout)


def eventually(holds: Callable[[], bool], *, within_seconds: float) -> bool:
    """Whether something becomes true in time."""
    deadline = time.monotonic() + within_seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


@pytest.mark.every_database
def test_a_run_is_made_once_and_its_renders_are_replayed_bit_for_bit(
    environment: dict[str, str], store: Store
) -> None:
    arms = ("--baseline", "letterpress", "--candidate", "letterpress-turbo")
    code, made = sidegrade("run", "starter", *arms, "--seeds", "7", environment=environment)
    assert (code, len(made["pairs"]), made["failures"]) == (0, 2, [])
    code, again = sidegrade("run", "starter", *arms, "--seeds", "7", environment=environment)
    assert (code, again["run"], again["pairs"]) == (0, made["run"], made["pairs"])
    for render in store.renders.of_pair(made["pairs"][0]).values():
        code, report = sidegrade("replay", render.id, environment=environment)
        assert (code, report["outcome"]) == (0, ReplayOutcome.BIT_EXACT)


class Up:
    """``sidegrade up`` in a process of its own."""

    def __init__(self, port: int, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cli", "up", "--port", str(port), "--json"],
            cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.family: list[psutil.Process] = []

    def ready(self) -> Any:
        """The document it prints once the app answers."""
        assert self.process.stdout is not None
        said = ""
        while line := self.process.stdout.readline():
            said += line
            with suppress(json.JSONDecodeError):
                document = json.loads(said)
                self.family = psutil.Process(self.process.pid).children(recursive=True)
                return document
        raise AssertionError(f"ended before it was ready: {said}")

    def is_gone(self) -> bool:
        """Whether nothing of it runs any more, however it was started."""
        self.process.poll()
        return not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in self.family)

    def end(self) -> None:
        """Leave nothing behind, whatever the test found."""
        for process in (
            [*self.family, psutil.Process(self.process.pid)] if self.process.poll() is None else []
        ):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


@pytest.fixture
def up(environment: dict[str, str]) -> Iterator[Callable[[int], Up]]:
    """Starts ``sidegrade up``; what is left of it ends with the test."""
    started: list[Up] = []

    def start(port: int) -> Up:
        started.append(Up(port, environment))
        return started[-1]

    yield start
    for one in started:
        one.end()


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def test_up_makes_pairs_at_its_first_start_and_leaves_nothing_running(
    up: Callable[[int], Up], store: Store
) -> None:
    port = free_port()
    first = up(port)
    document = first.ready()
    assert document["url"] == f"http://localhost:{port}"
    assert len(document["requested_runs"]) == 2
    with urllib.request.urlopen(document["url"], timeout=10) as page:
        assert page.status == 200
    run = document["requested_runs"][0]
    assert eventually(lambda: store.runs.progress(run).done > 0, within_seconds=60)
    first.family = psutil.Process(first.process.pid).children(recursive=True)

    first.process.kill()
    assert eventually(first.is_gone, within_seconds=20), "killed hard, it took everything with it"

    second = up(port)
    assert second.ready()["requested_runs"] == [], "only the first start asks for the starter suite"
    second.process.send_signal(signal.SIGINT)
    assert second.process.wait(timeout=30) == 0
    assert second.is_gone()


def test_up_starts_beside_broken_suite_files_and_names_each_on_stderr(
    environment: dict[str, str], store: Store, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "suites"
    (folder / "cut.toml").write_text(SUITE[:40])
    (folder / "empty.toml").write_text("")
    (folder / "latin.toml").write_bytes(b'name = "\xff"')
    (folder / "folder.toml").mkdir()
    (folder / "dangling.toml").symlink_to(tmp_path / "gone")
    (folder / "deep.toml").write_text("x = " + "[" * 20_000)
    port = free_port()
    running = Up(port, environment)
    try:
        assert len(running.ready()["requested_runs"]) == 2
        with urllib.request.urlopen(f"http://localhost:{port}", timeout=10) as page:
            assert page.status == 200
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(timeout=30) == 0
    finally:
        running.end()
    said = capfd.readouterr().err
    for name in ("cut", "empty", "latin", "folder", "dangling", "deep"):
        (line,) = (line for line in said.splitlines() if f"mend {folder / name}.toml" in line)
        assert line.startswith("a suite is left out: InvalidFile: ")
    assert "Traceback" not in said
    assert [suite.name for suite in store.suites.list()] == ["starter"]


def test_up_says_so_when_its_port_is_taken(environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, document = sidegrade("up", "--port", str(port), environment=environment)
    assert (code, document["error"]) == (1, "StartFailed")
    assert str(port) in document["message"]
