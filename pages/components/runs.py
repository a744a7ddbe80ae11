"""How a run looks: a row in a table, a heading, its progress, its failures, its pairs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from core.formatting import ago, count, duration, number
from core.records import Arm, Job, JobState, ModelSpec, Pair, Render, RenderStatus, Run, RunProgress
from db.results import NAMED, Hit
from pages.components import states
from pages.components.formatting import escaped, short

PER_PAGE = 500
"""Pairs on one page of the table."""
COLUMNS = {
    "Progress": st.column_config.ProgressColumn(format="percent", min_value=0.0, max_value=1.0),
    "Pairs": st.column_config.NumberColumn(format="localized"),
}


def title(run: Run) -> str:
    """Such as ``letterpress → letterpress-2``, ready for Markdown."""
    return f"{escaped(run.baseline)} → {escaped(run.candidate)}"


def label(run: Run, now: datetime) -> str:
    """A run in a list of choices."""
    attempt = f", attempt {run.attempt}" if run.attempt > 1 else ""
    return f"{run.baseline} → {run.candidate} on {run.suite}{attempt} · {ago(run.created_at, now)}"


def choices(runs: Iterable[Run], now: datetime) -> dict[str, str]:
    """Runs to choose from, by id."""
    return {run.id: label(run, now) for run in runs}


def models(run: Run, declared: Mapping[str, ModelSpec]) -> dict[Arm, ModelSpec]:
    """The models of a run as they are declared now; one that is declared no longer is left out."""
    names = {Arm.BASELINE: run.baseline, Arm.CANDIDATE: run.candidate}
    return {arm: declared[name] for arm, name in names.items() if name in declared}


def row(run: Run, so_far: RunProgress, now: datetime) -> dict[str, Any]:
    """A run as a row of a table."""
    return {
        "Models": f"{run.baseline} → {run.candidate}",
        "Suite": run.suite if run.kind.leads_to_rollout else run.kind.label,
        "State": state(so_far),
        "Progress": so_far.finished / so_far.total if so_far.total else 0.0,
        "Pairs": so_far.total,
        "Asked for by": run.requested_by,
        "When": ago(run.created_at, now),
        "Run": short(run.id),
    }


def state(so_far: RunProgress) -> str:
    """One word for where a run stands."""
    if so_far.running:
        return "running"
    if so_far.queued:
        return "queued"
    if so_far.failed:
        return f"done, {so_far.failed:,} failed"
    return "cancelled" if so_far.cancelled else "done"


def heading(run: Run, now: datetime) -> None:
    """Which run this is, in one line each for people and for engineers."""
    st.header(title(run), anchor=False)
    what = f"Suite **{escaped(run.suite)}**" if run.kind.leads_to_rollout else run.kind.label.capitalize()
    seeds = f"{'seed' if len(run.seeds) == 1 else 'seeds'} {', '.join(map(str, run.seeds))}"
    by = f"asked for by {escaped(run.requested_by)} {ago(run.created_at, now)}"
    st.markdown(f"{what}, {seeds} · attempt {run.attempt} · {by}")


def under_way(so_far: RunProgress, running: Sequence[Job]) -> bool:
    """The progress of a run and what is being rendered at this moment; True when it has ended."""
    states.progress(so_far)
    for job in running:
        st.caption(step_in_words(job))
    return so_far.finished == so_far.total


def step_in_words(job: Job) -> str:
    """Such as ``rendering the candidate, step 12 of 28``."""
    if job.state is JobState.QUEUED:
        return "waiting for a worker"
    if job.arm is None:
        return "loading a model"
    return f"rendering the {job.arm}, step {job.step} of {job.steps}"


def failures(hits: Sequence[Hit], hit_pairs: Mapping[str, Pair]) -> None:
    """Every failure of a run, told once for all pairs it hit; ``hit_pairs``: those it names, by id."""
    for hit in hits:
        states.failed(hit.failure, about=count(hit.times, "render"))
        where = [_place_in_words(hit_pairs.get(pair_id), pair_id, arm) for pair_id, arm in hit.where]
        st.caption(escaped("Hit: " + "; ".join(where[:NAMED]) + ("; …" if len(where) > NAMED else "")))


def _place_in_words(pair: Pair | None, pair_id: str, arm: Arm | None) -> str:
    name = short(pair_id) if pair is None else f"{pair.case_name}, seed {pair.seed}"
    return name if arm is None else f"{name} ({arm})"


def page_of(total: int) -> int:
    """Where the page of pairs begins; a pager above them when there are several pages."""
    pages = -(-total // PER_PAGE)
    return ((st.pagination(pages, key="pairs-page") if pages > 1 else 1) - 1) * PER_PAGE


def pairs(some_pairs: Sequence[Pair], renders: Mapping[str, Mapping[Arm, Render]]) -> None:
    """Pairs of a run with what each arm took."""
    rows = [_pair_row(pair, renders.get(pair.id, {})) for pair in some_pairs]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={"Open": st.column_config.LinkColumn(display_text="compare")},
        alt="The pairs of this run and how each arm went",
    )


def _pair_row(pair: Pair, arms: Mapping[Arm, Render]) -> dict[str, Any]:
    return {
        "Case": pair.case_name,
        "Seed": str(pair.seed),
        "Baseline": _outcome(arms.get(Arm.BASELINE)),
        "Candidate": _outcome(arms.get(Arm.CANDIDATE)),
        "Same noise": {True: "yes", False: "no", None: ""}[pair.noise_shared],
        "Pair": short(pair.id),
        "Open": f"compare?pair={pair.id}",
    }


def _outcome(render: Render | None) -> str:
    if render is None:
        return "waiting"
    if render.status is RenderStatus.FAILED:
        return f"failed: {render.failure.error if render.failure else 'unknown'}"
    took = render.latency_ms or 0.0
    return duration(took / 1000) if took > 10_000 else number(render.latency_ms, "ms")
