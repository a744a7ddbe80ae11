"""Edits made by real pipelines: what they keep, what they break, and what was never tried.

Long: real pipelines of three families, and the edits that are asked of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.backends import open_backend
from core.backends.protocol import Backend
from core.checks.pair import Edit
from core.checks.selftest.scenes import draw_scene, inverted
from core.config.models import load_models
from core.conformance.edit_answers import EditAnswer, EditOutcome, EditPromise, judge_edits
from core.conformance.edit_cases import EditKind, EditMade, EditNotMade, Made, centre_mask, make_edits
from core.conformance.edit_sources import (
    EditSource,
    RefusedSource,
    folder_sources,
    rendered_sources,
    spread_over,
)
from core.conformance.editing import EditRequest, put_back
from core.errors import BackendUnavailable, InvalidImage, InvalidPrompt, InvalidRequest
from core.recipes.recipe import make_recipe, png_bytes
from core.records import Case, ExpectedText

PROMISE = EditPromise(drift_levels=1.0, alpha_iou=0.95)
CASE = Case(name="square", prompt="a red square", width=64, height=64)
SOURCE = EditSource(name="square", image=draw_scene(1, side=64), case=CASE, seed=4)


@pytest.fixture
def opened(tiny_models_file: Path) -> Iterator[Callable[[str], Backend]]:
    """Opens a tiny model by its name, and frees it after the test."""
    backends: list[Backend] = []

    def open_one(name: str) -> Backend:
        backends.append(open_backend(load_models(tiny_models_file)[name], tiny_models_file))
        return backends[-1]

    yield open_one
    for backend in backends:
        backend.close()


def of_kind(made: list[Made], kind: EditKind) -> EditMade:
    (one,) = [edit for edit in made if edit.kind is kind]
    assert isinstance(one, EditMade), one
    return one


def answers_by_kind(answers: list[EditAnswer]) -> dict[EditKind, EditAnswer]:
    return {answer.kind: answer for answer in answers}


@pytest.mark.parametrize("name", ["tiny-sd", "tiny-sdxl"])
def test_a_real_pipeline_edits_in_three_ways_and_the_same_every_time(
    opened: Callable[[str], Backend], name: str
) -> None:
    backend = opened(name)
    made, again = (list(make_edits(backend, [SOURCE], strength=0.9)) for _ in range(2))
    for kind in EditKind:
        edit = of_kind(made, kind)
        assert edit.image.size == SOURCE.image.size
        assert edit.image.tobytes() != SOURCE.image.tobytes()
        assert edit.image.tobytes() == of_kind(again, kind).image.tobytes()
    answers = answers_by_kind(judge_edits(made, again, promise=PROMISE))
    drift, inpainted = answers[EditKind.IMAGE_TO_IMAGE], answers[EditKind.INPAINT]
    assert drift.outcome is EditOutcome.KEPT
    assert drift.got.endswith("+0.00 beside the other model's")
    assert inpainted.outcome is EditOutcome.KEPT
    assert "the pipeline itself had changed" in inpainted.got


def test_an_edit_that_holds_no_numbers_is_not_done_and_says_why(opened: Callable[[str], Backend]) -> None:
    backend = opened("tiny-sd")
    backend.pipeline.vae.decoder.conv_out.bias.data.fill_(float("nan"))
    made = list(make_edits(backend, [SOURCE], strength=0.9))
    assert len(made) == len(EditKind)
    for edit in made:
        assert isinstance(edit, EditNotMade), edit
        assert (edit.failure.error, "expected finite pixel values" in edit.failure.message) == (
            "GenerationFailed",
            True,
        )


def test_a_pipeline_s_raw_inpainting_breaks_what_it_should_keep(opened: Callable[[str], Backend]) -> None:
    made = list(make_edits(opened("tiny-sd"), [SOURCE], strength=0.9, raw=True))
    inpainted = answers_by_kind(judge_edits(made, promise=PROMISE))[EditKind.INPAINT]
    assert inpainted.outcome is EditOutcome.BROKEN
    assert "pixels outside the mask are not as they were" in inpainted.got


def test_without_another_model_a_drift_is_measured_and_not_judged(opened: Callable[[str], Backend]) -> None:
    made = list(make_edits(opened("tiny-sd"), [SOURCE], strength=0.9))
    drift = answers_by_kind(judge_edits(made, promise=PROMISE))[EditKind.IMAGE_TO_IMAGE]
    assert drift.outcome is EditOutcome.MEASURED


def test_what_a_family_cannot_do_is_not_done_and_says_why(opened: Callable[[str], Backend]) -> None:
    glass = replace(SOURCE, image=SOURCE.image.convert("RGBA"))
    made = list(make_edits(opened("tiny-sd3"), [glass], strength=0.9))
    inpainted = answers_by_kind(judge_edits(made, promise=PROMISE))[EditKind.INPAINT]
    assert inpainted.outcome is EditOutcome.NOT_DONE
    assert "GenerationFailed" in inpainted.got
    assert "4" in inpainted.got  # diffusers inpaints with 16 or 33 channels only


def test_a_second_edit_that_drifts_more_than_the_other_model_s_is_broken() -> None:
    calm, wild = edited_twice(SOURCE.image), edited_twice(inverted(SOURCE.image))
    assert judge_edits([wild], [calm], promise=PROMISE)[0].outcome is EditOutcome.BROKEN
    assert judge_edits([calm], [wild], promise=PROMISE)[0].outcome is EditOutcome.KEPT


def edited_twice(again: Image.Image) -> EditMade:
    """An edit that is its source, and the second edit that came of it."""
    return EditMade(
        source=SOURCE,
        kind=EditKind.IMAGE_TO_IMAGE,
        image=SOURCE.image,
        edit=Edit(source=SOURCE.image, again=again),
        latency_ms=1.0,
    )


def test_text_that_nobody_could_read_before_the_upscaling_proves_nothing(
    opened: Callable[[str], Backend],
) -> None:
    lettered = replace(SOURCE, case=replace(CASE, expected_text=(ExpectedText(text="SALE"),)))
    made = list(make_edits(opened("tiny-sd"), [lettered], strength=0.9))
    upscaled = answers_by_kind(judge_edits(made, promise=PROMISE))[EditKind.UPSCALE]
    assert upscaled.outcome is EditOutcome.NOT_DONE
    assert upscaled.got.startswith("no line could be read before")


@pytest.mark.parametrize(
    ("image", "refusal"),
    [
        (draw_scene(1, side=64).convert("RGBA"), "InvalidImage: tiny-sd: expected mode RGB, got RGBA"),
        (draw_scene(1, side=128), "ContractBreach: tiny-sd: expected at most 4,096 pixels"),
        (draw_scene(1, side=64).resize((60, 64)), "InvalidImage: expected sides in multiples of 8"),
    ],
)
def test_a_picture_the_model_does_not_take_is_refused_by_name(
    opened: Callable[[str], Backend], image: Image.Image, refusal: str
) -> None:
    made = list(make_edits(opened("tiny-sd"), [replace(SOURCE, image=image)], strength=0.9))
    answer = answers_by_kind(judge_edits(made, promise=PROMISE))[EditKind.IMAGE_TO_IMAGE]
    assert answer.outcome is EditOutcome.NOT_DONE
    assert answer.got.startswith(refusal)


def test_a_backend_that_only_draws_edits_nothing(drawing_models_file: Path) -> None:
    backend = open_backend(load_models(drawing_models_file)["sketch"], drawing_models_file)
    with pytest.raises(BackendUnavailable, match="which edits no pictures"):
        list(make_edits(backend, [SOURCE], strength=0.5))


def test_renders_become_sources_and_what_cannot_be_drawn_is_a_refusal(drawing_models_file: Path) -> None:
    backend = open_backend(load_models(drawing_models_file)["sketch"], drawing_models_file)
    fits, odd = replace(CASE, width=128, height=64), replace(CASE, name="odd", width=72, height=64)
    drawn, refused = rendered_sources(backend, [fits, odd], seed=3)
    assert isinstance(drawn, EditSource)
    assert (drawn.image.size, drawn.seed) == ((128, 64), 3)
    assert isinstance(refused, RefusedSource)
    assert "expected a size of" in str(refused.error)


def test_a_folder_s_pictures_bring_their_prompt_or_get_one(drawing_models_file: Path, tmp_path: Path) -> None:
    backend = open_backend(load_models(drawing_models_file)["sketch"], drawing_models_file)
    case = replace(CASE, prompt='poster, exact text: "OPEN", red on cream', width=128, height=64)
    made = backend.generate([make_recipe(case, 1, backend.spec, backend.loaded)])[0]
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "a.png").write_bytes(png_bytes(made.image, made.recipe))
    draw_scene(1, side=64).save(folder / "b.png")
    draw_scene(1, side=64).convert("CMYK").save(folder / "c.jpg")
    (folder / "notes.txt").write_text("no picture")
    known, unknown, refused = folder_sources(folder, prompt=None, seed=1)
    assert isinstance(known, EditSource)
    assert known.case.expected_text == (ExpectedText(text="OPEN"),)
    assert isinstance(unknown, RefusedSource)
    assert isinstance(unknown.error, InvalidPrompt)
    assert isinstance(refused, RefusedSource)
    assert isinstance(refused.error, InvalidImage)
    assert "got CMYK" in str(refused.error)
    _, told, _ = folder_sources(folder, prompt="a scene", seed=1)
    assert isinstance(told, EditSource)
    assert told.case.prompt == "a scene"


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="found none"):
        folder_sources(tmp_path, prompt=None, seed=1)
    with pytest.raises(InvalidRequest, match="expected a folder"):
        folder_sources(tmp_path / "nowhere", prompt=None, seed=1)


def test_cases_are_spread_over_the_whole_suite() -> None:
    cases = [replace(CASE, name=str(number)) for number in range(10)]
    assert [case.name for case in spread_over(cases, 3)] == ["0", "3", "6"]
    assert len(spread_over(cases, 99)) == 10
    with pytest.raises(InvalidRequest, match="at least 1"):
        spread_over(cases, 0)


def test_the_middle_is_half_of_each_side_and_a_mask_that_is_half_white_may_be_drawn_over() -> None:
    mask = np.asarray(centre_mask(Image.new("RGB", (10, 6))))
    assert mask.shape == (6, 10)
    assert (mask[1:5, 2:8] == 255).all()
    assert int((mask > 0).sum()) == 4 * 6
    drawn, source = Image.new("RGB", (2, 1), (9, 9, 9)), Image.new("RGBA", (2, 1), (1, 1, 1, 7))
    half = Image.new("L", (2, 1), 127)
    half.putpixel((1, 0), 128)
    assert [put_back(drawn, source, half).getpixel((x, 0)) for x in (0, 1)] == [(1, 1, 1, 7), (9, 9, 9, 255)]


def test_an_edit_is_asked_of_the_editor_as_its_kind_says(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, object]] = []

    class Editor:
        """Notes what is asked of it, and draws one grey further each time."""

        def image_to_image(self, source: Image.Image, request: EditRequest) -> Image.Image:
            asked.append(("image-to-image", (source.size, source.getpixel((0, 0)), request)))
            return Image.new("RGB", source.size, (len(asked),) * 3)

        def inpaint(self, source: Image.Image, mask: Image.Image, request: EditRequest) -> Image.Image:
            asked.append(("inpaint", (source.size, mask.tobytes() == centre_mask(source).tobytes(), request)))
            return Image.new("RGB", source.size, (7, 7, 7))

        def upscale(self, source: Image.Image, factor: int, request: EditRequest) -> Image.Image:
            asked.append(("upscale", (source.size, factor, request)))
            return source.resize((source.width * factor, source.height * factor))

    monkeypatch.setattr("core.conformance.editing.open_editor", lambda backend: Editor())
    source = replace(SOURCE, image=Image.new("RGB", (16, 8), (90, 90, 90)))
    request = EditRequest(prompt="a red square", seed=4, strength=0.6)
    twice, inpainted, upscaled = (
        of_kind(list(make_edits(None, [source], strength=0.6)), kind) for kind in EditKind
    )
    asked_once = asked[: len(asked) // 3]
    assert asked_once == [
        ("image-to-image", ((16, 8), (90, 90, 90), request)),
        ("image-to-image", ((16, 8), (1, 1, 1), request)),
        ("inpaint", ((16, 8), True, request)),
        ("upscale", ((8, 4), 2, request)),
    ]
    assert (twice.edit.source, twice.image.size) == (source.image, (16, 8))
    assert twice.edit.again is not None
    assert inpainted.raw_changed == 16 * 8 - 8 * 4
    assert [inpainted.image.getpixel(place) for place in ((0, 0), (8, 4))] == [(90, 90, 90), (7, 7, 7)]
    (raw,) = [
        one for one in make_edits(None, [source], strength=0.6, raw=True) if one.kind is EditKind.INPAINT
    ]
    assert isinstance(raw, EditMade)
    assert raw.image.getpixel((0, 0)) == (7, 7, 7)
    assert (upscaled.image.size, upscaled.edit.source.size, upscaled.edit.mask) == ((16, 8), (8, 4), None)
    assert all(0 < one.latency_ms < 60_000 for one in (twice, inpainted, upscaled))


def test_a_source_that_was_refused_is_no_edit_of_any_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.conformance.editing.open_editor", lambda backend: None)
    refused = RefusedSource(name="c.jpg", error=InvalidImage("expected mode RGB, got CMYK"))
    made = list(make_edits(None, [refused], strength=0.5))
    assert [(one.kind, one.failure.error) for one in made] == [(kind, "InvalidImage") for kind in EditKind]


def test_one_case_is_the_least_that_can_be_spread() -> None:
    cases = [replace(CASE, name=str(number)) for number in range(10)]
    assert [case.name for case in spread_over(cases, 1)] == ["0"]
    assert [case.name for case in spread_over(cases, 4)] == ["0", "2", "5", "7"]
    assert spread_over([], 3) == []
