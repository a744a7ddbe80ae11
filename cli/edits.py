"""``sidegrade edits``: does an edit change what it was asked to change, and nothing else?"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from cli.answers import Answer, table
from cli.call import Call, command
from cli.outputs import write_output
from cli.runs import suite_named
from core.backends import open_backend
from core.config.models import find_model, load_models
from core.errors import InvalidRequest
from core.formatting import number
from core.recipes.recipe import validate_seed

if TYPE_CHECKING:
    from PIL import Image

    from core.backends.protocol import Backend
    from core.conformance.edit_answers import EditAnswer
    from core.conformance.edit_cases import Made

commands = typer.Typer()

MARKS = {"kept": "OK", "broken": "✗", "measured": "", "not done": "–"}


@command(commands)
def edits(
    call: Call,
    model: Annotated[str, typer.Argument(help="Name of a model in models.toml.")],
    against: Annotated[
        str | None, typer.Option(help="The model in production: a second edit may drift no more than its.")
    ] = None,
    images: Annotated[
        Path | None, typer.Option(help="Folder of pictures to edit; else the model's own renders.")
    ] = None,
    prompt: Annotated[
        str | None, typer.Option(help="What the pictures show, where no recipe inside them tells.")
    ] = None,
    suite: Annotated[str, typer.Option(help="Suite whose cases are rendered and edited.")] = "starter",
    cases: Annotated[int, typer.Option(help="How many of its cases, evenly spread.", min=1)] = 3,
    seed: Annotated[str, typer.Option(help="Seed of the renders and of the edits.")] = "1",
    strength: Annotated[
        float, typer.Option(help="How much is drawn anew, from 0 to 1.", min=0.05, max=1.0)
    ] = 0.5,
    drift: Annotated[
        float, typer.Option(help="Levels of 255 a second edit may drift more than the other model's.", min=0)
    ] = 1.0,
    alpha_iou: Annotated[
        float, typer.Option(help="Least overlap of the masks before and after upscaling.", min=0, max=1)
    ] = 0.95,
    raw: Annotated[
        bool,
        typer.Option("--raw", help="Judge inpainting as the pipeline gives it, nothing put back outside."),
    ] = False,
    save: Annotated[Path | None, typer.Option(help="Also write every edit as PNG to this folder.")] = None,
) -> Answer:
    """Edit pictures in three ways and examine what came: image-to-image, inpainting, upscaling.

    Outside the mask nothing may change; the second edit of an edit may drift no more than with the model in
    production; an upscaled picture keeps its text and its alpha. Exit code 1 when a promise is broken or an
    edit could not be tried: a picture that is refused, or a model that cannot do it, is never a pass.
    """
    from core.conformance.edit_answers import EditOutcome, EditPromise, judge_edits
    from core.conformance.edit_cases import make_edits
    from core.conformance.edit_sources import folder_sources, rendered_sources, spread_over

    number = validate_seed(seed)
    if images is not None:
        pictures = folder_sources(images, prompt=prompt, seed=number)
    else:
        with call.store() as store:
            chosen = spread_over(suite_named(store, call.settings, suite).cases, cases)

    def edited(backend: Backend) -> list[Made]:
        sources = pictures if images is not None else rendered_sources(backend, chosen, seed=number)
        return list(make_edits(backend, sources, strength=strength, raw=raw))

    made = with_model(call, model, edited)
    others = with_model(call, against, edited) if against else []
    promise = EditPromise(drift_levels=drift, alpha_iou=alpha_iou)
    answers = judge_edits(made, others, promise=promise)
    if save:
        write_edits(made, save)
    kept = all(answer.outcome in (EditOutcome.KEPT, EditOutcome.MEASURED) for answer in answers)
    document = {"model": model, "against": against, "strength": strength, "promise": promise}
    return Answer(
        document={**document, "kept": kept, "answers": answers},
        text=table_of(answers),
        exit_code=0 if kept else 1,
    )


def with_model(call: Call, name: str, work: Callable[[Backend], list[Made]]) -> list[Made]:
    """What the work gives with a model that is loaded for it and freed again: two need not fit at once."""
    backend = open_backend(
        find_model(load_models(call.settings.models_file), name), call.settings.models_file
    )
    try:
        return work(backend)
    finally:
        backend.close()


def table_of(answers: Iterable[EditAnswer]) -> Table:
    """One line an edit."""
    text = table("", "picture", "edit", "got", "")
    for answer in answers:
        latency = number(answer.latency_ms, "ms") if answer.latency_ms is not None else ""
        text.add_row(MARKS[answer.outcome], answer.source, answer.kind, answer.got, latency)
    return text


def write_edits(made: Iterable[Made], folder: Path) -> None:
    """Each edit as ``<picture>-<edit>.png``, beside the picture it was made of.

    Raises:
        InvalidRequest: when the folder cannot be written; no picture in it is half-written.
    """
    from core.conformance.edit_cases import EditMade

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidRequest(f"save: expected a folder that can be written ({error})") from error
    for one in made:
        if isinstance(one, EditMade):
            name = Path(one.source.name).stem
            write_output(folder / f"{name}.png", png_of(one.source.image))
            write_output(folder / f"{name}-{one.kind}.png", png_of(one.image))


def png_of(image: Image.Image) -> bytes:
    """The picture as a PNG file."""
    png = io.BytesIO()
    image.save(png, "PNG")
    return png.getvalue()
