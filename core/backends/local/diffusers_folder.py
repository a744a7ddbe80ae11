"""A diffusers folder, read without loading it: index, configurations, headers of the weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from safetensors import SafetensorError, safe_open

from core.backends.model_files import open_regular, read_json
from core.errors import ModelUnavailable, UnknownName, UnsafeWeights
from core.records import ModelSpec, Size

Config = Mapping[str, Any]
WEIGHTLESS = ("scheduler", "tokenizer", "tokenizer_2", "tokenizer_3", "feature_extractor")
PICKLE_STARTS = (b"PK", b"\x80\x02", b"\x80\x04")
"""First bytes of a zip archive, which torch writes, and of bare pickles."""


class Family(NamedTuple):
    """A pipeline class this product runs, with what it takes for granted."""

    denoiser: str
    """Folder of the denoiser."""
    flow: bool
    """True for flow matching, False for schedulers that predict noise or velocity."""


FAMILIES = {
    "StableDiffusionPipeline": Family("unet", flow=False),
    "StableDiffusionXLPipeline": Family("unet", flow=False),
    "StableDiffusion3Pipeline": Family("transformer", flow=True),
}


@dataclass(frozen=True, slots=True)
class Folder:
    """A model folder, opened as far as its index."""

    path: Path
    spec: ModelSpec
    index: Config

    @property
    def pipeline(self) -> str:
        """Class of the pipeline."""
        return str(self.index["_class_name"])

    @property
    def family(self) -> Family:
        """What is known about this pipeline class."""
        return FAMILIES[self.pipeline]

    @property
    def parts(self) -> dict[str, str]:
        """Name → class of every part that the index does not leave empty."""
        return {name: kind for name, kind in self._listed.items() if kind is not None}

    @property
    def weighted_parts(self) -> list[str]:
        """Names of the parts that have weights."""
        return [name for name in self.parts if name not in WEIGHTLESS]

    @property
    def empty_parts(self) -> tuple[str, ...]:
        """Parts the index leaves empty; the pipeline wants to hear ``None`` for each."""
        return tuple(name for name, kind in self._listed.items() if kind is None)

    @property
    def _listed(self) -> dict[str, str | None]:
        return {name: row[1] for name, row in self.index.items() if isinstance(row, list)}

    def config(self, part: str, file: str = "config.json") -> Config:
        """Configuration of a part."""
        return _json(self.spec, self.path / part / file)

    @property
    def denoiser(self) -> Config:
        """Configuration of the transformer or UNet."""
        return self.config(self.family.denoiser)

    @property
    def vae_scale(self) -> int:
        """Image pixels a latent pixel, as the pipeline computes it."""
        vae = self.config("vae")
        levels = vae.get("block_out_channels") or vae["decoder_block_out_channels"]
        return int(2 ** (len(levels) - 1))

    @property
    def latent_channels(self) -> int:
        """Channels of the latents the denoiser begins with."""
        return int(self.denoiser["in_channels"])

    def latent_shape(self, size: Size) -> tuple[int, int, int, int]:
        """Shape of one image's latents, 1×C×H×W."""
        return 1, self.latent_channels, size.height // self.vae_scale, size.width // self.vae_scale


def open_folder(spec: ModelSpec, path: Path) -> Folder:
    """The folder, once its index names a pipeline that this product runs.

    Raises:
        ModelUnavailable: when the index is missing or unreadable.
        UnsafeWeights: when the pipeline class lives in the folder itself.
        UnknownName: for a pipeline of another family, with the nearest.
    """
    index = _json(spec, path / "model_index.json")
    kind = index.get("_class_name")
    if not isinstance(kind, str):
        raise UnsafeWeights(f"{spec.name}: expected the name of a diffusers pipeline, got code: {kind!r}")
    if kind not in FAMILIES:
        raise UnknownName.of(f"pipeline class in {spec.name}", kind, FAMILIES)
    for name, row in index.items():
        if isinstance(row, list) and not _is_part(name, row):
            raise ModelUnavailable(
                f"{spec.name}: model_index.json: {name[:40]}: expected [library, class], got {str(row)[:80]}",
                remedy="copy or fetch the file again",
            )
    return Folder(path, spec, index)


def _is_part(name: str, row: list[Any]) -> bool:
    """A part's name is a folder beside the index; library and class are words, or left empty."""
    return name.isidentifier() and len(row) == 2 and all(isinstance(word, str | None) for word in row)


def weight_bytes(folder: Folder) -> int:
    """Size of all weight files."""
    return sum(file.stat().st_size for part in folder.weighted_parts for file in _weights(folder, part))


def stored_values(folder: Folder, part: str) -> int:
    """How many numbers the weight files of a part hold, by their headers.

    Raises:
        ModelUnavailable: when a file is missing, truncated or no safetensors.
        UnsafeWeights: when it is a pickle.
    """
    return sum(map(math.prod, stored_shapes(folder, part).values()))


def stored_shapes(folder: Folder, part: str) -> dict[str, list[int]]:
    """Tensor name → shape, by the headers of a part's weight files; refused as in :func:`stored_values`."""
    files = [_shapes(folder.spec, file) for file in _weights(folder, part)]
    return {name: shape for shapes in files for name, shape in shapes.items()}


def _weights(folder: Folder, part: str) -> list[Path]:
    """Weight files of a part: one file, or the shards its index lists."""
    folder.config(part)
    indexes = sorted((folder.path / part).glob("*.safetensors.index.json"))
    if indexes:
        shards = set(_json(folder.spec, indexes[0])["weight_map"].values())
        return [folder.path / part / Path(shard).name for shard in sorted(shards)]
    names = ("diffusion_pytorch_model.safetensors", "model.safetensors")
    found = [folder.path / part / name for name in names if (folder.path / part / name).is_file()]
    return found or [folder.path / part / names[part.startswith("text_encoder")]]


def _shapes(spec: ModelSpec, file: Path) -> dict[str, list[int]]:
    """Tensor name → shape in a safetensors file, which its tensors have to fill without gap or overlap."""
    where = f"{spec.name}: {file.parent.name}/{file.name}"
    with open_regular(file, where, "safetensors weights") as stream:
        if stream.read(2) in PICKLE_STARTS:
            raise UnsafeWeights(f"{where}: expected safetensors, found a pickle under that name")
    try:
        with safe_open(file, framework="np") as tensors:  # reads the header, maps the rest
            return {name: tensors.get_slice(name).get_shape() for name in tensors.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise ModelUnavailable(
            f"{where}: expected whole safetensors, got a truncated or damaged file ({error})",
            remedy="copy or fetch the file again",
        ) from error


def _json(spec: ModelSpec, file: Path) -> Config:
    return read_json(file, f"{spec.name}: {file.parent.name}/{file.name}")
