"""Asking for a run: two declared models and a suite become pairs and jobs in the store.

Shared by the pages and the command line; nothing is rendered here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from core.backends.sources import model_digest
from core.config.models import find_model, load_models
from core.config.suites import NAME as SUITE_NAME
from core.config.suites import import_cases
from core.errors import InvalidFile, InvalidRequest
from core.recipes.noise_floor import NoiseFloor, noise_floor
from core.recipes.prompts import expected_strings, normalise_prompt, tags_of
from core.recipes.recipe import check_contract, check_size, validate_seed
from core.records import Case, Pair, ReviewPlan, Run, RunKind, Size, Suite

if TYPE_CHECKING:
    from core.config.settings import Settings
    from db.store import Store

MAX_SEEDS = 1_000


def request_run(
    store: Store,
    settings: Settings,
    suite: Suite,
    *,
    kind: RunKind = RunKind.SUITE,
    baseline: str,
    candidate: str,
    seeds: Sequence[int],
    plan: ReviewPlan | None = None,
    requested_by: str,
    now: datetime,
) -> Run:
    """The run of a suite on two models: a new one, or the one that was asked for before.

    Raises:
        UnknownName: when a model is not declared; the nearest names are given.
        InvalidRequest: without cases or seeds, or with a seed twice.
        ModelUnavailable, UnsafeWeights: when a model's files are not on this machine, or are refused.
    """
    models = load_models(settings.models_file)
    old, new = find_model(models, baseline), find_model(models, candidate)
    return store.runs.request(
        suite,
        kind=kind,
        baseline=old.name,
        candidate=new.name,
        baseline_digest=model_digest(old, settings.models_file),
        candidate_digest=model_digest(new, settings.models_file),
        seeds=tuple(seeds),
        plan=plan or plan_for(suite),
        requested_by=requested_by,
        now=now,
    )


def kind_of_suite_run(baseline: str, candidate: str) -> RunKind:
    """What a suite on these two models is for: one model against itself measures its noise floor."""
    return RunKind.NOISE_FLOOR if baseline == candidate else RunKind.SUITE


def suite_runs(store: Store, *, limit: int) -> list[Run]:
    """The newest runs on which a rollout may be decided."""
    return store.runs.list(limit=limit, kind=RunKind.SUITE)


def comparisons(store: Store, *, limit: int) -> list[Run]:
    """The newest runs of one prompt on the spot."""
    return store.runs.list(limit=limit, kind=RunKind.COMPARE)


def plan_for(suite: Suite, *, look_closer_px: int = 0) -> ReviewPlan:
    """The usual plan, for no more units than the suite has cases; ``look_closer_px`` as in the plan."""
    return ReviewPlan(max_units=min(ReviewPlan().max_units, len(suite.cases)), look_closer_px=look_closer_px)


def request_comparison(
    store: Store,
    settings: Settings,
    *,
    prompt: str,
    negative_prompt: str = "",
    seed: object,
    width: int,
    height: int,
    baseline: str,
    candidate: str,
    requested_by: str,
    now: datetime,
) -> Pair:
    """One prompt on two models, now: an ordinary pair, ahead of every suite in the queue.

    Raises:
        InvalidPrompt, InvalidRequest: for a prompt, seed or size that no model could take.
        ContractBreach: for a request that one of the two does not promise to serve; nothing was asked for.
        UnknownName, ModelUnavailable, UnsafeWeights: see :func:`request_run`.
    """
    case = case_of(prompt, negative_prompt, width=width, height=height)
    checked_seed = validate_seed(seed)
    models = load_models(settings.models_file)
    for name in (baseline, candidate):
        check_contract(find_model(models, name), prompt=case.prompt, width=width, height=height)
    run = request_run(
        store,
        settings,
        Suite(name="compare", cases=(case,)),
        kind=RunKind.COMPARE,
        baseline=baseline,
        candidate=candidate,
        seeds=[checked_seed],
        requested_by=requested_by,
        now=now,
    )
    return store.pairs.of_run(run.id)[0]


def case_of(prompt: str, negative_prompt: str = "", *, width: int, height: int) -> Case:
    """A prompt as typed, as a case: normalised, with the strings and tags that its words demand.

    Raises:
        InvalidPrompt, InvalidRequest: for a prompt or size that no model could take.
    """
    check_size(width, height)
    words = normalise_prompt(prompt)
    tags = tags_of(words)
    name = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:48].rstrip("-")
    return Case(
        name=name or "compare",
        prompt=words,
        negative_prompt=normalise_prompt(negative_prompt, allow_empty=True),
        width=width,
        height=height,
        tags=tags,
        expected_text=expected_strings(words),
        expects_alpha=True if "transparent" in tags else None,
    )


def parse_seeds(text: str) -> tuple[int, ...]:
    """Seeds as typed: numbers and ranges, separated by commas or spaces.

    >>> parse_seeds("1, 2, 10-12")
    (1, 2, 10, 11, 12)

    Raises:
        InvalidRequest: for anything that is no seed, an empty text, or more than 1,000 seeds.
    """
    seeds: list[int] = []
    for part in text.replace(",", " ").split():
        first, dash, last = part.partition("-")
        if not dash or not first:
            seeds.append(validate_seed(part))
            continue
        low, high = validate_seed(first), validate_seed(last)
        seeds += range(low, min(high, low + MAX_SEEDS) + 1)
    if not 1 <= len(seeds) <= MAX_SEEDS:
        raise InvalidRequest(f"seeds: expected 1 to {MAX_SEEDS:,}, such as 1, 2, 10-12, got {text[:80]!r}")
    return tuple(seeds)


def parse_size(text: str) -> Size:
    """A size as typed, such as ``768×512``; one number is a square.

    >>> parse_size("768 x 512"), parse_size("512")
    (Size(width=768, height=512), Size(width=512, height=512))

    Raises:
        InvalidRequest: for anything else.
    """
    sides = re.fullmatch(r"\s*(\d{1,6})(?:\s*[x×*]\s*(\d{1,6}))?\s*", text, re.IGNORECASE)
    if sides is None:
        raise InvalidRequest(f"size: expected width×height in pixels, such as 768×512, got {text[:40]!r}")
    return Size(int(sides[1]), int(sides[2] or sides[1]))


def add_to_suite(store: Store, settings: Settings, name: str, case: Case, *, now: datetime) -> Suite:
    """A stored suite with one more case; the suite is made when there is none of this name.

    Raises:
        InvalidRequest: for a name that no suite or case in a file could have, that a suite file has, or that
            holds another case of the same name.
    """
    if not SUITE_NAME.fullmatch(name):
        raise InvalidRequest(f"suite: expected a name of a–z, 0–9, '.', '_' and '-', got {name[:80]!r}")
    if not SUITE_NAME.fullmatch(case.name):
        raise InvalidRequest(f"case: expected a name of a–z, 0–9, '.', '_' and '-', got {case.name[:80]!r}")
    if (settings.suites_folder / f"{name}.toml").exists():
        raise InvalidRequest(
            f"suite: {name} is a file that people edit", remedy=f"add the case to suites/{name}.toml"
        )
    stored = {suite.name: suite for suite in store.suites.list()}
    suite = stored.get(name, Suite(name=name, title=name, cases=()))
    if case.digest in {known.digest for known in suite.cases}:
        return suite
    if case.name in {known.name for known in suite.cases}:
        raise InvalidRequest(f"case: {name} holds another case named {case.name}", remedy="name it otherwise")
    return store.suites.save(replace(suite, cases=(*suite.cases, case)), now)


def import_suite(
    store: Store, settings: Settings, content: bytes, file_name: str, *, name: str, size: Size, now: datetime
) -> Suite:
    """A stored suite of a team's own prompts, from CSV or JSONL; ``size`` is for those that name none.

    Raises:
        InvalidFile: for a file that is no UTF-8 text, or naming the line that is wrong; nothing is stored.
        InvalidRequest: for a name that is no suite name, or that another suite has.
        UnknownName: for another kind of file.
    """
    taken = {suite.name for suite in store.suites.list()}
    if name in taken or (settings.suites_folder / f"{name}.toml").exists():
        raise InvalidRequest(f"suite: there is a suite {name} already", remedy="give another name")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidFile(f"{file_name}: expected UTF-8 text ({error})") from error
    kind = file_name.rpartition(".")[2].lower()
    suite = import_cases(text, kind, name=name, width=size.width, height=size.height)
    return store.suites.save(suite, now)


def noise_floor_of(store: Store, model_digest: str) -> NoiseFloor:
    """The floor of these model files, by their latest run against themselves."""
    for run in store.runs.list(kind=RunKind.NOISE_FLOOR):
        if run.baseline_digest == run.candidate_digest == model_digest:
            found = store.measurements.of_run(run.id).values()
            return noise_floor(measurement for of_pair in found for measurement in of_pair)
    return NoiseFloor()
