"""A page reads as often from the database on a home of many verdicts as on one of few."""

from __future__ import annotations

import pytest

from core.records import Outcome
from tests.pages.conftest import fine
from tests.pages.test_frame import PAGES
from tests.statements import listening
from tests.world import judge, make_world

AT_MOST = 40
"""Statements of a page that is opened: most read one sum of a run."""


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_more_verdicts_are_not_more_reads(open_page, store, now, page):
    world = make_world(store, now)
    for reviewer in ("ben", "bob"):
        judge(world, reviewer, Outcome.CANDIDATE)
    store.golden.promote(now)
    fine(open_page(page))  # the first sight of a home finds out what does not change
    few = reads_of(lambda: open_page(page))
    for reviewer in ("cleo", "dora", "emil", "finn", "gus"):
        judge(world, reviewer, Outcome.CANDIDATE)
    store.golden.promote(now)
    assert reads_of(lambda: open_page(page)) <= few <= AT_MOST


def reads_of(opened):
    """How many times the script reads from the database until the page stands."""
    said = []
    with listening(said):
        fine(opened())
    return len([one for one in said if one.startswith(("SELECT", "WITH"))])


def test_what_a_page_reads_is_heard(open_page, store, now):
    make_world(store, now)
    assert reads_of(lambda: open_page("engineers/runs.py")) > 1
