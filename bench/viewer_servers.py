"""The ways to judge two pictures, each as a server that can be stopped and started, with its database."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.config.settings import PROJECT, Settings
from db.store import Store

RIVALS = Path(__file__).parent / "viewer_rivals"
STREAMLIT = ("-m", "streamlit", "run")
QUIET = ("--server.headless", "true", "--browser.gatherUsageStats", "false")
PATIENCE_S = 60


@dataclass(kw_only=True)
class Server:
    """A process that answers HTTP on a port of its own."""

    command: list[str]
    folder: Path
    port: int
    environment: dict[str, str]
    health: str = "/"
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and return once it answers."""
        self.process = subprocess.Popen(
            [sys.executable, *self.command],
            cwd=self.folder,
            env=os.environ | self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + PATIENCE_S
        while not self._answers():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.command}: no answer in {PATIENCE_S} s")
            time.sleep(0.05)

    def stop(self) -> None:
        """End the process and wait until it is gone."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(PATIENCE_S)

    def restart(self) -> None:
        """Stop, and start again on the same port."""
        self.stop()
        self.start()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{self.health}", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


@contextmanager
def running(server: Server) -> Iterator[Server]:
    """The server until the block ends."""
    server.start()
    try:
        yield server
    finally:
        server.stop()


def ours(home: Path, reviewer: str, *flags: str) -> Server:
    """Sidegrade on a home, where everybody is this reviewer; ``flags`` go to Streamlit."""
    port = free_port()
    return Server(
        command=[*STREAMLIT, "app.py", "--server.port", str(port), *flags],
        folder=PROJECT,
        port=port,
        environment={"SIDEGRADE_HOME": str(home), "SIDEGRADE_REVIEWER": reviewer},
        health="/api/health",
    )


def plain_page(database: Path, files: list[Path]) -> Server:
    """The plain web page."""
    port = free_port()
    command = [str(RIVALS / "plain_page.py"), str(port), str(database), *map(str, files)]
    return Server(command=command, folder=database.parent, port=port, environment={})


def streamlit_page(script: str, database: Path, files: list[Path]) -> Server:
    """One of the Streamlit rivals, under Streamlit's own settings: no config file lies in its folder."""
    port = free_port()
    shutil.copy(RIVALS / script, database.parent)
    command = [*STREAMLIT, script, "--server.port", str(port), *QUIET, "--", str(database), *map(str, files)]
    return Server(
        command=command, folder=database.parent, port=port, environment={}, health="/_stcore/health"
    )


def empty_database(folder: Path) -> Path:
    """A database in which the rivals keep one row a vote."""
    database = folder / "votes.db"
    database.unlink(missing_ok=True)
    with closing(sqlite3.connect(database)) as opened:
        opened.execute("PRAGMA journal_mode = WAL")
        opened.execute("CREATE TABLE votes (pair INTEGER, outcome TEXT)")
    return database


def rival_votes(database: Path) -> list[object]:
    """The pairs that a rival has stored votes for."""
    with closing(sqlite3.connect(database)) as opened:
        return [pair for (pair,) in opened.execute("SELECT pair FROM votes")]


def our_votes(home: Path, reviewer: str) -> list[object]:
    """What Sidegrade has stored a reviewer's verdicts for: a pair, and why it was shown (some come twice on
    purpose, to learn how steady a reviewer is)."""
    with Store.open(Settings.from_env({}, home=home)) as store:
        (run,) = store.runs.list(limit=1)
        events = [event for pair in store.pairs.of_run(run.id) for event in store.reviews.history(pair.id)]
    return [(event.pair_id, event.purpose) for event in events if event.reviewer == reviewer]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
