"""Forms of the pages: values in, what was typed out. Nothing is stored or refused here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.formatting import count
from core.records import Case, ModelSpec, Pair, Run, Size, Suite

PROMPT_COLUMNS = (
    "A CSV with a header, or one JSON object a line: prompt and any of name, negative_prompt, width, height, "
    "tags, expected_text, expects_alpha, critical."
)
SMALL_TEXT_PX = 16
"""Height of capitals up to which lettering breaks first, as in the shipped policies."""
COMMON_SIZES = (Size(256, 256), Size(512, 512), Size(768, 768), Size(1024, 1024))


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteRequest:
    """A suite to be run on two models; the seeds as typed."""

    suite: str
    baseline: str
    candidate: str
    seeds: str
    look_closer: bool
    """Small text must be seen at 1:1 before a verdict counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPrompts:
    """A file of prompts that become a suite."""

    name: str
    size: str
    file_name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One prompt for two models, as typed."""

    baseline: str
    candidate: str
    prompt: str
    negative_prompt: str
    seed: str
    size: str


def as_asked(run: Run | None, pair: Pair | None, case: Case | None) -> Comparison | None:
    """What the form said when this pair was asked for."""
    if run is None or pair is None or case is None:
        return None
    return Comparison(
        baseline=run.baseline,
        candidate=run.candidate,
        prompt=case.prompt,
        negative_prompt=case.negative_prompt,
        seed=str(pair.seed),
        size=str(case.size),
    )


def suite_run(suites: Mapping[str, Suite], models: Mapping[str, ModelSpec]) -> SuiteRequest | None:
    """What to run on which models; None until it is sent."""
    with st.form("suite-run", border=False):
        cases = {name: count(len(suite.cases), "case") for name, suite in suites.items()}
        suite = st.selectbox("Suite", list(suites), format_func=lambda name: f"{name} · {cases[name]}")
        baseline, candidate = _two_models(models, *st.columns(2))
        seeds = st.text_input("Seeds", "1, 2", help="Numbers and ranges, such as 1, 2, 10-12.")
        look_closer = st.checkbox(
            "Small text must be seen at 1:1 before a verdict",
            help=f"For cases with lettering of at most {SMALL_TEXT_PX} px. It cannot be changed later.",
        )
        sent = st.form_submit_button("Start", type="primary", icon=":material/play_arrow:")
    if not sent or suite is None:
        return None
    return SuiteRequest(
        suite=suite, baseline=baseline, candidate=candidate, seeds=seeds, look_closer=look_closer
    )


def own_prompts() -> OwnPrompts | None:
    """A file of prompts and the name of the suite they become; None until it is sent."""
    with st.form("own-prompts", border=False):
        file = st.file_uploader("CSV or JSONL", help=PROMPT_COLUMNS)
        with st.container(horizontal=True):
            name = st.text_input("Name of the suite", max_chars=80, placeholder="spring-campaign")
            size = st.text_input("Size of prompts that name none", "1024×1024")
        sent = st.form_submit_button("Import", icon=":material/upload:")
    if not sent or file is None:
        return None
    return OwnPrompts(name=name, size=size, file_name=file.name, content=file.getvalue())


def comparison(models: Mapping[str, ModelSpec], last: Comparison | None) -> Comparison | None:
    """A prompt, seed and size for two models; None until it is sent. ``last`` fills the form."""
    with st.form("comparison", border=False):
        # one under the other: beside each other a narrow column would cut long names
        baseline, candidate = _two_models(models, st.container(), st.container(), last)
        prompt = st.text_area(
            "Prompt",
            last.prompt if last else "",
            height=110,
            placeholder='poster, exact text: "SUMMER", red on cream',
            help="Lettering that must be readable goes after exact text: in quotes, one line each.",
        )
        negative_prompt = st.text_input("Negative prompt", last.negative_prompt if last else "")
        sizes = _sizes(models)
        left, right = st.columns([2, 3])
        seed = left.text_input("Seed", last.seed if last else "1")
        size = right.selectbox(
            "Size",
            sizes,
            index=sizes.index(last.size) if last and last.size in sizes else 0,
            accept_new_options=True,
            help="Choose one, or type width×height.",
        )
        sent = st.form_submit_button("Compare", type="primary", icon=":material/compare:")
    if not sent:
        return None
    return Comparison(
        baseline=baseline,
        candidate=candidate,
        prompt=prompt,
        negative_prompt=negative_prompt,
        seed=seed,
        size=size or "",
    )


def _two_models(
    models: Mapping[str, ModelSpec],
    left: DeltaGenerator,
    right: DeltaGenerator,
    last: Comparison | None = None,
) -> tuple[str, str]:
    names = list(models)
    chosen = [last.baseline, last.candidate] if last else names[:2]
    places = [names.index(name) if name in names else 0 for name in chosen]
    baseline = left.selectbox("Baseline", names, index=places[0])
    candidate = right.selectbox("Candidate", names, index=places[-1])
    return baseline, candidate


def _sizes(models: Mapping[str, ModelSpec]) -> list[str]:
    """Every size that a contract names, in their order, then the common ones that some contract allows."""
    named = [size for spec in models.values() for size in spec.contract.sizes]
    largest = max((spec.contract.max_pixels for spec in models.values()), default=0)
    common = [size for size in COMMON_SIZES if size.width * size.height <= largest]
    return [str(size) for size in dict.fromkeys(named + common)]
