"""A home is copied while it is at work and restored elsewhere: whole, alike, over nothing, or not at all.

Long: everything that a backup promises, on homes that are filled once.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.config.settings import Settings
from core.digests import pixel_digest
from core.errors import BackupDamaged, DiskFull, InvalidRequest, SidegradeError, StoreError
from core.gates.policies import load_policy
from core.golden.promotion import PromotionRule
from core.records import Arm, Outcome, RolloutAction
from db.store import Store
from services import golden, rollouts
from services.backups import making
from services.backups.making import back_up
from services.backups.manifest import MANIFEST, read_manifest, write_manifest
from services.backups.restoring import restore
from tests.home_answers import POLICY, answers, of_home
from tests.world import World, all_proved, judge, make_world, request_run, verdict

NOW = datetime(2026, 3, 3, 14, 22, 10, tzinfo=UTC)


def filled(store: Store, settings: Settings, now: datetime) -> World:
    """A home with a little of everything: a refused rollout, verdicts, a golden version, a run that waits."""
    world = make_world(store, now)
    store.selftests.save(all_proved())
    policy = load_policy(POLICY)
    rollouts.start(store, rollouts.judge(store, settings, world.run, policy, now), "lea", now)
    for reviewer, outcome in (("ana", Outcome.CANDIDATE), ("ben", Outcome.CANDIDATE), ("cleo", Outcome.TIE)):
        judge(world, reviewer, outcome)
    golden.promote(store, PromotionRule(name="two", reviewers=2, against=1), now)
    golden.freeze(store, "lea", "first", now)
    judged = rollouts.judge(store, settings, world.run, policy, now)
    rollouts.sign(store, judged, RolloutAction.REFUSE, by="max", note="not this quarter", now=now)
    request_run(store, now, seeds=(5,))
    return world


@pytest.fixture
def world(store: Store, settings: Settings, now: datetime) -> World:
    """The home of a test."""
    return filled(store, settings, now)


@pytest.mark.every_database
def test_a_restored_home_answers_as_the_one_it_was_copied_from(
    world: World, settings: Settings, tmp_path: Path, now: datetime
) -> None:
    made = back_up(world.store, settings, tmp_path / "backup", now)
    assert (made.pictures, made.missing, made.source) == (16, (), world.store.dialect)
    assert restore(tmp_path / "backup", tmp_path / "elsewhere" / "home") == made
    there = of_home(tmp_path / "elsewhere" / "home", now)
    here = answers(world.store, settings, now)
    assert {key: there[key] == here[key] for key in here} == dict.fromkeys(here, True)
    assert len(here["runs"]) == 2
    assert here["golden versions"]
    assert len(here["pictures"]) == 16


def test_a_home_goes_on_while_it_is_copied_and_what_was_acknowledged_before_is_in_the_copy(
    world: World, settings: Settings, tmp_path: Path, now: datetime
) -> None:
    enough, acknowledged = Event(), list[str]()

    def vote() -> None:
        number = 0
        while not enough.is_set():
            number += 1
            event = verdict(world.pairs[number % 8], f"reviewer {number}", Outcome.TIE, now)
            if world.store.reviews.record(event):
                acknowledged.append(event.uuid)

    voting = Thread(target=vote)
    voting.start()
    try:
        for number in range(4):
            before = set(acknowledged)
            back_up(world.store, settings, tmp_path / f"backup-{number}", now)
            restore(tmp_path / f"backup-{number}", tmp_path / f"home-{number}")
            there = of_home(tmp_path / f"home-{number}", now)["runs"][world.run.id]["verdicts"]
            assert before <= {event.uuid for event in there}
    finally:
        enough.set()
        voting.join()
    assert acknowledged


@pytest.fixture
def small(store: Store, now: datetime) -> World:
    """A home with one drawn run, where it is about files."""
    return make_world(store, now)


@pytest.fixture(scope="module")
def first_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of such a home."""
    folder = tmp_path_factory.mktemp("made")
    settings = Settings.from_env({}, home=folder / "home")
    with Store.open(settings) as store:
        filled(store, settings, NOW)
        back_up(store, settings, folder / "backup", NOW)
    return folder / "backup"


@pytest.fixture
def made(first_made: Path, tmp_path: Path) -> Path:
    """A backup of a test's own."""
    return Path(shutil.copytree(first_made, tmp_path / "backup"))


def files_of(folder: Path) -> list[Path]:
    """Every file of a backup, the manifest with them."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def change_a_byte(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place % len(content)] ^= 1 + place % 255
    path.write_bytes(content)


HARM: dict[str, Callable[[Path, int], object]] = {
    "a byte changed": change_a_byte,
    "cut": lambda path, place: path.write_bytes(path.read_bytes()[: place % path.stat().st_size]),
    "longer": lambda path, place: path.write_bytes(path.read_bytes() + b"\0"),
    "gone": lambda path, place: path.unlink(),
    "a folder": lambda path, place: (path.unlink(), path.mkdir()),
    "a pipe": lambda path, place: (path.unlink(), os.mkfifo(path)),
}


@hypothesis_settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(number=st.integers(0, 10_000), harm=st.sampled_from(sorted(HARM)), place=st.integers(0, 10**6))
def test_whatever_is_done_to_a_file_of_a_backup_no_home_is_made_of_it(
    made: Path, tmp_path: Path, number: int, harm: str, place: int
) -> None:
    harmed = tmp_path / "harmed"
    shutil.rmtree(harmed, ignore_errors=True)
    shutil.copytree(made, harmed)
    files = files_of(harmed)
    path = files[number % len(files)]
    HARM[harm](path, place)
    if harm == "longer" and path.name == MANIFEST:
        path.write_bytes(path.read_bytes()[:-1] + b"}")
    with pytest.raises((BackupDamaged, InvalidRequest, StoreError)) as refused:
        restore(harmed, tmp_path / "new")
    assert refused.value.remedy
    assert sorted(path.name for path in tmp_path.iterdir() if "new" in path.name) == []


@pytest.mark.timeout(30)
def test_a_manifest_that_is_a_pipe_is_not_waited_for(made: Path, tmp_path: Path) -> None:
    HARM["a pipe"](made / MANIFEST, 0)
    with pytest.raises(InvalidRequest, match="it is no regular file"):
        restore(made, tmp_path / "new")


@pytest.mark.parametrize("name", ["../x", "/etc/x", "blobs/../../x", "./x", "blobs//x", "", MANIFEST])
def test_a_manifest_that_names_a_file_outside_the_backup_is_refused(
    made: Path, tmp_path: Path, name: str
) -> None:
    manifest = read_manifest(made)
    strange = replace(manifest.files[1], path=name)
    write_manifest(made, replace(manifest, files=(manifest.files[0], strange)))
    with pytest.raises(BackupDamaged, match="inside the backup"):
        restore(made, tmp_path / "new")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@hypothesis_settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_manifest_of_other_types_is_refused_in_words(made: Path, tmp_path: Path, data: Any) -> None:
    folder = tmp_path / "strange"
    folder.mkdir(exist_ok=True)
    said = json.loads((made / MANIFEST).read_text())
    said["files"] = said["files"][:2]
    key = data.draw(st.sampled_from([*said, "whole", "file"]))
    value = data.draw(json_values)
    if key == "whole":
        said = value
    elif key == "file":
        said["files"][1] = value
    else:
        said[key] = value
    (folder / MANIFEST).write_text(json.dumps(said))
    with pytest.raises((BackupDamaged, InvalidRequest)):
        restore(folder, tmp_path / "new")


@pytest.mark.parametrize("there", ["a file", "a folder that holds something", "a link to nothing"])
def test_nothing_is_ever_overwritten(
    made: Path, store: Store, settings: Settings, tmp_path: Path, now: datetime, there: str
) -> None:
    place = tmp_path / "place"
    if there == "a file":
        place.write_text("mine")
    elif there == "a link to nothing":
        place.symlink_to(tmp_path / "nothing")
    else:
        place.mkdir()
        (place / "mine").write_text("mine")
    with pytest.raises(InvalidRequest, match="new or empty folder"):
        restore(made, place)
    with pytest.raises(InvalidRequest, match="new or empty folder"):
        back_up(store, settings, place, now)
    kept = place if there == "a file" else place / "mine"
    assert there == "a link to nothing" or kept.read_text() == "mine"


def test_a_folder_that_fills_while_it_is_waited_for_is_left_alone(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home-of-others"

    def another_was_first() -> None:
        home.mkdir()
        (home / "mine").write_text("mine")

    monkeypatch.setattr("os.sync", another_was_first)
    with pytest.raises(InvalidRequest, match="found something there"):
        restore(made, home)
    assert [path.name for path in home.iterdir()] == ["mine"]


def test_an_empty_folder_is_taken(made: Path, tmp_path: Path, now: datetime) -> None:
    (tmp_path / "empty").mkdir()
    restore(made, tmp_path / "empty")
    assert len(of_home(tmp_path / "empty", now)["pictures"]) == 16


def test_a_mount_point_is_refused_for_the_draft_would_lie_on_another_disk(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "disk").mkdir()
    monkeypatch.setattr(Path, "is_mount", lambda path: path.name == "disk")
    with pytest.raises(InvalidRequest, match="mount point") as refused:
        restore(made, tmp_path / "disk")
    assert f"{tmp_path}/disk/sidegrade" in refused.value.remedy


@pytest.mark.parametrize("fails_at", [0, 1, 7, 18])
def test_on_a_full_disk_nothing_is_left_and_the_same_command_works_afterwards(
    small: World, settings: Settings, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch,
    fails_at: int,
) -> None:  # fmt: skip
    real, calls = making.copied, iter(range(10_000))

    def full(*words: Any) -> Any:
        if next(calls) == fails_at:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(*words)

    with monkeypatch.context() as patch:
        for module in ("making", "restoring"):
            patch.setattr(f"services.backups.{module}.copied", full)
        with pytest.raises(DiskFull, match="nothing was saved"):
            back_up(small.store, settings, tmp_path / "new", now)
    assert not [path for path in tmp_path.iterdir() if "new" in path.name]
    made = back_up(small.store, settings, tmp_path / "new", now)
    assert made.pictures == 16


def test_a_picture_that_the_home_has_lost_is_named_and_the_rest_is_copied(
    small: World, settings: Settings, tmp_path: Path, now: datetime
) -> None:
    digest = next(iter(answers(small.store, settings, now)["pictures"]))
    small.store.blobs.path(digest).unlink()
    made = back_up(small.store, settings, tmp_path / "backup", now)
    assert (made.missing, made.pictures) == ((digest,), 15)
    assert restore(tmp_path / "backup", tmp_path / "new").missing == (digest,)


def test_drafts_of_pictures_stay_behind_and_a_picture_that_is_moved_meanwhile_is_found(
    small: World, settings: Settings, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = sorted(settings.blobs.rglob("*.png"))
    (files[0].parent / ".x.part").write_bytes(b"half a picture")
    (settings.blobs / ".hidden").mkdir()
    (settings.blobs / ".hidden" / "x.png").write_bytes(b"none of ours")
    real = making.copied
    moved = files[-1].with_name(f"moved-{files[-1].name}")

    def copied(source: Path, folder: Path, name: str) -> Any:
        if source == files[0]:
            files[-1].rename(moved)
        return real(source, folder, name)

    monkeypatch.setattr(making, "copied", copied)
    made = back_up(small.store, settings, tmp_path / "backup", now)
    names = {Path(file.path).name for file in made.files}
    assert moved.name in names
    assert not names & {".x.part", "x.png", files[-1].name}


def test_neither_secret_nor_password_is_in_a_backup(
    small: World, settings: Settings, tmp_path: Path, now: datetime
) -> None:
    (settings.home / "secret").write_text("signs tokens")
    owned = replace(settings, secret="signs tokens", database_url="postgresql+psycopg://lea:signs@h/x")
    back_up(small.store, owned, tmp_path / "backup", now)
    held = b"".join(path.read_bytes() for path in files_of(tmp_path / "backup") if path.suffix == ".json")
    assert b"signs" not in held
    assert "secret" not in {path.name for path in files_of(tmp_path / "backup")}


def test_suites_and_policies_are_copied_as_they_are_broken_ones_too(
    small: World, settings: Settings, tmp_path: Path, now: datetime
) -> None:
    suites = tmp_path / "suites"
    suites.mkdir()
    (suites / "cut.toml").write_text("name = ")
    (suites / "folder.toml").mkdir()
    (suites / "dangling.toml").symlink_to(tmp_path / "gone")
    back_up(small.store, replace(settings, suites_folder=suites), tmp_path / "backup", now)
    restore(tmp_path / "backup", tmp_path / "new")
    assert [path.name for path in (tmp_path / "new" / "suites").iterdir()] == ["cut.toml"]
    assert (tmp_path / "new" / "policies" / "upgrade.toml").read_bytes() == POLICY.read_bytes()
    assert (tmp_path / "new" / "models.toml").read_bytes() == settings.models_file.read_bytes()


@pytest.mark.parametrize("changes", [{"format": 2}, {"schema": "9999"}])
def test_a_backup_of_a_newer_program_is_refused(made: Path, tmp_path: Path, changes: dict[str, Any]) -> None:
    write_manifest(made, replace(read_manifest(made), **changes))
    with pytest.raises(SidegradeError) as refused:
        restore(made, tmp_path / "new")
    assert "update this one" in refused.value.remedy
    assert not (tmp_path / "new").exists()


def test_a_manifest_whose_counts_are_not_the_databases_is_refused(made: Path, tmp_path: Path) -> None:
    manifest = read_manifest(made)
    fewer = {**manifest.rows, "verdicts": manifest.rows["verdicts"] - 1}
    write_manifest(made, replace(manifest, rows=fewer))
    with pytest.raises(BackupDamaged, match="rows"):
        restore(made, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_restored_home_is_worked_on_as_any_other(made: Path, tmp_path: Path, now: datetime) -> None:
    restore(made, tmp_path / "new")
    with Store.open(Settings.from_env({}, home=tmp_path / "new")) as store:
        (run,) = (run for run in store.runs.list() if store.runs.progress(run.id).done == 0)
        with store._database.read() as connection:
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert store.jobs.claim("worker-1", limit=1, lease_seconds=60)
        assert store.runs.progress(run.id).running == 1
        (pair, *_) = store.pairs.of_run(next(other.id for other in store.runs.list() if other.id != run.id))
        digest = store.renders.of_pair(pair.id)[Arm.BASELINE].digest
        assert pixel_digest(store.blobs.open(digest)) == digest
