"""Would the tests notice? Small faults are planted in the rules, one at a time, before their room's tests.

A mutant is killed when a test of its room fails or does not end. Survivors are listed: each is a missing
test, or a change that makes no difference. The faults are drawn from a seed, so two runs plant the same.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from bench.mutations import Mutation, mutations
from core.config.settings import PROJECT

PACKAGES: Final = ("core", "services")
LEAST_KILLED: Final = 0.8
"""Share of mutants that the tests have to kill."""
PATIENCE_S: Final = 600
"""A room's tests that take longer do not end: many times what the slowest takes on a busy machine."""
MORE_TESTS: Final[dict[str, tuple[str, ...]]] = {
    "core/backends/local": ("tests/core/backends/test_table.py",),
    "core/checks/cutout": (
        "tests/core/checks/measures/test_alpha.py",
        "tests/core/checks/measures/test_edits.py",
    ),
    "core/checks/comparison.py": ("tests/core/checks/measures",),
    "core/checks/maps.py": ("tests/core/checks/measures",),
    "core/checks/perceptual.py": ("tests/core/checks/measures",),
    "core/checks/text": (
        "tests/core/checks/measures/test_typography.py",
        "tests/core/checks/selftest/test_run.py",
    ),
    "core/defects.py": ("tests/promises/test_examples.py", "tests/pages/test_frame.py"),
    "core/digests.py": ("tests/core/recipes", "tests/core/gates", "tests/db/test_records.py"),
    "core/errors.py": ("tests/promises/test_errors.py", "tests/cli/test_answers.py", "tests/core/config"),
    "core/failures.py": ("tests/promises/test_examples.py", "tests/worker/test_loop_faults.py"),
    "core/records": (
        "tests/core/gates",
        "tests/core/rollout",
        "tests/core/review",
        "tests/db/test_records.py",
    ),
    "core/review": ("tests/db/test_queue_rows.py", "tests/services/test_review.py"),
    "core/torch_runtime.py": ("tests/core/backends",),
    "core/untrusted.py": ("tests/core/test_untrusted.py", "tests/promises/test_examples.py"),
}
"""What else is asked of a file or of a folder than the tests of its room under `tests/`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A mutation of one file."""

    path: str
    """Relative to the project."""
    mutation: Mutation

    @property
    def room(self) -> str:
        """The folder that the file lies in, such as ``core/gates``."""
        return str(Path(self.path).parent)

    def __str__(self) -> str:
        return f"{self.path}:{self.mutation.line}: {self.mutation.what}"


def drawn(count: int, seed: int, *, packages: Sequence[str] = PACKAGES) -> list[Mutant]:
    """``count`` mutants of the packages' source, every place as likely as any other, by file."""
    files = sorted(path for package in packages for path in (PROJECT / package).rglob("*.py"))
    possible = [(path, one) for path in files for one in mutations(path.read_text(encoding="utf-8"))]
    found: list[Mutant] = []
    for path, one in random.Random(seed).sample(possible, len(possible)):
        if len(found) == count:
            break
        if one.compiles_in(path.read_text(encoding="utf-8")):
            found.append(Mutant(path=str(path.relative_to(PROJECT)), mutation=one))
    return sorted(found, key=lambda mutant: (mutant.path, mutant.mutation.start))


def room_tests(path: str) -> tuple[str, ...]:
    """The tests that a file's mutants are tried on: those named like it, those of its room, and more.

    A folder without tests of its own belongs to the room around it; files beside the rooms of a package
    are tried on the tests beside its rooms. Tests that import the file come first.

    Raises:
        SystemExit: the file has none.
    """
    around = [f"tests/{folder}" for folder in Path(path).parents[:-1]]
    with_tests = [folder for folder in around if any((PROJECT / folder).glob("test_*.py"))]
    room = PROJECT / (with_tests[0] if with_tests else around[0])
    beside = len(Path(path).parts) == 2
    here = [] if path in MORE_TESTS else sorted(room.glob("test_*.py") if beside else room.rglob("test_*.py"))
    module = path.removesuffix(".py").replace("/", ".")
    here.sort(key=lambda file: (file.stem != f"test_{Path(path).stem}", module not in file.read_text()))
    more = MORE_TESTS.get(path) or MORE_TESTS.get(str(Path(path).parent), ())
    found = (*(str(file.relative_to(PROJECT)) for file in here), *more)
    if not found:
        raise SystemExit(f"{path}: expected tests in {around[0]}, or others named for it in MORE_TESTS")
    return found


def survivors(mutants: Sequence[Mutant], *, jobs: int) -> list[Mutant]:
    """Those that no test of their room notices; ``jobs`` are tried side by side, each in a tree of its own.

    Raises:
        SystemExit: the tests of a room fail without a mutant as well, so they have killed nothing.
    """
    with trees(jobs) as free, ThreadPoolExecutor(jobs) as pool:
        passed = list(pool.map(lambda mutant: _tried(free, mutant), mutants))
        alive = [mutant for mutant, through in zip(mutants, passed, strict=True) if through]
        proved = {frozenset(room_tests(mutant.path)) for mutant in alive}
        asked = {frozenset(tests): tests for tests in (room_tests(mutant.path) for mutant in mutants)}
        unproved = [tests for room, tests in asked.items() if room not in proved]
        for tests, through in zip(
            unproved, pool.map(lambda one: _passes_in(free, one), unproved), strict=True
        ):
            if not through:
                raise SystemExit(f"expected {' '.join(tests)} to pass without a mutant, but they fail")
    return alive


@contextmanager
def trees(count: int) -> Iterator[SimpleQueue[Path]]:
    """Copies of the project that may be changed; the models are linked, not copied."""
    free: SimpleQueue[Path] = SimpleQueue()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        for number in range(count):
            tree = Path(folder) / str(number)
            kept = shutil.ignore_patterns(".*", "var", "models", "__pycache__", "*.egg-info")
            shutil.copytree(PROJECT, tree, ignore=kept)
            shutil.copytree(PROJECT / ".streamlit", tree / ".streamlit")
            (tree / "models").symlink_to(PROJECT / "models")
            free.put(tree)
        yield free


def _tried(free: SimpleQueue[Path], mutant: Mutant) -> bool:
    """Whether the tests of its room pass with the mutant; said at once, for all of them take an hour."""
    through = _passes_in(free, room_tests(mutant.path), mutant)
    print("survived:" if through else "killed:", mutant, file=sys.stderr, flush=True)
    return through


def _passes_in(free: SimpleQueue[Path], tests: Sequence[str], mutant: Mutant | None = None) -> bool:
    """Whether the tests pass in a free tree in which the mutant is planted."""
    tree = free.get()
    try:
        if mutant is None:
            return passes(tree, tests)
        with _planted(tree / mutant.path, mutant.mutation):
            return passes(tree, tests)
    finally:
        free.put(tree)


@contextmanager
def _planted(file: Path, mutation: Mutation) -> Iterator[None]:
    original = file.read_text(encoding="utf-8")
    try:
        _write(file, mutation.planted(original))
        yield
    finally:
        _write(file, original)


def _write(file: Path, source: str) -> None:
    """Replace a module; its bytecode is told by second and size, which a mutant may share."""
    for compiled in (file.parent / "__pycache__").glob(f"{file.stem}.*.pyc"):
        compiled.unlink()
    file.write_text(source, encoding="utf-8")


def passes(tree: Path, tests: Sequence[str]) -> bool:
    """Whether the tests pass in a tree; what does not end has not passed.

    Raises:
        SystemExit: nothing was found to run.
    """
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-m", "not slow", "-p", "no:cacheprovider"]
    try:
        ran = subprocess.run(
            [*command, "--hypothesis-seed=0", *tests],
            cwd=tree,
            env={**os.environ, "PYTHONPATH": str(tree), "OMP_NUM_THREADS": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    if ran.returncode == 5:
        raise SystemExit(f"expected tests in {' '.join(tests)}, found none")
    return ran.returncode == 0


def table(mutants: Sequence[Mutant], alive: Iterable[Mutant]) -> str:
    """Killed of all by room, then every survivor."""
    left = list(alive)
    planted, survived = (Counter(mutant.room for mutant in some) for some in (mutants, left))
    lines = [f"{room:28}{planted[room] - survived[room]:4} of {planted[room]:3} killed" for room in planted]
    killed = len(mutants) - len(left)
    lines.append(f"{'all':28}{killed:4} of {len(mutants):3} killed ({killed / len(mutants):.0%})")
    return "\n".join([*lines, *(f"survived: {mutant}" for mutant in left)])


def main() -> None:
    """Print the table; exit with an error when too few were killed."""
    parser = argparse.ArgumentParser(prog="python -m bench mutants", description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    mutants = drawn(asked.count, asked.seed)
    alive = survivors(mutants, jobs=asked.jobs)
    print(table(mutants, alive))
    if len(alive) > (1 - LEAST_KILLED) * len(mutants):
        raise SystemExit(f"expected at least {LEAST_KILLED:.0%} of the mutants to be killed")


if __name__ == "__main__":
    main()
