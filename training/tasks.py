"""The plan as tasks: what `python -m training` can be asked for, and what each task waits for."""

from dataclasses import asdict
from functools import partial
from pathlib import Path

import torch
from diffusers import AutoencoderTiny

from training.autoencoder import train_autoencoder, tune_decoder
from training.denoiser import Trainee, begin_from, restore, train
from training.latents import Examples, load_or_make
from training.pack import pack
from training.progress import device
from training.report import MODELS_FOLDER, RENDERER, evaluate, sample_grids, time_again, write_report
from training.schedule import Task
from training.stages import CODERS, DECODERS, EXAMPLES, MODELS, RUNS, Decoder, Run

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "var" / "training"


def tasks(prompts: int) -> dict[str, Task]:
    """Every task by name, in an order in which they can run; `prompts` is how many the evaluations draw."""
    table = {**_coders(), **_examples(), **_stages()}
    table["pack"] = Task(work=pack_all, needs=tuple(table))
    table |= {
        f"evaluate/{name}": Task(work=partial(evaluate, name, prompts), needs=("pack",), minutes=prompts / 50)
        for name in (RENDERER, *MODELS)
    }
    for name in MODELS:  # one after the other, when nothing else is left to disturb the clock
        table[f"time/{name}"] = Task(work=partial(time_again, name), needs=tuple(table))
    table["report"] = Task(work=write_everything, needs=tuple(table))
    return table


def _coders() -> dict[str, Task]:
    table = {
        name: Task(
            work=partial(train_coder, name),
            needs=(coder.source,) if coder.source else (),
            minutes=coder.steps / 450,
        )
        for name, coder in CODERS.items()
    }
    for name, decoder in DECODERS.items():
        minutes = decoder.steps / (250 if decoder.larger else 500)
        table[name] = Task(
            work=partial(train_decoder, name, decoder), needs=(decoder.source,), minutes=minutes
        )
    return table


def _examples() -> dict[str, Task]:
    return {
        f"examples/{name}": Task(
            work=partial(examples, name), needs=(wanted.autoencoder,), minutes=wanted.count / 5000
        )
        for name, wanted in EXAMPLES.items()
    }


def _stages() -> dict[str, Task]:
    table = {}
    for name, run in RUNS.items():
        for index, stage in enumerate(run.stages):
            before = _before(name, run, index)
            canvases = tuple(f"examples/{canvas}" for canvas in stage.canvases)
            table[f"{name}/{stage.name}"] = Task(
                work=partial(run_stage, name, run, index),
                needs=(before, *canvases) if before else canvases,
                minutes=stage.steps * run.shape.blocks / 200,
            )
    return table


def _before(name: str, run: Run, index: int) -> str | None:
    """The stage that a stage goes on from, if any: its task, and its checkpoint in the work folder."""
    if index:
        return f"{name}/{run.stages[index - 1].name}"
    return run.begun_from and run.begun_from[0]


def train_coder(name: str) -> None:
    """Train an autoencoder of the plan."""
    plan = asdict(CODERS[name])
    source = plan.pop("source")
    train_autoencoder(WORK / name, source=source and WORK / source, **plan)


def train_decoder(name: str, decoder: Decoder) -> None:
    """Train a decoder of the plan."""
    plan = asdict(decoder)
    tune_decoder(WORK / plan.pop("source"), WORK / name, **plan)


def examples(name: str) -> Examples:
    """A set of training examples, drawn and encoded the first time, then read from the work folder."""
    wanted = EXAMPLES[name]
    vae = AutoencoderTiny.from_pretrained(WORK / wanted.autoencoder)
    vae = vae.to(device(), memory_format=torch.channels_last).eval()
    return load_or_make(WORK / "examples" / f"{name}.pt", vae, wanted.count, wanted.canvas, wanted.seed)


def run_stage(name: str, run: Run, index: int) -> None:
    """Train one stage, starting from the end of the one before it."""
    stage, trainee = run.stages[index], Trainee(run.shape, seed=run.seed)
    before = _before(name, run, index)
    if index:
        restore(trainee, WORK / f"{before}.pt")
    elif run.begun_from:
        begin_from(trainee, WORK / f"{before}.pt", run.begun_from[1])
    seen = {canvas: examples(canvas) for canvas in stage.canvases}
    train(trainee, stage, seen, WORK / name, seed=10 * run.seed + index)


def pack_all() -> None:
    """Replace the folders under `models/`."""
    for name, recipe in MODELS.items():
        checkpoint = WORK / recipe.run / f"{recipe.checkpoint}.pt"
        shape = RUNS[recipe.run].shape
        pack(MODELS_FOLDER / name, checkpoint, WORK / recipe.autoencoder, shape, recipe.sampler)


def write_everything() -> None:
    """Sample grids, REPORT.md and the model cards, from what `evaluate` has stored."""
    sample_grids()
    write_report(WORK)
