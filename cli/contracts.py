"""``sidegrade contract``: does a model serve what it promises, and refuse what it does not?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.answers import Answer, table
from cli.call import Call, command
from core.backends import open_backend
from core.config.models import find_model, load_models
from core.formatting import number

if TYPE_CHECKING:
    from core.conformance.contract_cases import ContractAnswer

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
    from core.conformance.contract_cases import try_contract

    spec = find_model(load_models(call.settings.models_file), model)
    backend = open_backend(spec, call.settings.models_file)
    answers = [document_of(answer) for answer in try_contract(backend)]
    backend.close()
    text = table("", "request", "promised", "got", "")
    for answer in answers:
        latency = number(answer["latency_ms"], "ms") if answer["latency_ms"] is not None else ""
        text.add_row(
            "OK" if answer["kept"] else "✗", answer["request"], answer["promised"], answer["got"], latency
        )
    kept = all(answer["kept"] for answer in answers)
    return Answer(
        document={"model": model, "kept": kept, "contract": spec.contract, "answers": answers},
        text=text,
        exit_code=0 if kept else 1,
    )


def document_of(answer: ContractAnswer) -> dict[str, Any]:
    """One request: what was promised, what came, and whether that is the same."""
    refusal = answer.case.refused_as
    return {
        "request": answer.case.name,
        "promised": f"refused as {refusal.__name__}" if refusal else "a picture",
        "kept": answer.kept,
        "got": answer.got,
        "latency_ms": answer.latency_ms,
    }
