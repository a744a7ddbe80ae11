"""The LPIPS backbones: where they are found, how they are known to be genuine, how they are fetched.

LPIPS stands on ImageNet classifiers of torchvision. Only their convolutions are needed, so a fetched
checkpoint is reduced to a small safetensors file. A number from any other weights is not LPIPS, so nothing
here ever falls back.
"""

from __future__ import annotations

import hashlib
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from core.config.settings import Settings
from core.errors import CheckUnavailable, UnknownName

if TYPE_CHECKING:
    import torch

REMEDY = "run `sidegrade weights fetch` or set SIDEGRADE_LPIPS_WEIGHTS to a folder that holds them"

FETCH_RECORD = "fetched"
"""Key in a features file: the tensors that :func:`fetch` kept, and of which checkpoint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backbone:
    """One network under LPIPS."""

    net: str
    """Its name in the lpips package."""
    file: str
    url: str
    sha256_prefix: str
    """Start of the checkpoint's SHA-256, as torchvision writes it into the file's name."""
    digest: str | None
    """:func:`tensors_digest` of the genuine convolutions; None: the file names its own download."""


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """Genuine convolutions: ``features.<i>.weight/bias`` as torchvision names them, float32."""

    net: str
    tensors: Mapping[str, torch.Tensor]
    digest: str


_TORCHVISION = "https://download.pytorch.org/models/"
BACKBONES: dict[str, Backbone] = {
    backbone.net: backbone
    for backbone in (
        Backbone(
            net="alex",
            file="alexnet-features.safetensors",
            url=f"{_TORCHVISION}alexnet-owt-7be5be79.pth",
            sha256_prefix="7be5be79",
            digest="b46189e918b5839984e730473cc7329f473de17968d8502d355c0f0fd30797e7",
        ),
        Backbone(
            net="squeeze",
            file="squeezenet1_1-features.safetensors",
            url=f"{_TORCHVISION}squeezenet1_1-b8a52dc0.pth",
            sha256_prefix="b8a52dc0",
            digest="f837b33e14c2b355b28d21c43ab05d411c1e65aee36259572d50b2a2be8f08ef",
        ),
        Backbone(
            net="vgg",
            file="vgg16-features.safetensors",
            url=f"{_TORCHVISION}vgg16-397923af.pth",
            sha256_prefix="397923af",
            digest=None,
        ),
    )
}


def backbone_of(net: str) -> Backbone:
    """The backbone of that name.

    Raises:
        UnknownName: for a net LPIPS was never calibrated on.
    """
    if net not in BACKBONES:
        raise UnknownName.of("LPIPS net", net, BACKBONES)
    return BACKBONES[net]


def find(net: str, settings: Settings) -> Path | None:
    """The features file of a net, in ``SIDEGRADE_LPIPS_WEIGHTS`` or else in the home folder; or None."""
    folders = (settings.lpips_weights, settings.home / "weights")
    files = (folder / backbone_of(net).file for folder in folders if folder is not None)
    return next((file for file in files if file.is_file()), None)


def load(net: str, settings: Settings) -> Weights:
    """The genuine convolutions of a net; read and compared once per process.

    Raises:
        CheckUnavailable: when they are missing, unreadable or not the genuine ones.
    """
    backbone, file = backbone_of(net), find(net, settings)
    if file is None:
        raise CheckUnavailable(f"LPIPS weights missing: {backbone.file}", remedy=REMEDY)
    return _load(backbone, file)


def fetch(
    net: str, settings: Settings, *, on_progress: Callable[[int, int | None], None] = lambda done, total: None
) -> Path:
    """Download a backbone from torchvision's host into the home folder and keep only its convolutions.

    ``on_progress`` gets bytes done and bytes in all (None: unknown).

    Raises:
        CheckUnavailable: when the host cannot be reached or the file is not the published one.
    """
    return fetch_backbone(backbone_of(net), settings.home / "weights", on_progress=on_progress)


def fetch_backbone(
    backbone: Backbone, folder: Path, *, on_progress: Callable[[int, int | None], None]
) -> Path:
    """:func:`fetch` for one backbone into one folder; the file appears whole or not at all."""
    import torch
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / f"{backbone.file}.download"
    try:
        _download(backbone, checkpoint, on_progress)
        state = torch.load(checkpoint, map_location="cpu", weights_only=True)
        features = {k: v.contiguous() for k, v in state.items() if k.startswith("features.")}
        whole = checkpoint.with_suffix(".whole")
        save_file(features, whole, metadata={FETCH_RECORD: _fetch_record(backbone, tensors_digest(features))})
        return whole.rename(folder / backbone.file)
    finally:
        checkpoint.unlink(missing_ok=True)


def tensors_digest(tensors: Mapping[str, torch.Tensor]) -> str:
    """SHA-256 over names, shapes and float32 values: the same for any file that holds the same tensors."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        values = tensors[name].float().contiguous()
        digest.update(f"{name}{tuple(values.shape)}".encode() + values.numpy().tobytes())
    return digest.hexdigest()


@cache
def _load(backbone: Backbone, file: Path) -> Weights:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        tensors = load_file(file)
    except (SafetensorError, OSError) as error:
        raise CheckUnavailable(f"LPIPS weights unreadable: {file.name}: {error}", remedy=REMEDY) from error
    digest = tensors_digest(tensors)
    if backbone.digest is None:
        _refuse_unless_fetched(backbone, file, digest)
    elif digest != backbone.digest:
        raise CheckUnavailable(
            f"LPIPS weights not genuine: {file.name}: expected {backbone.digest[:16]}…, got {digest[:16]}…",
            remedy=REMEDY,
        )
    return Weights(backbone.net, tensors, digest)


def _refuse_unless_fetched(backbone: Backbone, file: Path, digest: str) -> None:
    """A file of the right shape may hold any numbers: it must be what :func:`fetch` made."""
    from safetensors import safe_open

    with safe_open(file, "pt") as opened:
        found = (opened.metadata() or {}).get(FETCH_RECORD)
    if found != _fetch_record(backbone, digest):
        raise CheckUnavailable(
            f"LPIPS weights of unknown origin: {file.name}: expected the record of its fetching, "
            f"found {'another' if found else 'none'} in it",
            remedy=f"run `sidegrade weights fetch {backbone.net}`",
        )


def _fetch_record(backbone: Backbone, digest: str) -> str:
    return f"{digest} of the checkpoint {backbone.sha256_prefix}"


def _download(backbone: Backbone, to: Path, on_progress: Callable[[int, int | None], None]) -> None:
    digest, done = hashlib.sha256(), 0
    try:
        with urllib.request.urlopen(backbone.url, timeout=60) as response, to.open("wb") as file:
            length = response.headers.get("Content-Length")
            while chunk := response.read(1 << 20):
                file.write(chunk)
                digest.update(chunk)
                done += len(chunk)
                on_progress(done, int(length) if length else None)
    except OSError as error:
        remedy = "fetch it where there is a network and copy it, then set SIDEGRADE_LPIPS_WEIGHTS"
        raise CheckUnavailable(f"{backbone.url} cannot be reached: {error}", remedy=remedy) from error
    if not digest.hexdigest().startswith(backbone.sha256_prefix):
        got = digest.hexdigest()[:8]
        raise CheckUnavailable(
            f"{backbone.url}: expected a SHA-256 beginning {backbone.sha256_prefix}, got {got}",
            remedy="the download was altered or cut off: try again",
        )
