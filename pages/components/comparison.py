"""One pair with both models named: its images, what was measured, and where one can go from here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from core.formatting import number, percent
from core.records import (
    Arm,
    Case,
    Job,
    JobState,
    Pair,
    Render,
    RenderStatus,
    Run,
)
from pages.components import runs, states
from pages.components.gallery import Tile
from pages.components.viewer import compare_viewer


def has_ended(job: Job) -> bool:
    """Whether no worker will touch the pair any more."""
    return job.state not in (JobState.QUEUED, JobState.RUNNING)


def under_way(job: Job) -> bool:
    """How far the pair is; True when it has ended."""
    if has_ended(job):
        return True
    share = (job.step / job.steps if job.steps else 0.0) / 2 + (0.5 if job.arm is Arm.CANDIDATE else 0.0)
    st.progress(share, text=runs.step_in_words(job).capitalize())
    return False


def missing(job: Job) -> bool:
    """Whether something of an ended pair is missing and the button to draw it again was pressed."""
    if job.state is JobState.CANCELLED:
        states.empty(
            "Cancelled", "Somebody cancelled this pair before it was drawn.", icon=":material/cancel:"
        )
    if job.failure is not None and job.state is JobState.FAILED:
        st.caption("What failed can be tried again once its cause is gone.")
    return job.state is not JobState.DONE and st.button("Try again", icon=":material/refresh:")


def side_by_side(pair: Pair, run: Run, case: Case, renders: Mapping[Arm, Render]) -> None:
    """Both renders on the light table; an arm that failed says why."""
    for arm, render in renders.items():
        if render.failure is not None:
            states.failed(render.failure, about=f"{arm}, {render.recipe.model}")
    digests = {arm: renders[arm].digest if arm in renders else None for arm in Arm}
    if any(digests.values()):
        compare_viewer(
            digests[Arm.BASELINE],
            digests[Arm.CANDIDATE],
            (f"{run.baseline} (baseline)", f"{run.candidate} (candidate)"),
            key=f"viewer-{pair.id}",
            pair_id=pair.id,
            prompt=case.prompt,
        )


def facts(pair: Pair, renders: Mapping[Arm, Render]) -> None:
    """Timings and noise in one line."""
    took = {arm: render.latency_ms for arm, render in renders.items() if render.status is RenderStatus.DONE}
    parts = [f"seed {pair.seed}"]
    parts += [f"{arm} {number(latency, 'ms')}" for arm, latency in took.items()]
    before, after = took.get(Arm.BASELINE), took.get(Arm.CANDIDATE)
    if any(render.warm_up for render in renders.values()):
        parts.append("just loaded, so the times tell nothing")
    elif before and after:
        change = after / before - 1
        parts.append(f"{percent(abs(change))} {'slower' if change > 0 else 'faster'}")
    if pair.noise_shared is not None:
        parts.append("same initial noise" if pair.noise_shared else "different initial noise")
    st.caption(" · ".join(parts))


def ways_on(renders: Mapping[Arm, Render]) -> None:
    """Replay one of its renders. Judging the pair blind is for others: its names have just been shown."""
    for arm, render in renders.items():
        st.page_link(
            "engineers/replay.py",
            label=f"Replay the {arm}",
            icon=":material/replay:",
            query_params={"render": render.id},
        )


def suite_form(case: Case, suites: Sequence[str]) -> tuple[str, Case] | None:
    """Which suite the case is added to and under which name; None until it is sent."""
    with st.popover("Add to a suite", icon=":material/library_add:"), st.form("add-to-suite", border=False):
        suite = st.selectbox(
            "Suite", suites, accept_new_options=True, placeholder="Choose one or name a new one"
        )
        name = st.text_input("Name of the case", case.name, max_chars=80)
        sent = st.form_submit_button("Add", type="primary")
    return (suite or "", replace(case, name=name)) if sent else None


def tiles(runs_and_pairs: Mapping[Pair, Run], renders: Mapping[str, Mapping[Arm, Render]]) -> list[Tile]:
    """Earlier comparisons on the wall, by their candidate; those that have none yet are left out."""
    drawn = [(pair, run, renders.get(pair.id, {}).get(Arm.CANDIDATE)) for pair, run in runs_and_pairs.items()]
    return [
        Tile(
            id=pair.id,
            digest=render.digest,
            title=render.recipe.prompt,
            subtitle=f"{run.baseline} → {run.candidate}, seed {pair.seed}",
            alt=f"{run.candidate}: {render.recipe.prompt}",
        )
        for pair, run, render in drawn
        if render is not None and render.digest is not None
    ]
