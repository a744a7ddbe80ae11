"""Sidegrade in one home, driven as people drive it: what the comparisons of whole rollouts share.

The home is kept between runs, so a comparison that was stopped goes on where it was, and one that comes later
finds what was drawn. Delete it to begin anew.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bench.reviewers import Send
from core.config.settings import PROJECT, Settings
from pages.routes.tokens import TokenClaims, issue_token, secret_of

Answer = dict[str, Any]

HOME: Final = PROJECT / "var" / "bench"
POLICY: Final = PROJECT / "policies" / "upgrade.toml"
SUITE: Final = "upgrade"
BASELINE: Final = "letterpress"
UPGRADE: Final = "letterpress-2"
LEAD: Final = "lea"


class Product:
    """Sidegrade in one home, reached as people reach it: the command line, and the app at a port."""

    def __init__(self, home: Path, port: int) -> None:
        self._home, self._port = home, port
        self.settings = Settings.from_env(os.environ, home=home)

    def command(self, *words: str, exits: Collection[int] = (0,)) -> Answer:
        """The JSON answer of a command that ends in one of these exit codes."""
        done = subprocess.run(
            [sys.executable, "-m", "cli", *words, "--home", str(self._home), "--json"],
            stdout=subprocess.PIPE,
            cwd=PROJECT,
        )
        if done.returncode not in exits:
            raise SystemExit(f"sidegrade {' '.join(words)}: exit code {done.returncode}")
        answer: Answer = json.loads(done.stdout)
        return answer

    @contextmanager
    def app(self) -> Iterator[None]:
        """The app, started by ``sidegrade up`` and ended with it."""
        words = ["up", "--port", str(self._port), "--home", str(self._home), "--json"]
        process = subprocess.Popen([sys.executable, "-m", "cli", *words], stdout=subprocess.PIPE, cwd=PROJECT)
        try:
            assert process.stdout is not None
            if not process.stdout.readline():  # it says its address once it answers
                raise SystemExit("sidegrade up ended before it was ready")
            yield
        finally:
            process.terminate()
            process.wait()

    def desk_of(self, reviewer: str) -> Send:
        """The app's routes in a reviewer's name, with a token as the pages make them."""

        def send(path: str, body: dict[str, str] | None) -> bytes:
            claims = TokenClaims(reviewer=reviewer, role="reviewer")
            token = issue_token(secret_of(self.settings), claims, datetime.now(UTC))
            request = urllib.request.Request(
                f"http://127.0.0.1:{self._port}{path}",
                data=None if body is None else json.dumps(body).encode(),
                headers={"authorization": f"Bearer {token}"},
            )
            with urllib.request.urlopen(request, timeout=60) as answer:
                return bytes(answer.read())

        return send


def rendered(product: Product, suite: str, candidate: str, *, seed: int = 1) -> str:
    """The id of the finished run of a suite."""
    arms = ("--baseline", BASELINE, "--candidate", candidate)
    answer = product.command("run", suite, *arms, "--by", LEAD, "--seeds", str(seed))
    if answer["failures"]:
        raise SystemExit(f"{len(answer['failures'])} pairs failed: {answer['failures'][0]}")
    return str(answer["run"])


def options(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """What every comparison of rollouts can be told."""
    parser.add_argument("--suite", default=SUITE)
    parser.add_argument("--home", type=Path, default=HOME, help="kept, to go on and to look at the pages")
    parser.add_argument("--port", type=int, default=8670)
    return parser
