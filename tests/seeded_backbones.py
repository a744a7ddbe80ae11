"""LPIPS of the package, and files for ours, on backbones whose weights both draw from one seed."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from core.checks import weights
from core.torch_runtime import make_torchvision_importable

SEED = 8
MODELS = {"alex": "alexnet", "squeeze": "squeezenet1_1", "vgg": "vgg16"}
"""torchvision's name of each backbone."""


def save_seeded(net: str, folder: Path) -> Path:
    """The file that ``sidegrade weights fetch`` would make of a checkpoint with seeded weights."""
    make_torchvision_importable()
    from torchvision import models

    state = seeded(getattr(models, MODELS[net])()).state_dict()
    features = {name: values.contiguous() for name, values in state.items() if name.startswith("features.")}
    file = folder / weights.BACKBONES[net].file
    save_file(features, file)
    return file


def package_lpips(net: str) -> Any:
    """``lpips.LPIPS`` as the package builds it, its backbone's weights drawn from the same seed.

    The product's code that puts weights into layers has no part in it.
    """
    make_torchvision_importable()
    import lpips

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lpips 0.1.4 passes torchvision an argument it calls deprecated
        module = lpips.LPIPS(net=net, pnet_rand=True, verbose=False)
    seeded(module.net)
    return module.requires_grad_(False)


def seeded(network: torch.nn.Module) -> torch.nn.Module:
    """The network with convolutions drawn from one seed, in the order it applies them.

    Responses of the size of the input (He et al., 2015) and biases below zero, so that a channel answers to
    few places, as it does once it is trained: a change of the picture shows, and shows where it is.
    """
    chance = torch.Generator().manual_seed(SEED)
    with torch.no_grad():
        for layer in network.modules():
            if isinstance(layer, torch.nn.Conv2d):
                torch.nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=chance)
                torch.nn.init.normal_(layer.bias, mean=-0.4, std=0.1, generator=chance)
    return network
