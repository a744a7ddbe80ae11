"""Is a backup of a home under load whole? Reviewers vote and a worker draws, while it is copied and restored.

Several times on the way ``sidegrade backup`` and ``sidegrade restore`` run as commands of their own. Each
restored home has to hold every verdict that was acknowledged before, events in the order in which they were
stored, rows of the review queue that follow from them, and every picture. Beside it what a person does
otherwise: a copy of ``sidegrade.db`` alone. At the end the load stops, and the last restored home has to
answer exactly as its origin: runs, verdicts, gates, decisions, golden versions, every picture.
"""

from __future__ import annotations

import argparse
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.backup_load import Load, prepared
from core.config.settings import PROJECT, Settings
from db.queue_rows import folded, stored
from db.store import Store
from tests.home_answers import about, answers, pictures, queue_of

GROWS = ("verdicts", "analyses", "decisions")
"""What is only ever appended to in a run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """One backup under load, which was restored and held what it has to hold."""

    at_s: float
    verdicts: int
    pictures: int
    took_s: float
    """Of ``sidegrade backup``, with the start of its process."""
    votes_meanwhile: int
    slowest_vote_ms: float
    short: int
    """Verdict events that a copy of ``sidegrade.db`` alone, made right afterwards, lacks."""


def main() -> None:
    """Print one line a backup, then what both homes answer alike; exit with an error when they do not."""
    parser = argparse.ArgumentParser(prog="python -m bench backup_trial", description=__doc__)
    parser.add_argument("--minutes", type=float, default=0.5)
    parser.add_argument("--backups", type=int, default=4)
    parser.add_argument("--reviewers", type=int, default=5)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        trial(Path(folder), 60 * wanted.minutes, wanted.backups, wanted.reviewers)


def trial(folder: Path, seconds: float, backups: int, reviewers: int) -> dict[str, Any]:
    """Run the load for so long, with backups at even times; gives what both homes answer at the end.

    Raises:
        SystemExit: a restored home lacks or changes something.
    """
    environment = prepared(folder)
    settings = Settings.from_env(environment)
    print(
        "| after | verdict events | pictures | backup takes | votes meanwhile | slowest vote | "
        "a copy of sidegrade.db alone |"
    )
    print("|---|---|---|---|---|---|---|")
    with Store.open(settings) as store:
        with _worker(environment), Load(store, settings, reviewers).running() as load:
            load.wait_for_votes()
            begin = time.monotonic()
            for number in range(1, backups + 1):
                time.sleep(max(0.0, begin + seconds * number / (backups + 1) - time.monotonic()))
                print(_row(_backed_up(folder / f"{number}", environment, store, load, begin)), flush=True)
            time.sleep(max(0.0, begin + seconds - time.monotonic()))
            load.wait_for_a_version()
        return _alike(folder / "last", environment, store, settings)


@contextmanager
def _worker(environment: Mapping[str, str]) -> Iterator[None]:
    command = [sys.executable, "-m", "cli", "worker"]
    process = subprocess.Popen(command, cwd=PROJECT, env=environment)
    try:
        yield
        if process.poll() is not None:
            raise SystemExit(f"the worker ended with exit code {process.returncode}")
    finally:
        process.terminate()
        process.wait()


def _backed_up(
    folder: Path, environment: Mapping[str, str], store: Store, load: Load, begin: float
) -> Backup:
    """Back up and restore once under load, and look through what was restored."""
    before = load.acknowledged()
    load.slowest_s = 0.0
    started = time.monotonic()
    _command(environment, "backup", str(folder / "backup"))
    took, meanwhile = time.monotonic() - started, len(load.acknowledged()) - len(before)
    slowest = load.slowest_s
    alone = _database_alone(Path(environment["SIDEGRADE_HOME"]), folder / "alone")
    _command(environment, "restore", str(folder / "backup"), "--home", str(folder / "home"))
    settings = Settings.from_env({**environment, "SIDEGRADE_HOME": str(folder / "home")})
    with Store.open(settings) as restored:
        verdicts = looked_through(restored, store, settings, before)
        held = len(pictures(restored, restored.runs.list(limit=1_000_000)))
    return Backup(
        at_s=started - begin,
        verdicts=verdicts,
        pictures=held,
        took_s=took,
        votes_meanwhile=meanwhile,
        slowest_vote_ms=1000 * slowest,
        short=verdicts - alone,
    )


def looked_through(restored: Store, origin: Store, settings: Settings, before: set[str]) -> int:
    """The number of verdict events of a restored home that holds what it has to hold.

    Args:
        before: uuids of verdicts that were acknowledged before the backup began.

    Raises:
        SystemExit: naming what is not there, or is other than in the home that it was copied from.
    """
    now, uuids = datetime.now(UTC), set[str]()
    for run in restored.runs.list(limit=1_000_000):
        mine = about(restored, settings, run, now)
        theirs = about(origin, settings, origin.runs.get(run.id), now)
        for name in GROWS:
            _require(list(theirs[name])[: len(mine[name])] == list(mine[name]), f"{name} of {run.id}")
        _require(mine["renders"].items() <= theirs["renders"].items(), f"renders of {run.id}")
        uuids |= {event.uuid for event in mine["verdicts"]}
    _require(before <= uuids, f"{len(before - uuids)} acknowledged verdicts")
    versions = restored.golden.versions()
    theirs_by_number = {version.number: version for version in origin.golden.versions()}
    _require(all(theirs_by_number[one.number] == one for one in versions), "golden versions")
    with restored._database.read() as connection:
        _require(queue_of(stored(connection)) == queue_of(folded(connection)), "rows of the review queue")
    return len(uuids)


def _alike(folder: Path, environment: Mapping[str, str], store: Store, settings: Settings) -> dict[str, Any]:
    """Back up and restore once the load has stopped; both homes have to answer alike."""
    _command(environment, "backup", str(folder / "backup"))
    _command(environment, "restore", str(folder / "backup"), "--home", str(folder / "home"))
    now = datetime.now(UTC)
    elsewhere = Settings.from_env({**environment, "SIDEGRADE_HOME": str(folder / "home")})
    with Store.open(elsewhere) as restored:
        there = answers(restored, elsewhere, now)
    here: dict[str, Any] = answers(store, settings, now)
    for name in here:
        _require(here[name] == there[name], name)
    runs = here["runs"].values()
    verdicts, gates = (sum(len(run[name]) for run in runs) for name in ("verdicts", "gates"))
    rules = sum(len(run["gates"][2]) for run in runs)
    print(
        f"\nBoth homes answer alike: {len(runs)} runs, {sum(len(run['pairs']) for run in runs):,} pairs, "
        f"{verdicts:,} verdict events, {rules} gates, {len(here['golden versions'])} golden versions, "
        f"{len(here['pictures']):,} pictures.",
        flush=True,
    )
    _require(bool(verdicts and gates and here["golden versions"] and here["pictures"]), "anything at all")
    return here


def _command(environment: Mapping[str, str], *words: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "cli", *words, "--json"],
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.DEVNULL,
        check=True,
    )


def _database_alone(home: Path, folder: Path) -> int:
    """Verdict events in a copy of ``sidegrade.db``, without its log.

    By ``cp``: when this process closes a descriptor of the file, the locks of its connections are gone.
    """
    folder.mkdir()
    subprocess.run(["cp", str(home / "sidegrade.db"), str(folder / "sidegrade.db")], check=True)
    with closing(sqlite3.connect(folder / "sidegrade.db")) as connection:
        try:
            return int(connection.execute("SELECT count(*) FROM verdicts").fetchone()[0])
        except sqlite3.DatabaseError:  # not even the tables have left the log
            return 0


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise SystemExit(f"the restored home differs: {what}")


def _row(backup: Backup) -> str:
    alone = "whole" if backup.short <= 0 else f"{backup.short:,} verdict events short"
    return (
        f"| {backup.at_s:.0f} s | {backup.verdicts:,} | {backup.pictures:,} | {backup.took_s:.1f} s | "
        f"{backup.votes_meanwhile} | {backup.slowest_vote_ms:.0f} ms | {alone} |"
    )


if __name__ == "__main__":
    main()
