"""``sidegrade backup`` and ``sidegrade restore`` as a person calls them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from cli.main import run
from core.records import Arm, Outcome
from db.store import Store
from tests.cli.conftest import Sidegrade
from tests.home_answers import of_home
from tests.world import judge, make_world


def test_a_home_is_backed_up_and_restored_under_another_name(
    sidegrade: Sidegrade, store: Store, tmp_path: Path, now: datetime
) -> None:
    judge(make_world(store, now), "ana", Outcome.TIE)
    made = sidegrade("backup", tmp_path / "backup")
    assert made.code == 0
    assert (made.document["pictures"], made.document["rows"]["verdicts"]) == (16, 8)
    assert (made.document["missing"], made.document["source"]) == ([], "sqlite")
    restored = sidegrade("restore", tmp_path / "backup", "--home", tmp_path / "new")
    assert (restored.code, restored.document["backup"]) == (0, made.document["backup"])
    assert of_home(tmp_path / "new", now) == of_home(tmp_path / "home", now)


def test_what_a_home_lacks_needs_attention_and_is_named(
    store: Store, tmp_path: Path, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    world = make_world(store, now)
    lost = store.renders.of_pair(world.pairs[0].id)[Arm.BASELINE].digest
    store.blobs.path(lost).unlink()
    assert run(["backup", str(tmp_path / "backup")]) == 1
    assert f"1 picture had no file in this home: {lost[:16]}" in capsys.readouterr().out


def test_a_home_that_is_none_is_not_made_by_backing_it_up(sidegrade: Sidegrade, tmp_path: Path) -> None:
    said = sidegrade("backup", tmp_path / "backup", "--home", tmp_path / "tpyo")
    assert (said.code, said.document["error"]) == (1, "InvalidRequest")
    assert said.document["remedy"] == "name the home by --home"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_among_the_pictures_takes_no_backup(
    sidegrade: Sidegrade, store: Store, tmp_path: Path
) -> None:
    said = sidegrade("backup", tmp_path / "home" / "blobs" / "backup")
    assert (said.code, said.document["error"]) == (1, "InvalidRequest")


def test_a_restored_home_is_not_used_while_the_environment_names_another_database(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["backup", str(tmp_path / "backup")])
    assert run(["restore", str(tmp_path / "backup"), "--home", str(tmp_path / "one")]) == 0
    assert "SIDEGRADE_DATABASE_URL" not in capsys.readouterr().out
    monkeypatch.setenv("SIDEGRADE_DATABASE_URL", f"sqlite:///{tmp_path / 'other.db'}")
    assert run(["restore", str(tmp_path / "backup"), "--home", str(tmp_path / "two")]) == 0
    assert "Unset SIDEGRADE_DATABASE_URL to use it." in capsys.readouterr().out


def test_a_folder_that_is_no_backup_makes_no_home(sidegrade: Sidegrade, tmp_path: Path) -> None:
    (tmp_path / "some").mkdir()
    said = sidegrade("restore", tmp_path / "some", "--home", tmp_path / "new")
    assert (said.code, said.document["error"]) == (1, "InvalidRequest")
    assert "sidegrade backup" in said.document["remedy"]
    assert not (tmp_path / "new").exists()
