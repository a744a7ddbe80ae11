"""Posters drawn by Pillow instead of a network: the whole product runs on it in milliseconds, without torch.

It reads the same prompts as the embedded models, honours seeds, sizes, steps and modes, reports progress and
can be cancelled. Few steps leave grain. Used by tests, and to try the product on a machine where torch is not
installed; no picture of it says anything about an image model.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np
import numpy.typing as npt
import psutil
from PIL import Image, ImageDraw, ImageFont

from core.backends.finite import refuse_what_is_not_finite
from core.backends.metering import ProcessMeter
from core.backends.protocol import Generation, OnStep, ShouldCancel, never, no_progress
from core.backends.sources import model_digest
from core.errors import Cancelled
from core.recipes.prompts import expected_strings
from core.recipes.recipe import numbered_batch
from core.recipes.scheduler_settings import carried
from core.records import LoadedModel, Mode, ModelSpec, Recipe, Size

Pixels = npt.NDArray[np.float32]

COLOURS = {
    "white": (255, 255, 255),
    "black": (17, 17, 17),
    "red": (200, 30, 40),
    "orange": (240, 130, 20),
    "yellow": (250, 210, 40),
    "green": (30, 130, 70),
    "teal": (0, 128, 128),
    "blue": (30, 80, 200),
    "navy": (15, 30, 90),
    "purple": (110, 40, 140),
    "pink": (245, 160, 190),
    "cream": (250, 240, 215),
}
GRAIN = np.float32(60.0)
"""Standard deviation of the noise that one step leaves, in channel values; steps² divide it."""
STRAIGHT_ALPHA = np.array([1, 1, 1, 0], dtype=np.float32)
"""Grain is a fault of colour; the alpha channel stays clean."""


class DrawingBackend:
    """A model of the kind ``drawing``; no weights are loaded."""

    device = "cpu"
    fit_reports = ("draws by Pillow: it has no parts that could disagree",)

    def __init__(self, spec: ModelSpec, models_file: Path, *, threads: int = 1) -> None:
        self.spec, self._has_drawn = spec, False
        self.loaded = LoadedModel(
            model_digest=model_digest(spec, models_file),
            device_class="cpu",
            scheduler=spec.scheduler or "drawing",
            scheduler_config=carried(spec.scheduler_config, spec.name),
            library_versions={"pillow": version("pillow")},
        )

    @classmethod
    def device_of(cls, spec: ModelSpec) -> str:
        """Always the CPU."""
        return "cpu"

    @classmethod
    def weight_bytes(cls, spec: ModelSpec, models_file: Path) -> int:
        """There are no weights."""
        return 0

    @classmethod
    def free_bytes(cls, device: str) -> int:
        """Memory that is free at this moment."""
        return int(psutil.virtual_memory().available)

    def latent_shape(self, size: Size) -> tuple[int, ...]:
        """As a Stable Diffusion VAE would have it."""
        return 1, 4, size.height // 8, size.width // 8

    def generate(
        self,
        recipes: Sequence[Recipe],
        *,
        on_step: OnStep = no_progress,
        should_cancel: ShouldCancel = never,
    ) -> list[Generation]:
        """See :meth:`core.backends.protocol.Backend.generate`."""
        recipes = numbered_batch(recipes)
        with ProcessMeter() as meter:
            drawn = _draw(recipes, on_step, should_cancel)
        refuse_what_is_not_finite(self.spec.name, drawn)
        images = [_as_image(pixels, self.spec.contract.mode) for pixels in drawn]
        shape = self.latent_shape(Size(recipes[0].width, recipes[0].height))
        warm_up, self._has_drawn = not self._has_drawn, True
        return [
            Generation(
                image=image,
                recipe=recipe,
                noise_digest=hashlib.sha256(_noise(recipe.seed, shape).tobytes()).hexdigest(),
                latent_shape=shape,
                latency_ms=meter.latency_ms,
                gpu_seconds=meter.gpu_seconds / len(recipes),
                peak_memory_mb=meter.peak_memory_mb,
                warm_up=warm_up,
            )
            for image, recipe in zip(images, recipes, strict=True)
        ]

    def close(self) -> None:
        """Nothing to free."""


def _draw(recipes: Sequence[Recipe], on_step: OnStep, should_cancel: ShouldCancel) -> list[Pixels]:
    """Every step brings noise nearer to the drawing, like a sampler that knows the answer."""
    targets = [np.asarray(_poster(recipe), dtype=np.float32) for recipe in recipes]
    grains = [GRAIN * _noise(recipe.seed, targets[0].shape) * STRAIGHT_ALPHA for recipe in recipes]
    steps = recipes[0].num_inference_steps
    shown = targets
    for step in range(1, steps + 1):
        if should_cancel():
            raise Cancelled(f"cancelled before step {step} of {steps}")
        shown = [target + grain / np.float32(step**2) for target, grain in zip(targets, grains, strict=True)]
        on_step(step, steps)
    return shown


def _poster(recipe: Recipe) -> Image.Image:
    """The prompt's lines in its ink on its ground; the seed moves them a little and tints the frame."""
    words = recipe.prompt.lower().replace(",", " ").split()
    ink, ground = _inks(words)
    image = Image.new("RGBA", (recipe.width, recipe.height), ground)
    draw = ImageDraw.Draw(image)
    lines = [line.text.upper() for line in expected_strings(recipe.prompt)] or [""]
    chance = np.random.default_rng(recipe.seed)
    frame = tuple(int(value) for value in chance.integers(0, 256, 3))
    draw.rectangle((0, 0, recipe.width - 1, recipe.height - 1), outline=frame, width=3)
    height = recipe.height // len(lines)
    for number, line in enumerate(lines):
        left, top = chance.integers(-4, 5, 2)
        font = _fitting_font(line, recipe.width - 24, height // 2 if "small" not in words else height // 4)
        middle = (recipe.width / 2 + int(left), height * (number + 0.5) + int(top))
        draw.text(middle, line, fill=ink, font=font, anchor="mm")
    return image


def _inks(words: list[str]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Ink and ground of ``… <ink> on <ground>``; black on white where the prompt does not say."""
    ink, ground = "black", "white"
    for before, after in zip(words, words[2:], strict=False):
        if before in COLOURS and (after in COLOURS or after == "transparent"):
            ink, ground = before, after
            break
    if ground == "transparent":  # straight alpha: no dark or bright edge when composited
        return COLOURS[ink], (*COLOURS[ink], 0)
    return COLOURS[ink], COLOURS[ground]


def _fitting_font(line: str, width: int, height: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size=max(8, height))
    if not isinstance(font, ImageFont.FreeTypeFont):  # Pillow without FreeType
        raise TypeError("expected Pillow with FreeType, got one that draws bitmap fonts only")
    length = font.getlength(line)
    return font if length <= width else font.font_variant(size=max(6, int(font.size * width / length)))


def _as_image(pixels: Pixels, mode: Mode) -> Image.Image:
    image = Image.fromarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8), "RGBA")
    if mode is Mode.RGBA:
        return image
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image).convert("RGB")


def _noise(seed: int, shape: tuple[int, ...]) -> Pixels:
    return np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)
