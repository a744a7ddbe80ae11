"""How values read on a page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.formatting import ago
from pages.components import formatting


@given(st.text())
def test_text_of_others_never_becomes_markdown(text):
    shown = formatting.escaped(text)
    assert re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", shown) == " ".join(text.split())
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*_\[\]<>:$]", shown)


@given(st.text(alphabet="ab`*[]", max_size=30))
def test_only_paired_backticks_are_kept_as_code(text):
    shown = formatting.prose(text)
    assert shown.replace("\\`", "").count("`") % 2 == 0


@pytest.mark.parametrize(
    ("seconds", "said"), [(3, "just now"), (30, "30 s ago"), (600, "10 min ago"), (7200, "2 h ago")]
)
def test_moments_are_told_by_their_distance(now, seconds, said):
    assert ago(now - timedelta(seconds=seconds), now) == said


def test_after_a_day_the_date_is_told(now):
    assert ago(now - timedelta(days=2), now) == "1 Mar 2026, 14:22 UTC"
