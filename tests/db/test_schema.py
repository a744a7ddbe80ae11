"""Opening: from nothing, from the first schema, twice at once, at little cost, and not when it must not."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, inspect, text

from core.config.settings import PROJECT, Settings
from core.errors import InvalidRequest, SidegradeError, StoreError
from db import schema, tables
from db.database import Database
from db.store import Store
from tests.statements import listening

IMPORTS = (ast.Import, ast.ImportFrom)
OPENER = """
import os
import sys
from pathlib import Path
from core.config.settings import Settings
from db.store import Store
print("ready", flush=True)
sys.stdin.readline()
Store.open(Settings.from_env(os.environ, home=Path(sys.argv[1]))).close()
"""


def differences(connection: Connection) -> list[object]:
    """What Alembic would still have to change."""
    return compare_metadata(MigrationContext.configure(connection), tables.metadata)


@pytest.mark.fast_everywhere
@pytest.mark.empty_database
def test_an_empty_database_gets_exactly_the_tables_that_the_code_expects(store: Store) -> None:
    with store._database.read() as connection:
        assert differences(connection) == []
        assert schema.revision_of(connection) == schema.newest_revision()


@pytest.mark.empty_database
def test_the_first_schema_is_brought_to_the_newest(settings: Settings) -> None:
    settings.home.mkdir()
    database = Database(settings.database_url, busy_timeout_ms=1000)
    with database.write() as connection:
        schema.upgrade(connection, schema.revisions()[0])
        assert "verdicts" in inspect(connection).get_table_names()
    database.close()
    with Store.open(settings) as store, store._database.read() as connection:
        assert differences(connection) == []


@pytest.mark.sqlite_only("the other asks its catalogue whether there is such a table")
def test_opening_again_reads_the_number_of_the_schema_and_nothing_else(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    Store.open(settings).close()
    monkeypatch.setattr(schema, "upgrade", lambda connection, revision: pytest.fail("migrated again"))
    said: list[str] = []
    with listening(said):
        Store.open(settings).close()
    # whether there is such a table SQLite tells by a PRAGMA
    asked = [statement for statement in said if not statement.startswith(("BEGIN", "PRAGMA"))]
    assert asked == ["SELECT version_num FROM alembic_version"]


@pytest.mark.empty_database
def test_four_processes_that_open_a_new_home_at_once_do_not_collide(settings: Settings) -> None:
    command = [sys.executable, "-c", OPENER, str(settings.home)]
    openers = [
        subprocess.Popen(
            command,
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    # all have imported what they need and wait for the word
    assert [opener.stdout.readline() for opener in openers if opener.stdout] == ["ready\n"] * 4
    results = [opener.communicate("go\n", timeout=60)[1] for opener in openers]
    assert [opener.returncode for opener in openers] == [0, 0, 0, 0], results
    with Store.open(settings) as store, store._database.read() as connection:
        assert differences(connection) == []


@pytest.mark.sqlite_only("these are its settings")
def test_sqlite_runs_in_wal_mode_with_references_held(store: Store) -> None:
    with store._database.read() as connection:
        pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        found = [connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() for pragma in pragmas]
    assert found == ["wal", 1, 1, 30_000]


def test_a_database_of_a_newer_sidegrade_is_left_alone(settings: Settings) -> None:
    with Store.open(settings) as store, store._database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="got 9999") as refused:
        Store.open(settings)
    assert "update" in refused.value.remedy


@pytest.mark.sqlite_only("the other is no file")
def test_a_file_that_is_no_database_is_refused(settings: Settings) -> None:
    settings.home.mkdir()
    (settings.home / "sidegrade.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreError, match="not a database"):
        Store.open(settings)


@pytest.mark.sqlite_only("it names databases that are none")
@pytest.mark.parametrize("url", ["nonsense", "nosuch://host/name", "mysql://host/name"])
def test_a_url_that_is_none_is_refused(settings: Settings, url: str) -> None:
    with pytest.raises(InvalidRequest, match="database URL"):
        Store.open(Settings.from_env({"SIDEGRADE_DATABASE_URL": url}, home=settings.home))


@pytest.mark.sqlite_only("it names databases that are not there")
def test_a_password_never_stands_in_a_message(settings: Settings) -> None:
    url = "postgresql+psycopg://sidegrade:hunter2@127.0.0.1:1/sidegrade"
    with pytest.raises(SidegradeError) as refused:
        Store.open(Settings.from_env({"SIDEGRADE_DATABASE_URL": url}, home=settings.home))
    assert "hunter2" not in str(refused.value)


def test_every_migration_is_numbered_and_follows_the_one_before() -> None:
    names = sorted(path.name for path in (Path(schema.MIGRATIONS) / "versions").glob("*.py"))
    assert [int(name[:4]) for name in names] == list(range(6, len(names) + 6))


def test_no_migration_reads_by_code_that_knows_a_later_schema() -> None:
    """A column that a later migration adds is not there yet when this one runs."""
    ours = {path.name.removesuffix(".py") for path in PROJECT.iterdir() if (path / "__init__.py").exists()}
    for path in (Path(schema.MIGRATIONS) / "versions").glob("*.py"):
        imports = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, IMPORTS)]
        named = {alias.name for node in imports for alias in node.names}
        named |= {node.module or "" for node in imports if isinstance(node, ast.ImportFrom)}
        assert {name.partition(".")[0] for name in named}.isdisjoint(ours), path.name


@pytest.mark.empty_database
def test_a_migration_that_fails_leaves_nothing_behind(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half_way(connection: Connection, revision: str) -> None:
        connection.execute(text("CREATE TABLE half (id INTEGER)"))
        raise StoreError("the power went out")

    with monkeypatch.context() as patched:
        patched.setattr(schema, "upgrade", half_way)
        with pytest.raises(StoreError, match="power"):
            Store.open(settings)
    engine = create_engine(settings.database_url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_a_home_from_before_the_first_release_is_left_alone_and_the_refusal_says_what_to_do(
    settings: Settings,
) -> None:
    with Store.open(settings) as store, store._database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0004'"))
    with pytest.raises(StoreError, match="expected schema 0006 or newer, got 0004") as refused:
        Store.open(settings)
    assert "--home" in refused.value.remedy
