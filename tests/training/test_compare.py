"""Models trained again stand beside the shipped ones, with intervals that say what is more than luck."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from training.compare import difference, main, side_by_side
from training.report import stored
from training.stages import MODELS


def test_a_difference_of_shares_has_the_interval_of_the_paper():
    assert difference((48, 80), (56, 70)) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


def test_equal_scores_differ_by_nothing_and_turned_round_the_interval_turns_too():
    same = difference((90, 100), (90, 100))
    assert same.estimate == 0
    assert same.low == pytest.approx(-same.high)
    up, down = difference((80, 100), (90, 100)), difference((90, 100), (80, 100))
    assert (up.low, up.high) == pytest.approx((-down.high, -down.low))


def test_the_table_shows_both_and_names_what_fell():
    shipped, again = ({name: stored(name) for name in MODELS} for _ in range(2))
    hits, total = again["letterpress"]["lines"]["small"]
    again["letterpress"]["lines"]["small"] = [hits // 2, total]
    shown = side_by_side(shipped, again)
    assert "| letterpress | letterpress, again |" in shown.splitlines()[0]
    fallen = next(line for line in shown.splitlines() if line.startswith("- letterpress, small"))
    high = float(fallen.rsplit(" ", 1)[1].rstrip(")"))
    assert high < 0


def test_a_clone_that_has_not_trained_is_refused_by_name(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["compare", str(tmp_path)])
    with pytest.raises(SystemExit):
        main()
    assert "missing: letterpress, letterpress-2, letterpress-turbo" in capsys.readouterr().err


def test_the_comparison_of_a_clone_with_itself_is_printed(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["compare", str(Path(__file__).resolve().parents[2])])
    main()
    assert "letterpress-2, large: +0.0 points" in capsys.readouterr().out
