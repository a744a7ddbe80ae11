"""What leads to a run: a suite or one prompt on two models, or a team's own prompts made into a suite."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import streamlit as st

from core.config.models import load_models
from core.config.suites import list_suites
from core.formatting import count
from pages.components import forms, states
from pages.components.formatting import escaped
from services.runs import import_suite, parse_seeds, parse_size, plan_for, request_comparison, request_run

if TYPE_CHECKING:
    from core.config.settings import Settings
    from core.records import Pair, Run
    from db.store import Store


def suite_run(store: Store, settings: Settings, me: str, now: datetime) -> Run | None:
    """Ask for a run; None until the form is sent.

    A suite file goes before a stored suite of its name, also while it is broken: what was stored at an
    earlier start is not what the file is meant to say.
    """
    files = list_suites(settings.suites_folder)
    stored = {suite.name: suite for suite in store.suites.list() if suite.name not in files.broken}
    suites = stored | files.found
    asked = forms.suite_run(suites, load_models(settings.models_file))
    states.left_out(files.broken.values())
    if asked is None:
        return None
    return request_run(
        store,
        settings,
        suites[asked.suite],
        baseline=asked.baseline,
        candidate=asked.candidate,
        seeds=parse_seeds(asked.seeds),
        plan=plan_for(suites[asked.suite], look_closer_px=forms.SMALL_TEXT_PX if asked.look_closer else 0),
        requested_by=me,
        now=now,
    )


def comparison(
    store: Store, settings: Settings, last: forms.Comparison | None, me: str, now: datetime
) -> Pair | None:
    """Ask for one prompt on two models; None until the form is sent. ``last`` fills the form."""
    asked = forms.comparison(load_models(settings.models_file), last)
    if asked is None:
        return None
    size = parse_size(asked.size)
    return request_comparison(
        store,
        settings,
        prompt=asked.prompt,
        negative_prompt=asked.negative_prompt,
        seed=asked.seed,
        width=size.width,
        height=size.height,
        baseline=asked.baseline,
        candidate=asked.candidate,
        requested_by=me,
        now=now,
    )


def own_prompts(store: Store, settings: Settings, now: datetime) -> None:
    """Make a suite of a file of prompts; it can be run from then on."""
    asked = forms.own_prompts()
    if asked is not None:
        size = parse_size(asked.size)
        suite = import_suite(
            store, settings, asked.content, asked.file_name, name=asked.name, size=size, now=now
        )
        st.success(f"**{escaped(suite.name)}** holds {count(len(suite.cases), 'case')}: start it above.")
