"""A model's contract put to the test, at its edges: what it promises to serve and what it must refuse.

Sizes on and off the grid, the longest prompt and one character more, empty and foreign prompts, extreme
seeds. A refusal has to come before anything is drawn; a picture has to keep every promise.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from core.checks import PairEvidence, examine
from core.digests import pixel_digest
from core.errors import ContractBreach, InvalidInput, SidegradeError
from core.prompts import MAX_PROMPT_CHARACTERS, normalise_prompt
from core.recipe import MAX_SEED, make_recipe
from core.records import Arm, Case, Contract, MeasurementStatus, Recipe, Size

if TYPE_CHECKING:
    from core.backends.protocol import Backend, Generation
    from core.settings import Settings

PLAIN_PROMPT = "poster, white on teal"
FOREIGN_PROMPT = "плакат «лето», 海报, مرحبا, é ß œ, 🎨🖼️, “quotes”"


class Duty(StrEnum):
    """What the contract demands of a request."""

    SERVE = "serve"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractCase:
    """One request at an edge of the contract."""

    name: str
    duty: Duty
    size: Size
    prompt: str
    seed: int = 1
    twice: bool = False
    """Draw it twice: the same seed has to give the same pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractAnswer:
    """What the model did with a request."""

    case: ContractCase
    kept: bool
    says: str
    latency_ms: float | None = None


def contract_cases(contract: Contract) -> tuple[ContractCase, ...]:
    """The requests that show whether a contract is kept."""
    sizes = contract.sizes or _sizes_within(contract)
    longest = min(contract.max_prompt_characters, MAX_PROMPT_CHARACTERS)
    plain = ContractCase(name="plain", duty=Duty.SERVE, size=sizes[0], prompt=PLAIN_PROMPT[:longest].strip())
    return (*_services(plain, sizes, longest), *_refusals(contract, plain, longest))


def try_case(case: ContractCase, backend: Backend, settings: Settings, now: datetime) -> ContractAnswer:
    """Put one request to a loaded model."""
    try:
        recipe = _recipe(case, backend)
    except (InvalidInput, ContractBreach) as refusal:
        return ContractAnswer(case=case, kept=case.duty is Duty.REFUSE, says=f"refused: {refusal}")
    if case.duty is Duty.REFUSE:
        return ContractAnswer(
            case=case, kept=False, says="accepted, expected a refusal before anything is drawn"
        )
    try:
        made = [backend.generate([recipe])[0] for _ in range(1 + case.twice)]
    except SidegradeError as error:
        return ContractAnswer(case=case, kept=False, says=f"{type(error).__name__}: {error}")
    breaches = [*_breaches(made[0], backend, settings, now), *_unequal(made)]
    return ContractAnswer(
        case=case, kept=not breaches, says="; ".join(breaches) or "served", latency_ms=made[0].latency_ms
    )


def _services(plain: ContractCase, sizes: Sequence[Size], longest: int) -> Iterator[ContractCase]:
    for size in sizes:
        yield replace(plain, name=f"size {size}", size=size)
    yield replace(plain, name="longest prompt", prompt=_prompt_of(longest))
    yield replace(plain, name="foreign prompt", prompt=FOREIGN_PROMPT[:longest])
    yield replace(plain, name="seed 0", seed=0)
    yield replace(plain, name="largest seed", seed=MAX_SEED)
    yield replace(plain, name="same seed twice", twice=True)


def _refusals(contract: Contract, plain: ContractCase, longest: int) -> Iterator[ContractCase]:
    refused = replace(plain, duty=Duty.REFUSE)
    yield replace(refused, name="size 0", size=Size(0, 0))
    yield replace(refused, name="too many pixels", size=_beyond(contract, plain.size))
    if contract.sizes or contract.size_multiple > 1:
        yield replace(refused, name="size off the grid", size=Size(plain.size.width - 1, plain.size.height))
    yield replace(refused, name="empty prompt", prompt="")
    yield replace(refused, name="prompt of spaces", prompt="   ")
    yield replace(refused, name="control characters", prompt="poster\x00\x1b[31m")
    yield replace(refused, name="one character too many", prompt=_prompt_of(longest + 1))
    yield replace(refused, name="seed −1", seed=-1)
    yield replace(refused, name="seed 2⁶⁴", seed=2**64)


def _sizes_within(contract: Contract) -> tuple[Size, ...]:
    """The largest square, and a format twice as wide as high."""
    step = contract.size_multiple
    side = math.isqrt(contract.max_pixels) // step * step
    return Size(side, side), Size(side, max(step, side // 2 // step * step))


def _beyond(contract: Contract, first: Size) -> Size:
    step = contract.size_multiple
    return Size(first.width, (contract.max_pixels // first.width // step + 1) * step)


def _prompt_of(characters: int) -> str:
    return ("poster " * characters)[: characters - 1] + "s"


def _recipe(case: ContractCase, backend: Backend) -> Recipe:
    words = normalise_prompt(case.prompt)
    request = Case(name=case.name, prompt=words, width=case.size.width, height=case.size.height)
    return make_recipe(request, case.seed, backend.spec, backend.loaded)


def _breaches(made: Generation, backend: Backend, settings: Settings, now: datetime) -> Iterator[str]:
    request = Case(name="", prompt="", width=made.recipe.width, height=made.recipe.height)
    evidence = PairEvidence(
        pair_id="",
        case=request,
        baseline=made.image,
        candidate=None,
        recipes={Arm.BASELINE: made.recipe},
        contracts={Arm.BASELINE: backend.spec.contract},
        latencies_ms={Arm.BASELINE: made.latency_ms},
    )
    for found in examine(evidence, checks=("contract",), settings=settings, now=now):
        if found.arm is Arm.BASELINE and (found.status is not MeasurementStatus.MEASURED or found.value):
            yield found.reason


def _unequal(made: list[Generation]) -> Iterator[str]:
    if len({pixel_digest(one.image) for one in made}) > 1:
        yield "expected the same pixels from the same seed, got others"
