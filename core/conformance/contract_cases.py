"""Requests that try an endpoint's contract: odd sizes, long and empty prompts, unicode, extreme seeds.

:func:`try_contract` puts every case to a model and tells whether the answer is the promised one: a picture
that keeps the contract, or a refusal of the promised kind before anything was attempted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.checks.measures.contract import breaches_of
from core.checks.picture import Picture
from core.digests import pixel_digest
from core.errors import ContractBreach, InvalidPrompt, InvalidRequest, SidegradeError
from core.images.decoding import open_image
from core.recipes.prompts import MAX_PROMPT_CHARACTERS, normalise_prompt
from core.recipes.recipe import MAX_SIDE, make_recipe, png_bytes, read_recipe, validate_seed
from core.records import Case, Contract, ModelSpec, Size

if TYPE_CHECKING:
    from core.backends.protocol import Backend, Generation

PROMPT = 'poster, exact text: "SALE NOW", white on teal'
DEFAULT_SIDE = 512
"""Side of the picture asked of a model that promises no particular sizes, where its limits allow it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractCase:
    """One request and the promised answer."""

    name: str
    prompt: str = PROMPT
    seed: object = 1
    size: Size
    refused_as: type[SidegradeError] | None = None
    """The promised refusal; None: a picture is promised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractAnswer:
    """What came of a request."""

    case: ContractCase
    kept: bool
    got: str
    """In words: the picture, the refusal, or what is wrong."""
    latency_ms: float | None = None


def contract_cases(spec: ModelSpec) -> list[ContractCase]:
    """The requests that fit a model's contract, pictures first."""
    contract, size = spec.contract, usual_size(spec.contract)
    return [*_promised(contract, size), *_refused(contract, size)]


def usual_size(contract: Contract) -> Size:
    """The size most cases ask for: the first promised one, else a square within the limits."""
    if contract.sizes:
        return contract.sizes[0]
    side = min(DEFAULT_SIDE, int(contract.max_pixels**0.5))
    side -= side % contract.size_multiple
    return Size(side, side)


def try_contract(
    backend: Backend, *, on_answer: Callable[[ContractAnswer], None] = lambda answer: None
) -> list[ContractAnswer]:
    """The answers of a loaded model to all of its cases; ``on_answer`` hears each as it comes."""
    answers = []
    for case in contract_cases(backend.spec):
        answers.append(_answer(backend, case))
        on_answer(answers[-1])
    return answers


def _promised(contract: Contract, size: Size) -> Iterator[ContractCase]:
    for promised in contract.sizes or (size,):
        yield ContractCase(name=f"promised size {promised}", size=promised)
    most = _readable_characters(contract)
    longest = (PROMPT + ", calm" * most)[:most].rstrip(", ")
    yield ContractCase(name="longest promised prompt", prompt=longest, size=size)
    yield ContractCase(name="unicode prompt", prompt="Plakat, Käse & Crème brûlée 🍮 שלום 東京", size=size)
    yield ContractCase(name="quotes in the text", prompt=r'poster, exact text: "SAY \"HI\""', size=size)
    yield ContractCase(name="smallest seed", seed=0, size=size)
    yield ContractCase(name="largest seed", seed=2**63 - 1, size=size)


def _refused(contract: Contract, size: Size) -> Iterator[ContractCase]:
    most = _readable_characters(contract)
    kind = ContractBreach if most < MAX_PROMPT_CHARACTERS else InvalidPrompt
    yield ContractCase(name="prompt too long", prompt="x" * (most + 1), size=size, refused_as=kind)
    yield ContractCase(name="20,000 characters", prompt="x" * 20_000, size=size, refused_as=InvalidPrompt)
    yield ContractCase(name="empty prompt", prompt=" \n", size=size, refused_as=InvalidPrompt)
    yield ContractCase(name="control character", prompt="a\x07b", size=size, refused_as=InvalidPrompt)
    for seed in (-1, 2**64, "abc"):
        yield ContractCase(name=f"seed {seed}", seed=seed, size=size, refused_as=InvalidRequest)
    for width, height in ((0, 0), (7, 7), (1000, 30_000)):
        odd = Size(width, height)
        yield ContractCase(name=f"size {odd}", size=odd, refused_as=InvalidRequest)
    uneven = Size(size.width + 1, size.height)
    yield ContractCase(name=f"size {uneven}", size=uneven, refused_as=ContractBreach)
    if large := _too_large(contract, size):
        yield ContractCase(name=f"size {large}", size=large, refused_as=ContractBreach)


def _readable_characters(contract: Contract) -> int:
    """What the contract promises, as far as any prompt is read: a longer one is refused before the model."""
    return min(contract.max_prompt_characters, MAX_PROMPT_CHARACTERS)


def _too_large(contract: Contract, size: Size) -> Size | None:
    """The usual size, doubled until it breaks the limit; None when no request could."""
    while size.width * size.height <= contract.max_pixels:
        size = Size(size.width * 2, size.height * 2)
    return size if max(size) <= MAX_SIDE else None


def _answer(backend: Backend, case: ContractCase) -> ContractAnswer:
    try:
        generation = _generate(backend, case)
    except SidegradeError as error:
        kept = case.refused_as is not None and isinstance(error, case.refused_as)
        return ContractAnswer(case=case, kept=kept, got=f"{type(error).__name__}: {error}")
    if case.refused_as is not None:
        got = f"a picture, where {case.refused_as.__name__} was promised"
        return ContractAnswer(case=case, kept=False, got=got, latency_ms=generation.latency_ms)
    faults = _faults(generation, case, backend.spec.contract)
    picture = Picture(generation.image)
    return ContractAnswer(
        case=case,
        kept=not faults,
        got="; ".join(faults) or f"{picture.size} {picture.image.mode}",
        latency_ms=generation.latency_ms,
    )


def _generate(backend: Backend, case: ContractCase) -> Generation:
    """As the worker does it: normalise, refuse, generate."""
    asked = Case(
        name="contract",
        prompt=normalise_prompt(case.prompt),
        width=case.size.width,
        height=case.size.height,
    )
    recipe = make_recipe(asked, validate_seed(case.seed), backend.spec, backend.loaded)
    return backend.generate([recipe])[0]


def _faults(generation: Generation, case: ContractCase, contract: Contract) -> list[str]:
    """Broken promises of the picture, and of the file it becomes: pixels and recipe must survive."""
    faults = breaches_of(
        Picture(generation.image),
        contract,
        asked=case.size,
        recipe=generation.recipe,
        latency_ms=generation.latency_ms,
    )
    file = png_bytes(generation.image, generation.recipe)
    if pixel_digest(open_image(file)) != pixel_digest(generation.image):
        faults.append("expected the same pixels in its PNG, got others")
    if read_recipe(file) != generation.recipe:
        faults.append("expected its whole recipe in the PNG's metadata, got another")
    return faults
