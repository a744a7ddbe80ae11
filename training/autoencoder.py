"""The autoencoder: an `AutoencoderTiny` of 0.3 million weights from RGBA pixels to 16 channels at 1/8 size.

Four channels in and out make diffusers hand out RGBA images by itself. The encoder is trained once; the
decoders of the three models are then tuned on the frozen encoder, so that all models share one latent space.
"""

from collections.abc import Callable
from pathlib import Path

import torch
from diffusers import AutoencoderTiny
from torch import Tensor

from training.crops import Sheet, crops, poster_sheet
from training.muon import Pair, optimizers, set_rate
from training.posters import CANVASES
from training.progress import Progress, device, warm_then_decay, write_atomically

LATENT_CHANNELS = 16
BatchLoss = Callable[[Tensor, torch.Generator], tuple[Tensor, float]]
"""Gives the loss of pixels as in `crops`, with noise from the generator, and the PSNR in dB."""


def new_autoencoder(width: int = 32) -> AutoencoderTiny:
    """An untrained autoencoder; `width` is its number of features at every size."""
    return AutoencoderTiny(
        in_channels=4,
        out_channels=4,
        latent_channels=LATENT_CHANNELS,
        encoder_block_out_channels=(width,) * 4,
        decoder_block_out_channels=(width,) * 4,
        num_encoder_blocks=(0, 1, 1, 1),
        num_decoder_blocks=(2, 2, 1, 0),
        scaling_factor=1.0,
        shift_factor=0.0,
    )


def on_white(pixels: Tensor) -> Tensor:
    """RGBA in -1..1 laid on white: what a decoder without alpha has to draw."""
    color, alpha = (pixels[:, :3] + 1) / 2, (pixels[:, 3:] + 1) / 2
    return (color * alpha + 1 - alpha) * 2 - 1


def _loss(drawn: Tensor, wanted: Tensor) -> tuple[Tensor, float]:
    """Absolute and squared error plus that of the gradients, which keeps edges sharp; and the PSNR in dB."""
    error = drawn.float() - wanted
    squared = (error**2).mean()
    edges = error.diff(dim=-1).abs().mean() + error.diff(dim=-2).abs().mean()
    return error.abs().mean() + 2 * squared + edges, 10 * float(torch.log10(4 / squared.detach()))


def _optimizers(vae: AutoencoderTiny, parameters: list[torch.nn.Parameter], lr: float) -> Pair:
    """Muon for the inner convolutions, AdamW for the first, the last and the biases."""
    ends = {id(vae.encoder.layers[0].weight), id(vae.decoder.layers[-1].weight)}
    inner = [p for p in parameters if p.ndim == 4 and id(p) not in ends]
    outer = [p for p in parameters if p.ndim != 4 or id(p) in ends]
    return optimizers(inner, outer, lr=lr, adamw_lr=min(lr, 2e-3))


def train_autoencoder(
    folder: Path,
    *,
    steps: int,
    source: Path | None = None,
    noise: float = 0.1,
    shrink: float = 1e-2,
    on_text: float = 0.3,
    posters: int = 2400,
    seed: int = 10,
    lr: float = 3e-3,
) -> Path:
    """Train encoder and decoder together; the result is a diffusers folder, its scale measured on posters.

    `noise` is added to the latents, so that the decoder forgives an inexact denoiser; `shrink` keeps latents
    small. Much of both learns fast, little of both keeps small letters apart: so it starts with much, and
    goes on from `source` with little.
    """
    torch.manual_seed(seed)
    vae = AutoencoderTiny.from_pretrained(source) if source else new_autoencoder()
    vae = vae.to(device(), memory_format=torch.channels_last).train()

    def batch_loss(x: Tensor, generator: torch.Generator) -> tuple[Tensor, float]:
        z = vae.encoder(x).float()
        drawn = vae.decoder(z + noise * torch.randn(z.shape, generator=generator).to(z.device))
        loss, psnr = _loss(drawn, x)
        return loss + shrink * (z**2).mean(), psnr

    _fit(
        vae,
        list(vae.parameters()),
        batch_loss,
        poster_sheet(posters, seed),
        folder,
        steps=steps,
        lr=lr,
        seed=seed,
        on_text=on_text,
    )
    _measure_scale(vae)
    vae.save_pretrained(folder)
    return folder


def tune_decoder(
    source: Path,
    folder: Path,
    *,
    alpha: bool,
    steps: int,
    larger: bool = False,
    noise: float = 0.08,
    on_text: float = 0.7,
    small: float = 0.8,
    alike: str = "",
    lr: float = 2e-3,
    posters: int = 2000,
    seed: int = 77,
) -> Path:
    """Train the decoder of `source` further on its frozen encoder: with alpha, or for RGB on white.

    A `larger` one begins from nothing: it keeps letters apart whose difference is two pixels (D and O). The
    posters are as in `poster_sheet`.
    """
    torch.manual_seed(seed)
    frozen = AutoencoderTiny.from_pretrained(source).to(device(), memory_format=torch.channels_last).eval()
    vae = with_larger_decoder(frozen) if larger else copy_of(frozen, alpha=alpha)
    vae = vae.to(device(), memory_format=torch.channels_last)

    def batch_loss(x: Tensor, generator: torch.Generator) -> tuple[Tensor, float]:
        with torch.no_grad():
            z = frozen.encoder(x).float()
        drawn = vae.decoder(z + noise * torch.randn(z.shape, generator=generator).to(z.device))
        return _loss(drawn, x if alpha else on_white(x))

    _fit(
        vae,
        list(vae.decoder.parameters()),
        batch_loss,
        poster_sheet(posters, seed, small=small, alike=alike),
        folder,
        steps=steps,
        lr=lr,
        seed=seed,
        on_text=on_text,
    )
    vae.save_pretrained(folder)
    return folder


def _fit(
    vae: AutoencoderTiny,
    parameters: list[torch.nn.Parameter],
    batch_loss: BatchLoss,
    sheet: Sheet,
    folder: Path,
    *,
    steps: int,
    lr: float,
    seed: int,
    on_text: float,
) -> None:
    """The common loop, resumed from `folder/checkpoint.pt` when there is one."""
    checkpoint = folder / "checkpoint.pt"
    pair, generator = _optimizers(vae, parameters, lr), torch.Generator().manual_seed(seed)
    progress = Progress(folder.name, steps, folder)
    if checkpoint.exists():
        kept = torch.load(checkpoint, map_location=device(), weights_only=True)
        vae.load_state_dict(kept["model"])
        for optimizer, state in zip(pair, kept["optimizers"], strict=True):
            optimizer.load_state_dict(state)
        generator.set_state(kept["generator"].cpu())
        progress = Progress(folder.name, steps, folder, started_at=kept["step"], seconds=kept["seconds"])
    while progress.step < steps:
        set_rate(pair, warm_then_decay(progress.step, steps, warm=20, decay=1.0, floor=0.01))
        with torch.autocast(device().type, torch.bfloat16):
            loss, psnr = batch_loss(crops(sheet, generator, on_text=on_text), generator)
        for optimizer in pair:
            optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        for optimizer in pair:
            optimizer.step()
        progress.advance(loss=float(loss.detach()), psnr_db=psnr)
        if progress.step % 500 == 0 or progress.step == steps:
            write_atomically(
                {
                    "model": vae.state_dict(),
                    "optimizers": [o.state_dict() for o in pair],
                    "generator": generator.get_state(),
                    "step": progress.step,
                    "seconds": progress.seconds,
                },
                checkpoint,
            )
    vae.eval()


@torch.no_grad()
def _measure_scale(vae: AutoencoderTiny) -> None:
    """Store shift and scale that bring latents of unseen posters to mean 0 and deviation 1."""
    latents = torch.cat(
        [encode(vae, poster_sheet(32, 5 + k, canvas).pixels).flatten() for k, canvas in enumerate(CANVASES)]
    )
    vae.register_to_config(scaling_factor=1 / latents.std().item(), shift_factor=latents.mean().item())


@torch.no_grad()
def encode(vae: AutoencoderTiny, pixels: Tensor) -> Tensor:
    """Raw latents float32 (count, 16, height / 8, width / 8) of uint8 pixels (count, 4, height, width)."""
    x = (pixels.to(device()).float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)
    with torch.autocast(device().type, torch.bfloat16):
        latents: Tensor = vae.encoder(x).float()
    return latents


def copy_of(vae: AutoencoderTiny, *, alpha: bool) -> AutoencoderTiny:
    """The same weights in a new autoencoder; without `alpha` its last and first layers lose that channel.

    The first layer then takes RGB pictures as fully opaque ones.
    """
    if alpha:
        return _loaded(AutoencoderTiny(**_settings(vae)), vae.state_dict())
    weights = dict(vae.state_dict())
    first, last = "encoder.layers.0", f"decoder.layers.{len(vae.decoder.layers) - 1}"
    weights[f"{first}.bias"] = weights[f"{first}.bias"] + weights[f"{first}.weight"][:, 3].sum((1, 2))
    weights[f"{first}.weight"] = weights[f"{first}.weight"][:, :3].clone()
    weights[f"{last}.weight"], weights[f"{last}.bias"] = (
        weights[f"{last}.weight"][:3],
        weights[f"{last}.bias"][:3],
    )
    return _loaded(AutoencoderTiny(**{**_settings(vae), "in_channels": 3, "out_channels": 3}), weights)


def with_larger_decoder(vae: AutoencoderTiny) -> AutoencoderTiny:
    """The same encoder before an untrained decoder of one and a half times the width, and deeper."""
    larger = {"decoder_block_out_channels": (48,) * 4, "num_decoder_blocks": (3, 3, 1, 0)}
    made = AutoencoderTiny(**{**_settings(vae), **larger})
    made.encoder.load_state_dict(vae.encoder.state_dict())
    return made


def _settings(vae: AutoencoderTiny) -> dict[str, object]:
    """What a new autoencoder of the same shape is made with."""
    return {k: v for k, v in vae.config.items() if not k.startswith("_") and k != "block_out_channels"}


def _loaded(vae: AutoencoderTiny, weights: dict[str, Tensor]) -> AutoencoderTiny:
    vae.load_state_dict(weights)
    return vae
