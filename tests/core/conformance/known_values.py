"""What a model's contract is tried with, and what a model that keeps it answers; see :mod:`tests.core.known`.

python -m tests.core.conformance.known_values
"""

from __future__ import annotations

from pathlib import Path

from core.backends.drawing import DrawingBackend
from core.conformance.contract_cases import ContractCase, contract_cases, try_contract
from core.records import Contract, Mode, ModelSpec, Size
from tests.core.known import one_face, write

CONTRACTS = {
    "two sizes": Contract(mode=Mode.RGBA, sizes=(Size(64, 32), Size(32, 64)), max_pixels=64 * 32),
    "any size": Contract(mode=Mode.RGB, max_pixels=100 * 100, size_multiple=16, max_prompt_characters=60),
    "sizes without end": Contract(mode=Mode.RGB, max_pixels=2**28),
    "prompts without end": Contract(mode=Mode.RGB, sizes=(Size(64, 32),), max_prompt_characters=100_000),
}


def spec_of(name: str) -> ModelSpec:
    """A model that draws by Pillow and promises one of ``CONTRACTS``."""
    return ModelSpec(
        name="sketch",
        source="",
        backend="drawing",
        num_inference_steps=2,
        guidance_scale=1.0,
        contract=CONTRACTS[name],
    )


def cases() -> dict[str, list[str]]:
    """The requests that fit each contract."""
    return {name: [_told(case) for case in contract_cases(spec_of(name))] for name in CONTRACTS}


def _told(case: ContractCase) -> str:
    refused = f", refused as {case.refused_as.__name__}" if case.refused_as else ""
    prompt = f"{len(case.prompt)} characters, {case.prompt[:60]!r} to {case.prompt[-9:]!r}"
    return f"{case.name}: {case.size}, seed {case.seed}, {prompt}{refused}"


@one_face()
def answers() -> dict[str, list[str]]:
    """The answers of a model that keeps its contract."""
    return {
        name: [
            f"{'kept' if one.kept else 'broken'}: {one.case.name}: {one.got[:200]}"
            for one in try_contract(DrawingBackend(spec_of(name), Path("models.toml")))
        ]
        for name in ("two sizes", "any size", "prompts without end")
    }


KNOWN = {"cases": cases, "answers": answers}

if __name__ == "__main__":
    write(__file__, KNOWN)
