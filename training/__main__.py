"""`python -m training [task ...]`: make the embedded models from nothing, or go on where it was stopped.

Tasks in order: three autoencoders, three decoders, one per set of examples (`examples/fine-native` …), one
per stage (`main/strip` …), pack, `evaluate/…`, `time/…`, report. Without arguments all of them run; what is
finished is recognised by its last checkpoint.
"""

import argparse
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
from training.stages import CODERS, DECODERS, EXAMPLES, MODELS, RUNS, Run

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "var" / "training"


def tasks(prompts: int = 500) -> dict:
    """Every task by name, in order; `prompts` is how many the evaluations draw."""
    table = {name: partial(train_coder, name) for name in CODERS}
    for name, decoder in DECODERS.items():
        plan = asdict(decoder)
        table[name] = partial(tune_decoder, WORK / plan.pop("source"), WORK / name, **plan)
    for name in EXAMPLES:
        table[f"examples/{name}"] = partial(examples, name)
    for name, run in RUNS.items():
        for stage in run.stages:
            table[f"{name}/{stage.name}"] = partial(run_stage, name, run, stage.name)
    table["pack"] = pack_all
    for name in (RENDERER, *MODELS):
        table[f"evaluate/{name}"] = partial(evaluate, name, prompts)
    for name in MODELS:
        table[f"time/{name}"] = partial(time_again, name)
    return {**table, "report": write_everything}


def train_coder(name: str) -> None:
    """Train an autoencoder of the plan."""
    plan = CODERS[name]
    train_autoencoder(
        WORK / name,
        source=plan.source and WORK / plan.source,
        steps=plan.steps,
        noise=plan.noise,
        shrink=plan.shrink,
        on_text=plan.on_text,
        seed=plan.seed,
    )


def examples(name: str) -> Examples:
    """A set of training examples, drawn and encoded the first time, then read from the work folder."""
    wanted = EXAMPLES[name]
    vae = (
        AutoencoderTiny.from_pretrained(WORK / wanted.autoencoder)
        .to(memory_format=torch.channels_last)
        .eval()
    )
    return load_or_make(
        WORK / "examples" / f"{name}.pt", vae.to(device()), wanted.count, wanted.canvas, wanted.seed
    )


def run_stage(name: str, run: Run, stage_name: str) -> None:
    """Train one stage, starting from the end of the one before it."""
    index = [stage.name for stage in run.stages].index(stage_name)
    stage, trainee = run.stages[index], Trainee(run.shape, seed=run.seed)
    if index:
        restore(trainee, WORK / name / f"{run.stages[index - 1].name}.pt")
    elif run.begun_from:
        source, checkpoint, blocks = run.begun_from
        begin_from(trainee, WORK / source / f"{checkpoint}.pt", blocks)
    train(
        trainee,
        stage,
        {name: examples(name) for name in stage.canvases},
        WORK / name,
        seed=10 * run.seed + index,
    )


def pack_all() -> None:
    """Replace the folders under `models/`."""
    for name, recipe in MODELS.items():
        checkpoint = WORK / recipe.run / f"{recipe.checkpoint}.pt"
        pack(
            MODELS_FOLDER / name,
            checkpoint,
            WORK / recipe.autoencoder,
            RUNS[recipe.run].shape,
            recipe.sampler,
        )


def write_everything() -> None:
    """Sample grids, REPORT.md and the model cards, from what `evaluate` has stored."""
    sample_grids()
    write_report(WORK)


def main() -> None:
    """Run the named tasks, or all."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("tasks", nargs="*", metavar="task")
    parser.add_argument("--prompts", type=int, default=500)
    asked = parser.parse_args()
    table = tasks(asked.prompts)
    if unknown := set(asked.tasks) - set(table):
        parser.error(f"expected tasks of {', '.join(table)}; got {', '.join(sorted(unknown))}")
    for name in asked.tasks or table:
        device()
        table[name]()


if __name__ == "__main__":
    main()
