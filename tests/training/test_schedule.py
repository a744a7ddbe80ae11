"""`make train` runs every task of the plan once, in an order that can work, side by side where it may."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from training.schedule import Task, TaskFailed, run_all, ways_ahead
from training.stages import CODERS, EXAMPLES, MODELS, RUNS
from training.tasks import tasks

LOGGED = """
import sys, time
name, log, code, seconds = sys.argv[1:]
def say(word):
    with open(log, "a") as lines: lines.write(f"{word} {name}\\n")
say("begin"); time.sleep(float(seconds)); say("end"); sys.exit(int(code))
"""


def _waiting(**needs: str) -> dict[str, Task]:
    return {name: Task(work=print, needs=tuple(which.split())) for name, which in needs.items()}


def _starter(log: Path, failing: str = "", slow: str = "") -> Callable[[str], subprocess.Popen]:
    def start(name: str) -> subprocess.Popen:
        code, seconds = "3" if name == failing else "0", "60" if name == slow else "0.05"
        return subprocess.Popen([sys.executable, "-c", LOGGED, name, str(log), code, seconds])

    return start


def test_a_task_begins_when_all_that_it_needs_has_ended(tmp_path):
    table = _waiting(a="", b="a", c="a", d="b c")
    run_all(table, 2, _starter(tmp_path / "log"))
    said = (tmp_path / "log").read_text().splitlines()
    for name, task in table.items():
        assert said.count(f"begin {name}") == 1
        assert all(said.index(f"end {other}") < said.index(f"begin {name}") for other in task.needs)


def test_never_more_run_side_by_side_than_asked(tmp_path):
    run_all(_waiting(a="", b="", c="", d=""), 2, _starter(tmp_path / "log"))
    running, most = 0, 0
    for line in (tmp_path / "log").read_text().splitlines():
        running += 1 if line.startswith("begin") else -1
        most = max(most, running)
    assert most <= 2


def test_what_most_work_waits_for_begins_first(tmp_path):
    table = _waiting(short="", long="", after="long")
    assert ways_ahead(table) == {"short": 1.0, "long": 2.0, "after": 1.0}
    run_all(table, 1, _starter(tmp_path / "log"))
    assert (tmp_path / "log").read_text().splitlines()[0] == "begin long"


def test_a_failed_task_is_named_and_stops_the_rest(tmp_path):
    table, start = (
        _waiting(bad="", slow="", later="bad"),
        _starter(tmp_path / "log", failing="bad", slow="slow"),
    )
    with pytest.raises(TaskFailed, match="bad ended with exit code 3, expected 0"):
        run_all(table, 2, start)
    said = (tmp_path / "log").read_text().splitlines()
    assert "begin later" not in said
    assert "end slow" not in said  # it would have been written, had the rest been waited for


def test_every_task_of_the_plan_needs_only_tasks_listed_before_it():
    before: set[str] = set()
    for name, task in tasks(10).items():
        assert set(task.needs) <= before
        before.add(name)


def test_the_plan_names_every_coder_set_stage_and_model_of_the_table():
    named = set(tasks(10))
    assert set(CODERS) <= named
    assert {f"examples/{name}" for name in EXAMPLES} <= named
    assert {f"{name}/{stage.name}" for name, run in RUNS.items() for stage in run.stages} <= named
    assert {f"evaluate/{name}" for name in MODELS} <= named


def test_time_is_taken_when_nothing_else_is_left_to_run():
    table = tasks(10)
    timed = [name for name in table if name.startswith("time/")]
    assert [set(table[name].needs) for name in timed] == [
        set(list(table)[: list(table).index(name)]) for name in timed
    ]


def test_a_stage_waits_for_its_posters_and_for_what_it_goes_on_from():
    table = tasks(10)
    assert "main/strip" in table["main/draft"].needs
    assert "main/sharp" in table["turbo/few"].needs
    for name, run in RUNS.items():
        for stage in run.stages:
            assert {f"examples/{canvas}" for canvas in stage.canvases} <= set(
                table[f"{name}/{stage.name}"].needs
            )
