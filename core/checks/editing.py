"""Makes the edits that :mod:`core.checks.edits` judges: image-to-image, inpainting and upscaling.

The parts of a text-to-image pipeline of diffusers are used again, so baseline and candidate are edited by
the very weights that drew them. Inputs are validated, never converted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from diffusers import AutoPipelineForImage2Image, AutoPipelineForInpainting
from PIL import Image

from core.checks.edit_inputs import validated_input
from core.checks.evidence import Edit
from core.errors import InvalidImage
from core.records import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class EditRequest:
    """What an edit is asked to do."""

    prompt: str
    seed: int
    strength: float
    """How much is drawn anew: 0 nothing, 1 everything."""
    num_inference_steps: int
    guidance_scale: float


class Editor:
    """Edits by the parts of one loaded text-to-image pipeline."""

    def __init__(self, pipeline: Any, request: EditRequest) -> None:
        self._image_to_image = AutoPipelineForImage2Image.from_pipe(pipeline)
        self._inpaint = AutoPipelineForInpainting.from_pipe(pipeline)
        for made in (self._image_to_image, self._inpaint):
            made.set_progress_bar_config(disable=True)
        self._request = request

    def image_to_image(self, source: Image.Image) -> Image.Image:
        """The picture drawn anew from itself.

        Raises:
            InvalidImage: when the picture cannot be taken as it is.
        """
        return self._call(self._image_to_image, validated_input(source))

    def inpaint(self, source: Image.Image, mask: Image.Image, *, keep_outside: bool = True) -> Image.Image:
        """What the mask shows in white drawn anew; the rest is the source's, unless the raw result is wanted.

        A pipeline passes the whole picture through its VAE, which changes nearly every pixel: an endpoint
        that hands that on has not kept what lies outside the mask.

        Raises:
            InvalidImage: when picture or mask cannot be taken as they are.
        """
        source = validated_input(source)
        if mask.mode != "L" or mask.size != source.size:
            raise InvalidImage(
                f"expected a mask of mode L and size {Size(*source.size)}, "
                f"got {mask.mode} and {Size(*mask.size)}"
            )
        drawn = self._call(self._inpaint, source, mask_image=mask)
        if not keep_outside:
            return drawn
        return Image.composite(drawn.convert(source.mode), source, mask.point(lambda v: 255 * (v >= 128)))

    def upscale(self, source: Image.Image, factor: int) -> Image.Image:
        """The picture enlarged ``factor`` times and its detail drawn anew.

        Raises:
            InvalidImage: when the picture cannot be taken as it is.
        """
        size = (source.width * factor, source.height * factor)
        enlarged = validated_input(source).resize(size, Image.Resampling.BICUBIC)
        return self._call(self._image_to_image, enlarged)

    def twice(self, source: Image.Image) -> tuple[Image.Image, Edit]:
        """An image-to-image edit, and the evidence that the same edit was made of it once more."""
        first = self.image_to_image(source)
        return first, Edit(source=source, again=self.image_to_image(first))

    def _call(self, pipeline: Any, image: Image.Image, **more: Any) -> Image.Image:
        request = self._request
        output = pipeline(
            prompt=request.prompt,
            image=image,
            strength=request.strength,
            num_inference_steps=request.num_inference_steps,
            guidance_scale=request.guidance_scale,
            generator=torch.Generator("cpu").manual_seed(request.seed),
            width=image.width,
            height=image.height,
            **more,
        )
        edited: Image.Image = output.images[0]
        return edited
