"""A batch that memory has no room for is made as two halves, and every error of a pipeline is one of ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import torch
from PIL import Image

from core.backends.local import diffusers as module
from core.backends.local.diffusers import DiffusersBackend, draw_noise, noise_digest, translated
from core.backends.protocol import Generation
from core.errors import DecoderMismatch, GenerationFailed, InvalidRequest, OutOfMemory
from core.records import Contract, Mode, ModelSpec, Recipe, Size

SPEC = ModelSpec(
    name="mine", source="mine", num_inference_steps=1, guidance_scale=1, contract=Contract(mode=Mode.RGB)
)


def recipe(seed: int) -> Recipe:
    return Recipe(
        model="mine",
        model_digest="model_1",
        backend="diffusers",
        prompt="a sale",
        negative_prompt="",
        seed=seed,
        width=64,
        height=32,
        num_inference_steps=8,
        guidance_scale=1.0,
        scheduler="s",
        scheduler_config={},
        dtype="float32",
        device_class="cpu",
    )


class Cramped(DiffusersBackend):
    """Draws nothing, and only so many at once; notes the batches it was asked for."""

    def __init__(self, room: int) -> None:
        self.room, self.spec, self.device, self._has_drawn = room, SPEC, "cpu", False
        self.asked: list[object] = []

    def _batch(self, recipes: Sequence[Recipe], *_: object) -> list[Generation]:
        self.asked.append([one.seed for one in recipes])
        if len(recipes) > self.room:
            raise OutOfMemory("no room")
        image = Image.new("RGB", (64, 32))
        return [
            Generation(
                image=image,
                recipe=one,
                noise_digest="",
                latent_shape=(1,),
                latency_ms=1.0,
                gpu_seconds=1.0,
                peak_memory_mb=1.0,
            )
            for one in recipes
        ]

    def _free_cache(self) -> None:
        self.asked.append("memory freed")


def test_a_batch_without_room_is_made_in_two_halves_the_larger_first() -> None:
    backend = Cramped(2)
    made = backend.generate([recipe(seed) for seed in (1, 2, 3)])
    assert backend.asked == [[1, 2, 3], "memory freed", [1, 2], [3]]
    assert [one.recipe.seed for one in made] == [1, 2, 3]
    assert all(one.batch_was_halved and one.warm_up for one in made)
    (next_one,) = backend.generate([recipe(4)])
    assert (next_one.batch_was_halved, next_one.warm_up) == (False, False)


@pytest.mark.parametrize(("room", "asked"), [(0, [[1]]), (1, [[1, 2, 3], "memory freed", [1, 2]])])
def test_half_a_batch_without_room_is_no_longer_halved(room: int, asked: list[object]) -> None:
    backend = Cramped(room)
    with pytest.raises(OutOfMemory):
        backend.generate([recipe(seed) for seed in ((1, 2, 3) if room else (1,))])
    assert backend.asked == asked


@pytest.mark.parametrize(
    ("raised", "kind", "words"),
    [
        (MemoryError("2 GB"), OutOfMemory, "mine: 3 image(s) of 64×32 do not fit in memory (2 GB)"),
        (KeyError("mu"), GenerationFailed, "mine: KeyError: 'mu'"),
        (InvalidRequest("no"), InvalidRequest, "no"),
    ],
)
def test_an_error_of_a_pipeline_is_told_with_the_model_and_what_was_asked(
    raised: Exception, kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind) as told, translated(SPEC, Size(64, 32), 3):
        raise raised
    assert str(told.value) == words


def test_one_picture_of_another_size_in_a_batch_is_a_mismatch() -> None:
    right, turned = Image.new("RGB", (64, 32)), Image.new("RGB", (32, 64))
    module._refuse_size(SPEC, [right, right], Size(64, 32))
    with pytest.raises(DecoderMismatch, match=r"^mine: expected 64×32, got 32×64$"):
        module._refuse_size(SPEC, [right, turned], Size(64, 32))


def test_noise_is_of_its_seed_on_every_device() -> None:
    noise, generator = draw_noise(5, (1, 4, 2, 2))
    assert (noise.dtype, noise.device.type, generator.device.type) == (torch.float32, "cpu", "cpu")
    assert torch.equal(noise, draw_noise(5, (1, 4, 2, 2))[0])
    assert noise_digest(noise) != noise_digest(draw_noise(6, (1, 4, 2, 2))[0])
    assert not torch.equal(torch.randn(3, generator=generator), draw_noise(5, (3,))[0])


def test_what_torch_keeps_for_later_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[Any] = []
    monkeypatch.setattr(module.gc, "collect", lambda: done.append("collected"))
    monkeypatch.setattr(module, "free_cache", done.append)
    backend = Cramped(1)
    DiffusersBackend._free_cache(backend)
    assert done == ["collected", "cpu"]
