"""``sidegrade contract``: does a model serve what it promises, and refuse what it does not?"""

from __future__ import annotations

from typing import Annotated

import typer

from cli.answers import Answer, table
from cli.call import Call, command
from cli.worker import prepare_threads
from core.backends import open_backend
from core.models import find_model, load_models

commands = typer.Typer(name="contract", help="The promises of a model: check.")


@commands.callback()
def contract() -> None:
    """The promises of a model: check."""


@command(commands)
def check(
    call: Call, model: Annotated[str, typer.Argument(help="Name of a model in models.toml.")]
) -> Answer:
    """Try a model at the edges of its contract: sizes, prompts, seeds, the mode and depth of its pictures.

    Exit code 1 when it draws what it must refuse, refuses what it must serve, or breaks another promise.
    """
    prepare_threads()
    from core.contract_cases import contract_cases, try_case

    settings = call.settings
    spec = find_model(load_models(settings.models_file), model)
    backend = open_backend(spec, settings.models_file)
    answers = [try_case(case, backend, settings, call.now()) for case in contract_cases(spec.contract)]
    backend.close()
    text = table("", "case", "must", "did")
    for answer in answers:
        did = answer.says + (f" in {answer.latency_ms:.0f} ms" if answer.latency_ms is not None else "")
        text.add_row("OK" if answer.kept else "✗", answer.case.name, answer.case.duty, did)
    kept = all(answer.kept for answer in answers)
    return Answer(
        document={"model": model, "kept": kept, "contract": spec.contract, "answers": answers},
        text=text,
        exit_code=0 if kept else 1,
    )
