"""What the autoencoder learns from: crops of random posters, many of them where letters and shapes stand."""

import random
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from training.grammar import random_poster, text_of
from training.posters import NATIVE, Poster, Style, drawn_shape, layout, render, shape_box, style_of
from training.progress import device

CROP_PX = (64, 32)
BATCH = 32


@dataclass(frozen=True, slots=True)
class Sheet:
    """Posters as uint8 (count, 4, height, width), and for each the places (x, y) worth a closer look."""

    pixels: Tensor
    places: list[list[tuple[int, int]]]


def poster_sheet(
    count: int, seed: int, canvas: tuple[int, int] = NATIVE, *, small: float = 0.8, alike: str = ""
) -> Sheet:
    """Random posters; a share `small` of the sizes is small; every second one says only glyphs of `alike`."""
    rng, jitter = random.Random(seed), np.random.default_rng(seed)
    pixels, places = np.empty((count, canvas[1], canvas[0], 4), np.uint8), []
    for k in range(count):
        poster, style = random_poster(rng, small=small), style_of(rng.randrange(16))
        if alike and k % 2:
            poster = replace(poster, lines=tuple(text_of(alike, rng) for _ in poster.lines))
        pixels[k] = (render(poster, style, canvas, rng=jitter) * 255).round()
        places.append(_places(poster, style, canvas, rng))
    return Sheet(torch.from_numpy(pixels).permute(0, 3, 1, 2), places)


def _places(
    poster: Poster, style: Style, canvas: tuple[int, int], rng: random.Random
) -> list[tuple[int, int]]:
    """Where each line begins or goes on, and where the shape stands, in pixels on the 8 px grid."""
    places = [
        (line.x + 16 * rng.randrange(max(1, len(line.text) - 3)), line.y)
        for line in layout(poster, style, canvas)
    ]
    if shape := drawn_shape(poster, canvas):
        left, top, _, _ = shape_box(shape, canvas)
        places.append((left // 8 * 8, top // 8 * 8))
    return places


def crops(sheet: Sheet, generator: torch.Generator, *, on_text: float) -> Tensor:
    """Crops on the 8 px grid, float32 (BATCH, 4, 32, 64) in -1..1; a share `on_text` shows text or shape."""
    count, _, height, width = sheet.pixels.shape
    which = torch.randint(count, (BATCH,), generator=generator).tolist()
    chance = torch.rand(BATCH, 3, generator=generator).tolist()
    cut = []
    for k, (focus, across, down) in zip(which, chance, strict=True):
        x, y = (
            int(across * ((width - CROP_PX[0]) // 8 + 1)) * 8,
            int(down * ((height - CROP_PX[1]) // 8 + 1)) * 8,
        )
        if focus < on_text and sheet.places[k]:
            x, y = sheet.places[k][int(down * len(sheet.places[k]))]
            x, y = (
                max(0, min(x - 8, width - CROP_PX[0])),
                max(0, min(y - 8 * (across < 0.7), height - CROP_PX[1])),
            )
        cut.append(sheet.pixels[k, :, y : y + CROP_PX[1], x : x + CROP_PX[0]])
    return (torch.stack(cut).float() / 127.5 - 1).to(device()).contiguous(memory_format=torch.channels_last)
