"""One message and one exit code for everything that can go wrong, whatever the command."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from pathlib import Path

import pytest

from cli import models
from cli.main import run
from core.config.settings import PROJECT
from core.gates import policies


def test_an_unknown_command_is_told_from_an_error_of_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["golen"]) == 2
    assert "golen" in capsys.readouterr().err


def test_the_nearest_name_is_offered(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models", "check", "leterpress"]) == 1
    assert "UnknownName: unknown model 'leterpress'; did you mean letterpress" in capsys.readouterr().err


def test_with_json_an_error_is_one_document_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models", "check", "nobody", "--json"]) == 1
    said = capsys.readouterr()
    assert json.loads(said.out)["error"] == "UnknownName"
    assert "nobody" in said.err


def test_without_json_an_error_leaves_stdout_empty(capsys: pytest.CaptureFixture[str]) -> None:
    run(["models", "check", "nobody"])
    assert capsys.readouterr().out == ""


def test_a_misspelt_option_is_a_document_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models", "list", "--jason", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"] == "UsageError"


def test_a_home_that_is_a_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert run(["models", "list", "--home", str(tmp_path / "file")]) == 1
    assert "expected a folder, got the file" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["gate"], ["gate", "run_x"], ["gate", "run_x", "--policy", "missing.toml"], ["gate", "--x"]]
)
def test_gate_never_answers_with_an_error_that_looks_like_a_judgement(arguments: list[str]) -> None:
    assert run(arguments) == 3


def test_even_a_defect_of_ours_is_an_error_for_gate(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(path: Path) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(policies, "load_policy", broken)
    assert run(["gate", "run_x", "--policy", "p.toml", "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["error"] == "InternalError"


def test_what_libraries_print_never_mixes_with_the_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def chatty(path: Path) -> dict[str, object]:
        print("Setting up [LPIPS] …")
        return {}

    monkeypatch.setattr(models, "load_models", chatty)
    assert run(["models", "list", "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == {"models": []}
    assert "Setting up" in said.err


def test_an_interrupted_command_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(path: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(models, "load_models", interrupted)
    assert run(["models", "list", "--json"]) == 130
    assert json.loads(capsys.readouterr().out)["error"] == "Cancelled"


def test_a_reader_that_goes_away_never_makes_gate_say_failed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def closed(path: Path) -> None:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr(policies, "load_policy", closed)
    assert run(["gate", "run_x", "--policy", "p.toml"]) == 3


def test_a_word_that_is_no_utf8_is_answered_all_the_same() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cli", "gate", "run_x", "--policy", b"\xff.toml", "--json"],
        cwd=PROJECT,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 3
    assert json.loads(done.stdout)["error"] == "InvalidFile"
