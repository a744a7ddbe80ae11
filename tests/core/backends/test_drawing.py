"""What a drawn poster shows is what its prompt says; few steps leave grain, and the seed moves its lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from core.backends.drawing import COLOURS, GRAIN, DrawingBackend
from core.config.models import load_models
from core.recipes.recipe import make_recipe
from core.records import Case

Draw = Callable[..., npt.NDArray[Any]]
FRAME = 3
"""Width in pixels of the tinted border."""
CLEAN = 200
"""So many steps leave no grain that rounding would show."""


@pytest.fixture
def draw(drawing_models_file: Path) -> Draw:
    """Pixels of a prompt at 128 × 64, without grain unless steps say otherwise."""
    models = load_models(drawing_models_file)

    def drawn(prompt: str, *, model: str = "sketch", seed: int = 1, steps: int = CLEAN) -> npt.NDArray[Any]:
        backend = DrawingBackend(models[model], drawing_models_file)
        case = Case(name="case", prompt=prompt, width=128, height=64)
        recipe = make_recipe(case, seed, backend.spec, backend.loaded)
        (made,) = backend.generate([replace(recipe, num_inference_steps=steps)])
        return np.asarray(made.image).astype(int)

    return drawn


def inside(pixels: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return pixels[FRAME:-FRAME, FRAME:-FRAME]


def lettered(pixels: npt.NDArray[Any], ink: str) -> npt.NDArray[Any]:
    """Where the ink stands, thin strokes included: rows and columns."""
    return np.argwhere((np.abs(inside(pixels)[..., :3] - COLOURS[ink]) < 160).all(axis=-1))


def test_the_words_are_drawn_in_their_ink_on_their_ground(draw: Draw) -> None:
    poster = draw('poster, exact text: "SALE", red on cream')
    assert len(lettered(poster, "red")) > 40
    assert (inside(poster)[0, 0] == (*COLOURS["cream"], 255)).all()


def test_a_prompt_without_words_or_colours_is_an_empty_white_sheet(draw: Draw) -> None:
    assert (inside(draw("a quiet morning")) == 255).all()
    assert len(lettered(draw('exact text: "SALE"'), "black")) > 40


def test_a_transparent_ground_has_the_colour_of_the_ink_so_that_no_edge_shows(draw: Draw) -> None:
    sheet = inside(draw('exact text: "SALE", red on transparent'))
    assert (sheet[..., :3] == COLOURS["red"]).all()
    assert sheet[0, 0, 3] == 0
    assert sheet[..., 3].max() == 255


def test_without_alpha_a_transparent_ground_is_white(draw: Draw) -> None:
    sheet = draw('exact text: "SALE", red on transparent', model="sketch-turbo")
    assert sheet.shape == (64, 128, 3)
    assert (inside(sheet)[0, 0] == 255).all()
    assert len(lettered(sheet, "red")) > 40


@pytest.mark.parametrize("words", ["I", "SALE", "A LINE THAT IS TOO LONG"])
def test_a_line_keeps_clear_of_the_frame_however_long_it_is(draw: Draw, words: str) -> None:
    rows, columns = lettered(draw(f'exact text: "{words}"'), "black").T
    assert columns.min() + FRAME >= 6
    assert columns.max() + FRAME < 128 - 6
    assert rows.max() - rows.min() < 64 / 2


def test_small_words_are_half_as_high(draw: Draw) -> None:
    large, small = (
        np.ptp(lettered(draw(f'exact text: "M", {size}'), "black")[:, 0]) for size in ("large", "small")
    )
    assert small == pytest.approx(large / 2, abs=2)


def test_lines_share_the_height_from_top_to_bottom(draw: Draw) -> None:
    both = lettered(draw('exact text: "I" "I"'), "black")[:, 0] + FRAME
    upper, lower = both[both < 32], both[both >= 32]
    assert upper.mean() == pytest.approx(16, abs=6)
    assert lower.mean() == pytest.approx(48, abs=6)


def test_the_seed_moves_a_line_by_at_most_four_pixels_and_tints_the_frame(draw: Draw) -> None:
    posters = [draw('exact text: "I"', seed=seed) for seed in range(12)]
    middles = np.array([lettered(poster, "black").mean(axis=0) + FRAME for poster in posters])
    assert (np.abs(middles - (31.5, 63.5)) <= 5.5).all()
    assert len({tuple(middle) for middle in middles}) > 6
    assert len({tuple(poster[0, 0]) for poster in posters}) == 12
    assert all((poster[0, 0] == poster[FRAME - 1, 127]).all() for poster in posters)


@pytest.mark.parametrize("steps", [1, 2, 4])
def test_grain_falls_with_the_square_of_the_steps_and_spares_alpha(draw: Draw, steps: int) -> None:
    grey = "teal on teal"
    left = inside(draw(grey, steps=steps)) - inside(draw(grey))
    assert left[..., 1:3].std() == pytest.approx(float(GRAIN) / steps**2, rel=0.1)
    assert not left[..., 3].any()
