"""Recipes: made from a request, carried inside the PNG, read back from a file that left the product.

The PNG holds two texts: ``sidegrade``, the canonical JSON a replay reads, and ``parameters``, the plain lines
that people and other tools know from Stable Diffusion programs.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Any

from core.digests import canonical_json
from core.errors import ContractBreach, InvalidImage, InvalidRequest
from core.records import Case, Contract, ModelSpec, Recipe
from core.untrusted import mended, read_json

if TYPE_CHECKING:
    from PIL import Image

    from core.records import LoadedModel

MAX_SEED = 2**63 - 1
"""The largest seed that a database integer and a torch generator both hold."""
MIN_SIDE, MAX_SIDE = 8, 16_384
RECIPE_KEY, TEXT_KEY = "sidegrade", "parameters"
PNG_COMPRESSION = 3
"""zlib level: half the time of level 6 for about 3% more bytes."""


def make_recipe(case: Case, seed: int, spec: ModelSpec, loaded: LoadedModel) -> Recipe:
    """Every input that fixes the output; batch size and index are set by the batch it becomes part of.

    Raises:
        InvalidRequest: for a seed or size no model could take.
        ContractBreach: for a prompt or size outside this model's contract; nothing was attempted.
    """
    check_size(case.width, case.height)
    check_contract(spec, prompt=case.prompt, width=case.width, height=case.height)
    return declared_recipe(case, validate_seed(seed), spec, loaded)


def declared_recipe(case: Case, seed: int, spec: ModelSpec, loaded: LoadedModel) -> Recipe:
    """The recipe as asked for, unexamined: what a failure is filed under."""
    return Recipe(
        model=spec.name,
        model_digest=loaded.model_digest,
        backend=spec.backend,
        prompt=case.prompt,
        negative_prompt=case.negative_prompt,
        seed=seed,
        width=case.width,
        height=case.height,
        num_inference_steps=spec.num_inference_steps,
        guidance_scale=spec.guidance_scale,
        scheduler=loaded.scheduler,
        scheduler_config=loaded.scheduler_config,
        dtype=spec.dtype,
        device_class=loaded.device_class,
        library_versions=loaded.library_versions,
    )


def validate_seed(value: object) -> int:
    """A seed typed by a person or a program, as a whole number from 0 to 2⁶³ − 1.

    Raises:
        InvalidRequest: for anything else, such as −1, 2⁶⁴ or "abc".
    """
    try:
        seed = int(str(value).strip())
    except ValueError as error:
        raise InvalidRequest(f"seed: expected a whole number, got {repr(value)[:60]}") from error
    if isinstance(value, bool) or not 0 <= seed <= MAX_SEED:
        raise InvalidRequest(f"seed: expected 0 to {MAX_SEED} (2⁶³ − 1), got {str(value)[:60]}")
    return seed


def check_size(width: int, height: int) -> None:
    """Refuse sizes that no image model has.

    Raises:
        InvalidRequest: for a side below 8 or above 16,384 pixels.
    """
    for name, side in (("width", width), ("height", height)):
        if not MIN_SIDE <= side <= MAX_SIDE:
            raise InvalidRequest(f"{name}: expected {MIN_SIDE} to {MAX_SIDE} pixels, got {side}")


def check_contract(spec: ModelSpec, *, prompt: str, width: int, height: int) -> None:
    """Refuse what the model does not promise to do.

    Raises:
        ContractBreach: naming what was promised and what was asked.
    """
    contract = spec.contract
    for promised, asked in _breaches(contract, prompt, width, height):
        raise ContractBreach(
            f"{spec.name}: expected {promised}, got {asked}",
            remedy="ask for what the contract promises, or correct the contract in models.toml",
        )


def _breaches(contract: Contract, prompt: str, width: int, height: int) -> list[tuple[str, str]]:
    asked, step = f"{width}×{height}", contract.size_multiple
    found = []
    if width * height > contract.max_pixels:
        found.append((f"at most {contract.max_pixels:,} pixels", f"{asked} = {width * height:,}"))
    if contract.sizes and (width, height) not in contract.sizes:
        found.append((f"a size of {', '.join(map(str, contract.sizes))}", asked))
    if width % step or height % step:
        found.append((f"sides in multiples of {step}", asked))
    if len(prompt) > contract.max_prompt_characters:
        found.append((f"at most {contract.max_prompt_characters:,} characters of prompt", f"{len(prompt):,}"))
    return found


def batch_key(recipe: Recipe) -> tuple[object, ...]:
    """Equal for recipes that can be made in one batch; begins with width and height."""
    return (
        recipe.width,
        recipe.height,
        recipe.num_inference_steps,
        recipe.guidance_scale,
        recipe.scheduler,
        canonical_json(recipe.scheduler_config),
        bool(recipe.negative_prompt),
    )


def numbered_batch(recipes: Sequence[Recipe]) -> list[Recipe]:
    """The recipes with the batch size and place that they have together.

    Raises:
        InvalidRequest: when they cannot be made in one batch.
    """
    if len({batch_key(recipe) for recipe in recipes}) != 1:
        raise InvalidRequest(
            "batch: expected recipes of one size, scheduler, steps and guidance, got a mixture"
        )
    return [replace(recipe, batch_size=len(recipes), batch_index=i) for i, recipe in enumerate(recipes)]


def png_bytes(image: Image.Image, recipe: Recipe | None) -> bytes:
    """The picture as PNG, mode kept, with its recipe inside when there is one."""
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    if recipe is not None:
        info.add_itxt(RECIPE_KEY, canonical_json(recipe))
        info.add_itxt(TEXT_KEY, parameters_text(recipe))
    stream = io.BytesIO()
    image.save(stream, "PNG", pnginfo=info, compress_level=PNG_COMPRESSION)
    return stream.getvalue()


def read_recipe(data: bytes) -> Recipe:
    """The recipe inside a PNG.

    Raises:
        InvalidImage: when the bytes are no acceptable PNG, or hold no recipe of ours.
    """
    from core.images.decoding import open_image  # Pillow, which `--help` need not load

    image = open_image(data)
    text = image.info.get(RECIPE_KEY)
    if not isinstance(text, str):
        raise InvalidImage(
            "expected a PNG with a Sidegrade recipe, found none in it",
            remedy="drop the original file: messengers and editors strip what a PNG carries",
        )
    try:
        return recipe_from(read_json(text, any_text=True))
    except (ValueError, TypeError) as error:
        reason = mended(str(error))[:300]
        raise InvalidImage(f"expected a whole recipe in the PNG, got a damaged one ({reason})") from error


def recipe_from(values: Any) -> Recipe:
    """A recipe from its JSON object.

    Raises:
        TypeError, ValueError: when a field is missing, unknown, of another type, or fits no digest.
    """
    if not isinstance(values, dict):
        raise TypeError("a recipe is an object")
    recipe = Recipe(**values)
    for entry in fields(Recipe):
        expected = _KINDS[str(entry.type)]
        if not isinstance(value := getattr(recipe, entry.name), expected) or isinstance(value, bool):
            raise TypeError(f"{entry.name}: expected {entry.type}, got {value!r}")
    canonical_json(recipe).encode()  # half a surrogate pair has no bytes, NaN no JSON
    return replace(recipe, guidance_scale=float(recipe.guidance_scale))


_KINDS: dict[str, type | tuple[type, ...]] = {
    "str": str,
    "int": int,
    "float": (int, float),
    "Mapping[str, object]": dict,
    "Mapping[str, str]": dict,
}


def parameters_text(recipe: Recipe) -> str:
    """The recipe as the ``parameters`` lines of Stable Diffusion programs; for people, never read back."""
    settings = {
        "Steps": recipe.num_inference_steps,
        "Sampler": recipe.scheduler,
        "CFG scale": recipe.guidance_scale,
        "Seed": recipe.seed,
        "Size": f"{recipe.width}x{recipe.height}",
        "Model hash": recipe.model_digest.partition("_")[2][:10],
        "Model": recipe.model,
        "Batch size": recipe.batch_size,
        "Batch pos": recipe.batch_index,
        "Version": f"diffusers {recipe.library_versions.get('diffusers', '?')}",
    }
    lines = [recipe.prompt]
    if recipe.negative_prompt:
        lines.append(f"Negative prompt: {recipe.negative_prompt}")
    lines.append(", ".join(f"{name}: {value}" for name, value in settings.items()))
    return "\n".join(lines)


def differing_fields(before: Recipe, now: Recipe) -> tuple[str, ...]:
    """``field: before → now`` for every field that differs, in the order of the recipe."""
    old, new = asdict(before), asdict(now)
    found: list[str] = []
    for name, value in old.items():
        if isinstance(value, dict):
            found += _differing_entries(name, value, new[name])
        elif value != new[name]:
            found.append(f"{name}: {value} → {new[name]}")
    return tuple(found)


def _differing_entries(name: str, before: dict[str, object], now: dict[str, object]) -> list[str]:
    keys = [*before, *(key for key in now if key not in before)]
    return [
        f"{name}.{key}: {before.get(key, 'absent')} → {now.get(key, 'absent')}"
        for key in keys
        if before.get(key, "absent") != now.get(key, "absent")
    ]
