"""``python -m bench`` knows its comparisons and refuses a name that is none."""

from __future__ import annotations

import ast

import pytest

from bench.__main__ import FOLDER, comparisons, main
from core.errors import UnknownName


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
