"""Homes with few and with many verdicts for the comparison ``scale``: real records and files, made in bulk.

One run holds nearly every pair; each is drawn, measured by the checks that gates ask, and three quarters are
judged. Small runs and comparisons lie beside it, as in any home.
"""

from __future__ import annotations

import io
import os
import random
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any, Final

from PIL import Image
from sqlalchemy import Connection

from bench.review_queue import NOW, judged
from core.checks.results.alarms import is_alarm
from core.config.settings import Settings
from core.digests import bytes_digest, pixel_digest
from core.records import (
    Arm,
    Case,
    ExpectedText,
    Measurement,
    MeasurementStatus,
    Pair,
    Render,
    RenderStatus,
    RolloutAction,
    RolloutEvent,
    Run,
    RunKind,
    StoredFile,
    Suite,
)
from db import tables
from db.blobs import place_of
from db.queue_rows import folded, replaced
from db.rows import insert, row_of
from db.store import Store
from services.runs import plan_for
from tests.world import all_proved, recipe, request_run

SMALL_RUNS: Final = 10
AT_ONCE: Final = 2_000
"""Pairs whose rows are inserted by one statement."""
LARGE: Final = "large"


def make_home(folder: Path, *, pairs: int, verdicts: int, policy_digest: str) -> Settings:
    """A home with one large run that was started under a policy, and some small ones."""
    settings = Settings.from_env(os.environ, home=folder)
    chance = random.Random(0)
    with Store.open(settings) as store:
        runs = [_requested(store, f"small-{number}", 20, RunKind.SUITE) for number in range(SMALL_RUNS)]
        runs += [_requested(store, f"compare-{number}", 1, RunKind.COMPARE) for number in range(SMALL_RUNS)]
        runs.append(_requested(store, LARGE, pairs, RunKind.SUITE))
        _start(store, runs[-1], policy_digest)
        store.selftests.save(all_proved())
        versions = {test.check: test.version for test in all_proved()}
        with store._database.write() as connection:
            examinations = count(1)
            for run in runs:
                _draw(connection, settings.blobs, run, versions, chance, examinations)
            queue = folded(connection)
            insert(connection, tables.verdicts, judged(queue, connection, verdicts))
            replaced(connection, queue)
    return settings


@lru_cache(maxsize=1)
def large_run(store: Store) -> Run:
    """The run that holds most pairs; looked for once, for that is no part of what is asked."""
    return next(run for run in store.runs.list(limit=200) if run.suite == LARGE)


def _requested(store: Store, name: str, cases: int, kind: RunKind) -> Run:
    suite = Suite(name=name, cases=tuple(_case(name, number) for number in range(cases)))
    run: Run = request_run(store, NOW, suite=suite, seeds=(1,), kind=kind, plan=plan_for(suite))
    return run


def _case(suite: str, number: int) -> Case:
    """A poster; every second one with small lettering, every third one transparent."""
    text = (ExpectedText(text=f"SALE {number}", letter_height_px=14 if number % 4 else 24),)
    return Case(
        name=f"{suite}-{number:05}",
        prompt=f"poster {number} of {suite}",
        width=16,
        height=16,
        tags=("poster", "small" if number % 2 else "large"),
        expected_text=text if number % 2 else (),
        expects_alpha=True if number % 3 == 0 else None,
    )


def _start(store: Store, run: Run, policy_digest: str) -> None:
    started = RolloutEvent(
        uuid="start",
        run_id=run.id,
        action=RolloutAction.START,
        by="lea",
        policy_digest=policy_digest,
        created_at=NOW,
    )
    store.decisions.append_event(started)


def _draw(
    connection: Connection,
    blobs: Path,
    run: Run,
    versions: Mapping[str, str],
    chance: random.Random,
    examinations: Iterator[int],
) -> None:
    """Every pair of a run drawn on both arms and measured, by pages of pairs."""
    from core.records import JobState
    from db.rows import all_as, select_as

    pairs = all_as(connection, Pair, select_as(Pair, tables.pairs).where(tables.pairs.c.run_id == run.id))
    cases = {
        case.digest: case
        for case in all_as(
            connection,
            Case,
            select_as(Case, tables.cases).where(tables.cases.c.name.startswith(f"{run.suite}-")),
        )
    }
    for first in range(0, len(pairs), AT_ONCE):
        some = pairs[first : first + AT_ONCE]
        places = [(pair, arm) for pair in some for arm in Arm]
        files = [_stored(blobs, chance) for _ in places]
        insert(connection, tables.stored_files, [row_of(file, claimed_at=NOW) for file in files])
        renders = [
            _render(pair, cases[pair.case_digest], arm, file, chance)
            for (pair, arm), file in zip(places, files, strict=True)
        ]
        insert(
            connection,
            tables.renders,
            [row_of(render, recipe_digest=f"recipe-{render.id}") for render in renders],
        )
        found = [
            row_of(m, examination=number, alarm=is_alarm(m))
            for pair, number in zip(some, examinations, strict=False)
            for m in _measured(pair, cases[pair.case_digest], versions, chance)
        ]
        insert(connection, tables.measurements, found)
    drawn = {"ready": True, "noise_shared": True}
    connection.execute(tables.pairs.update().where(tables.pairs.c.run_id == run.id).values(**drawn))
    done = {"state": JobState.DONE, "finished_at": NOW + timedelta(seconds=1)}
    connection.execute(tables.jobs.update().where(tables.jobs.c.run_id == run.id).values(**done))


def _stored(blobs: Path, chance: random.Random) -> StoredFile:
    """A picture of its own, in a file where the desk looks for it; it is not flushed to the disk."""
    image, png = Image.frombytes("RGBA", (16, 16), chance.randbytes(16 * 16 * 4)), io.BytesIO()
    image.save(png, "PNG", compress_level=1)
    content = png.getvalue()
    file = StoredFile(file_digest=bytes_digest(content), digest=pixel_digest(image), size_bytes=len(content))
    path = place_of(blobs, file).path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return file


def _render(pair: Pair, case: Case, arm: Arm, file: StoredFile, chance: random.Random) -> Render:
    """A finished render; the candidate is a little faster."""
    latency_ms = chance.lognormvariate(4.6, 0.1) * (0.9 if arm is Arm.CANDIDATE else 1.0)
    return Render(
        id=f"render-{pair.id}-{arm}",
        pair_id=pair.id,
        arm=arm,
        recipe=recipe(case, pair.seed, arm),
        status=RenderStatus.DONE,
        digest=file.digest,
        file_digest=file.file_digest,
        mode="RGBA",
        width=16,
        height=16,
        latency_ms=latency_ms,
        gpu_seconds=latency_ms / 1000,
        peak_memory_mb=300.0,
        created_at=NOW,
    )


def _measured(
    pair: Pair, case: Case, versions: Mapping[str, str], chance: random.Random
) -> Iterator[Measurement]:
    """What the checks that gates ask find: one candidate in fifty reads wrong."""

    def one(check: str, metric: str, arm: Arm | None, value: float, **words: Any) -> Measurement:
        return Measurement(
            pair_id=pair.id,
            check=check,
            metric=metric,
            arm=arm,
            status=MeasurementStatus.MEASURED,
            value=value,
            unit="",
            higher_is_better=None,
            reason=f"{metric} is {value:g} on {pair.case_name}",
            version=versions[check],
            created_at=NOW + timedelta(seconds=1),
            **words,
        )

    for arm in Arm:
        yield one("blank", "empty", arm, 0.0, raw={"fingerprint": f"{chance.getrandbits(64):016x}"})
        yield one("contract", "breaches", arm, 0.0)
        if case.expects_alpha:
            yield one("alpha", "band_present", arm, 1.0)
            yield one("alpha", "faults", arm, 0.0)
        for line in case.expected_text:
            wrong = arm is Arm.CANDIDATE and chance.random() < 0.02
            raw = {"letter_height_px": line.letter_height_px}
            yield one("typography", "exact", arm, float(not wrong), subject=line.text, raw=raw)
    yield one("lpips", "lpips", None, chance.random() / 5)
