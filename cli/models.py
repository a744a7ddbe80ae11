"""``sidegrade models``: what is declared, whether its parts fit, and fetching hub models once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

import typer

from cli.answers import Answer, explained, table
from cli.call import Call, command
from core.backends import check_parts_fit
from core.backends.sources import fetch, model_digest
from core.config.models import find_model, load_models
from core.config.settings import Settings
from core.errors import SidegradeError
from core.failures import failure_of
from core.records import Failure, ModelSpec

commands = typer.Typer(name="models", help="The declared models: list, check, fetch.")


@command(commands, "list")
def list_models(call: Call) -> Answer:
    """List the models of models.toml, and whether their files are on this machine; else what is wrong."""
    rows = [
        (spec, *identify(spec, call.settings)) for spec in load_models(call.settings.models_file).values()
    ]
    text = table("model", "steps", "guidance", "mode", "source", "files")
    for spec, _, failure in rows:
        steps, guidance = str(spec.num_inference_steps), f"{spec.guidance_scale:g}"
        files = "here" if failure is None else explained(failure)
        text.add_row(spec.name, steps, guidance, spec.contract.mode, spec.source, files)
    documents = [{"spec": spec, "digest": digest, "failure": failure} for spec, digest, failure in rows]
    return Answer(document={"models": documents}, text=text)


@command(commands)
def check(
    call: Call,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="MODEL", help="Models to load; all when none is named.")
    ] = None,
) -> Answer:
    """Load models and check that their parts fit, before anything is generated.

    Examined: latent channels and scale of the VAE against the transformer, text encoders, scheduler, output
    size and mode. Exit code 1 when a model does not fit.
    """
    models = load_models(call.settings.models_file)
    specs = [find_model(models, name) for name in names] if names else list(models.values())
    examined = [loaded(spec, call.settings) for spec in specs]
    text = table("model", "result")
    for model in examined:
        text.add_row(model.model, explained(model.failure) if model.failure else "OK: its parts fit")
        for report in model.fit_reports:
            text.add_row("", f"  {report}")
    fit = all(model.fits for model in examined)
    return Answer(document={"models": examined}, text=text, exit_code=0 if fit else 1)


@command(commands, "fetch")
def fetch_model(
    call: Call,
    name: Annotated[str, typer.Argument(metavar="MODEL", help="A model whose source is a hub id.")],
) -> Answer:
    """Fetch a hub model's configuration and safetensors to this machine, never a pickle."""
    folder = fetch(find_model(load_models(call.settings.models_file), name))
    return Answer(document={"model": name, "folder": folder}, text=f"{name} is in {folder}")


def identify(spec: ModelSpec, settings: Settings) -> tuple[str | None, Failure | None]:
    """The digest of a model's files, or why there is none."""
    try:
        return model_digest(spec, settings.models_file), None
    except SidegradeError as error:
        return None, failure_of(error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A model that was loaded: how its parts fit, or what is wrong with it."""

    model: str
    fits: bool
    fit_reports: tuple[str, ...] = field(default=(), metadata={"json": "proofs"})
    failure: Failure | None = None


def loaded(spec: ModelSpec, settings: Settings) -> Examined:
    """Load a model and give it back its memory."""
    try:
        fit_reports = check_parts_fit(spec, settings.models_file)
    except SidegradeError as error:
        return Examined(model=spec.name, fits=False, failure=failure_of(error))
    return Examined(model=spec.name, fits=True, fit_reports=fit_reports)
