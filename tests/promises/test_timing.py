"""No test measures how long something takes: that says nothing on a busy machine. `bench/` measures."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from core.config.settings import PROJECT

STOPWATCHES = ("perf_counter", "perf_counter_ns", "process_time", "process_time_ns", "thread_time")
A_START_LINE_S = 0.5
"""A pause this long stands for something that should have been waited for."""


def measures_time(node: ast.AST) -> bool:
    """A stopwatch, a difference from the clock, or a long pause; a deadline for waiting is none of them."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
        return called(node.left) == "monotonic"
    if called(node) == "sleep" and isinstance(node, ast.Call) and node.args:
        pause = node.args[0]
        return isinstance(pause, ast.Constant) and pause.value >= A_START_LINE_S
    return (getattr(node, "attr", None) or getattr(node, "id", None)) in STOPWATCHES


def called(node: ast.AST) -> str | None:
    """The last name of what a call calls."""
    function = node.func if isinstance(node, ast.Call) else None
    return getattr(function, "attr", None) or getattr(function, "id", None)


def found_in(source: str) -> Iterator[int]:
    """Lines of a file that measure time."""
    yield from (node.lineno for node in ast.walk(ast.parse(source)) if measures_time(node))  # type: ignore[attr-defined]  # what measures is an expression and has a line


def files() -> list[Path]:
    """Every file of tests."""
    return sorted((PROJECT / "tests").rglob("*.py"))


def test_no_test_measures_time() -> None:
    assert [f"{path.name}:{line}" for path in files() for line in found_in(path.read_text())] == []


def test_a_stopwatch_a_difference_and_a_long_pause_are_found_and_a_deadline_is_not() -> None:
    timed = "began = time.perf_counter()\nassert time.monotonic() - began < 5\ntime.sleep(1.0)"
    assert sorted(found_in(timed)) == [1, 2, 3]
    assert list(found_in("while time.monotonic() < deadline: time.sleep(0.05)")) == []
