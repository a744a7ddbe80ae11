"""Problems that users of other tools reported in public, kept as small inputs: words that have no effect.

A request whose words cannot all count is refused, or what comes of it says so: two equal pictures are never
given for two requests without a word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from core.backends import open_backend
from core.backends.protocol import Backend, Generation
from core.config.models import load_models
from core.digests import pixel_digest
from core.errors import SidegradeError
from core.recipes.recipe import make_recipe, read_recipe
from core.records import Case
from db.store import Store

Open = Callable[..., Backend]
LONG = "a quiet harbour at dawn with gulls, "
TAILS = ('exact text: "SALE NOW"', 'exact text: "CLOSED ON SUNDAY", a red star, a blue car')
"""Both begin behind the 24 tokens that the tiny text encoders take: one for a character."""
NEGATIVES = ("", "red, ugly, low quality", "white on teal")


@pytest.fixture
def opened(tiny_models_file: Path) -> Iterator[Open]:
    """Opens a tiny model with changes to its declaration, and frees it after the test."""
    with ExitStack() as models:

        def open_one(name: str, **changes: Any) -> Backend:
            spec = replace(load_models(tiny_models_file)[name], **changes)
            return models.enter_context(closing(open_backend(spec, tiny_models_file)))

        yield open_one


def drawn(backend: Backend, prompt: str, *, negative: str = "", width: int = 64) -> Generation:
    case = Case(name="case", prompt=prompt, negative_prompt=negative, width=width, height=64)
    (made,) = backend.generate([make_recipe(case, 1, backend.spec, backend.loaded)])
    return made


def remarks(made: Generation) -> str:
    """What a generation says besides its picture and its recipe."""
    return str([getattr(made, one.name) for one in fields(made) if one.name not in ("image", "recipe")])


@pytest.mark.xfail(
    strict=True,
    raises=AssertionError,
    reason="prompts are limited in characters, never in the text encoder's tokens (Models)",
)
@pytest.mark.parametrize("model", ["tiny-sd", "tiny-sdxl"])
def test_words_behind_the_last_token_of_the_text_encoder_are_never_dropped_in_silence(
    opened: Open, model: str
) -> None:
    backend = opened(model)
    try:
        made = [drawn(backend, LONG + tail) for tail in TAILS]
    except SidegradeError as refused:
        if "token" not in str(refused):
            raise
    else:
        differ = pixel_digest(made[0].image) != pixel_digest(made[1].image)
        assert differ or all("token" in remarks(one) for one in made)


@pytest.mark.xfail(
    strict=True,
    raises=AssertionError,
    reason="a negative prompt without guidance is taken, and has no effect (Models)",
)
@pytest.mark.parametrize("model", ["tiny-sd", "tiny-sd3"])
def test_a_negative_prompt_that_can_have_no_effect_is_never_taken_in_silence(
    opened: Open, model: str
) -> None:
    backend = opened(model, guidance_scale=1.0)
    plain = drawn(backend, "a b")
    for negative in NEGATIVES[1:]:
        try:
            made = drawn(backend, "a b", negative=negative)
        except SidegradeError as refused:
            if "negative" not in str(refused):
                raise
        else:
            differs = pixel_digest(made.image) != pixel_digest(plain.image)
            assert differs or "negative" in remarks(made)


def test_two_renders_of_the_same_pixels_each_carry_their_own_recipe(
    drawing_models_file: Path, store: Store
) -> None:
    backend = open_backend(load_models(drawing_models_file)["sketch"], drawing_models_file)
    prompts = [f'poster, exact text: "SALE NOW", {animal}' for animal in ("a dog", "a cat")]
    made = [drawn(backend, prompt, width=128) for prompt in prompts]
    first, second = (store.blobs.put(one.image, one.recipe) for one in made)
    assert first.digest == second.digest
    files = [store.blobs.png(one.digest, file_digest=one.file_digest) for one in (first, second)]
    carried = [read_recipe(file).prompt for file in files]
    assert carried == prompts
