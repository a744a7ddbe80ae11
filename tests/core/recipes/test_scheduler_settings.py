"""Settings of a scheduler survive everything a recipe goes through, infinities among them."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.digests import canonical_json, content_digest
from core.errors import ModelUnavailable
from core.recipes.scheduler_settings import carried, followed

NUMBERS = st.floats(allow_nan=False) | st.integers() | st.booleans() | st.none()
SETTINGS = st.dictionaries(st.sampled_from("abcdef"), NUMBERS | st.lists(NUMBERS, max_size=3))


@given(SETTINGS)
def test_settings_come_back_as_they_were_from_the_text_a_recipe_is_stored_as(
    settings: dict[str, object],
) -> None:
    stored = json.loads(canonical_json(carried(settings, "mine")))
    assert stored == carried(settings, "mine")
    assert followed(stored) == settings


def test_settings_without_infinities_are_written_as_they_always_were() -> None:
    settings = {"beta_start": 0.00085, "trained_betas": None, "steps": [1, 2.5], "shift": 3.0, "on": True}
    assert carried(settings, "mine") == settings
    assert content_digest("x", carried({"betas": (1, 2)}, "mine")) == content_digest("x", {"betas": (1, 2)})


def test_a_number_that_is_none_keeps_its_name() -> None:
    assert carried({"a": math.nan, "b": [math.inf, {"c": -math.inf}]}, "mine") == {
        "a": "nan",
        "b": ["inf", {"c": "-inf"}],
    }
    assert math.isnan(followed({"a": "nan"})["a"])  # type: ignore[arg-type]  # a float, as was just written


def test_a_setting_that_is_no_plain_value_is_refused_with_the_models_name() -> None:
    with pytest.raises(ModelUnavailable, match="mine: scheduler: expected settings of numbers"):
        carried({"tau": print}, "mine")
