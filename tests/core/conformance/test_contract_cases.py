"""An endpoint's contract is tried from both sides: what it must draw and what it must refuse."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.backends import open_backend
from core.backends.protocol import Backend, Generation
from core.config.models import load_models
from core.conformance.contract_cases import (
    ContractAnswer,
    contract_cases,
    try_contract,
    usual_size,
)
from core.conformance.contract_cases import _answer as contract_answers
from core.errors import ContractBreach, InvalidPrompt, SidegradeError
from core.records import Contract, Mode, Recipe, Size
from tests.core.conformance import known_values
from tests.core.known import stored


@pytest.fixture
def backend(drawing_models_file: Path) -> Backend:
    spec = load_models(drawing_models_file)["sketch"]
    return open_backend(spec, drawing_models_file)


def test_a_model_that_keeps_its_contract_answers_every_case_as_promised(backend: Backend) -> None:
    heard: list[ContractAnswer] = []
    answers = try_contract(backend, on_answer=heard.append)
    assert [answer.got for answer in answers if not answer.kept] == []
    assert heard == answers
    refused = {answer.case.name for answer in answers if answer.case.refused_as}
    assert {
        "empty prompt",
        "20,000 characters",
        "seed -1",
        "seed abc",
        "size 7×7",
        "size 1000×30000",
    } <= refused


def test_a_picture_of_another_mode_breaks_the_contract(backend: Backend) -> None:
    class Flattening:
        spec, loaded = backend.spec, backend.loaded

        def generate(self, recipes: list[Recipe]) -> list[Generation]:
            return [replace(g, image=g.image.convert("RGB")) for g in backend.generate(recipes)]

    broken = [answer for answer in try_contract(Flattening()) if not answer.kept]
    assert len(broken) == sum(1 for case in contract_cases(backend.spec) if case.refused_as is None)
    assert "expected alpha channel, found null (mode RGB)" in broken[0].got


def test_an_endpoint_that_is_too_slow_breaks_the_contract(backend: Backend) -> None:
    backend.spec = replace(backend.spec, contract=replace(backend.spec.contract, max_latency_ms=0.001))
    answer = try_contract(backend)[0]
    assert not answer.kept
    assert "expected at most 0.001 ms" in answer.got


def test_a_refusal_of_another_kind_is_not_the_promised_one(backend: Backend) -> None:
    backend.spec = replace(backend.spec, contract=replace(backend.spec.contract, max_pixels=64))
    answer = try_contract(backend)[0]
    assert not answer.kept
    assert answer.got.startswith("ContractBreach")


@pytest.mark.parametrize(
    ("contract", "size"),
    [
        (Contract(mode=Mode.RGB, sizes=(Size(256, 128),)), Size(256, 128)),
        (Contract(mode=Mode.RGB), Size(512, 512)),
        (Contract(mode=Mode.RGB, max_pixels=100 * 100, size_multiple=16), Size(96, 96)),
    ],
)
def test_the_usual_size_lies_within_the_contract(contract: Contract, size: Size) -> None:
    assert usual_size(contract) == size


@pytest.mark.parametrize("name", known_values.KNOWN)
def test_a_contract_is_tried_with_the_same_requests_every_time(name: str) -> None:
    assert known_values.KNOWN[name]() == stored(known_values.__file__, name)


def test_a_picture_that_the_contract_promised_to_refuse_breaks_it(backend: Backend) -> None:
    class Obliging:
        """Draws something else whatever it is asked."""

        spec, loaded = backend.spec, backend.loaded

        def generate(self, recipes: list[Recipe]) -> list[Generation]:
            return backend.generate([replace(recipes[0], width=128, height=64)])

    case = replace(contract_cases(backend.spec)[0], refused_as=ContractBreach)
    answer = contract_answers(Obliging(), case)
    assert (answer.kept, answer.got) == (False, "a picture, where ContractBreach was promised")
    assert answer.latency_ms is not None
    assert answer.latency_ms > 0


def test_a_picture_of_another_size_than_asked_breaks_the_contract(backend: Backend) -> None:
    class Careless:
        spec, loaded = backend.spec, backend.loaded

        def generate(self, recipes: list[Recipe]) -> list[Generation]:
            return [replace(made, image=made.image.resize((64, 64))) for made in backend.generate(recipes)]

    answers = [answer for answer in try_contract(Careless()) if answer.case.refused_as is None]
    assert not any(answer.kept for answer in answers)
    assert answers[0].got.startswith("expected size 256×128, got 64×64; ")


@pytest.mark.parametrize(
    ("characters", "most", "refusal"),
    [(9_999, 9_999, ContractBreach), (10_000, 10_000, InvalidPrompt), (100_000, 10_000, InvalidPrompt)],
)
def test_a_promise_of_longer_prompts_than_are_read_is_tried_as_far_as_they_are(
    backend: Backend, characters: int, most: int, refusal: type[SidegradeError]
) -> None:
    promise = replace(backend.spec.contract, max_prompt_characters=characters)
    cases = {case.name: case for case in contract_cases(replace(backend.spec, contract=promise))}
    longest, too_long = cases["longest promised prompt"], cases["prompt too long"]
    assert most - 2 <= len(longest.prompt) <= most
    assert (len(too_long.prompt), too_long.refused_as) == (most + 1, refusal)
