"""What leads to a run: a suite on two models, or a team's own prompts made into a suite."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import streamlit as st

from core.models import load_models
from core.requests import import_suite, parse_seeds, parse_size, request_run
from core.suites import list_suites
from pages.components import forms
from pages.components.words import count, plain

if TYPE_CHECKING:
    from core.records import Run
    from core.settings import Settings
    from db.store import Store


def suite_run(store: Store, settings: Settings, me: str, now: datetime) -> Run | None:
    """Ask for a run; None until the form is sent. A suite file goes before a stored suite of its name."""
    stored = {suite.name: suite for suite in store.suites.list()}
    suites = stored | {suite.name: suite for suite in list_suites(settings.suites_folder)}
    asked = forms.suite_run(suites, load_models(settings.models_file))
    if asked is None:
        return None
    return request_run(
        store,
        settings,
        suites[asked.suite],
        baseline=asked.baseline,
        candidate=asked.candidate,
        seeds=parse_seeds(asked.seeds),
        requested_by=me,
        now=now,
    )


def own_prompts(store: Store, settings: Settings, now: datetime) -> None:
    """Make a suite of a file of prompts; it can be run from then on."""
    asked = forms.own_prompts()
    if asked is not None:
        size = parse_size(asked.size)
        named = {"name": asked.name, "size": size, "now": now}
        suite = import_suite(store, settings, asked.content, asked.file_name, **named)
        st.success(f"**{plain(suite.name)}** holds {count(len(suite.cases), 'case')}: start it above.")
