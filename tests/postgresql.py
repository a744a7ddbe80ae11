"""A PostgreSQL server of the tests' own: a throw-away cluster behind a socket, a new database for each test.

It listens on no port, keeps nothing and waits for no disk; what it has confirmed outlives the server's kill.
A process of tests starts one when its first test asks for a database, and stops it with its last.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from core.config.settings import Settings
from db.store import Store

SERVER_USER = "postgres"
"""Who runs the server where the tests are run by root: PostgreSQL refuses to be root."""
TEMPLATE = "sidegrade_template"
OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "200",
    "autovacuum": "off",
    "jit": "off",
}


def find_server() -> Path | None:
    """The folder that holds ``initdb`` and ``pg_ctl``, the newest where there are several; or None."""
    on_path = shutil.which("pg_ctl")
    folders = [Path(on_path).resolve().parent] if on_path else []
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    folders += sorted(installed, key=lambda folder: float(folder.parent.name), reverse=True)
    return next((one for one in folders if (one / "initdb").exists() and (one / "pg_ctl").exists()), None)


class Cluster:
    """A running server; :meth:`database` gives a new migrated database at each call."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs, self._folder, self._numbers = programs, folder, count(1)

    @contextmanager
    def running(self) -> Iterator[Cluster]:
        """Made, started, and stopped at the end, whatever came between."""
        data = str(self._folder / "data")
        self._run(
            "initdb", "-D", data, "-U", "sidegrade", "-A", "trust", "--locale=C.UTF-8", "-E", "UTF8", "-N"
        )
        self.start()
        try:
            self._make(f"CREATE DATABASE {TEMPLATE}")
            home = self._folder / "home"  # a store wants one for its pictures; here it has none
            Store.open(Settings.from_env({"SIDEGRADE_DATABASE_URL": self._url(TEMPLATE)}, home=home)).close()
            yield self
        finally:
            self.stop()

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        options = " ".join(f"-c {name}={value or chr(39) * 2}" for name, value in OPTIONS.items())
        data, log = str(self._folder / "data"), str(self._folder / "log")
        self._run("pg_ctl", "-D", data, "-l", log, "-w", "-o", f"{options} -k {self._folder}", "start")

    def stop(self) -> None:
        """Stop the server as if it had been killed: no connection is let finish."""
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-m", "immediate", "stop")

    @contextmanager
    def database(self, *, empty: bool = False) -> Iterator[str]:
        """The URL of a new database, migrated unless it is to be ``empty``; dropped at the end."""
        name = f"sidegrade_{next(self._numbers)}"
        self._make(f"CREATE DATABASE {name} TEMPLATE {'template0' if empty else TEMPLATE}")
        try:
            yield self._url(name)
        finally:
            self._make(f"DROP DATABASE {name} WITH (FORCE)")

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://sidegrade@/{name}?host={self._folder}"

    def _make(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(
            dbname="postgres", user="sidegrade", host=str(self._folder), autocommit=True
        ) as connection:
            connection.execute(statement.encode())

    def _run(self, program: str, *words: str) -> None:
        """Run one of the server's programs as the user who owns the folder."""
        user = SERVER_USER if os.geteuid() == 0 else None
        groups = [] if user else None
        # a server that inherited a pipe would keep it open for as long as it runs
        with (self._folder / "programs.log").open("ab") as log:
            ran = subprocess.run(
                [str(self._programs / program), *words],
                cwd=self._folder,
                user=user,
                group=user,
                extra_groups=groups,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                check=False,
            )
        if ran.returncode:
            raise RuntimeError(f"{program}: exit code {ran.returncode}: {self._said()}")

    def _said(self) -> str:
        logs = [self._folder / name for name in ("programs.log", "log")]
        return "\n".join(log.read_text(errors="replace")[-1500:] for log in logs if log.exists())


@contextmanager
def cluster(programs: Path) -> Iterator[Cluster]:
    """A throw-away cluster in a folder whose path is short enough for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="sidegrade-"))
    try:
        if os.geteuid() == 0:
            owner = pwd.getpwnam(SERVER_USER)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        with Cluster(programs, folder).running() as started:
            yield started
    finally:
        shutil.rmtree(folder, ignore_errors=True)
