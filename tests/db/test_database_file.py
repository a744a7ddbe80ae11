"""The file of a SQLite database is deleted or replaced under a store at work: nothing is acknowledged."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from core.config.settings import Settings
from core.errors import DatabaseDamaged, DatabaseGone, StoreError
from core.records import Outcome
from db.store import Store
from tests.world import World, judge, make_world, verdict

pytestmark = pytest.mark.sqlite_only("PostgreSQL keeps its files itself")


def replace_by_copy(path: Path) -> None:
    """Another file under the same name, with the same content."""
    other = path.with_name("other")
    shutil.copy(path, other)
    other.rename(path)


DONE_TO_A_FILE: dict[str, Callable[[Path], object]] = {
    "deleted": Path.unlink,
    "moved away": lambda path: path.rename(path.with_name("away")),
    "replaced": replace_by_copy,
}


@pytest.fixture
def world(store: Store, now: datetime) -> World:
    return make_world(store, now)


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm"])
@pytest.mark.parametrize("done", DONE_TO_A_FILE)
def test_no_verdict_is_taken_once_a_file_is_gone_or_another(
    world: World, settings: Settings, done: str, suffix: str
) -> None:
    assert judge(world, "ana", {"star": Outcome.TIE})
    file = settings.home / f"sidegrade.db{suffix}"
    DONE_TO_A_FILE[done](file)
    for reviewer in ("ben", "cleo"):
        with pytest.raises(DatabaseGone, match=file.name) as refused:
            judge(world, reviewer, Outcome.TIE)
        assert "sidegrade restore" in refused.value.remedy
    with pytest.raises(DatabaseGone, match="replaced" if done == "replaced" else "deleted"):
        world.store.require_present()


def test_what_was_begun_before_the_file_went_is_not_committed(
    world: World, settings: Settings, now: datetime
) -> None:
    path = settings.home / "sidegrade.db"

    def begun() -> None:
        with world.store._database.write() as connection:
            connection.exec_driver_sql("DELETE FROM workers")
            connection.exec_driver_sql("UPDATE runs SET requested_by = 'nobody'")
            path.rename(path.with_name("away"))

    with pytest.raises(DatabaseGone):
        begun()
    path.with_name("away").rename(path)
    assert world.store.runs.get(world.run.id).requested_by == "lea"


def test_writing_goes_on_by_itself_when_the_file_is_back(world: World, settings: Settings) -> None:
    path = settings.home / "sidegrade.db"
    path.rename(path.with_name("away"))
    with pytest.raises(DatabaseGone):
        judge(world, "ana", Outcome.TIE)
    path.with_name("away").rename(path)
    assert len(judge(world, "ana", Outcome.TIE)) == 8
    world.store.require_present()


def test_a_new_connection_makes_no_empty_database_in_the_place_of_one_that_is_gone(
    world: World, settings: Settings
) -> None:
    path = settings.home / "sidegrade.db"
    path.unlink()
    database = world.store._database
    with database.read() as one:
        assert one.exec_driver_sql("SELECT count(*) FROM pairs").scalar() == 8, "what is open can be read"
        with pytest.raises(DatabaseGone), database.read(), database.read(), database.read():
            pass
    assert not path.exists()


def test_another_process_that_comes_and_goes_leaves_the_files_to_those_at_work(
    world: World, settings: Settings
) -> None:
    for reviewer in ("ana", "ben", "cleo"):
        with Store.open(settings) as other:
            other.reviews.record(verdict(world.pairs[0], f"{reviewer}'s other tab", Outcome.TIE, world.now))
        assert judge(world, reviewer, Outcome.TIE)


def test_a_store_without_an_open_connection_lets_others_tidy_up(world: World, settings: Settings) -> None:
    world.store._database.engine.dispose()  # the last connection takes the log with it
    assert not (settings.home / "sidegrade.db-wal").exists()
    assert judge(world, "ana", Outcome.TIE)


def test_a_database_that_a_link_leads_to_is_watched_under_both_names(
    settings: Settings, tmp_path: Path, now: datetime
) -> None:
    settings.home.mkdir()
    with Store.open(settings):
        pass
    link = tmp_path / "linked.db"
    link.symlink_to(settings.home / "sidegrade.db")
    linked = Settings.from_env({"SIDEGRADE_DATABASE_URL": f"sqlite:///{link}"}, home=settings.home)
    with Store.open(linked) as store:
        world = make_world(store, now)
        link.unlink()
        link.symlink_to(tmp_path / "elsewhere.db")
        with pytest.raises(DatabaseGone):
            judge(world, "ana", Outcome.TIE)


def pages_of(path: Path) -> tuple[int, int]:
    """Bytes of a page, and how many there are."""
    connection = sqlite3.connect(path)
    size, count = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_size", "page_count"))
    connection.close()
    return int(size), int(count)


def overwrite(path: Path, start: int, content: bytes) -> None:
    """Other bytes in the middle of a file."""
    with path.open("r+b") as file:
        file.seek(start)
        file.write(content)


@pytest.mark.parametrize(
    "damage", ["half of it cut off", "the last page cut off", "zeros", "noise", "shifted"]
)
def test_damage_in_the_file_is_found_before_anybody_works_on_it(
    settings: Settings, now: datetime, damage: str
) -> None:
    with Store.open(settings) as store:
        judge(make_world(store, now), "ana", Outcome.TIE)
        store.require_sound()
    path = settings.home / "sidegrade.db"
    size, count = pages_of(path)
    whole, middle = path.read_bytes(), size * (count // 2)
    if damage.endswith("cut off"):
        path.write_bytes(whole[: middle if "half" in damage else -size])
    elif damage == "shifted":
        path.write_bytes(whole[: 2 * size] + whole[3 * size :] + bytes(size))
    else:
        overwrite(path, 2 * size, (bytes if damage == "zeros" else noise)(middle - 2 * size))

    def examined() -> None:
        with Store.open(settings) as store:
            store.require_sound()

    with pytest.raises(StoreError) as refused:
        examined()
    assert isinstance(refused.value, DatabaseDamaged)
    assert "sidegrade restore" in refused.value.remedy


def noise(count: int) -> bytes:
    """Bytes without a pattern."""
    return random.Random(7).randbytes(count)
