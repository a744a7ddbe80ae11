"""Recipes: requests are examined before they are made, and travel inside the PNG.

Long: a recipe's way from a request into a file and back, hostile files included.
"""

from __future__ import annotations

import io
import json
import math
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from core.digests import canonical_json, pixel_digest
from core.errors import ContractBreach, InvalidImage, InvalidRequest
from core.recipes.recipe import (
    check_size,
    differing_fields,
    make_recipe,
    numbered_batch,
    parameters_text,
    png_bytes,
    read_recipe,
    validate_seed,
)
from core.records import Case, Contract, LoadedModel, Mode, ModelSpec, Recipe, Size

SPEC = ModelSpec(
    name="model",
    source="folder",
    num_inference_steps=8,
    guidance_scale=1.0,
    contract=Contract(mode=Mode.RGBA, max_pixels=512 * 512, size_multiple=16, max_prompt_characters=100),
)
LOADED = LoadedModel(
    model_digest="model_0123456789abcdef",
    device_class="cpu",
    scheduler="DDIMScheduler",
    scheduler_config={"steps_offset": 1, "trained_betas": None},
    library_versions={"torch": "2.13.0"},
)
CASE = Case(name="case", prompt="poster", width=256, height=128)
RECIPE = make_recipe(CASE, 1, SPEC, LOADED)

words = st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=40)
numbers = st.floats(allow_nan=False, allow_infinity=False)
settings = st.dictionaries(
    words, st.none() | st.booleans() | st.integers() | numbers | words | st.lists(words)
)
recipes = st.builds(
    Recipe,
    model=words,
    model_digest=words,
    backend=words,
    prompt=words,
    negative_prompt=words,
    seed=st.integers(0, 2**63 - 1),
    width=st.integers(1, 9999),
    height=st.integers(1, 9999),
    num_inference_steps=st.integers(1, 999),
    guidance_scale=numbers,
    scheduler=words,
    scheduler_config=settings,
    dtype=words,
    device_class=words,
    batch_size=st.integers(1, 99),
    batch_index=st.integers(0, 98),
    library_versions=st.dictionaries(words, words),
)


@given(recipes, st.sampled_from(["RGB", "RGBA"]))
def test_any_recipe_comes_back_from_the_png_and_no_pixel_changes(recipe: Recipe, mode: str) -> None:
    image = Image.fromarray(np.random.default_rng(3).integers(0, 256, (4, 5, len(mode)), np.uint8), mode)
    png = png_bytes(image, recipe)
    found = read_recipe(png)
    assert found == recipe
    assert found.digest == recipe.digest
    assert pixel_digest(Image.open(io.BytesIO(png))) == pixel_digest(image)


def test_the_png_also_tells_people_how_it_was_made() -> None:
    png = png_bytes(Image.new("RGB", (8, 8)), replace(RECIPE, negative_prompt="blur"))
    text = Image.open(io.BytesIO(png)).text["parameters"]
    assert text.splitlines()[:2] == ["poster", "Negative prompt: blur"]
    assert "Steps: 8, Sampler: DDIMScheduler, CFG scale: 1.0, Seed: 1, Size: 256x128" in text
    assert text == parameters_text(replace(RECIPE, negative_prompt="blur"))


def _png_saying(text: str) -> bytes:
    info, stream = PngInfo(), io.BytesIO()
    info.add_itxt("sidegrade", text)
    Image.new("RGB", (8, 8)).save(stream, "PNG", pnginfo=info)
    return stream.getvalue()


def test_a_png_without_a_recipe_is_refused_with_the_likely_reason() -> None:
    with pytest.raises(InvalidImage, match="found none in it") as refused:
        read_recipe(png_bytes(Image.new("RGB", (8, 8)), None))
    assert "original file" in refused.value.remedy


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"model": "x"}', "null", '"text"'])
def test_a_damaged_recipe_is_refused(text: str) -> None:
    with pytest.raises(InvalidImage, match="expected a"):
        read_recipe(_png_saying(text))


GOOD = json.loads(canonical_json(RECIPE))
NESTED = "[" * 20_000 + "]" * 20_000
HOSTILE: dict[str, str] = {
    "an empty text": "",
    "nothing but space": "  ",
    "a list": json.dumps([GOOD]),
    "a list of pairs": json.dumps(list(GOOD.items())),
    "an empty object": "{}",
    "a missing field": json.dumps({name: value for name, value in GOOD.items() if name != "prompt"}),
    "an unknown field": json.dumps(GOOD | {"lora": "x"}),
    "an unknown field that is no text": json.dumps(GOOD | {"\ud800": 1}),
    "no field but self": json.dumps(GOOD | {"self": 1}),
    "a number as text": json.dumps(GOOD | {"seed": "1"}),
    "a text as number": json.dumps(GOOD | {"prompt": 1}),
    "null": json.dumps(GOOD | {"prompt": None}),
    "true as seed": json.dumps(GOOD | {"seed": True}),
    "false as guidance": json.dumps(GOOD | {"guidance_scale": False}),
    "a fraction as width": json.dumps(GOOD | {"width": 1.5}),
    "a list as scheduler_config": json.dumps(GOOD | {"scheduler_config": []}),
    "a number as library_versions": json.dumps(GOOD | {"library_versions": 1}),
    "NaN": json.dumps(GOOD | {"guidance_scale": math.nan}),
    "infinity": json.dumps(GOOD | {"guidance_scale": -math.inf}),
    "NaN deep inside": json.dumps(GOOD | {"scheduler_config": {"shift": [math.nan]}}),
    "a seed of 400 digits": json.dumps(GOOD | {"seed": 10**400}),
    "a guidance of 400 digits": json.dumps(GOOD | {"guidance_scale": 10**400}),
    "a width of 4,000 digits": json.dumps(GOOD | {"width": "@"}).replace('"@"', "9" * 4_000),
    "1e999": json.dumps(GOOD | {"guidance_scale": "@"}).replace('"@"', "1e999"),
    "nested": NESTED,
    "nested deep inside": json.dumps(GOOD | {"scheduler_config": {"a": "@"}}).replace('"@"', NESTED),
    "nested objects": '{"scheduler_config":' * 20_000,
    "half a pair in the prompt": json.dumps(GOOD | {"prompt": "nice \ud83d"}),
    "half a pair deep inside": json.dumps(GOOD | {"library_versions": {"torch": "\udcff"}}),
    "half a pair as a key": json.dumps(GOOD | {"scheduler_config": {"\udcff": 1}}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_recipe_is_refused_in_words_that_every_page_can_show(name: str) -> None:
    with pytest.raises(InvalidImage, match="expected a whole recipe") as refused:
        read_recipe(_png_saying(HOSTILE[name]))
    str(refused.value).encode()
    assert len(str(refused.value)) < 500


@given(st.sampled_from(sorted(GOOD)), st.text(max_size=20) | st.integers() | st.floats() | st.none())
def test_a_recipe_with_anything_in_a_field_has_a_digest_or_is_refused(field: str, value: object) -> None:
    try:
        found = read_recipe(_png_saying(json.dumps(GOOD | {field: value})))
    except InvalidImage:
        return
    assert found.digest.startswith("recipe_")


@pytest.mark.parametrize("field", ["seed", "guidance_scale", "prompt", "library_versions", "width"])
def test_a_recipe_with_a_field_of_another_type_is_refused(field: str) -> None:
    text = canonical_json(
        {entry.name: getattr(RECIPE, entry.name) for entry in fields(RECIPE)} | {field: [1]}
    )
    with pytest.raises(InvalidImage, match=f"damaged one .{field}"):
        read_recipe(_png_saying(text))


@pytest.mark.parametrize(("value", "seed"), [(0, 0), ("7", 7), (" 12 ", 12), (2**63 - 1, 2**63 - 1)])
def test_a_seed_is_a_whole_number(value: object, seed: int) -> None:
    assert validate_seed(value) == seed


@pytest.mark.parametrize("value", [-1, 2**63, 2**64, "abc", "", "1.5", 1.5, None, True, "١٢x"])
def test_anything_else_is_no_seed(value: object) -> None:
    with pytest.raises(InvalidRequest, match="seed: expected"):
        validate_seed(value)


@pytest.mark.parametrize("size", [(0, 128), (128, 0), (7, 64), (-8, 64), (1000, 30000)])
def test_sizes_no_model_has_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(InvalidRequest, match="expected 8 to 16384 pixels"):
        check_size(*size)


@pytest.mark.parametrize(
    ("case", "message"),
    [
        (replace(CASE, width=1024, height=512), "at most 262,144 pixels, got 1024×512 = 524,288"),
        (replace(CASE, width=250), "sides in multiples of 16, got 250×128"),
        (replace(CASE, prompt="x" * 101), "at most 100 characters of prompt, got 101"),
    ],
)
def test_a_request_beyond_the_contract_is_refused_not_attempted(case: Case, message: str) -> None:
    with pytest.raises(ContractBreach, match=message):
        make_recipe(case, 1, SPEC, LOADED)


def test_a_contract_may_list_the_only_sizes() -> None:
    spec = replace(SPEC, contract=replace(SPEC.contract, sizes=(Size(256, 64),)))
    with pytest.raises(ContractBreach, match="expected a size of 256×64, got 256×128"):
        make_recipe(CASE, 1, spec, LOADED)


def test_a_batch_numbers_its_recipes_and_refuses_a_mixture() -> None:
    batch = numbered_batch([RECIPE, replace(RECIPE, seed=2, prompt="another")])
    assert [(recipe.batch_size, recipe.batch_index) for recipe in batch] == [(2, 0), (2, 1)]
    for other in (replace(RECIPE, width=128), replace(RECIPE, num_inference_steps=9)):
        with pytest.raises(InvalidRequest, match="got a mixture"):
            numbered_batch([RECIPE, other])


def test_differing_fields_are_named_in_the_order_of_the_recipe() -> None:
    now = replace(
        RECIPE,
        model_digest="model_ffff",
        guidance_scale=2.0,
        library_versions={"torch": "3.0", "diffusers": "1"},
    )
    assert differing_fields(RECIPE, now) == (
        "model_digest: model_0123456789abcdef → model_ffff",
        "guidance_scale: 1.0 → 2.0",
        "library_versions.torch: 2.13.0 → 3.0",
        "library_versions.diffusers: absent → 1",
    )
    assert differing_fields(RECIPE, RECIPE) == ()


def test_the_lines_for_people_hold_every_setting_in_its_place() -> None:
    known = replace(
        RECIPE, batch_size=3, batch_index=2, library_versions={"diffusers": "0.42.1"}, guidance_scale=4.5
    )
    assert parameters_text(known) == (
        "poster\nSteps: 8, Sampler: DDIMScheduler, CFG scale: 4.5, Seed: 1, Size: 256x128, "
        "Model hash: 0123456789, Model: model, Batch size: 3, Batch pos: 2, Version: diffusers 0.42.1"
    )
    assert parameters_text(RECIPE).endswith("Version: diffusers ?")


@pytest.mark.parametrize("side", [8, 16_384])
def test_the_smallest_and_the_largest_side_are_sizes(side: int) -> None:
    check_size(side, side)
    outside = side - 1 if side == 8 else side + 1
    for name, size in (("width", (outside, side)), ("height", (side, outside))):
        with pytest.raises(InvalidRequest, match=f"{name}: expected 8 to 16384 pixels, got {outside}"):
            check_size(*size)


def test_a_request_at_the_edge_of_the_contract_is_served() -> None:
    edge = replace(CASE, width=512, height=512, prompt="x" * 100)
    assert make_recipe(edge, 2**63 - 1, SPEC, LOADED).seed == 2**63 - 1
    for case, message in (
        (replace(edge, width=528), "at most 262,144 pixels"),
        (replace(CASE, height=120), "sides in multiples of 16, got 256×120"),
    ):
        with pytest.raises(ContractBreach, match=message) as refused:
            make_recipe(case, 1, SPEC, LOADED)
        assert "correct the contract" in refused.value.remedy
    sized = replace(SPEC, contract=replace(SPEC.contract, sizes=(Size(64, 64), Size(256, 128))))
    assert make_recipe(CASE, 1, sized, LOADED).width == 256


def test_a_recipe_is_made_of_the_case_the_declaration_and_what_was_loaded() -> None:
    case = replace(CASE, negative_prompt="blur")
    spec = replace(SPEC, num_inference_steps=9, guidance_scale=2.5, dtype="float16")
    assert make_recipe(case, "7", spec, LOADED) == Recipe(  # type: ignore[arg-type]  # as a command line has it
        model="model",
        model_digest="model_0123456789abcdef",
        backend="diffusers",
        prompt="poster",
        negative_prompt="blur",
        seed=7,
        width=256,
        height=128,
        num_inference_steps=9,
        guidance_scale=2.5,
        scheduler="DDIMScheduler",
        scheduler_config={"steps_offset": 1, "trained_betas": None},
        dtype="float16",
        device_class="cpu",
        batch_size=1,
        batch_index=0,
        library_versions={"torch": "2.13.0"},
    )


@pytest.mark.parametrize(
    "other",
    [
        {"width": 128},
        {"height": 64},
        {"num_inference_steps": 9},
        {"guidance_scale": 2.0},
        {"scheduler": "PNDMScheduler"},
        {"scheduler_config": {"steps_offset": 2}},
        {"negative_prompt": "blur"},
    ],
)
def test_what_a_batch_shares_is_the_same_for_all_of_it(other: dict[str, object]) -> None:
    with pytest.raises(InvalidRequest, match="expected recipes of one size, scheduler, steps and guidance"):
        numbered_batch([RECIPE, replace(RECIPE, **other)])  # type: ignore[arg-type]
    with pytest.raises(InvalidRequest):
        numbered_batch([])
    worded = replace(RECIPE, negative_prompt="blur")
    assert len(numbered_batch([worded, replace(worded, negative_prompt="grain", seed=9)])) == 2


def test_a_wrong_seed_is_repeated_to_sixty_characters() -> None:
    assert validate_seed(True + 1) == 2
    with pytest.raises(InvalidRequest, match="got '" + "x" * 59 + "$"):
        validate_seed("x" * 80)
    with pytest.raises(InvalidRequest, match=r"expected 0 to 9223372036854775807 .*, got 9{60}$"):
        validate_seed("9" * 80)


def test_a_png_without_a_recipe_holds_no_text_at_all() -> None:
    assert Image.open(io.BytesIO(png_bytes(Image.new("RGB", (8, 8)), None))).text == {}
