"""A contract is tried at its edges; a model that breaks a promise is found out by the case that shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.backends.drawing import DrawingBackend
from core.backends.protocol import Generation
from core.contract_cases import ContractAnswer, Duty, contract_cases, try_case
from core.errors import GenerationFailed
from core.records import Contract, Mode, ModelSpec, Recipe, Size
from core.settings import Settings

CONTRACT = Contract(mode=Mode.RGBA, sizes=(Size(64, 32), Size(32, 32)), max_prompt_characters=60)


class Drawer(DrawingBackend):
    """A model that draws what it promises."""

    def __init__(self, contract: Contract = CONTRACT) -> None:
        spec = ModelSpec(
            name="drawer",
            source="",
            backend="drawing",
            num_inference_steps=1,
            guidance_scale=1.0,
            contract=contract,
        )
        super().__init__(spec, Path("models.toml"))


class LosesAlpha(Drawer):
    """Decodes to RGB although it promises RGBA."""

    def generate(self, recipes: Sequence[Recipe], **watch: object) -> list[Generation]:
        """Pictures without their alpha channel."""
        return [replace(one, image=one.image.convert("RGB")) for one in super().generate(recipes, **watch)]


class NeverTheSame(Drawer):
    """Takes its noise from somewhere else than the seed."""

    calls = 0

    def generate(self, recipes: Sequence[Recipe], **watch: object) -> list[Generation]:
        """Pictures of another seed each time."""
        self.calls += 1
        return super().generate([replace(recipe, seed=self.calls) for recipe in recipes], **watch)


class BreaksOnLongPrompts(Drawer):
    """Fails where its contract says that it serves."""

    def generate(self, recipes: Sequence[Recipe], **watch: object) -> list[Generation]:
        """Pictures for short prompts only."""
        if len(recipes[0].prompt) > 50:
            raise GenerationFailed("index out of range in self")
        return super().generate(recipes, **watch)


Find = Callable[[Drawer], dict[str, ContractAnswer]]


@pytest.fixture
def broken_by(settings: Settings, now: datetime) -> Find:
    """The answers of a model that do not keep its contract, by case."""

    def find(backend: Drawer) -> dict[str, ContractAnswer]:
        answers = [try_case(case, backend, settings, now) for case in contract_cases(backend.spec.contract)]
        return {answer.case.name: answer for answer in answers if not answer.kept}

    return find


def test_a_model_that_keeps_its_contract_passes_every_case(broken_by: Find) -> None:
    assert broken_by(Drawer()) == {}


def test_a_lost_alpha_channel_is_found_in_every_picture(broken_by: Find) -> None:
    served = {case.name for case in contract_cases(CONTRACT) if case.duty is Duty.SERVE}
    broken = broken_by(LosesAlpha())
    assert broken.keys() == served
    assert "expected alpha channel, found null" in broken["seed 0"].says


def test_a_model_that_ignores_its_seed_is_found_by_drawing_twice(broken_by: Find) -> None:
    assert broken_by(NeverTheSame()).keys() == {"same seed twice"}


def test_a_failure_where_service_is_promised_is_a_breach(broken_by: Find) -> None:
    broken = broken_by(BreaksOnLongPrompts())
    assert broken.keys() == {"longest prompt"}
    assert "GenerationFailed: index out of range" in broken["longest prompt"].says


def test_a_request_outside_the_contract_is_never_drawn(settings: Settings, now: datetime) -> None:
    backend = NeverTheSame()
    for case in contract_cases(CONTRACT):
        if case.duty is Duty.REFUSE:
            assert try_case(case, backend, settings, now).kept, case.name
    assert backend.calls == 0


CONTRACTS = st.builds(
    Contract,
    mode=st.just(Mode.RGB),
    size_multiple=st.sampled_from([1, 8, 16, 64]),
    max_pixels=st.integers(64 * 64, 4096 * 4096),
    max_prompt_characters=st.integers(1, 20_000),
)


@given(CONTRACTS)
def test_the_cases_of_any_contract_stand_on_the_right_side_of_its_edges(contract: Contract) -> None:
    for case in contract_cases(contract):
        inside = case.size.width * case.size.height <= contract.max_pixels and not (
            case.size.width % contract.size_multiple or case.size.height % contract.size_multiple
        )
        short = 0 < len(case.prompt.strip()) <= contract.max_prompt_characters
        if case.duty is Duty.SERVE:
            assert inside
            assert short
