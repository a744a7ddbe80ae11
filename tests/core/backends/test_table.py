"""What every backend promises, held over the table: contract, seeds, batches, progress, cancel."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.backends import BACKENDS, drawing, open_backend, scheduler_names
from core.backends.protocol import Backend
from core.backends.sources import model_digest
from core.config.models import load_models
from core.digests import pixel_digest
from core.errors import Cancelled, GenerationFailed, InvalidRequest
from core.recipes.recipe import make_recipe
from core.records import Case, Recipe, Size

CASE = Case(name="case", prompt='poster, exact text: "HI", red on cream', width=64, height=48)
ONE_OF_EACH = {"diffusers": "tiny-sd3", "drawing": "tiny-drawing"}


@pytest.fixture(params=sorted(BACKENDS))
def backend(request: pytest.FixtureRequest, tiny_models_file: Path, tmp_path: Path) -> Iterator[Backend]:
    models = load_models(tiny_models_file)
    if request.param == "drawing":
        models["tiny-drawing"] = replace(
            models["tiny-sd3"], name="tiny-drawing", source="", backend="drawing"
        )
    opened = open_backend(models[ONE_OF_EACH[request.param]], tiny_models_file)
    yield opened
    opened.close()


def _recipe(backend: Backend, seed: int = 1, **changes: Any) -> Recipe:
    recipe = make_recipe(CASE, seed, backend.spec, backend.loaded)
    return replace(recipe, **changes)


def test_a_model_of_every_backend_is_tested_here() -> None:
    assert set(ONE_OF_EACH) == set(BACKENDS)


def test_a_generation_is_what_the_contract_promises(backend: Backend) -> None:
    (made,) = backend.generate([_recipe(backend)])
    assert made.image.mode == backend.spec.contract.mode
    assert made.image.size == (64, 48)
    assert made.latent_shape == backend.latent_shape(Size(64, 48))
    assert len(made.noise_digest) == 64
    assert made.latency_ms > 0
    assert made.gpu_seconds > 0
    assert made.peak_memory_mb > 1
    assert not made.batch_was_halved


def test_the_first_batch_after_loading_is_marked_whole_and_no_later_one(
    backend: Backend, tiny_models_file: Path
) -> None:
    with pytest.raises(Cancelled):
        backend.generate([_recipe(backend)], should_cancel=lambda: True)  # gave no picture
    batches = [
        backend.generate([_recipe(backend, seed) for seed in seeds]) for seeds in ((1, 2), (3,), (4, 5))
    ]
    assert [[made.warm_up for made in batch] for batch in batches] == [[True] * 2, [False], [False] * 2]
    again = open_backend(backend.spec, tiny_models_file)
    assert [again.generate([_recipe(backend, 1)])[0].warm_up for _ in range(2)] == [True, False]
    again.close()


def test_the_same_recipe_gives_the_same_pixels_and_another_seed_others(backend: Backend) -> None:
    first, again, other = (backend.generate([_recipe(backend, seed)])[0] for seed in (1, 1, 2))
    assert pixel_digest(first.image) == pixel_digest(again.image)
    assert first.noise_digest == again.noise_digest
    assert pixel_digest(first.image) != pixel_digest(other.image)
    assert first.noise_digest != other.noise_digest


def test_an_image_has_the_same_noise_alone_and_in_any_batch(backend: Backend) -> None:
    recipes = [_recipe(backend, seed) for seed in (1, 2, 3)]
    alone = [backend.generate([recipe])[0].noise_digest for recipe in recipes]
    assert [made.noise_digest for made in backend.generate(recipes)] == alone
    assert [made.noise_digest for made in backend.generate(recipes[::-1])] == alone[::-1]


def test_a_render_of_a_batch_comes_back_bit_exact_from_a_batch_of_its_own_shape(backend: Backend) -> None:
    for made in backend.generate([_recipe(backend, seed) for seed in (1, 2, 3)]):
        again = backend.generate([made.recipe] * made.recipe.batch_size)[made.recipe.batch_index]
        assert pixel_digest(again.image) == pixel_digest(made.image)


Spoil = Callable[[Any, pytest.MonkeyPatch, float], None]


def _decode(backend: Any, patched: pytest.MonkeyPatch, value: float) -> None:
    decoder = backend.pipeline.vae.decoder
    forward = decoder.forward

    def spoiled(*args: Any, **kwargs: Any) -> Any:
        decoded = forward(*args, **kwargs)
        decoded[0, 0, 0, :2] = value
        return decoded

    patched.setattr(decoder, "forward", spoiled)


def _draw(backend: Any, patched: pytest.MonkeyPatch, value: float) -> None:
    draw = drawing._draw

    def spoiled(*args: Any) -> Any:
        drawn = draw(*args)
        drawn[0][0, :2, 0] = value
        return drawn

    patched.setattr(drawing, "_draw", spoiled)


SPOILED: dict[str, Spoil] = {"diffusers": _decode, "drawing": _draw}
"""How a picture of each backend comes to hold a value of our choosing, just before it becomes 8-bit."""


def test_a_picture_of_every_backend_can_be_spoiled_here() -> None:
    assert set(SPOILED) == set(BACKENDS)


@pytest.mark.parametrize(
    ("value", "found"), [(math.nan, "NaN"), (math.inf, "infinity"), (-math.inf, "infinity")]
)
def test_a_picture_that_holds_no_numbers_is_a_failure_and_the_next_one_is_untouched(
    value: float, found: str, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = pixel_digest(backend.generate([_recipe(backend)])[0].image)
    with monkeypatch.context() as patched:
        SPOILED[backend.spec.backend](backend, patched, value)
        for recipes in ([_recipe(backend)], [_recipe(backend, 1), _recipe(backend, 2)]):
            with pytest.raises(
                GenerationFailed, match=f"expected finite pixel values, got {found} in 2 of 12,288"
            ):
                backend.generate(recipes)
    assert pixel_digest(backend.generate([_recipe(backend)])[0].image) == before


def test_a_picture_far_beyond_black_and_white_is_stored_as_drawn(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    SPOILED[backend.spec.backend](backend, monkeypatch, 1e30)
    (made,) = backend.generate([_recipe(backend)])
    assert np.asarray(made.image)[0, 0, 0] == 255


def test_every_step_is_reported(backend: Backend) -> None:
    steps: list[tuple[int, int]] = []
    backend.generate([_recipe(backend)], on_step=lambda step, of: steps.append((step, of)))
    assert steps == [(1, 3), (2, 3), (3, 3)]


def test_a_generation_can_be_cancelled_and_the_next_one_is_untouched(backend: Backend) -> None:
    before = pixel_digest(backend.generate([_recipe(backend)])[0].image)
    with pytest.raises(Cancelled):
        backend.generate([_recipe(backend)], should_cancel=lambda: True)
    assert pixel_digest(backend.generate([_recipe(backend)])[0].image) == before


def test_recipes_of_different_sizes_are_no_batch(backend: Backend) -> None:
    with pytest.raises(InvalidRequest):
        backend.generate([_recipe(backend), _recipe(backend, width=48)])


def test_the_recipe_says_what_was_loaded(backend: Backend, tiny_models_file: Path) -> None:
    recipe = _recipe(backend)
    assert recipe.model_digest == model_digest(backend.spec, tiny_models_file)
    assert recipe.device_class == "cpu"
    assert recipe.scheduler == backend.loaded.scheduler
    assert recipe.library_versions


def test_scheduler_names_are_read_without_importing_diffusers() -> None:
    names = scheduler_names()
    assert {"DDIMScheduler", "FlowMatchEulerDiscreteScheduler"} <= names
    import diffusers

    exported = {name for name in dir(diffusers) if name.endswith("Scheduler")}
    assert len(names & exported) > 20
