"""How a poster is drawn to be judged: by a packed model, loaded as anybody would, or by the renderer."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import torch
from PIL import Image

from training.grammar import prompt_of
from training.latents import style_in
from training.posters import NATIVE, Poster, Style, render, style_of

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline


class Drawing(Protocol):
    """Draws a poster with a seed, on the native canvas or on the one given as the third argument."""

    def __call__(self, poster: Poster, seed: int, canvas: tuple[int, int] = NATIVE) -> Image.Image: ...


def style_of_seed(seed: int, canvas: tuple[int, int] = NATIVE) -> Style:
    """The style that the noise of a seed spells, as the pipelines draw that noise."""
    shape = (1, 16, canvas[1] // 8, canvas[0] // 8)
    return style_of(style_in(torch.randn(shape, generator=torch.Generator().manual_seed(seed))[0]))


def by_renderer(poster: Poster, seed: int, canvas: tuple[int, int] = NATIVE) -> Image.Image:
    """The perfect drawing: what the scores of a flawless model would be."""
    drawing = render(poster, style_of_seed(seed, canvas), canvas)
    return Image.fromarray((drawing * 255).round().astype(np.uint8))


def by_model(folder: Path, steps: int) -> Drawing:
    """Draws with a packed model, loaded the way anybody would load it, in one thread."""
    from diffusers import DiffusionPipeline

    torch.set_num_threads(1)
    pipe = DiffusionPipeline.from_pretrained(folder)
    pipe.set_progress_bar_config(disable=True)

    def draw(poster: Poster, seed: int, canvas: tuple[int, int] = NATIVE) -> Image.Image:
        return drawn(pipe, prompt_of(poster), seed, steps=steps, canvas=canvas)

    return draw


def drawn(
    pipe: DiffusionPipeline, prompt: str, seed: int, *, steps: int, canvas: tuple[int, int] = NATIVE
) -> Image.Image:
    """One image of a loaded pipeline."""
    generator = torch.Generator().manual_seed(seed)
    image: Image.Image = pipe(
        prompt,
        width=canvas[0],
        height=canvas[1],
        num_inference_steps=steps,
        guidance_scale=1.0,
        generator=generator,
    ).images[0]
    return image


def drawn_digest(folder: Path, steps: int) -> str:
    """SHA-256 of the pixels of one fixed prompt and seed, equal in every process."""
    image = by_model(folder, steps)(Poster(lines=("SAME", "AGAIN 7"), sizes=("large", "small")), 7)
    return hashlib.sha256(image.tobytes()).hexdigest()


def digest_elsewhere(folder: Path, steps: int) -> str:
    """The same digest, found by a new process."""
    code = f"from training.drawings import *; print(drawn_digest(Path({str(folder)!r}), {steps}))"
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.split()[-1]
