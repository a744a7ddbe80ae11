"""A team's own prompts become a suite file that says exactly what was imported, or nothing at all.

Long: every way in which a file of prompts, or the disk, refuses.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from cli.imports import new_file, suite_toml
from cli.main import run
from cli.starter import offer_suites
from core.config.settings import Settings
from core.config.suites import import_cases, load_suite
from core.errors import DiskFull, InvalidFile, InvalidRequest
from db import dialects
from db.store import Store
from db.suites import Suites

CSV = """name,prompt,width,height,tags,expects_alpha
sale,"poster, exact text: ""SALE NOW"", white on teal",256,128,poster|large,no
star,"badge, star, gold on transparent",128,128,,yes
"""


@pytest.fixture(autouse=True)
def _own_suites(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "suites").mkdir()
    monkeypatch.setenv("SIDEGRADE_SUITES", str(tmp_path / "suites"))


def test_prompts_become_a_suite_file_and_a_suite_of_the_store(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "prompts.csv").write_text(CSV)
    assert run(["import", str(tmp_path / "prompts.csv"), "--suite", "ours", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    suite = load_suite(Path(document["file"]))
    assert (document["cases"], document["digest"]) == (2, suite.digest)
    assert [case.name for case in suite.cases] == ["sale", "star"]
    assert suite.cases[0].expected_text[0].text == "SALE NOW"
    assert suite.cases[1].expects_alpha is True


def test_one_wrong_line_imports_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "prompts.csv").write_text(CSV + "dull,,256,128,,\n")
    assert run(["import", str(tmp_path / "prompts.csv"), "--suite", "ours"]) == 1
    assert "line 4" in capsys.readouterr().err
    assert list((tmp_path / "suites").iterdir()) == []


def test_an_existing_suite_is_never_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "prompts.csv").write_text(CSV)
    run(["import", str(tmp_path / "prompts.csv"), "--suite", "ours"])
    before = (tmp_path / "suites" / "ours.toml").read_text()
    assert run(["import", str(tmp_path / "prompts.csv"), "--suite", "ours", "--width", "64"]) == 1
    assert "exists" in capsys.readouterr().err
    assert (tmp_path / "suites" / "ours.toml").read_text() == before


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import", str(tmp_path / "gone.csv"), "--suite", "ours"]) == 1
    assert "gone.csv: expected a readable UTF-8 text file" in capsys.readouterr().err


NESTED = "[" * 20_000 + "]" * 20_000
ROW = {"name": "sale", "prompt": "poster", "width": 256, "height": 128}
HOSTILE = {
    "nested": (json.dumps(ROW | {"tags": "@"}).replace('"@"', NESTED), "line 2, tags: expected at most"),
    "nested objects": ('{"a":' * 20_000, "line 2, a: expected at most"),
    "400 digits": (json.dumps(ROW | {"width": 10**400}), "line 2, width: expected a number"),
    "5,000 digits": (json.dumps(ROW | {"width": "@"}).replace('"@"', "9" * 5_000), "line 2, width: expected"),
    "NaN": (json.dumps(ROW | {"width": float("nan")}), "line 2, width: expected a number"),
    "half a pair in a tag": (
        json.dumps(ROW | {"tags": ["\ud800"]}),
        "line 2, tags[1]: expected Unicode text",
    ),
    "half a pair in the name": (json.dumps(ROW | {"name": "\udcff"}), "line 2, name: expected Unicode text"),
    "half a pair in the prompt": (json.dumps(ROW | {"prompt": "\ud83d"}), "line 2, prompt: expected Unicode"),
    "half a pair in a line": (json.dumps(ROW | {"expected_text": ["\ud83d"]}), "line 2, expected_text[1]"),
    "half a pair as a key": (json.dumps(ROW | {"\ud83d": 1}), "line 2: expected Unicode text"),
    "NUL in a tag": (json.dumps(ROW | {"tags": ["a\0"]}), "line 2, tags[1]: expected Unicode text"),
    "a list": (json.dumps([ROW]), "line 2: expected a JSON object"),
    "no JSON": ("zzz", "line 2: expected a JSON object"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_line_is_named_with_its_key_and_leaves_nothing_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    line, message = HOSTILE[name]
    (tmp_path / "prompts.jsonl").write_text(json.dumps(ROW | {"name": "good"}) + "\n" + line + "\n")
    assert run(["import", str(tmp_path / "prompts.jsonl"), "--suite", "broken"]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"InvalidFile: {message}")
    assert "Traceback" not in said
    assert list((tmp_path / "suites").iterdir()) == []
    with Store.open(Settings.from_env(os.environ)) as store:
        assert offer_suites(store, Settings.from_env(os.environ), datetime.now(UTC)) == []
        assert store.suites.list() == []


@pytest.mark.parametrize(("column", "value"), [("width", "9" * 5_000), ("width", "²"), ("tags", "a\0b")])
def test_a_hostile_cell_is_named_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], column: str, value: str
) -> None:
    (tmp_path / "prompts.csv").write_text(f"prompt,{column}\na star,{value}\n")
    assert run(["import", str(tmp_path / "prompts.csv"), "--suite", "broken"]) == 1
    assert capsys.readouterr().err.startswith(f"InvalidFile: line 2, {column}")
    assert list((tmp_path / "suites").iterdir()) == []


def no_link(patch: pytest.MonkeyPatch) -> None:
    """The last step fails."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    patch.setattr(os, "link", full)


def no_store(patch: pytest.MonkeyPatch) -> None:
    """The database refuses."""

    def full(*_: object) -> None:
        raise DiskFull("no space is left; nothing was saved")

    patch.setattr(Suites, "save", full)


def no_flush(patch: pytest.MonkeyPatch) -> None:
    """The disk is full before the file is whole."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    patch.setattr(os, "fsync", full)


def no_page(patch: pytest.MonkeyPatch) -> None:
    """SQLite itself finds no room for one more page of the database."""
    prepare = dialects._prepare_sqlite

    def capped(connection: sqlite3.Connection, record: object) -> None:
        prepare(connection, record)
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count={pages}")

    patch.setattr(dialects, "_prepare_sqlite", capped)


@pytest.mark.parametrize("trouble", [no_link, no_store, no_flush, no_page])
def test_an_error_in_the_middle_leaves_no_half_file_and_the_same_import_works_later(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    trouble: Callable[[pytest.MonkeyPatch], None],
) -> None:
    Store.open(Settings.from_env(os.environ)).close()
    rows = "".join(f"poster-{number},a poster of number {number},256,128,,no\n" for number in range(300))
    (tmp_path / "prompts.csv").write_text(CSV + rows)
    words = ["import", str(tmp_path / "prompts.csv"), "--suite", "ours"]
    with monkeypatch.context() as patch:
        trouble(patch)
        assert run(words) == 1
    said = capsys.readouterr().err
    assert "no space" in said.lower() or "disk is full" in said
    assert list((tmp_path / "suites").iterdir()) == []
    assert run(words) == 0
    assert [path.name for path in (tmp_path / "suites").iterdir()] == ["ours.toml"]


def test_a_draft_of_an_import_that_was_killed_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "prompts.csv").write_text(CSV)
    killed = tmp_path / "suites" / f"ours.toml.{'0' * 32}.part"
    killed.write_text("half")
    assert run(["import", str(tmp_path / "prompts.csv"), "--suite", "ours"]) == 0
    assert load_suite(tmp_path / "suites" / "ours.toml").cases
    with Store.open(Settings.from_env(os.environ)) as store:
        assert offer_suites(store, Settings.from_env(os.environ), datetime.now(UTC)) == []


def test_a_disk_that_is_full_half_way_leaves_no_half_file(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))  # bytes of one file
    try:
        with (
            pytest.raises(InvalidRequest, match="expected a file that can be written"),
            new_file(tmp_path / "suites" / "ours.toml", "x" * 999),
        ):
            pytest.fail("the block ran although the file could not be written")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list((tmp_path / "suites").iterdir()) == []


def test_a_file_made_in_the_meantime_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "suites" / "ours.toml"
    with pytest.raises(InvalidRequest, match="exists"), new_file(path, "mine"):
        path.write_text("theirs")
    assert (path.read_text(), len(list(path.parent.iterdir()))) == ("theirs", 1)


def test_a_file_system_without_links_takes_a_suite_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refused)
    path = tmp_path / "suites" / "ours.toml"
    with new_file(path, "mine"):
        assert not path.exists()
    assert [one.read_text() for one in path.parent.iterdir()] == ["mine"]


def test_a_word_of_the_command_line_that_is_no_text_is_a_typed_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "prompts.csv").write_text(CSV)
    assert run(["import", str(tmp_path / "prompts.csv"), "--suite", "ours", "--title", "a\udcff"]) == 1
    assert capsys.readouterr().err.startswith("InvalidRequest: title: expected Unicode text, got U+DCFF")
    assert run(["pairs", "run_\udcff"]) == 1
    assert capsys.readouterr().err.startswith("InvalidRequest: run: expected Unicode text")
    assert run(["gate", "run_\udcff", "--policy", "policies/upgrade.toml"]) == 3
    assert list((tmp_path / "suites").iterdir()) == []


LETTERS = st.characters(exclude_categories=("Cc", "Cs"))  # controls are refused, which other tests hold
PROMPTS = st.lists(st.text(LETTERS, min_size=1, max_size=80), min_size=1, max_size=5)


@given(PROMPTS, st.sampled_from([None, True, False]), st.booleans())
def test_the_file_reads_back_as_the_suite_that_was_imported(
    tmp_path_factory: pytest.TempPathFactory, prompts: list[str], alpha: bool | None, critical: bool
) -> None:
    rows = [
        {"prompt": prompt, "expects_alpha": alpha, "critical": critical, "tags": [prompt]}
        for prompt in prompts
    ]
    try:
        suite = import_cases("\n".join(map(json.dumps, rows)), "jsonl", name="ours")
    except InvalidFile:
        reject()  # a prompt that no suite may hold, such as one of spaces only
    path = tmp_path_factory.mktemp("suites") / "ours.toml"
    path.write_text(suite_toml(suite), encoding="utf-8")
    assert load_suite(path) == suite
