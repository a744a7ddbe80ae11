"""What a model is and promises: the nouns behind ``models.toml`` (parsed by :mod:`core.config.models`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class Mode(StrEnum):
    """Channel layout of an image, in Pillow's words."""

    RGB = "RGB"
    RGBA = "RGBA"


class Size(NamedTuple):
    """Width and height in pixels."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}×{self.height}"


class Box(NamedTuple):
    """A rectangle in image pixels: left, top, width, height."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What an endpoint promises to the program that takes its images."""

    mode: Mode
    sizes: tuple[Size, ...] = ()
    """The only sizes accepted; empty means any size within the limits below."""
    size_multiple: int = 8
    max_pixels: int = 1024 * 1024
    """Requests with more pixels are refused, never attempted."""
    max_prompt_characters: int = 2_000
    image_format: str = "PNG"
    bit_depth: int = 8
    max_latency_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """An image model as declared in ``models.toml``; field names follow diffusers."""

    name: str
    source: str
    """A folder (relative to ``models.toml``) or a hub id (``stabilityai/stable-diffusion-3.5-medium``)."""
    revision: str | None = None
    title: str = ""
    backend: str = "diffusers"
    num_inference_steps: int
    guidance_scale: float
    scheduler: str | None = None
    """Class name the model's authors recommend; None keeps the one that ships with the model."""
    scheduler_config: Mapping[str, object] = field(default_factory=dict)
    dtype: str = "float32"
    device: str = "auto"
    """``auto``, ``cpu``, ``mps``, ``cuda`` or ``cuda:<n>``."""
    batch_size: int = 1
    contract: Contract
    cost_per_gpu_second: float = 0.0
    """US dollars per second of accelerator (or CPU, on a machine without one)."""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedModel:
    """What a recipe records about a model as it was really loaded, beyond its declaration."""

    model_digest: str
    device_class: str
    """``cpu`` or the accelerator's product name."""
    scheduler: str
    scheduler_config: Mapping[str, object]
    library_versions: Mapping[str, str] = field(default_factory=dict)
