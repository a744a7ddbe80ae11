"""Whether the parts of a diffusers folder fit together, from configurations and file headers alone.

No torch, no weights: eight billion parameters are examined in milliseconds, before anything is loaded. Every
``check_*`` function returns one sentence about what fits or raises the typed error of the incident it
prevents; what only loaded parts can tell is checked in :mod:`core.backends.local.diffusers_loading`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from core.backends.local.diffusers_folder import Folder, stored_shapes, weight_bytes
from core.errors import DecoderMismatch, LatentShapeMismatch, ModelUnavailable
from core.formatting import size as size_in_words
from core.records import Mode, Size

CHANNELS = {Mode.RGB: 3, Mode.RGBA: 4}
PAIR_REMEDY = (
    "the VAE and the denoiser come from different model families: use the pair that was trained together"
)
NATIVE_STRETCH = 1.9
"""A UNet asked for this many times its native side repeats its subject, or has another family's VAE."""


class Wiring(NamedTuple):
    """A width that two parts have to agree on."""

    what: str
    given: int
    expected: int


def check_files_fit(folder: Folder) -> tuple[str, ...]:
    """Everything the files can tell, cheapest first; one sentence a fit.

    Raises:
        ModelUnavailable, UnsafeWeights, LatentShapeMismatch, DecoderMismatch
    """
    checks = (
        check_weights_are_whole,
        check_latents_fit,
        check_sizes_fit,
        check_output_fits,
        check_text_fits,
        check_scheduler_fits,
    )
    try:
        return tuple(check(folder) for check in checks)
    except (KeyError, TypeError, IndexError) as error:
        raise ModelUnavailable(
            f"{folder.spec.name}: a configuration file lacks a value the pipeline needs ({error})"
        ) from error


def check_weights_are_whole(folder: Folder) -> str:
    """Every part's weights are there, whole, and safetensors."""
    for part in folder.weighted_parts:
        _refuse_what_is_not_stored(folder, part)
    return f"{len(folder.parts)} parts, {size_in_words(weight_bytes(folder))} of safetensors, complete"


def check_latents_fit(folder: Folder) -> str:
    """VAE and denoiser speak of the same number of latent channels, on the same scale."""
    denoiser, vae = folder.denoiser, folder.config("vae")
    decoded, read = int(vae["latent_channels"]), int(denoiser["in_channels"])
    size = (folder.spec.contract.sizes or (Size(512, 512),))[0]
    _, _, height, width = folder.latent_shape(size)
    for channels in (read, int(denoiser.get("out_channels") or read)):
        if channels != decoded:
            raise LatentShapeMismatch(
                f"{folder.spec.name}: expected latents 1×{decoded}×{height}×{width} (its VAE), "
                f"got 1×{channels}×{height}×{width} (its {folder.family.denoiser}) at {size}",
                remedy=PAIR_REMEDY,
            )
    for factor in ("scaling_factor", "shift_factor") if folder.family.flow else ("scaling_factor",):
        if not isinstance(vae.get(factor), int | float):
            raise LatentShapeMismatch(
                f"{folder.spec.name}: expected a VAE with a {factor}, got {vae.get(factor)}",
                remedy=PAIR_REMEDY,
            )
    return f"VAE and {folder.family.denoiser} agree on {decoded} latent channels"


def check_sizes_fit(folder: Folder) -> str:
    """Every promised size is whole in latents and within what the denoiser can place."""
    contract, denoiser = folder.spec.contract, folder.denoiser
    step = folder.vae_scale * int(denoiser.get("patch_size") or 1)
    side = math.isqrt(contract.max_pixels) // step * step
    for size in contract.sizes or (Size(side, side),):
        if size.width % step or size.height % step:
            raise LatentShapeMismatch(
                f"{folder.spec.name}: expected sizes in multiples of {step}, got {size} in its contract"
            )
        _refuse_stretch(folder, size)
    if not contract.sizes and contract.size_multiple % step:
        raise LatentShapeMismatch(
            f"{folder.spec.name}: expected size_multiple to be a multiple of {step} (VAE scale × patch), "
            f"got {contract.size_multiple}"
        )
    return f"VAE scale {folder.vae_scale}: every promised size has whole latents within the denoiser's grid"


def check_output_fits(folder: Folder) -> str:
    """The VAE decodes as many channels as the contract's mode has."""
    promised, decoded = CHANNELS[folder.spec.contract.mode], int(folder.config("vae")["out_channels"])
    if decoded != promised:
        found = "found null" if decoded == 3 else f"got {decoded} channels"
        expected = "alpha channel" if promised == 4 else f"{promised} channels"
        raise DecoderMismatch(
            f"{folder.spec.name}: expected {expected}, {found}: its contract promises "
            f"{folder.spec.contract.mode}, its VAE decodes {decoded} channels",
            remedy="correct `mode` in the contract, or load the decoder that was promised",
        )
    return f"VAE decodes {folder.spec.contract.mode}, as promised"


def check_text_fits(folder: Folder) -> str:
    """What text encoders give is as wide as what the denoiser reads, and tokenizers stay in vocabulary."""
    wirings = TEXT_WIDTHS[folder.pipeline](folder)
    for wiring in wirings:
        if wiring.given != wiring.expected:
            raise LatentShapeMismatch(
                f"{folder.spec.name}: {wiring.what}: expected {wiring.expected}, got {wiring.given}",
                remedy="a text encoder or tokenizer comes from another model family",
            )
    return f"{len(wirings)} text widths agree with the {folder.family.denoiser}"


def check_scheduler_fits(folder: Folder) -> str:
    """The scheduler that will sample is of the kind the denoiser was trained for."""
    shipped = folder.parts["scheduler"]
    name = folder.spec.scheduler or shipped
    if name.startswith("FlowMatch") != folder.family.flow:
        wanted = "a flow-matching one (FlowMatch…)" if folder.family.flow else "one that predicts noise"
        raise ModelUnavailable(
            f"{folder.spec.name}: scheduler: expected {wanted}, got {name}",
            remedy=f"remove `scheduler` from models.toml to use {shipped}, which ships with the model",
        )
    return f"scheduler {name}" + ("" if name == shipped else f" as declared (the model ships {shipped})")


def _refuse_what_is_not_stored(folder: Folder, part: str) -> None:
    """A configuration that asks for far more than the files hold would be built for minutes, in gigabytes."""
    shapes, config = stored_shapes(folder, part), folder.config(part)
    values = sum(map(math.prod, shapes.values()))
    grid = shapes.get("pos_embed.pos_embed", [values])[:2]  # all positions of a square, if it is there
    room = {key: len(shapes) for key in config if "layers" in key}
    room |= {"max_position_embeddings": values, "pos_embed_max_size": math.isqrt(math.prod(grid))}
    for key, most in room.items():
        if (asked := _largest(config.get(key))) > most:
            raise ModelUnavailable(
                f"{folder.spec.name}: {part}/config.json: {key}: expected at most {most:,}, "
                f"for so many are in its weight files, got {asked:,}",
                remedy="the configuration belongs to other weights: copy or fetch the model again",
            )


def _largest(value: object) -> int:
    """The largest whole number of a setting, which may be a list of lists; 0 where there is none."""
    if isinstance(value, list):
        return max(map(_largest, value), default=0)
    return value if isinstance(value, int) else 0


def _refuse_stretch(folder: Folder, size: Size) -> None:
    denoiser, shape = folder.denoiser, folder.latent_shape(size)
    if grid := denoiser.get("pos_embed_max_size"):
        limit = int(grid) * int(denoiser["patch_size"])
    else:
        native = denoiser["sample_size"]
        limit = math.floor(NATIVE_STRETCH * max(native if isinstance(native, list) else [native]))
    if max(shape[2:]) > limit:
        raise LatentShapeMismatch(
            f"{folder.spec.name}: expected latents of at most {shape[0]}×{shape[1]}×{limit}×{limit}, "
            f"got {'×'.join(map(str, shape))} for the promised {size}",
            remedy="promise a smaller size in the contract, or use the VAE of this denoiser's family",
        )


def _text_sd1(folder: Folder) -> tuple[Wiring, ...]:
    encoder = folder.config("text_encoder")
    width = folder.denoiser["cross_attention_dim"]
    return (Wiring("text features", encoder["hidden_size"], width), *_vocabularies(folder))


def _text_sdxl(folder: Folder) -> tuple[Wiring, ...]:
    first, second, unet = folder.config("text_encoder"), folder.config("text_encoder_2"), folder.denoiser
    pooled = second["projection_dim"] + 6 * unet["addition_time_embed_dim"]
    features = first["hidden_size"] + second["hidden_size"]
    return (
        Wiring("text features", features, unet["cross_attention_dim"]),
        Wiring("pooled text and size features", pooled, unet["projection_class_embeddings_input_dim"]),
        *_vocabularies(folder),
    )


def _text_sd3(folder: Folder) -> tuple[Wiring, ...]:
    first, second = folder.config("text_encoder"), folder.config("text_encoder_2")
    transformer = folder.denoiser
    width = transformer["joint_attention_dim"]
    wide = first["hidden_size"] + second["hidden_size"]
    pooled = first["projection_dim"] + second["projection_dim"]
    wirings = [
        # narrower CLIP features are padded to the width; wider ones would be cut without a word
        Wiring("CLIP text features that fit", min(wide, width), wide),
        Wiring("pooled text features", pooled, transformer["pooled_projection_dim"]),
    ]
    if "text_encoder_3" in folder.parts:
        wirings.append(Wiring("T5 text features", folder.config("text_encoder_3")["d_model"], width))
    return (*wirings, *_vocabularies(folder))


def _vocabularies(folder: Folder) -> tuple[Wiring, ...]:
    """Tokens beyond an encoder's vocabulary or positions would crash, or read another word's meaning."""
    wirings = []
    for part in [name for name in folder.parts if name.startswith("tokenizer")]:
        encoder = folder.config(part.replace("tokenizer", "text_encoder"))
        if size := _vocabulary_size(folder, part):
            known = min(size, encoder["vocab_size"])
            wirings.append(Wiring(f"{part} vocabulary known to its encoder", known, size))
        positions = encoder.get("max_position_embeddings")
        longest = folder.config(part, "tokenizer_config.json").get("model_max_length")
        if positions and longest:
            wirings.append(Wiring(f"{part} positions known to its encoder", min(longest, positions), longest))
    return tuple(wirings)


def _vocabulary_size(folder: Folder, part: str) -> int | None:
    """Entries of the tokenizer; None for sentencepiece files, which are no JSON."""
    if (folder.path / part / "tokenizer.json").is_file():
        vocabulary = folder.config(part, "tokenizer.json")["model"]["vocab"]
        highest = max(vocabulary.values()) if isinstance(vocabulary, dict) else len(vocabulary) - 1
        return int(highest) + 1
    if (folder.path / part / "vocab.json").is_file():
        return int(max(folder.config(part, "vocab.json").values())) + 1
    return None


TEXT_WIDTHS = {
    "StableDiffusionPipeline": _text_sd1,
    "StableDiffusionXLPipeline": _text_sdxl,
    "StableDiffusion3Pipeline": _text_sd3,
}
