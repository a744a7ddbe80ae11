"""Makes the edits that :mod:`core.checks.measures.edits` judges: image-to-image, inpainting and upscaling.

The parts of a loaded text-to-image model of diffusers are used again, so baseline and candidate are edited by
the very weights that drew them. Inputs are validated, never converted.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from PIL import Image

from core.backends.local.decoded import Decoded
from core.backends.local.diffusers import DiffusersBackend, translated
from core.backends.protocol import Backend
from core.conformance.edit_inputs import validated_input
from core.errors import BackendUnavailable, InvalidImage
from core.recipes.recipe import check_contract
from core.records import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class EditRequest:
    """What an edit is asked to do; steps and guidance are the model's own."""

    prompt: str
    seed: int
    strength: float
    """How much is drawn anew: 0 nothing, 1 everything."""


def open_editor(backend: Backend) -> Editor:
    """The editor made of a loaded model's parts.

    Raises:
        BackendUnavailable: for a backend whose models only draw.
    """
    if not isinstance(backend, DiffusersBackend):
        raise BackendUnavailable(
            f"{backend.spec.name}: expected a model of diffusers, got one of the backend "
            f"{backend.spec.backend!r}, which edits no pictures"
        )
    return Editor(backend)


class Editor:
    """Edits by the parts of one loaded text-to-image pipeline; every method refuses as :meth:`_call` does."""

    def __init__(self, backend: DiffusersBackend) -> None:
        self._backend = backend

    def image_to_image(self, source: Image.Image, request: EditRequest) -> Image.Image:
        """The picture drawn anew from itself.

        Raises:
            InvalidImage: when the picture cannot be taken as it is.
            ContractBreach: when the model promises no picture of this size.
            GenerationFailed, OutOfMemory: when the pipeline gave up.
        """
        return self._call(self._image_to_image, source, request)

    def inpaint(self, source: Image.Image, mask: Image.Image, request: EditRequest) -> Image.Image:
        """What the mask shows in white drawn anew, as the pipeline gives it; see :func:`put_back`.

        Raises:
            InvalidImage: when picture or mask cannot be taken as they are; else as :meth:`image_to_image`.
        """
        if mask.mode != "L" or mask.size != source.size:
            raise InvalidImage(
                f"expected a mask of mode L and size {Size(*source.size)}, "
                f"got {mask.mode} and {Size(*mask.size)}"
            )
        return self._call(self._inpaint, source, request, mask_image=mask)

    def upscale(self, source: Image.Image, factor: int, request: EditRequest) -> Image.Image:
        """The picture enlarged ``factor`` times and its detail drawn anew.

        Raises:
            InvalidImage, ContractBreach, GenerationFailed, OutOfMemory: as :meth:`image_to_image`.
        """
        size = (source.width * factor, source.height * factor)
        return self._call(self._image_to_image, source.resize(size, Image.Resampling.BICUBIC), request)

    @cached_property
    def _image_to_image(self) -> Any:
        from diffusers import AutoPipelineForImage2Image

        return self._made_by(AutoPipelineForImage2Image)

    @cached_property
    def _inpaint(self) -> Any:
        from diffusers import AutoPipelineForInpainting

        return self._made_by(AutoPipelineForInpainting)

    def _made_by(self, maker: Any) -> Any:
        try:
            made = maker.from_pipe(self._backend.pipeline)
        except ValueError as error:  # diffusers knows no such pipeline for this family
            raise BackendUnavailable(f"{self._backend.spec.name}: {error}") from error
        made.set_progress_bar_config(disable=True)
        Decoded(made)
        return made

    def _call(self, pipeline: Any, image: Image.Image, request: EditRequest, **more: Any) -> Image.Image:
        spec = self._backend.spec
        validated_input(image, multiple=spec.contract.size_multiple)
        if image.mode != spec.contract.mode:  # the VAE's encoder has as many channels as its decoder
            raise InvalidImage(
                f"{spec.name}: expected mode {spec.contract.mode}, got {image.mode}",
                remedy="convert the picture before the edit",
            )
        check_contract(spec, prompt=request.prompt, width=image.width, height=image.height)
        # SDXL takes the size from the picture and refuses to be told
        size = {"width": image.width, "height": image.height}
        takes = inspect.signature(pipeline.__call__).parameters
        with translated(spec, Size(*image.size), 1):
            output = pipeline(
                prompt=request.prompt,
                image=image,
                strength=request.strength,
                num_inference_steps=spec.num_inference_steps,
                guidance_scale=spec.guidance_scale,
                generator=torch.Generator("cpu").manual_seed(request.seed),
                **{name: side for name, side in size.items() if name in takes},
                **more,
            )
        pipeline.image_processor.refuse_what_is_not_finite(spec.name)
        edited: Image.Image = output.images[0]
        return edited


def put_back(drawn: Image.Image, source: Image.Image, mask: Image.Image) -> Image.Image:
    """An inpainted picture with the source's own pixels outside the mask (white is what may change).

    A pipeline passes the whole picture through its VAE, which changes nearly every pixel: an endpoint that
    hands that on has not kept what lies outside the mask.
    """
    return Image.composite(drawn.convert(source.mode), source, mask.point(lambda v: 255 * (v >= 128)))
