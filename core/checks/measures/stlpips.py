"""ST-LPIPS: a perceptual distance that forgives small shifts, and needs no download.

Ghildyal & Liu, "Shift-tolerant Perceptual Similarity Metric", ECCV 2022. The package's wheel carries the
whole network; only its weights are read (it imports what it does not declare), into the small network
below: AlexNet with stride 1 convolutions, each reduction a stride 2 binomial blur behind two pixels of
reflection. A different metric from LPIPS: its own name, its own thresholds.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from core.checks.card import Finding
from core.checks.comparison import at_size, same_size, worst_background
from core.checks.pair import PairToExamine
from core.checks.perceptual import (
    MIN_SIDE,
    Features,
    distance_finding,
    layer_maps,
    mean_distance,
    to_tensor,
    unit_length,
)
from core.checks.picture import Picture
from core.config.settings import Settings
from core.errors import CheckUnavailable
from core.records import Size

_FILE = "stlpips_pytorch/weights/vST0.0/alex_shift_tolerant.pth"
MAX_SIDE = 256
"""Longer side of the comparison: its first layer works at full size and costs four times LPIPS's."""
_FIRST = "net.slice1.0"
_STRIP = 16
"""Enough of the border for one row or column of the first layer."""
_BINOMIAL = torch.tensor([1.0, 2.0, 1.0])


class Network:
    """Shift-tolerant AlexNet and the layer weights of ST-LPIPS."""

    def __init__(self, state: Mapping[str, Tensor], digest: str, device: str) -> None:
        self._state = {name: values.to(device) for name, values in state.items()}
        self._weights = tuple(self._state[f"lin{layer}.model.1.weight"] for layer in range(5))
        self._fused = _fused(self._state[f"{_FIRST}.weight"])
        self.digest, self.device = digest, device

    def distance(self, a: Picture, b: Picture, background: str, size: Size) -> float:
        """ST-LPIPS of two pictures on one background."""
        with torch.inference_mode():
            features_a, features_b = (self.features(p, background, size) for p in (a, b))
            return mean_distance(layer_maps(features_a, features_b, self._weights))

    def features(self, picture: Picture, background: str, size: Size) -> Features:
        """Unit-length features of one picture, remembered with the picture."""
        name = ("stlpips", self.digest, background, size)
        return picture.feature(name, lambda: self._extract(to_tensor(at_size(picture, background, size))))

    def _extract(self, tensor: Tensor) -> Features:
        with torch.inference_mode(), torch.backends.cudnn.flags(allow_tf32=False):
            scaled = (tensor.to(self.device) - self._state["scaling_layer.shift"]) / self._state[
                "scaling_layer.scale"
            ]
            one = F.relu(self._first(scaled))
            two = F.relu(self._convolved(_reduced(one), "slice2.5", padding=2))
            three = F.relu(self._convolved(_reduced(two), "slice3.9", padding=1))
            four = F.relu(self._convolved(three, "slice4.11", padding=1))
            five = F.relu(self._convolved(four, "slice5.13", padding=1))
            return tuple(map(unit_length, (one, two, three, four, five)))

    def _first(self, x: Tensor) -> Tensor:
        """The first convolution, blurred and halved: one 13×13 convolution of stride 2 does both.

        Except along the border, where the blur reflects what was convolved: strips of it are done in turn.
        """
        whole = F.conv2d(F.pad(x, (4, 4, 4, 4)), self._fused, self._state[f"{_FIRST}.bias"], stride=2)
        for border, dimension in ((whole, 2), (whole.transpose(2, 3), 3)):
            length = x.shape[dimension]
            start = length - _STRIP - length % 2  # even, so that strip and whole are halved alike
            for strip, row in (
                (x.narrow(dimension, 0, _STRIP), 0),
                (x.narrow(dimension, start, length - start), -1),
            ):
                exact = _blurred_half(self._convolved(strip, "slice1.0", padding=2))
                border[:, :, row] = exact.select(dimension, row)
        return whole

    def _convolved(self, x: Tensor, name: str, *, padding: int) -> Tensor:
        weight, bias = self._state[f"net.{name}.weight"], self._state[f"net.{name}.bias"]
        return F.conv2d(x, weight, bias, padding=padding)


@cache
def load_network() -> Network:
    """ST-LPIPS with the weights of the installed wheel, loaded once per process.

    Raises:
        CheckUnavailable: when the package or its weights are missing.
    """
    try:
        data = Path(str(distribution("stlpips_pytorch").locate_file(_FILE))).read_bytes()
    except (PackageNotFoundError, OSError) as error:
        raise CheckUnavailable(f"ST-LPIPS weights missing: {error}", remedy="run `make setup`") from error
    state = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return Network(state, hashlib.sha256(data).hexdigest(), device)


def measure(pair: PairToExamine, settings: Settings) -> list[Finding]:
    """The distance of the two arms, worst background."""
    a, b = pair.pictures()
    network, size = load_network(), same_size(a, b, max_side=MAX_SIDE, min_side=MIN_SIDE)
    worst = worst_background(a, b, lambda name: network.distance(a, b, name, size))
    return [
        distance_finding(
            "stlpips", worst, size=size, net="alex", digest=network.digest, device=network.device
        )
    ]


def _reduced(x: Tensor) -> Tensor:
    """A 3×3 maximum at every pixel (columns, then rows: five times as fast), then :func:`_blurred_half`."""
    x = torch.maximum(torch.maximum(x[..., :-2], x[..., 1:-1]), x[..., 2:])
    x = torch.maximum(torch.maximum(x[..., :-2, :], x[..., 1:-1, :]), x[..., 2:, :])
    return _blurred_half(x)


def _fused(weights: Tensor) -> Tensor:
    """The kernel of a convolution followed by the 3×3 blur, two pixels larger than its own."""
    size = weights.shape[-1]
    padded = F.pad(weights.reshape(-1, 1, size, size), (2, 2, 2, 2))
    blurred = F.conv2d(padded, (torch.outer(_BINOMIAL, _BINOMIAL) / 16).to(weights)[None, None])
    return blurred.reshape(*weights.shape[:2], size + 2, size + 2)


def _blurred_half(x: Tensor) -> Tensor:
    """Every second pixel of a 3×3 binomial blur, two pixels of reflection at each border."""
    kernel = torch.outer(_BINOMIAL, _BINOMIAL).to(x) / 16
    channels = x.shape[1]
    padded = F.pad(x, (2, 2, 2, 2), mode="reflect")
    return F.conv2d(padded, kernel.expand(channels, 1, 3, 3), stride=2, groups=channels)
