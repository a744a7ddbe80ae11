"""A command line as a test uses it: words in, exit code, document and messages out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from cli.main import run


@dataclass(frozen=True, kw_only=True)
class Said:
    """What one command gave back."""

    code: int
    document: Any
    """What stood on stdout: exactly one JSON document."""
    messages: str
    """What stood on stderr."""


Sidegrade = Callable[..., Said]


@pytest.fixture
def sidegrade(capsys: pytest.CaptureFixture[str]) -> Sidegrade:
    """Run a command with ``--json`` in the temporary home."""

    def call(*words: object) -> Said:
        code = run([*map(str, words), "--json"])
        said = capsys.readouterr()
        return Said(code=code, document=json.loads(said.out), messages=said.err)

    return call
