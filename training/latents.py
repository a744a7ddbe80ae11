"""Training data of the denoiser: prompts as token ids, posters as latents, and where each glyph stands.

The seed's choice (`Style`) is tied to the noise: `coupled` turns the noise of four tokens in the middle of
the canvas so that their signs spell the style of the poster. The noise stays exactly normal, and a sampler
sees from its first step on which layout to draw, instead of starting from a blur of all of them. That is
what lets few steps draw sharp text and yet seeds matter.
"""

import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderTiny
from torch import Tensor

from training.autoencoder import LATENT_CHANNELS, encode
from training.glyphs import ADVANCE_PX, CELL_HEIGHT_PX, CHARACTERS, SHAPES
from training.grammar import loose_prompt_of, prompt_of, random_poster
from training.posters import (
    STYLE_BITS,
    TOKEN_PX,
    Poster,
    SetLine,
    drawn_shape,
    layout,
    render,
    shape_box,
    style_of,
)
from training.progress import write_atomically
from training.tokenizer import CLOSE, LENGTH, OPEN, new_tokenizer

LABELS = 1 + len(CHARACTERS) + len(SHAPES)
"""What an image token may show: nothing (0), a character, or a shape."""
COLUMNS = 1 + 256 // 8
ROWS = 1 + 128 // TOKEN_PX
_SIGN_CHANNELS = 4
CHUNK = 32


@dataclass(frozen=True, slots=True)
class Examples:
    """`count` posters on one canvas: latents (bfloat16, normalised), ids, labels per image token (h, w),
    weight class per image token (0 nothing, 1 large, 2 small, 3 shape), column and row class per text token,
    style number."""

    latents: Tensor
    ids: Tensor
    labels: Tensor
    kinds: Tensor
    columns: Tensor
    rows: Tensor
    styles: Tensor

    def batch(self, which: Tensor, device: torch.device) -> "Examples":
        """The chosen ones, on the device."""
        return Examples(*(getattr(self, name)[which].to(device) for name in self.__slots__))


def coupled(noise: Tensor, styles: Tensor, *, edge: float = 0.0) -> Tensor:
    """Noise whose middle four tokens spell the styles by the sign of the sum of their first four channels.

    `noise` is (count, 16, height, width), `styles` (count,) in 0..15. Signs are flipped, nothing is scaled,
    but in the first share `edge`: there the sum that says where lines begin is moved close to zero, because
    a network that has seen few such sums draws both layouts at once.
    """
    noise = noise.clone()
    top, left = noise.shape[2] // 2 - 2, noise.shape[3] // 2 - 2
    narrow = noise[: round(edge * len(noise)), :_SIGN_CHANNELS, top : top + 2, left : left + 2]
    narrow -= 0.8 * narrow.mean((1, 2, 3), keepdim=True)
    for bit in range(STYLE_BITS):
        y, x = top + 2 * (bit // 2), left + 2 * (bit % 2)
        token = noise[:, :_SIGN_CHANNELS, y : y + 2, x : x + 2]
        wanted = (styles >> bit & 1) * 2 - 1
        flip = torch.where(token.sum((1, 2, 3)) * wanted < 0, -1.0, 1.0)
        token *= flip[:, None, None, None]
    return noise


def style_in(noise: Tensor) -> int:
    """The style number that noise (16, height, width) spells."""
    top, left = noise.shape[1] // 2 - 2, noise.shape[2] // 2 - 2
    corners = [(top + 2 * (bit // 2), left + 2 * (bit % 2)) for bit in range(STYLE_BITS)]
    return sum(
        int(noise[:_SIGN_CHANNELS, y : y + 2, x : x + 2].sum() > 0) << bit
        for bit, (y, x) in enumerate(corners)
    )


def load_or_make(
    path: Path, vae: AutoencoderTiny, count: int, canvas: tuple[int, int], seed: int
) -> Examples:
    """Examples from the cache at `path`, made and kept there the first time."""
    if not path.exists():
        made = make(vae, count, canvas, seed)
        write_atomically([getattr(made, name) for name in Examples.__slots__], path)
    return Examples(*torch.load(path, weights_only=True))


def make(vae: AutoencoderTiny, count: int, canvas: tuple[int, int], seed: int) -> Examples:
    """Draw and encode `count` random posters; half of the prompts are canonical, half loosely worded."""
    rng, jitter, tokenizer = random.Random(seed), np.random.default_rng(seed), new_tokenizer()
    tokens = (count, canvas[1] // TOKEN_PX, canvas[0] // TOKEN_PX)
    made = Examples(
        torch.empty(count, LATENT_CHANNELS, canvas[1] // 8, canvas[0] // 8, dtype=torch.bfloat16),
        torch.empty(count, LENGTH, dtype=torch.int32),
        torch.zeros(tokens, dtype=torch.uint8),
        torch.zeros(tokens, dtype=torch.uint8),
        torch.zeros(count, LENGTH, dtype=torch.uint8),
        torch.zeros(count, LENGTH, dtype=torch.uint8),
        torch.randint(16, (count,), generator=torch.Generator().manual_seed(seed)),
    )
    for start in range(0, count, CHUNK):
        pixels = []
        for k in range(start, min(start + CHUNK, count)):
            poster, style = random_poster(rng), style_of(int(made.styles[k]))
            prompt = prompt_of(poster) if rng.random() < 0.5 else loose_prompt_of(poster, rng)
            ids = tokenizer(prompt, padding="max_length", max_length=LENGTH, truncation=True).input_ids
            lines = layout(poster, style, canvas)
            made.ids[k] = torch.tensor(ids)
            _label_image(made, k, poster, lines, canvas)
            _label_text(made, k, ids, lines)
            pixels.append((render(poster, style, canvas, rng=jitter) * 255).round().astype(np.uint8))
        latents = encode(vae, torch.from_numpy(np.stack(pixels)).permute(0, 3, 1, 2))
        latents = (latents - vae.config.shift_factor) * vae.config.scaling_factor
        made.latents[start : start + len(pixels)] = latents.to(torch.bfloat16)
    return made


def _label_image(
    made: Examples, k: int, poster: Poster, lines: list[SetLine], canvas: tuple[int, int]
) -> None:
    for line in lines:
        rows = slice(line.y // TOKEN_PX, (line.y + CELL_HEIGHT_PX[line.size]) // TOKEN_PX)
        for i, character in enumerate(line.text):
            left = line.x + i * ADVANCE_PX[line.size]
            cells = slice(left // TOKEN_PX, -(-(left + ADVANCE_PX[line.size]) // TOKEN_PX))
            made.kinds[k, rows, cells] = 1 if line.size == "large" else 2
            # A cell shared by two glyphs is labelled with the one that covers its middle.
            middle = slice(
                -(-(left - TOKEN_PX // 2) // TOKEN_PX), -(-(left + ADVANCE_PX[line.size] - 8) // TOKEN_PX)
            )
            made.labels[k, rows, middle] = 0 if character == " " else 1 + CHARACTERS.index(character)
    shape = drawn_shape(poster, canvas)
    if shape is not None:
        left, top, right, bottom = (edge // TOKEN_PX for edge in shape_box(shape, canvas))
        made.labels[k, top : bottom + 1, left : right + 1] = 1 + len(CHARACTERS) + SHAPES.index(shape)
        made.kinds[k, top : bottom + 1, left : right + 1] = 3


def _label_text(made: Examples, k: int, ids: list[int], lines: list[SetLine]) -> None:
    """For each token of a drawn character, the class of its left edge and of its row."""
    line, position = -1, 0
    for token, value in enumerate(ids):
        if value == OPEN:
            line, position = line + 1, 0
        elif value == CLOSE:
            position = 1_000_000
        elif 0 <= line < len(lines) and position < len(lines[line].text):
            left = lines[line].x + position * ADVANCE_PX[lines[line].size]
            made.columns[k, token], made.rows[k, token] = 1 + left // 8, 1 + lines[line].y // TOKEN_PX
            position += 1
