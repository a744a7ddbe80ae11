"""``sidegrade run`` and ``sidegrade pairs``: make the pairs of a suite, and read what came out."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer
from rich.table import Table

from cli.answers import Answer, explained, table
from cli.call import Call, command
from cli.naming import keep_names_shown
from cli.progress import shown_progress
from cli.selftests import run_missing
from cli.waiting import when_there
from cli.worker import worker_at_work
from core.access.person import person_name
from core.config.settings import Settings
from core.config.suites import find_suite
from core.formatting import number
from core.recipes.recipe import MAX_SIDE
from core.records import Arm, Failure, Measurement, Pair, Render, Run, RunProgress, Suite
from services.runs import kind_of_suite_run, parse_seeds, plan_for, request_run

if TYPE_CHECKING:
    from db.blobs import Blobs
    from db.store import Store

commands = typer.Typer()

LOOK_EVERY_SECONDS = 0.3


@command(commands, "run")
def run_suite(
    call: Call,
    suite: Annotated[str, typer.Argument(help="Name of a suite under suites/.")],
    baseline: Annotated[str, typer.Option(help="The model in production.")],
    candidate: Annotated[str, typer.Option(help="The upgrade under review.")],
    seeds: Annotated[str, typer.Option(help="Seeds of each case, such as 1,2 or 1-8.")] = "1",
    by: Annotated[str | None, typer.Option(help="Who asks; your user name when left out.")] = None,
    look_closer_px: Annotated[
        int,
        typer.Option(
            help="Lettering of at most this many pixels has to be seen at 1:1 before a verdict; 0: never.",
            min=0,
            max=MAX_SIDE,
        ),
    ] = 0,
    again: Annotated[
        bool, typer.Option("--again", help="Try the pairs once more that failed or were cancelled before.")
    ] = False,
) -> Answer:
    """Render a suite on two models, examine every pair, and wait until all is done.

    A worker that is running does the work; otherwise one is started until the run is done. Asking for the
    same run again gives the same run; other seeds or another --look-closer-px make another one. A failing
    pair never stops a run: failures are listed at the end. Then the self-tests run, once for each version
    of a check (half a minute). Exit code 1 when not one pair became two pictures.
    A model against itself measures its noise floor, which is no evidence for a rollout.
    """
    with call.store() as store:
        chosen = suite_named(store, call.settings, suite)
        run = request_run(
            store,
            call.settings,
            chosen,
            kind=kind_of_suite_run(baseline, candidate),
            baseline=baseline,
            candidate=candidate,
            seeds=parse_seeds(seeds),
            plan=plan_for(chosen, look_closer_px=look_closer_px),
            requested_by=person_name(by or call.user()),
            now=store.now(),
        )
        if again:
            store.jobs.retry(run.id, store.now())
        progress = wait_until_finished(call, store, run)
        run_missing(store, call.settings, store.now)
        return outcome(store, run, progress)


def suite_named(store: Store, settings: Settings, name: str) -> Suite:
    """The suite file of this name, or else the suite that was put together on the pages.

    Raises:
        UnknownName: when there is neither.
        InvalidFile: when the file is broken.
    """
    stored = {suite.name: suite for suite in store.suites.list()}
    if name in stored and not (settings.suites_folder / f"{name}.toml").exists():
        return stored[name]
    return find_suite(name, settings.suites_folder)


def wait_until_finished(call: Call, store: Store, run: Run) -> RunProgress:
    """Watch a run until none of its pairs will change any more; a database that goes away is waited for."""
    progress = store.runs.progress(run.id)
    with worker_at_work(call, store) as keep_working, shown_progress() as show:

        def look() -> RunProgress:
            keep_working()
            return store.runs.progress(run.id)

        while progress.finished < progress.total:
            show(progress)
            time.sleep(LOOK_EVERY_SECONDS)
            progress = when_there(look)
        show(progress)
    return progress


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedPair:
    """A pair that has not become two pictures, and why."""

    pair: str
    case: str
    failure: Failure


def outcome(store: Store, run: Run, progress: RunProgress) -> Answer:
    """The run's id, its pairs and what failed, with the reason of each failure."""
    pairs = store.pairs.of_run(run.id)
    names = {pair.id: f"{pair.case_name} seed {pair.seed}" for pair in pairs}
    failures = [
        FailedPair(pair=job.subject_id, case=names[job.subject_id], failure=job.failure)
        for job in store.jobs.of_run(run.id)
        if job.failure is not None
    ]
    lines = [f"{failed.case}: {explained(failed.failure)}" for failed in failures]
    document = {
        "run": run.id,
        "progress": progress,
        "pairs": [pair.id for pair in pairs],
        "failures": failures,
    }
    headline = f"{run.id}: {progress.done} of {progress.total} pairs done, {len(failures)} failed"
    in_vain = progress.finished > 0 and not progress.done
    return Answer(document=document, text="\n".join([headline, *lines]), exit_code=int(in_vain))


@command(commands)
def pairs(
    call: Call, run: Annotated[str, typer.Argument(help="Id of the run, or its first characters.")]
) -> Answer:
    """Show every pair of a run: both renders with their files and timings, and what the checks found.

    It names the models, so your own verdicts on these pictures are refused from then on. You are
    SIDEGRADE_REVIEWER, or else your user name.
    """
    with call.store() as store:
        chosen = store.runs.get(run)
        renders = store.renders.of_run(chosen.id)
        measurements = store.measurements.of_run(chosen.id)
        rows = [
            Row(pair=pair, renders=renders.get(pair.id, {}), measurements=measurements.get(pair.id, []))
            for pair in store.pairs.of_run(chosen.id)
        ]
        keep_names_shown(call, store, [row.pair.id for row in rows])
        return Answer(
            document={"run": chosen, "pairs": [document_of(row, store.blobs) for row in rows]},
            text=table_of(rows, store.blobs),
        )


class Row(NamedTuple):
    """A pair with all that belongs to it."""

    pair: Pair
    renders: Mapping[Arm, Render]
    measurements: Sequence[Measurement]


def document_of(row: Row, blobs: Blobs) -> dict[str, object]:
    """A pair with its renders by arm, each with the path of its file, and its measurements."""
    pair = row.pair
    return {
        "id": pair.id,
        "case": pair.case_name,
        "case_digest": pair.case_digest,
        "seed": pair.seed,
        "position": pair.position,
        "noise_shared": pair.noise_shared,
        "renders": {
            arm: {**asdict(render), "path": file_of(render, blobs)} for arm, render in row.renders.items()
        },
        "measurements": row.measurements,
    }


def file_of(render: Render, blobs: Blobs) -> Path | None:
    """Where the file of a render lies; None when it failed."""
    return blobs.path(render.digest, file_digest=render.file_digest) if render.digest else None


def table_of(rows: Sequence[Row], blobs: Blobs) -> Table:
    """One line a render; the measurements stand in the document."""
    text = table("case", "seed", "arm", "mode", "size", "latency", "render", "file or failure")
    for pair, renders, _ in rows:
        for arm, render in renders.items():
            size = f"{render.width}×{render.height}" if render.digest else ""
            latency = number(render.latency_ms, "ms") if render.latency_ms is not None else ""
            failure = explained(render.failure) if render.failure else ""
            place = str(file_of(render, blobs) or failure)
            text.add_row(
                pair.case_name, str(pair.seed), arm, render.mode or "", size, latency, render.id, place
            )
    return text
