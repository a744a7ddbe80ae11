"""A team's own prompts become a suite file that says exactly what was imported, or nothing at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from cli.imports import suite_toml
from cli.main import run
from core.errors import InvalidFile
from core.suites import import_cases, load_suite

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


PROMPTS = st.lists(st.text(min_size=1, max_size=80), min_size=1, max_size=5)


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
