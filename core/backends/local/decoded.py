"""What the VAE of a diffusers pipeline decoded, kept as it was before it became pictures."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.backends.finite import refuse_what_is_not_finite
from core.errors import GenerationFailed


class Decoded:
    """Stands in for a pipeline's image processor: gives the same pictures, and keeps what it made them of.

    Eight bits have no NaN, and are cut at white before infinity could be seen in them.
    """

    def __init__(self, pipe: Any) -> None:
        self._processor, self._kept = pipe.image_processor, None
        pipe.image_processor = self

    def postprocess(self, image: Any, *arguments: Any, **named: Any) -> Any:
        """The processor's own pictures of what was decoded."""
        self._kept = image
        with np.errstate(invalid="ignore"):  # refused once the clock has stopped
            return self._processor.postprocess(image, *arguments, **named)

    def refuse_what_is_not_finite(self, model: str) -> None:
        """Refuse the last batch when a picture of it holds values that are not finite.

        Raises:
            GenerationFailed: see :func:`core.backends.finite.refuse_what_is_not_finite`.
        """
        kept, self._kept = self._kept, None
        if kept is None:
            raise GenerationFailed(f"{model}: expected a picture its VAE decoded, got one from elsewhere")
        refuse_what_is_not_finite(model, list(kept.float().cpu().numpy()))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._processor, name)
