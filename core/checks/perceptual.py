"""What the deep perceptual distances share: sizes, tensors, and the distance of two stacks of features.

Both pictures are compared at one stated size: longer sides above 512 px are reduced to 512 (a distance
depends on the scale it is taken at), smaller pictures stay as they are. Transparent pictures are composited
over white, black and mid grey, and the worst background counts. Formula: Zhang et al., "The Unreasonable
Effectiveness of Deep Features as a Perceptual Metric", CVPR 2018, equation 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from PIL import Image

from core.checks.picture import Picture, Pixels, backgrounds_of
from core.errors import CheckUnavailable
from core.records import Size

MAX_SIDE = 512
"""Longer side of the comparison, in pixels."""
MIN_SIDE = 32
"""Below this the last layer of AlexNet has no pixel left."""

Features = tuple[torch.Tensor, ...]
Extract = Callable[[torch.Tensor], Features]


def comparison_size(a: Picture, b: Picture) -> Size:
    """The size both pictures are compared at.

    Raises:
        CheckUnavailable: when they differ in size, or are too small for the network.
    """
    if a.size != b.size:
        raise CheckUnavailable(
            f"expected two pictures of one size, got {a.size} and {b.size}",
            remedy="a distance across sizes would depend on how one was rescaled; see the contract check",
        )
    if min(a.size) < MIN_SIDE:
        raise CheckUnavailable(f"expected at least {MIN_SIDE} px on each side, got {a.size}")
    scale = min(1.0, MAX_SIDE / max(a.size))
    return Size(round(a.size.width * scale), round(a.size.height * scale))


def worst_background(
    a: Picture, b: Picture, distance: Callable[[str], float]
) -> tuple[float, str, dict[str, float]]:
    """The largest distance over the backgrounds, which one it was, and all of them."""
    by_background = {name: distance(name) for name in backgrounds_of(a, b)}
    worst = max(by_background, key=lambda name: by_background[name])
    return by_background[worst], worst, by_background


def to_tensor(pixels: Pixels, size: Size) -> torch.Tensor:
    """RGB bytes → float32 ``(1, 3, height, width)`` in −1…1, reduced to ``size`` by Lanczos where needed."""
    if (pixels.shape[1], pixels.shape[0]) != size:
        pixels = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))
    planes = torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))[None].float()
    return planes / 127.5 - 1


def unit_length(features: torch.Tensor) -> torch.Tensor:
    """Each pixel's feature vector divided by its length (1e-10 is added, as the lpips package does)."""
    return features / (features.square().sum(dim=1, keepdim=True).sqrt() + 1e-10)


def layer_maps(a: Features, b: Features, weights: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Per layer the weighted squared difference ``(1, 1, h, w)``; weights are ``(1, channels, 1, 1)``."""
    return [((x - y).square() * w).sum(dim=1, keepdim=True) for x, y, w in zip(a, b, weights, strict=True)]


def mean_distance(maps: Sequence[torch.Tensor]) -> float:
    """Sum over the layers of each map's mean."""
    return float(sum(m.mean() for m in maps))
