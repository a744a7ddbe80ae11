"""Fixtures every test may use: a clean environment, a fixed time, settings, a store in a temporary home."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest

from core.config.settings import Settings
from core.torch_runtime import prepare_process
from db.store import Store
from tests.postgresql import Cluster, find_server
from tests.postgresql import cluster as start_cluster

prepare_process()

# How long an example takes says nothing on a machine that is busy with other work.
hypothesis.settings.register_profile("busy", deadline=None)
hypothesis.settings.load_profile("busy")


DATABASE = "sidegrade.db"
"""The name of a home's SQLite database."""
SWITCH = "SIDEGRADE_REQUIRE_"
"""How the variables begin that switch tests themselves: what is missing is then a failure, not a skip."""


def pytest_collection_finish() -> None:
    """Leave all that was collected out of the collector's rounds, which would look at it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("SIDEGRADE_")]:
        if not name.startswith(SWITCH):
            monkeypatch.delenv(name)
    monkeypatch.setenv("SIDEGRADE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("OMP_WAIT_POLICY", "passive")
    # A page under AppTest calls itself __main__; a process started by a later test would run it.
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def now() -> datetime:
    """One fixed moment, aware UTC."""
    return datetime(2026, 3, 3, 14, 22, 10, tzinfo=UTC)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests marked ``every_database``, and all of `tests/db`, run once on each; see :func:`database`."""
    mark = metafunc.definition.get_closest_marker
    asked = mark("every_database") or metafunc.definition.path.parent.name == "db"
    if asked and not mark("sqlite_only") and "database" in metafunc.fixturenames:
        slow = () if mark("fast_everywhere") else (pytest.mark.slow,)
        databases = ["sqlite", pytest.param("postgresql", marks=slow)]
        metafunc.parametrize("database", databases, indirect=True)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """This process's PostgreSQL; tests that ask for it are skipped where none is installed."""
    programs = find_server()
    if programs is None:
        missing = "no PostgreSQL server here: install the package postgresql"
        if os.environ.get("SIDEGRADE_REQUIRE_POSTGRESQL"):
            pytest.fail(f"SIDEGRADE_REQUIRE_POSTGRESQL is set, but there is {missing}")
        pytest.skip(missing)
    with start_cluster(programs) as started:
        yield started


@pytest.fixture
def database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The variables that name the test's database: none for SQLite in the home, a URL for PostgreSQL.

    They are set as well, so that commands, pages and processes of the test meet in the same database.
    """
    if getattr(request, "param", "sqlite") == "sqlite":
        yield {}
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    with cluster.database(empty=request.node.get_closest_marker("empty_database") is not None) as url:
        monkeypatch.setenv("SIDEGRADE_DATABASE_URL", url)
        yield {"SIDEGRADE_DATABASE_URL": url}


@pytest.fixture
def settings(tmp_path: Path, database: dict[str, str]) -> Settings:
    """Settings whose home is a temporary folder."""
    return Settings.from_env(database, home=tmp_path / "home")


class SetClock:
    """A clock that stands still at ``moment`` until it is set."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def database_clock(now: datetime) -> SetClock:
    """The database's clock of the ``store``, for tests that ask for it: it stands at ``now``."""
    return SetClock(now)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database of the newest schema, for copies: thousands of tests need not migrate their own."""
    home = tmp_path_factory.mktemp("migrated") / "home"
    made = Settings.from_env({}, home=home)
    Store.open(made).close()
    return home / DATABASE


@pytest.fixture
def store(settings: Settings, request: pytest.FixtureRequest) -> Iterator[Store]:
    """A real store, migrated, in a temporary home; on SQLite where the test does not ask for more."""
    asked = "database_clock" in request.fixturenames
    file = settings.home / DATABASE
    if not request.node.get_closest_marker("empty_database") and settings.database_url.endswith(str(file)):
        file.parent.mkdir(exist_ok=True)
        shutil.copyfile(request.getfixturevalue("migrated"), file)
    opened = Store.open(settings, clock=request.getfixturevalue("database_clock") if asked else None)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def tiny_models_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``models.toml`` beside three real tiny pipelines: SD 1.x, SDXL and SD3 classes."""
    from tests.tiny_models import build  # imports torch: only where a test asks for it

    return build(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def drawing_models_file(tmp_path: Path) -> Path:
    """``models.toml`` with two models that draw by Pillow: ``sketch`` (RGBA) and ``sketch-turbo`` (RGB)."""
    path = tmp_path / "models.toml"
    path.write_text(DRAWING)
    return path


DRAWING = """
[models.sketch]
backend = "drawing"
num_inference_steps = 8
guidance_scale = 1.0
[models.sketch.contract]
mode = "RGBA"
sizes = [[256, 128], [128, 64]]

[models.sketch-turbo]
backend = "drawing"
num_inference_steps = 3
guidance_scale = 1.0
[models.sketch-turbo.contract]
mode = "RGB"
sizes = [[256, 128], [128, 64]]
"""
