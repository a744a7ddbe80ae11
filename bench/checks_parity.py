"""Do our distances equal the packages they stand for, and the values their authors published?

Published pictures are looked for in ``SIDEGRADE_ORACLES``, LPIPS weights as the product looks for them;
what is not there is said, never assumed.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import flip_evaluator
import numpy as np
import torch
from PIL import Image
from skimage.metrics import structural_similarity

from core.checks.measures import flip, lpips, ssim, stlpips
from core.checks.perceptual import to_tensor
from core.checks.picture import FeatureCache, Picture
from core.checks.selftest.scenes import SEEN, UNSEEN, draw_scene
from core.config.settings import Settings
from core.errors import CheckUnavailable
from core.torch_runtime import make_torchvision_importable

CHANGES = (*SEEN.values(), *UNSEEN.values())


class Parity(NamedTuple):
    """One comparison: what it is with, our value or largest deviation, and what it may be off by."""

    what: str
    with_what: str
    expected: float
    got: float
    tolerance: float

    @property
    def holds(self) -> bool:
        """Whether ours is close enough."""
        return abs(self.got - self.expected) <= self.tolerance


def main() -> None:
    """Print the table; the exit code tells whether all of it holds."""
    torch.set_num_threads(1)
    settings = Settings.from_env(os.environ)
    print("| ours | against | expected | got | tolerance | |")
    print("|---|---|---|---|---|---|")
    good = True
    for compare in (packages, lpips_package, doctests, published):
        try:
            for p in compare(settings):
                good &= p.holds
                held = "holds" if p.holds else "BROKEN"
                numbers = f"{p.expected:.6g} | {p.got:.6g} | {p.tolerance:g}"
                print(f"| {p.what} | {p.with_what} | {numbers} | {held} |")
        except (CheckUnavailable, FileNotFoundError) as error:
            print(f"not compared here: {error}")
    sys.exit(not good)


def packages(settings: Settings) -> Iterator[Parity]:
    """Largest deviation from the reference packages over drawn scenes and all changes."""
    make_torchvision_importable()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it imports notebooks it does not declare
        from stlpips_pytorch import stlpips as package
    reference = package.LPIPS(net="alex", variant="shift_tolerant", verbose=False)

    def theirs(a: Picture, b: Picture) -> float:
        with torch.inference_mode():
            return float(reference(to_tensor(a.rgb), to_tensor(b.rgb)))

    ours = stlpips.load_network()
    yield deviation(
        "ST-LPIPS", "stlpips-pytorch", theirs, lambda a, b: ours.distance(a, b, "white", a.size), 1e-6
    )
    yield deviation("SSIM", "scikit-image", _skimage, _our_ssim, 1e-9)
    yield deviation("FLIP (mean)", "flip-evaluator", _flip_package, _our_flip, 1e-4)


def lpips_package(settings: Settings) -> Iterator[Parity]:
    """Largest deviation of the distance from kept features from the package's own forward pass."""
    for net in ("alex", "squeeze"):
        network = lpips.load_network(settings, net)

        def theirs(a: Picture, b: Picture, network: lpips.Network = network) -> float:
            with torch.inference_mode():
                return float(network.module(to_tensor(a.rgb), to_tensor(b.rgb)))

        def ours(a: Picture, b: Picture, network: lpips.Network = network) -> float:
            return network.distance(a, b, "white", a.size)

        yield deviation(f"LPIPS {net}", "lpips", theirs, ours, 1e-6)


def doctests(settings: Settings) -> Iterator[Parity]:
    """The value that torchmetrics prints for SqueezeNet and random pictures of seed 42."""
    network = lpips.load_network(settings, "squeeze").module
    torch.manual_seed(42)
    a, b = (torch.rand(10, 3, 100, 100) * 2 - 1 for _ in range(2))
    with torch.inference_mode():
        yield Parity("LPIPS squeeze", "torchmetrics", 0.1005, float(network(a, b).mean()), 5e-5)


def published(settings: Settings) -> Iterator[Parity]:
    """Values that authors published for their own pictures."""
    folder = Path(os.environ.get("SIDEGRADE_ORACLES", "SIDEGRADE_ORACLES (not set)"))
    tree = [np.asarray(_opened(folder / "flip" / f"tree-{name}.png")) for name in ("ref", "test")]
    mean = float(flip.difference(*map(flip.see, tree)).mean())
    yield Parity("FLIP tree", "nv-flip-rs", 0.133285, mean, 1e-4)
    reference, *others = (
        Picture(_opened(folder / "lpips" / f"ex_{name}.png")) for name in ("ref", "p0", "p1")
    )
    for other, value in zip(others, (0.722, 0.138), strict=True):
        got = lpips.lpips_finding(reference, other, settings=settings, net="alex", metric="lpips").value
        yield Parity("LPIPS alex", "PerceptualSimilarity", value, got or 0.0, 5e-4)


def deviation(
    what: str,
    package: str,
    theirs: Callable[[Picture, Picture], float],
    ours: Callable[[Picture, Picture], float],
    tolerance: float,
) -> Parity:
    """The largest difference over two scenes and all changes; 0 is expected."""
    scenes = [draw_scene(seed, side=side) for seed, side in ((1, 96), (2, 130))]
    pairs = [(_picture(scene), _picture(change(scene))) for scene in scenes for change in CHANGES]
    largest = max(abs(theirs(a, b) - ours(a, b)) for a, b in pairs)
    return Parity(f"{what}, {len(pairs)} pairs", package, 0.0, largest, tolerance)


def _skimage(a: Picture, b: Picture) -> float:
    return float(structural_similarity(a.rgb @ ssim.LUMA, b.rgb @ ssim.LUMA, data_range=255))


def _our_ssim(a: Picture, b: Picture) -> float:
    return ssim.similarity(ssim.structure(a.rgb @ ssim.LUMA), ssim.structure(b.rgb @ ssim.LUMA))


def _flip_package(a: Picture, b: Picture) -> float:
    planes = (picture.rgb.astype(np.float32) / 255 for picture in (a, b))
    return float(flip_evaluator.evaluate(*planes, "LDR", applyMagma=False)[1])


def _our_flip(a: Picture, b: Picture) -> float:
    return float(flip.difference(flip.see(a.rgb), flip.see(b.rgb)).mean())


def _picture(image: Image.Image) -> Picture:
    return Picture(image, cache=FeatureCache(1 << 28))


def _opened(file: Path) -> Image.Image:
    return Image.open(file).convert("RGB")


if __name__ == "__main__":
    main()
