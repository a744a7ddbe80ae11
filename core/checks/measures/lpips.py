"""LPIPS: how different two pictures look, by the authors' own package with genuine weights or not at all.

AlexNet is the default (the authors call its scores the best and published values are for it); SqueezeNet
and VGG are second opinions on request (``SIDEGRADE_LPIPS_NETS``). float32 on every device: only that
reproduces the published digits.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.checks import weights
from core.checks.card import Finding
from core.checks.comparison import Worst, at_size, same_size, worst_background
from core.checks.maps import regions_of, stored
from core.checks.pair import PairToExamine
from core.checks.perceptual import (
    MIN_SIDE,
    Features,
    distance_finding,
    layer_maps,
    mean_distance,
    spatial,
    to_tensor,
    unit_length,
)
from core.checks.picture import Picture
from core.config.settings import Settings
from core.errors import CheckUnavailable
from core.records import MeasurementStatus, Size
from core.torch_runtime import make_torchvision_importable


class Network:
    """LPIPS of the ``lpips`` package, taken apart so that a picture's features are computed once."""

    def __init__(self, net: str, module: Any, digest: str, device: str) -> None:
        self.net, self.digest, self.device = net, digest, device
        self.module = module
        self._weights = tuple(lin.model[-1].weight for lin in module.lins)

    def features(self, picture: Picture, background: str, size: Size) -> Features:
        """Unit-length features of one picture, remembered with the picture."""
        name = ("lpips", self.net, self.digest, background, size)
        return picture.feature(name, lambda: self._extract(to_tensor(at_size(picture, background, size))))

    def maps(self, a: Picture, b: Picture, background: str, size: Size) -> list[torch.Tensor]:
        """Per layer the weighted squared difference of the two pictures, shape ``(1, 1, h, w)``."""
        with torch.inference_mode():
            return layer_maps(
                self.features(a, background, size), self.features(b, background, size), self._weights
            )

    def distance(self, a: Picture, b: Picture, background: str, size: Size) -> float:
        """LPIPS of two pictures on one background."""
        return mean_distance(self.maps(a, b, background, size))

    def _extract(self, tensor: torch.Tensor) -> Features:
        with torch.inference_mode(), torch.backends.cudnn.flags(allow_tf32=False):
            scaled = self.module.scaling_layer(tensor.to(self.device))
            return tuple(map(unit_length, self.module.net(scaled)))


def load_network(settings: Settings, net: str = "alex") -> Network:
    """LPIPS with the genuine backbone, on the accelerator where there is one; loaded once per process.

    Raises:
        CheckUnavailable: when weights or package are missing, or the weights are not the genuine ones.
    """
    return _assembled(weights.load(net, settings))


def measure(pair: PairToExamine, settings: Settings) -> list[Finding]:
    """The distance of the two arms, by AlexNet and by the nets that were asked for; and to another seed."""
    a, b = pair.pictures()
    found = [lpips_finding(a, b, settings=settings, net="alex", metric="lpips")]
    found += [_second_opinion(a, b, settings, net) for net in settings.lpips_nets if net != "alex"]
    if pair.other_seed is not None:
        other = Picture(pair.other_seed, cache=pair.cache)
        found.append(lpips_finding(a, other, settings=settings, net="alex", metric="lpips_other_seed"))
    return found


def _second_opinion(a: Picture, b: Picture, settings: Settings, net: str) -> Finding:
    """The distance by another net; one whose weights are missing leaves the first opinion alone."""
    metric = f"lpips_{net}"
    try:
        return lpips_finding(a, b, settings=settings, net=net, metric=metric)
    except CheckUnavailable as error:
        reason = f"{error}; {error.remedy}"
        return Finding(metric=metric, value=None, status=MeasurementStatus.ERROR, reason=reason)


def lpips_finding(a: Picture, b: Picture, *, settings: Settings, net: str, metric: str) -> Finding:
    """The distance of two pictures by one net over the worst background, and where they differ most."""
    network, size = load_network(settings, net), _comparison_size(a, b)
    worst, where = _worst(network, a, b, size)
    return distance_finding(
        metric,
        worst,
        size=size,
        net=net,
        digest=network.digest,
        device=network.device,
        regions=regions_of(where, a.size),
        more=stored(where),
    )


def _worst(network: Network, a: Picture, b: Picture, size: Size) -> tuple[Worst, NDArray[np.float32]]:
    """The largest distance over the backgrounds, and the distance of each pixel there."""
    maps: dict[str, list[torch.Tensor]] = {}

    def distance(background: str) -> float:
        maps[background] = network.maps(a, b, background, size)
        return mean_distance(maps[background])

    worst = worst_background(a, b, distance)
    return worst, spatial(maps[worst.background], size)


def _comparison_size(a: Picture, b: Picture) -> Size:
    return same_size(a, b, min_side=MIN_SIDE)


@cache
def _assembled(genuine: weights.Weights) -> Network:
    make_torchvision_importable()
    try:
        import lpips
    except (ImportError, RuntimeError) as error:
        raise CheckUnavailable(f"lpips cannot be imported: {error}", remedy="run `make setup`") from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lpips 0.1.4 passes torchvision an argument it calls deprecated
        module = lpips.LPIPS(net=genuine.net, pnet_rand=True, verbose=False).requires_grad_(False)
    _fill(module, genuine.tensors)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return Network(genuine.net, module.to(device), genuine.digest, device)


def _fill(module: Any, tensors: Mapping[str, torch.Tensor]) -> None:
    """Put ``features.<i>`` where the package keeps it, ``net.slice<k>.<i>``; all must be filled."""
    genuine = {name.removeprefix("features."): values for name, values in tensors.items()}
    for name, parameter in module.net.named_parameters():
        values = genuine.pop(name.partition(".")[2], None)
        if values is None or values.shape != parameter.shape:
            got = "nothing" if values is None else tuple(values.shape)
            raise CheckUnavailable(
                f"LPIPS weights do not fit: expected {name} {tuple(parameter.shape)}, got {got}",
                remedy=weights.REMEDY,
            )
        parameter.copy_(values)
