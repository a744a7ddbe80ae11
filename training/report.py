"""Everything the training says about itself: scores, learning curves, sample grids, REPORT.md, model cards.

All numbers come from `training/report/scores/` and `training/report/curves/`; none is typed in.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypedDict

import numpy as np
import torch
from PIL import Image

from training.curves import curve_table, kept_curve, minutes_of_each, plot
from training.drawings import (
    Drawing,
    by_model,
    by_renderer,
    digest_elsewhere,
    drawn,
    drawn_digest,
    style_of_seed,
)
from training.grammar import parse
from training.heldout import heldout_posters
from training.pack import size_mib
from training.posters import CANVASES
from training.scores import Measured, Rate, lines_read, measure, read_on
from training.stages import CODERS, DECODERS, MODELS, RUNS

HERE = Path(__file__).parent
REPORT_FOLDER = HERE / "report"
SCORES, CURVES = REPORT_FOLDER / "scores", REPORT_FOLDER / "curves"
RENDERER = "renderer"
MODELS_FOLDER = HERE.parent / "models"
TEMPLATES = HERE / "cards"
SAMPLE_PROMPTS = (
    'poster, exact text: "SALE NOW", white on teal',
    'banner, two lines, mixed, exact text: "SUMMER" "50 OFF", black on transparent, with a red circle',
    'badge, exact text: "OPEN", cream on navy',
    'poster, two lines, exact text: "JAZZ" "NIGHT", yellow on purple, with a yellow star',
    'banner, two lines, small, exact text: "DOORS 8PM" "STAGE 2", white on black',
    'badge, two lines, mixed, exact text: "NEW!" "MAY 2026", red on cream',
    'badge, small, exact text: "KIDS GO", navy on transparent, with a navy square',
    'banner, exact text: "VOTE", white on red, with a white arrow',
    'poster, two lines, mixed, exact text: "COFFEE" "UNTIL 6", cream on black, with an orange circle',
    'poster, two lines, small, exact text: "ROOM 4B" "LEVEL 2", blue on white',
    'poster, two lines, mixed, exact text: "RUN 10K" "JULY 4", teal on transparent, with an orange arrow',
    'please make me a big bold poster, white on green, with a pink star, exact text: "hello"',
)
SEED_PROMPT = 'banner, two lines, mixed, exact text: "MUSIC" "FRIDAY 9", yellow on blue, with a pink star'


class Variety(TypedDict):
    """One prompt at several seeds: how many layouts were due, how many drawings read right in full."""

    seeds: int
    styles: int
    read_right: int


class Examined(TypedDict, total=False):
    """What is found out about a packed model besides its scores; nothing about the renderer."""

    bit_exact: bool
    seeds: Variety
    size_mib: float


class Stored(Measured, Examined):
    """Scores of one model, or of the renderer, as they stand in `SCORES`; `sizes` by canvas, then by line."""

    prompts: int
    sizes: dict[str, dict[str, list[int]]]


def _rate(pair: list[int] | None) -> str:
    return str(Rate(*pair)) if pair and pair[1] else "–"


def _rate_on(scores: Stored, canvas: str, size: str) -> str:
    return _rate(scores.get("sizes", {}).get(canvas, {}).get(size))


FIGURES: dict[str, Callable[[Stored], str]] = {
    "held-out prompts": lambda s: str(s["prompts"]),
    "large line read exactly": lambda s: _rate(s["lines"].get("large")),
    "— words": lambda s: _rate(s["lines"].get("large words")),
    "— random strings": lambda s: _rate(s["lines"].get("large strings")),
    "small line read exactly": lambda s: _rate(s["lines"].get("small")),
    "— words ": lambda s: _rate(s["lines"].get("small words")),
    "— random strings ": lambda s: _rate(s["lines"].get("small strings")),
    "second line read exactly": lambda s: _rate(s["lines"].get("line 2")),
    "large line on 256×64": lambda s: _rate_on(s, "256×64", "large"),
    "small line on 256×64": lambda s: _rate_on(s, "256×64", "small"),
    "large line on 128×128": lambda s: _rate_on(s, "128×128", "large"),
    "small line on 128×128": lambda s: _rate_on(s, "128×128", "small"),
    "named shape drawn": lambda s: _rate(s["shapes"]),
    "alpha coverage error": lambda s: (
        "no alpha" if s["coverage_error"] is None else f"{100 * s['coverage_error']:.2f}%"
    ),
    "colour, ΔE2000 median": lambda s: f"{s['color_difference']:.1f}",
    "colour of the shape, ΔE2000 median": lambda s: f"{s['shape_color_difference']:.1f}",
    "CPU seconds per image": lambda s: f"{s['seconds']:.2f}",
    "same seed, new process": lambda s: {True: "bit-exact", False: "differs", None: "–"}[s.get("bit_exact")],
    "image mode": lambda s: s["mode"],
    "folder, MiB": lambda s: f"{s['size_mib']:.1f}" if "size_mib" in s else "–",
}
"""The rows of the table: what a figure is called and how it is written from stored scores."""


def table(columns: Mapping[str, Stored], figures: Mapping[str, Callable[[Stored], str]]) -> str:
    """A Markdown table of scores, one column a model."""
    rows = [["figure", *columns], ["---"] * (len(columns) + 1)]
    rows += [
        [name.strip(), *(write(scores) for scores in columns.values())] for name, write in figures.items()
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def evaluated(name: str, prompts: int) -> Stored:
    """The scores of one packed model, or of `renderer`, on held-out prompts."""
    draw, own = (by_renderer, {}) if name == RENDERER else _examined(name)
    others = heldout_posters(prompts // 5)
    sizes = {f"{canvas[0]}×{canvas[1]}": read_on(draw, others, canvas) for canvas in CANVASES[1:]}
    return {"prompts": prompts, **measure(draw, heldout_posters(prompts)).as_dict(), "sizes": sizes, **own}


def _examined(name: str) -> tuple[Drawing, Examined]:
    """A packed model, and what is found out about it besides its scores."""
    folder, steps = MODELS_FOLDER / name, MODELS[name].sampler.steps
    draw = by_model(folder, steps)
    return draw, {
        "bit_exact": drawn_digest(folder, steps) == digest_elsewhere(folder, steps),
        "seeds": seed_variety(draw),
        "size_mib": round(size_mib(folder), 1),
    }


def evaluate(name: str, prompts: int) -> None:
    """Measure one packed model, or `renderer`, and store the scores."""
    _store(name, evaluated(name, prompts))


def time_again(name: str, prompts: int = 40) -> None:
    """Replace a model's stored seconds by those of a machine that does nothing else; scores stay."""
    draw = by_model(MODELS_FOLDER / name, MODELS[name].sampler.steps)
    seconds = measure(draw, heldout_posters(prompts)).as_dict()["seconds"]
    _store(name, {**stored(name), "seconds": seconds})


def _store(name: str, scores: Stored) -> None:
    SCORES.mkdir(parents=True, exist_ok=True)
    (SCORES / f"{name}.json").write_text(json.dumps(scores, indent=1) + "\n")


def stored(name: str, folder: Path = SCORES) -> Stored:
    """The scores of one model, or of `renderer`, as `evaluate` wrote them."""
    scores: Stored = json.loads((folder / f"{name}.json").read_text())
    return scores


def stored_scores() -> dict[str, Stored]:
    """What `evaluate` has stored: the renderer first, then the models."""
    return {name: stored(name) for name in (RENDERER, *MODELS)}


def seed_variety(draw: Drawing) -> Variety:
    """One prompt at eight seeds: how many layouts were due, and how many drawings read right in full."""
    poster = parse(SEED_PROMPT)
    styles = {seed: style_of_seed(seed) for seed in range(8)}
    right = sum(all(lines_read(draw(poster, seed), poster, style)) for seed, style in styles.items())
    return {"seeds": 8, "styles": len(set(styles.values())), "read_right": right}


def sample_grids() -> None:
    """Write the sample sheets: the sample prompts, and one prompt at eight seeds, per model."""
    from diffusers import DiffusionPipeline

    torch.set_num_threads(1)
    REPORT_FOLDER.mkdir(exist_ok=True)
    for name, recipe in MODELS.items():
        pipe = DiffusionPipeline.from_pretrained(MODELS_FOLDER / name)
        pipe.set_progress_bar_config(disable=True)
        steps = recipe.sampler.steps
        sheet(
            [drawn(pipe, prompt, 1 + k, steps=steps) for k, prompt in enumerate(SAMPLE_PROMPTS)],
            f"samples-{name}",
        )
        sheet([drawn(pipe, SEED_PROMPT, seed, steps=steps) for seed in range(8)], f"seeds-{name}")


def sheet(images: list[Image.Image], name: str, *, columns: int = 4) -> None:
    """A contact sheet on a chequered ground, which shows transparency."""
    width, height = columns * 260 + 4, -(-len(images) // columns) * 132 + 4
    rows, across = np.indices((height, width)) // 8
    ground = Image.fromarray(np.where((rows + across) % 2, 205, 180).astype(np.uint8)).convert("RGB")
    for k, image in enumerate(images):
        ground.paste(
            image, (4 + k % columns * 260, 4 + k // columns * 132), image if image.mode == "RGBA" else None
        )
    ground.quantize(128).save(REPORT_FOLDER / f"{name}.png", optimize=True)


def write_report(work: Path) -> None:
    """REPORT.md, its pictures, and the README of every model, from the stored scores and curves."""
    scores = stored_scores()
    coders = {name: kept_curve(work / name, CURVES) for name in (*CODERS, *DECODERS)}
    runs = {name: kept_curve(work / name, CURVES) for name in RUNS}
    plot(coders, "psnr_db", REPORT_FOLDER / "curve-psnr.png")
    plot(runs, "accuracy_at_noise", REPORT_FOLDER / "curve-accuracy.png")
    plot(runs, "flow", REPORT_FOLDER / "curve-flow.png")
    curves = [row for rows in (*coders.values(), *runs.values()) for row in rows]
    fields = {
        "table": table(scores, FIGURES),
        "coders": curve_table([row for rows in coders.values() for row in rows]),
        "runs": "\n\n".join(f"**{name}**\n\n{curve_table(rows)}" for name, rows in runs.items() if rows),
        "hours": f"{sum(minutes_of_each(curves)) / 60:.1f}",
        "seeds": "\n".join(_seed_line(name, one) for name, one in scores.items() if name in MODELS),
    }
    (HERE / "REPORT.md").write_text((TEMPLATES / "REPORT.md").read_text().format(**fields))
    for name in MODELS:
        write_card(name, scores)


def _seed_line(name: str, scores: Stored) -> str:
    seeds = scores["seeds"]
    read, layouts = seeds["read_right"], seeds["styles"]
    return f"- {name}: {layouts} different layouts at {seeds['seeds']} seeds, {read} read right in full"


def write_card(name: str, scores: Mapping[str, Stored]) -> None:
    """The model's README, from its template and the stored scores."""
    sampler = MODELS[name].sampler
    text = (
        (TEMPLATES / f"{name}.md")
        .read_text()
        .format(
            table=table({RENDERER: scores[RENDERER], name: scores[name]}, FIGURES),
            steps=sampler.steps,
            rules=(TEMPLATES / "rules.md").read_text().strip(),
            size=scores[name]["size_mib"],
        )
    )
    (MODELS_FOLDER / name / "README.md").write_text(text)
