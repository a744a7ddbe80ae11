"""``python -m bench`` knows its comparisons and refuses a name that is none."""

from __future__ import annotations

import ast
import subprocess

import pytest

from bench.__main__ import FOLDER, comparisons, main
from core.errors import InvalidRequest, UnknownName


def test_every_comparison_says_what_it_compares() -> None:
    assert comparisons()
    for name in comparisons():
        tree = ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))
        assert ast.get_docstring(tree), name


def test_parts_that_comparisons_share_are_not_run() -> None:
    assert "rivals" not in comparisons()


def test_an_unknown_name_runs_nothing_and_offers_the_nearest(capfd: pytest.CaptureFixture[str]) -> None:
    known = comparisons()[0]
    with pytest.raises(UnknownName, match=f"did you mean {known}"):
        main([known, known + "x"])
    assert capfd.readouterr().out == ""


def test_what_takes_long_and_compares_nothing_runs_only_when_it_is_named(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    ran: list[list[str]] = []

    def note(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        ran.append(command[2:])
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr("bench.__main__.subprocess.run", note)
    assert main([]) == 0
    assert [command[0] for command in ran] == [f"bench.{name}" for name in comparisons() if name != "mutants"]
    ran.clear()
    assert main(["mutants", "--count", "3"]) == 0
    assert ran == [["bench.mutants", "--count", "3"]]


def test_options_of_more_than_one_comparison_are_refused() -> None:
    with pytest.raises(InvalidRequest, match="expected them after the name of one"):
        main(["--count", "3"])
