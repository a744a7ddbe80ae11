"""What does the worker cost over a bare diffusers loop? The same prompts, seeds and batches, side by side.

Three ways to the same images, in turn, round after round: a loop that calls the pipeline and throws the
images away; the worker without checks (queue, leases, noise digests, PNG with recipe, store); and the worker
as it runs, with every check in the process beside it. CPU seconds are those of the drawing process; on a busy
machine they say more than the wall does. Models are loaded and warm before the first round. A round ends when
the last pair is examined and saved; it is long enough that this wait, once a run, is a small part of it.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from core.config.models import find_model, load_models
from core.config.settings import PROJECT, Settings
from core.config.suites import find_suite
from core.records import Case, RunKind, Suite
from core.torch_runtime import prepare_process, prepare_torch, silence_pipelines
from db.store import Store
from services.runs import request_run
from worker.loop import Worker

AIM = 0.05
"""Extra time an image that the worker may cost."""


class Cost(NamedTuple):
    """Seconds an image."""

    wall: float
    cpu: float


def main() -> None:
    """Print one table a batch size."""
    prepare_process()
    parser = argparse.ArgumentParser(prog="python -m bench.worker_overhead", description=__doc__)
    parser.add_argument("--model", default="letterpress")
    parser.add_argument("--pairs", type=int, default=22, help="pairs a round; each is two images")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 4])
    wanted = parser.parse_args()
    cases = [case for case in find_suite("starter", PROJECT / "suites").cases if case.size == (256, 128)]
    for batch in wanted.batches:
        print(f"\n{wanted.model}, batch of {batch}, {wanted.rounds} rounds of {2 * wanted.pairs} images")
        print(table(measured(wanted.model, cases[: wanted.pairs], batch, wanted.rounds)))


def measured(model: str, cases: Sequence[Case], batch: int, rounds: int) -> dict[str, list[Cost]]:
    """Cost of every round by the name of the way."""
    with ExitStack() as stack:
        settings = _settings(stack, model, batch)
        ways: dict[str, Callable[[int], None]] = {
            "bare loop": _bare_loop(settings, model, cases, batch),
            "worker, generation path": _worker(stack, settings, model, cases, checks=()),
            "worker, all checks beside": _worker(stack, settings, model, cases, checks=None),
        }
        for draw in ways.values():
            draw(0)
        costs: dict[str, list[Cost]] = {name: [] for name in ways}
        for seed in range(1, rounds + 1):
            for name, draw in ways.items():
                costs[name].append(_cost(draw, seed, images=2 * len(cases)))
        return costs


def table(costs: dict[str, list[Cost]]) -> str:
    """Median seconds an image, and the median of each round's ratio to the bare loop beside it."""
    bare = costs["bare loop"]
    lines = [f"{'':28}{'wall s/image':>14}{'CPU s/image':>14}{'extra wall':>12}{'extra CPU':>12}"]
    for name, rounds in costs.items():
        pairs = list(zip(rounds, bare, strict=True))
        wall, cpu = (median(one[i] / other[i] - 1 for one, other in pairs) for i in (0, 1))
        figures = f"{median(c.wall for c in rounds):14.3f}{median(c.cpu for c in rounds):14.3f}"
        lines.append(f"{name:28}{figures}{wall:12.1%}{cpu:12.1%}")
    return "\n".join([*lines, f"aim: less than {AIM:.0%} extra"])


def _cost(draw: Callable[[int], None], seed: int, *, images: int) -> Cost:
    wall, cpu = time.perf_counter(), time.process_time()
    draw(seed)
    return Cost((time.perf_counter() - wall) / images, (time.process_time() - cpu) / images)


def _settings(stack: ExitStack, model: str, batch: int) -> Settings:
    """A home of its own, and the model with this batch size."""
    home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    settings = Settings.from_env(os.environ, home=home / "home")
    text = settings.models_file.read_text().replace('source = "models/', f'source = "{PROJECT}/models/')
    batched = text.replace(f"[models.{model}]\n", f"[models.{model}]\nbatch_size = {batch}\n")
    (home / "models.toml").write_text(batched)
    return replace(settings, models_file=home / "models.toml")


def _bare_loop(settings: Settings, model: str, cases: Sequence[Case], batch: int) -> Callable[[int], None]:
    prepare_torch()
    import diffusers
    import torch

    silence_pipelines()
    spec = find_model(load_models(settings.models_file), model)
    pipe: Any = diffusers.DiffusionPipeline.from_pretrained(spec.source, use_safetensors=True)
    pipe.set_progress_bar_config(disable=True)

    def draw(seed: int) -> None:
        for start in range(0, len(cases), batch):
            some = cases[start : start + batch]
            for _arm in range(2):
                pipe(
                    prompt=[case.prompt for case in some],
                    width=256,
                    height=128,
                    num_inference_steps=spec.num_inference_steps,
                    guidance_scale=spec.guidance_scale,
                    generator=[torch.Generator().manual_seed(seed) for _ in some],
                )

    return draw


def _worker(
    stack: ExitStack, settings: Settings, model: str, cases: Sequence[Case], *, checks: Sequence[str] | None
) -> Callable[[int], None]:
    """Runs of the model against itself, in a store of their own."""
    settings = replace(settings, home=settings.home / ("bare" if checks is not None else "checked"))
    settings = replace(settings, database_url=f"sqlite:///{settings.home / 'sidegrade.db'}")
    store = stack.enter_context(Store.open(settings))
    beside = checks is None
    worker = stack.enter_context(
        Worker(store, settings, now=datetime.now(UTC), checks=checks, examine_beside=beside)
    )
    suite = Suite(name="bench", cases=tuple(cases))

    def draw(seed: int) -> None:
        now = datetime.now(UTC)
        request_run(
            store,
            settings,
            suite,
            kind=RunKind.NOISE_FLOOR,
            baseline=model,
            candidate=model,
            seeds=[seed],
            requested_by="bench",
            now=now,
        )
        while worker.run_once(now=datetime.now(UTC)):
            pass

    return draw


if __name__ == "__main__":
    main()
