"""Edits that try how stable a model's edits are: every source is edited in three ways.

:func:`make_edits` makes them with a loaded model; :mod:`core.conformance.edit_answers` judges what came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from core.checks.pair import Edit
from core.conformance.edit_sources import EditSource, RefusedSource, Source
from core.errors import SidegradeError
from core.failures import failure_of
from core.records import Failure

if TYPE_CHECKING:
    from core.backends.protocol import Backend
    from core.conformance.editing import Editor, EditRequest

UPSCALING = 2


class EditKind(StrEnum):
    """How a source is edited."""

    IMAGE_TO_IMAGE = "image-to-image"
    """Drawn anew from itself, and the result once more."""
    INPAINT = "inpaint"
    """The middle of the picture drawn anew: half of its width and height."""
    UPSCALE = "upscale"
    """A copy of half the size brought back to the size of the source, which the model is known to draw."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditMade:
    """One edit of one source."""

    source: EditSource
    kind: EditKind
    image: Image.Image
    edit: Edit
    raw_changed: int = 0
    """Pixels outside the mask that the pipeline itself changed, before the source's were put back."""
    latency_ms: float
    """Wall time of the edit; the first of a size includes what torch prepares for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditNotMade:
    """An edit that was refused or that the model cannot do, and why."""

    source: Source
    kind: EditKind
    failure: Failure


Made = EditMade | EditNotMade


def make_edits(
    backend: Backend, sources: Iterable[Source], *, strength: float, raw: bool = False
) -> Iterator[Made]:
    """Every source edited in every way; ``raw`` leaves an inpainted picture as the pipeline gives it.

    Raises:
        BackendUnavailable: when the model's backend edits nothing at all.
    """
    from core.conformance.editing import EditRequest, open_editor

    editor = open_editor(backend)
    for source in sources:
        for kind in EditKind:
            if isinstance(source, RefusedSource):
                yield EditNotMade(source=source, kind=kind, failure=failure_of(source.error))
                continue
            request = EditRequest(prompt=source.case.prompt, seed=source.seed, strength=strength)
            try:
                yield _MAKERS[kind](editor, source, request, raw)
            except SidegradeError as error:
                yield EditNotMade(source=source, kind=kind, failure=failure_of(error))


def centre_mask(image: Image.Image) -> Image.Image:
    """Mode L: white is the middle of the picture, half of its width and height."""
    mask, (width, height) = Image.new("L", image.size), image.size
    mask.paste(255, (width // 4, height // 4, width - width // 4, height - height // 4))
    return mask


def _twice(editor: Editor, source: EditSource, request: EditRequest, raw: bool) -> EditMade:
    began = perf_counter()
    first = editor.image_to_image(source.image, request)
    latency_ms = _since(began)
    edit = Edit(source=source.image, again=editor.image_to_image(first, request))
    return EditMade(
        source=source, kind=EditKind.IMAGE_TO_IMAGE, image=first, edit=edit, latency_ms=latency_ms
    )


def _inpainted(editor: Editor, source: EditSource, request: EditRequest, raw: bool) -> EditMade:
    from core.conformance.editing import put_back

    mask, began = centre_mask(source.image), perf_counter()
    drawn = editor.inpaint(source.image, mask, request)
    latency_ms = _since(began)
    differs = (np.asarray(drawn) != np.asarray(source.image)).any(axis=2)
    return EditMade(
        source=source,
        kind=EditKind.INPAINT,
        image=drawn if raw else put_back(drawn, source.image, mask),
        edit=Edit(source=source.image, mask=mask),
        raw_changed=int((differs & (np.asarray(mask) < 128)).sum()),
        latency_ms=latency_ms,
    )


def _upscaled(editor: Editor, source: EditSource, request: EditRequest, raw: bool) -> EditMade:
    size = (source.image.width // UPSCALING, source.image.height // UPSCALING)
    small, began = source.image.resize(size, Image.Resampling.BOX), perf_counter()
    image = editor.upscale(small, UPSCALING, request)
    return EditMade(
        source=source,
        kind=EditKind.UPSCALE,
        image=image,
        edit=Edit(source=small),
        latency_ms=_since(began),
    )


_MAKERS: dict[EditKind, Callable[[Editor, EditSource, EditRequest, bool], EditMade]] = {
    EditKind.IMAGE_TO_IMAGE: _twice,
    EditKind.INPAINT: _inpainted,
    EditKind.UPSCALE: _upscaled,
}


def _since(began: float) -> float:
    return (perf_counter() - began) * 1000
