"""Learning curves outlive the folder in which they were measured."""

from __future__ import annotations

import json
from pathlib import Path

from PIL import Image

from training.curves import curve_table, kept_curve, minutes_of_each, plot


def _trained(folder: Path, *rows: dict) -> Path:
    folder.mkdir()
    (folder / "curve.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def test_a_curve_is_still_known_when_the_work_folder_is_gone(tmp_path):
    run = _trained(tmp_path / "main", {"stage": "full", "step": 50, "minutes": 1.0, "flow": 0.5})
    kept_curve(run, tmp_path / "kept")
    (run / "curve.jsonl").unlink()
    assert [row["flow"] for row in kept_curve(run, tmp_path / "kept")] == [0.5]


def test_of_a_step_done_twice_the_last_counts(tmp_path):
    rows = [{"stage": "full", "step": 50, "minutes": m, "flow": m} for m in (1.0, 2.0)]
    assert minutes_of_each(kept_curve(_trained(tmp_path / "main", *rows), tmp_path / "kept")) == [2.0]


def test_the_table_shows_the_end_of_every_stage(tmp_path):
    rows = [
        {"stage": "strip", "step": 50, "minutes": 1.0, "flow": 0.5},
        {"stage": "strip", "step": 100, "minutes": 2.0, "flow": 0.4},
        {"stage": "full", "step": 50, "minutes": 1.5},
    ]
    shown = curve_table(kept_curve(_trained(tmp_path / "main", *rows), tmp_path / "kept")).splitlines()
    assert shown[2:] == ["| strip | 100 | 2.0 | 0.400 |", "| full | 50 | 1.5 |  |"]


def test_a_picture_is_drawn_where_there_is_a_curve(tmp_path):
    def rows(count: int) -> list[dict]:
        return [{"run": "main", "stage": "full", "step": 50 * k, "flow": 1 / (1 + k)} for k in range(count)]

    plot({"main": rows(1)}, "flow", tmp_path / "curve.png")
    assert not (tmp_path / "curve.png").exists()
    plot({"main": rows(4)}, "flow", tmp_path / "curve.png")
    with Image.open(tmp_path / "curve.png") as drawn:
        assert drawn.size == (720, 260)
