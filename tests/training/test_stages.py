"""Every stage runs, resumes and ends in a folder that anybody can load; at tiny size."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from diffusers import AutoencoderTiny

from training.autoencoder import (
    LATENT_CHANNELS,
    encode,
    new_autoencoder,
    on_white,
    train_autoencoder,
    tune_decoder,
)
from training.denoiser import Stage, Trainee, noise_levels, pixel_weights, restore, train
from training.drawings import drawn
from training.latents import coupled, load_or_make, make, style_in
from training.muon import orthogonalised
from training.networks import Networks, OneForManyZeros, Shape
from training.pack import pack
from training.stages import CODERS, DECODERS, FEW, FULL, MODELS, RUNS, Sampler

pytestmark = pytest.mark.slow

TINY = Shape(width=64, blocks=2, text_width=32, character_width=32)


@pytest.fixture(scope="module")
def coder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An autoencoder of two steps."""
    return train_autoencoder(tmp_path_factory.mktemp("coder") / "vae", steps=2, posters=8)


def test_noise_spells_every_style_and_stays_normal():
    noise = torch.randn(64, LATENT_CHANNELS, 16, 32, generator=torch.Generator().manual_seed(0))
    styles = torch.arange(64) % 16
    tied = coupled(noise, styles)
    assert [style_in(one) for one in tied] == styles.tolist()
    assert torch.equal(tied.abs(), noise.abs())


def test_noise_near_the_edge_of_two_layouts_can_be_had_more_often():
    noise = torch.randn(64, LATENT_CHANNELS, 16, 32, generator=torch.Generator().manual_seed(0))
    styles = torch.arange(64) % 16
    tied = coupled(noise, styles, edge=0.25)
    assert [style_in(one) for one in tied] == styles.tolist()
    sums = tied[:, :4, 6:8, 14:16].sum((1, 2, 3)).abs()
    assert torch.allclose(sums[:16], 0.2 * noise[:16, :4, 6:8, 14:16].sum((1, 2, 3)).abs(), atol=1e-4)
    assert torch.equal(tied[16:].abs(), noise[16:].abs())


def test_a_larger_decoder_reads_the_same_latents(coder, tmp_path):
    tuned = tune_decoder(coder, tmp_path / "large", alpha=True, larger=True, steps=2, posters=8)
    config = json.loads((tuned / "config.json").read_text())
    assert config["decoder_block_out_channels"] == [48, 48, 48, 48]
    pixels = torch.zeros(1, 4, 32, 64, dtype=torch.uint8)
    loaded = [AutoencoderTiny.from_pretrained(folder) for folder in (coder, tuned)]
    assert torch.equal(encode(loaded[0], pixels), encode(loaded[1], pixels))


def test_orthogonalised_matrices_have_singular_values_near_one():
    matrices = torch.randn(3, 24, 40, generator=torch.Generator().manual_seed(0))
    values = torch.linalg.svdvals(orthogonalised(matrices).float())
    assert values.min() > 0.5
    assert values.max() < 1.4


def test_one_weighted_zero_token_equals_the_256_of_the_pipeline():
    networks = Networks(TINY).eval()
    torch.nn.init.normal_(networks.transformer.proj_out.weight, std=0.02)
    ids = torch.randint(5, 40, (1, 32), generator=torch.Generator().manual_seed(0))
    noisy, sigma = torch.randn(1, LATENT_CHANNELS, 8, 16), torch.tensor([0.5])
    with torch.no_grad():
        states, pooled = networks.embed(ids)
        padded = torch.nn.functional.pad(states[:, :-1], (0, 0, 0, 256))
        full = networks.transformer(noisy, padded, pooled, sigma * 1000).sample
        networks.transformer.set_attn_processor(OneForManyZeros())
        short = networks.velocity(noisy, sigma, ids)
    assert torch.allclose(full, short, atol=1e-5)


def test_an_autoencoder_is_trained_then_tuned_for_rgb_on_the_same_latents(coder, tmp_path):
    tuned = tune_decoder(coder, tmp_path / "rgb", alpha=False, steps=2, posters=8)
    config = json.loads((tuned / "config.json").read_text())
    assert config["out_channels"] == 3
    assert config["scaling_factor"] == json.loads((coder / "config.json").read_text())["scaling_factor"]


def test_a_transparent_pixel_on_white_is_white():
    assert torch.equal(
        on_white(torch.tensor([[-1.0, 0.2, 0.7, -1.0]])[..., None, None]), torch.ones(1, 3, 1, 1)
    )


def test_examples_are_kept_and_read_again(coder, tmp_path):
    vae = new_autoencoder().from_pretrained(coder).eval()
    first = load_or_make(tmp_path / "square.pt", vae, 4, (128, 128), seed=5)
    again = load_or_make(tmp_path / "square.pt", vae, 4, (128, 128), seed=99)
    assert torch.equal(first.latents, again.latents)
    assert first.latents.shape == (4, LATENT_CHANNELS, 16, 16)


def test_labels_name_the_glyph_in_the_middle_of_each_token(coder):
    made = make(new_autoencoder().from_pretrained(coder).eval(), 8, (256, 128), seed=3)
    assert made.labels.max() > 0
    assert ((made.labels > 0) <= (made.kinds > 0)).all()
    assert ((made.columns > 0) == (made.rows > 0)).all()


def test_a_stopped_stage_goes_on_as_if_it_had_not_stopped(coder, tmp_path):
    vae = new_autoencoder().from_pretrained(coder).eval()
    examples = {"square": make(vae, 8, (128, 128), seed=1)}
    torch.set_num_threads(1)

    def run(folder: Path, steps: int) -> Trainee:
        stage = Stage(name="s", steps=steps, canvases={"square": 1.0}, batch=2)
        trainee = Trainee(TINY, seed=0, compiled=False)
        train(trainee, stage, examples, folder, seed=3)
        return trainee

    whole = run(tmp_path / "whole", 2)
    run(tmp_path / "parts", 1)
    parts = run(tmp_path / "parts", 2)
    for one, other in zip(whole.all.parameters(), parts.all.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-6)


def test_a_packed_folder_loads_without_arguments_and_draws_rgba_repeatably(coder, tmp_path):
    from diffusers import DiffusionPipeline

    trainee = Trainee(TINY, seed=0, compiled=False)
    examples = {"square": make(new_autoencoder().from_pretrained(coder).eval(), 4, (128, 128), seed=1)}
    train(trainee, Stage(name="s", steps=2, canvases={"square": 1.0}, batch=2), examples, tmp_path, seed=3)
    folder = pack(tmp_path / "model", tmp_path / "s.pt", coder, TINY, Sampler(steps=2, last=0.3))
    assert not list(folder.rglob("*.bin"))
    assert not list(folder.rglob("*.py"))
    pipe = DiffusionPipeline.from_pretrained(folder)
    pipe.set_progress_bar_config(disable=True)
    first, again = (drawn(pipe, 'badge "OK"', 1, steps=2, canvas=(128, 128)) for _ in range(2))
    assert first.mode == "RGBA"
    assert first.tobytes() == again.tobytes()
    assert restore(Trainee(TINY, seed=9, compiled=False), tmp_path / "s.pt")["step"] == 2


def test_few_step_training_meets_the_levels_its_sampler_calls():
    stage = next(stage for stage in RUNS["turbo"].stages if stage.sigmas)
    assert stage.sigmas == FEW.sigmas()
    levels = noise_levels(stage, 400, torch.Generator().manual_seed(0))
    assert all(min(abs(level - sigma) for sigma in FEW.sigmas()) < 0.12 for level in levels.tolist())


def test_samplers_start_from_noise_and_end_where_they_say():
    for sampler in (FULL, FEW):
        assert sampler.sigmas()[0] == pytest.approx(1.0)
        assert sampler.sigmas()[-1] == pytest.approx(sampler.last)
        assert len(sampler.sigmas()) == sampler.steps


def test_weights_reach_one_token_to_each_side_of_a_glyph():
    kinds = torch.zeros(1, 4, 8, dtype=torch.uint8)
    kinds[0, 1, 3] = 2
    weights = pixel_weights(kinds, (1.0, 2.0, 5.0, 3.0))[0, 0, ::2, ::2]
    assert weights[1].tolist() == [1, 1, 5, 5, 5, 1, 1, 1]
    assert weights[0].tolist() == [1] * 8


def test_every_shipped_model_comes_from_a_checkpoint_that_a_run_writes():
    for recipe in MODELS.values():
        assert recipe.checkpoint in {stage.name for stage in RUNS[recipe.run].stages}


def test_a_larger_decoder_can_be_trained_further_on_letters_that_look_alike(coder, tmp_path):
    large = tune_decoder(coder, tmp_path / "large", alpha=True, larger=True, steps=1, posters=8)
    sharp = tune_decoder(large, tmp_path / "sharp", alpha=True, steps=1, posters=8, alike="56", small=0.3)
    before, after = (AutoencoderTiny.from_pretrained(folder) for folder in (large, sharp))
    assert after.config.decoder_block_out_channels == [48, 48, 48, 48]
    assert all(map(torch.equal, before.encoder.parameters(), after.encoder.parameters()))
    assert not all(map(torch.equal, before.decoder.parameters(), after.decoder.parameters()))


def test_every_decoder_goes_on_from_one_that_is_made_before_it():
    made = set(CODERS)
    for name, decoder in DECODERS.items():
        assert decoder.source in made
        made.add(name)


def test_a_packed_model_is_the_same_bytes_every_time(coder, tmp_path):
    checkpoint = tmp_path / "end.pt"
    torch.save({"average": Networks(TINY).state_dict()}, checkpoint)
    first, second = (pack(tmp_path / name, checkpoint, coder, TINY, FEW) for name in ("one", "two"))
    files = sorted(file.relative_to(first) for file in first.rglob("*.safetensors"))
    assert all((first / file).read_bytes() == (second / file).read_bytes() for file in files)


def test_a_stage_without_helpers_measures_the_flow_alone(coder, tmp_path):
    vae = AutoencoderTiny.from_pretrained(coder)
    stage = Stage(name="end", steps=1, canvases={"a": 1.0}, heads=0.0, batch=4)
    trainee = Trainee(TINY, seed=0, compiled=False)
    train(trainee, stage, {"a": make(vae, 4, (256, 64), 1)}, tmp_path, seed=0)
    row = json.loads((tmp_path / "curve.jsonl").read_text())
    assert {"glyph", "place", "accuracy_at_noise"}.isdisjoint(row)
    assert row["flow"] > 0
