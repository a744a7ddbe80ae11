"""Pictures to compare: a drawn scene, changes that every viewer sees, and changes that no viewer does."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

SIDE = 192


def draw_scene(seed: int, *, side: int = SIDE) -> Image.Image:
    """A sky-like gradient with overlapping coloured shapes, mode RGB."""
    rng = random.Random(seed)
    top, bottom = (np.array([rng.randrange(40, 220) for _ in range(3)]) for _ in range(2))
    slope = np.linspace(0, 1, side)[:, None, None]
    ground = (top * (1 - slope) + bottom * slope) * np.ones((1, side, 1))
    image = Image.fromarray(ground.astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for _ in range(rng.randint(5, 9)):
        x, y, radius = rng.randrange(side), rng.randrange(side), rng.randrange(side // 16, side // 4)
        colour = tuple(rng.randrange(20, 236) for _ in range(3))
        shape = rng.choice([draw.ellipse, draw.rectangle])
        shape((x - radius, y - radius // 2, x + radius, y + radius // 2), fill=colour)
    return image


def draw_slope(seed: int, *, side: int = SIDE) -> Image.Image:
    """A gentle slope between two colours, such as a sky or a studio ground, with a hard-edged shape on it."""
    rng = random.Random(seed)
    start, end = (np.array([rng.randrange(40, 220) for _ in range(3)]) for _ in range(2))
    rows, columns = np.mgrid[0:side, 0:side] / (2 * side)
    ground = start + (end - start) * (rows + columns)[..., None]
    image = Image.fromarray(ground.astype(np.uint8))
    ImageDraw.Draw(image).ellipse((side // 3, side // 3, side // 2, side // 2), fill="white")
    return image


def draw_noise(seed: int, *, side: int = SIDE) -> Image.Image:
    """Grey noise that shows nothing; Pillow's own effect cannot be seeded."""
    grey = np.random.default_rng(seed).normal(128, 120, (side, side))
    return Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)).convert("RGB")


def blurred(image: Image.Image) -> Image.Image:
    """Edge detail lost."""
    return image.filter(ImageFilter.GaussianBlur(4))


def inverted(image: Image.Image) -> Image.Image:
    """Every colour turned into its opposite."""
    return ImageChops.invert(image)


def moved(image: Image.Image) -> Image.Image:
    """The contents shifted by an eighth of the frame, around the edges."""
    return ImageChops.offset(image, image.width // 8, image.height // 8)


def oversaturated(image: Image.Image) -> Image.Image:
    """Saturation × 2.5 and contrast × 1.4, as of a wrong scheduler or guidance scale."""
    return ImageEnhance.Contrast(ImageEnhance.Color(image).enhance(2.5)).enhance(1.4)


def noisy(image: Image.Image) -> Image.Image:
    """Strong noise, as of a generation that was stopped too early."""
    noise = np.random.default_rng(0).normal(0, 40, (image.height, image.width, 3))
    return Image.fromarray((np.asarray(image) + noise).clip(0, 255).astype(np.uint8))


def last_bit(image: Image.Image) -> Image.Image:
    """One level up or down in every tenth value: another kernel, another batch."""
    noise = np.random.default_rng(0)
    step = noise.choice([-1, 1], (image.height, image.width, 3)) * (noise.random((image.height, 1, 3)) < 0.1)
    return Image.fromarray((np.asarray(image).astype(np.int16) + step).clip(0, 255).astype(np.uint8))


SEEN: dict[str, Callable[[Image.Image], Image.Image]] = {
    "blurred": blurred,
    "inverted": inverted,
    "moved": moved,
    "oversaturated": oversaturated,
    "noisy": noisy,
}
"""Changes that every viewer sees, by name."""
UNSEEN: dict[str, Callable[[Image.Image], Image.Image]] = {
    "identical": Image.Image.copy,
    "last bit": last_bit,
}
"""Changes that no viewer sees, by name."""
