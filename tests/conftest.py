"""Fixtures every test may use: a clean environment, a fixed time, settings, a store in a temporary home."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest

from core.settings import Settings
from db.store import Store

# How long an example takes says nothing on a machine that is busy with other work.
hypothesis.settings.register_profile("busy", deadline=None)
hypothesis.settings.load_profile("busy")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("SIDEGRADE_DATABASE_URL", "SIDEGRADE_SECRET", "SIDEGRADE_REVIEWER", "SIDEGRADE_MODELS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SIDEGRADE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("OMP_WAIT_POLICY", "passive")
    # A page under AppTest calls itself __main__; a process started by a later test would run it.
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def now() -> datetime:
    """One fixed moment, aware UTC."""
    return datetime(2026, 3, 3, 14, 22, 10, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings whose home is a temporary folder."""
    return Settings.from_env({}, home=tmp_path / "home")


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    """A real store on SQLite, migrated, in a temporary home."""
    opened = Store.open(settings)
    yield opened
    opened.close()
