"""What the deep perceptual distances share: tensors, and the distance of two stacks of features.

Formula: Zhang et al., "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric", CVPR 2018,
equation 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from core.checks.card import Finding
from core.checks.comparison import Worst
from core.checks.picture import Pixels
from core.records import Region, Size

MIN_SIDE = 32
"""Below this the last layer of AlexNet has no pixel left."""

Features = tuple[torch.Tensor, ...]


def to_tensor(pixels: Pixels) -> torch.Tensor:
    """RGB bytes → float32 ``(1, 3, height, width)`` in −1…1."""
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


def spatial(maps: Sequence[torch.Tensor], size: Size) -> NDArray[np.float32]:
    """The distance of each pixel, shape ``(height, width)``: layers enlarged bilinearly and summed."""
    shape = (size.height, size.width)
    enlarged = [F.interpolate(m, shape, mode="bilinear", align_corners=False) for m in maps]
    summed: NDArray[np.float32] = torch.stack(enlarged).sum(dim=0)[0, 0].cpu().numpy()
    return summed


def distance_finding(
    metric: str,
    worst: Worst,
    *,
    size: Size,
    net: str,
    digest: str,
    device: str,
    regions: tuple[Region, ...] = (),
    more: Mapping[str, object] | None = None,
) -> Finding:
    """A perceptual distance with everything it stands on, and ``more`` raw material."""
    return Finding(
        metric=metric,
        value=worst.value,
        reason=f"distance {worst.value:.4f} at {size}{worst.words}; 0 is identical",
        raw={
            "net": net,
            "weights_sha256": digest,
            "device": device,
            "size": str(size),
            "by_background": worst.by_background,
            **(more or {}),
        },
        regions=regions,
        stands_on=f"{net} {digest[:8]}",
    )
