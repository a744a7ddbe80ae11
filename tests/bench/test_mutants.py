"""Faults are planted where they change what is done, one at a time, and the tests notice most of them."""

from __future__ import annotations

import pytest

from bench.mutants import PACKAGES, drawn, room_tests, survivors, table
from bench.mutations import mutations
from core.config.settings import PROJECT

LEAST_OF_TWENTY = 14
"""Of 200, 187 were noticed (docs/benchmarks.md); so few of twenty would be a change, not chance."""
SOURCE = '''"""A docstring with 1 number."""
from typing import TYPE_CHECKING, Literal
if TYPE_CHECKING:
    import nothing
__all__ = ["f"]
LIMIT: Literal[3] = 7
@dataclass(frozen=True)
class C:
    n: int = 3
@cache(2)
def f(a: "list[1]", b: int = 5) -> int | None:
    """Returns 1."""
    if a < b and not a:
        raise ValueError(f"{a} is less than {1}", 2)
    log.info("at 3")
    a.sort()
    return a if b else None
'''
EXPECTED = {
    (6, "7 → (8)"),
    (9, "3 → (4)"),
    (11, "5 → (6)"),
    (13, "a < b → (a <= b)"),
    (13, "a < b → (a >= b)"),
    (13, "a < b and not a → (a < b or not a)"),
    (13, "a < b and not a → (not (a < b and (not a)))"),
    (13, "not a → (a)"),
    (16, "a.sort() → pass"),
    (17, "return a if b else None → return None"),
    (17, "a if b else None → (None if b else a)"),
    (17, "b → (not (b))"),
}


def test_only_what_the_program_does_is_changed() -> None:
    assert {(one.line, one.what) for one in mutations(SOURCE)} == EXPECTED


def test_each_changes_its_own_place_and_nothing_else() -> None:
    for one in mutations(SOURCE):
        changed = one.planted(SOURCE)
        pairs = zip(SOURCE.splitlines(), changed.splitlines(), strict=True)
        assert [at for at, (old, new) in enumerate(pairs, 1) if old != new] == [one.line]
        assert one.compiles_in(SOURCE)


def test_a_text_with_letters_beyond_ascii_keeps_them() -> None:
    source = 'é = "×"; n = 1 if é == "×" else 2\n'
    assert "é = \"×\"; n = 1 if (é != '×') else 2\n" in {one.planted(source) for one in mutations(source)}


def test_the_same_seed_plants_the_same_faults() -> None:
    assert drawn(30, 1) == drawn(30, 1) != drawn(30, 2)


def test_every_file_that_can_be_mutated_has_tests_that_exist() -> None:
    for package in PACKAGES:
        for path in (PROJECT / package).rglob("*.py"):
            if mutations(path.read_text(encoding="utf-8")):
                name = str(path.relative_to(PROJECT))
                assert [one for one in room_tests(name) if not (PROJECT / one).exists()] == [], name


def test_a_file_without_tests_is_refused() -> None:
    with pytest.raises(SystemExit, match="expected tests in tests/nowhere"):
        room_tests("nowhere/file.py")


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_most_of_twenty_faults_are_noticed() -> None:
    mutants = drawn(20, 1)
    alive = survivors(mutants, jobs=1)
    assert len(mutants) - len(alive) >= LEAST_OF_TWENTY, table(mutants, alive)
