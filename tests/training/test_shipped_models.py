"""What the repository ships: small folders, cards that say what was measured, real pictures."""

from __future__ import annotations

import json

import pytest

from training.drawings import by_model
from training.pack import size_mib
from training.posters import Poster
from training.report import FIGURES, MODELS_FOLDER, RENDERER, REPORT_FOLDER, stored_scores, table
from training.stages import MODELS

STORED = stored_scores()


@pytest.mark.parametrize("name", MODELS)
def test_a_folder_holds_safetensors_only_and_stays_small(name):
    files = [path.suffix for path in (MODELS_FOLDER / name).rglob("*") if path.is_file()]
    assert set(files) == {".json", ".md", ".safetensors"}
    assert size_mib(MODELS_FOLDER / name) <= 20


def test_all_folders_together_stay_below_48_megabytes():
    assert sum(size_mib(MODELS_FOLDER / name) for name in MODELS) * 2**20 <= 48e6


@pytest.mark.parametrize("name", MODELS)
def test_a_folder_does_not_say_where_it_was_made(name):
    configs = [path.read_text() for path in (MODELS_FOLDER / name).rglob("*.json")]
    assert not any("_name_or_path" in config for config in configs)


@pytest.mark.parametrize("name", MODELS)
def test_a_card_claims_exactly_the_stored_scores(name):
    card = (MODELS_FOLDER / name / "README.md").read_text()
    assert table({RENDERER: STORED[RENDERER], name: STORED[name]}, FIGURES) in card
    assert f"num_inference_steps={MODELS[name].sampler.steps}" in card


def test_the_report_shows_the_stored_scores():
    report = (REPORT_FOLDER.parent / "REPORT.md").read_text()
    assert table(STORED, FIGURES) in report


def test_the_benchmarks_show_the_stored_scores():
    benchmarks = (MODELS_FOLDER.parent / "docs" / "benchmarks.md").read_text()
    _, rest = benchmarks.split("## What do the embedded models draw?")
    section, *_ = rest.split("\n## ")
    shown = [line for line in section.splitlines() if line.startswith("|")]
    assert len(shown) > 10
    assert set(shown) <= set(table(STORED, FIGURES).splitlines())


def test_the_pictures_of_the_report_stay_small():
    assert all(picture.stat().st_size < 400_000 for picture in REPORT_FOLDER.glob("*.png"))


@pytest.mark.parametrize(
    ("name", "mode"), [("letterpress", "RGBA"), ("letterpress-2", "RGBA"), ("letterpress-turbo", "RGB")]
)
def test_a_model_loads_with_plain_diffusers_and_draws_in_its_mode(name, mode):
    draw = by_model(MODELS_FOLDER / name, MODELS[name].sampler.steps)
    image = draw(Poster(lines=("SALE",), sizes=("large",), ink="white", ground="teal"), 1)
    assert (image.mode, image.size) == (mode, (256, 128))


def test_latents_of_all_models_have_one_shape_so_that_a_seed_means_the_same_noise():
    configs = [json.loads((MODELS_FOLDER / name / "vae" / "config.json").read_text()) for name in MODELS]
    assert (
        len(
            {
                (config["latent_channels"], config["scaling_factor"], config["shift_factor"])
                for config in configs
            }
        )
        == 1
    )
