"""The one rule about numbers that are none: such a picture was not drawn, whichever backend made it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.errors import GenerationFailed


def refuse_what_is_not_finite(model: str, pictures: Sequence[npt.NDArray[np.floating]]) -> None:
    """Refuse a batch of which a picture holds NaN or infinity, as it is before it becomes 8-bit.

    Cut to eight bits they would be black, white, or anything. A picture that is merely black, white or noise
    was drawn: to judge it is a gate's business.

    Raises:
        GenerationFailed: with what was found, and in how many values.
    """
    for values in pictures:
        if np.isfinite(values).all():
            continue
        nan, lost = int(np.isnan(values).sum()), int((~np.isfinite(values)).sum())
        found = "NaN" if nan == lost else "infinity" if not nan else "NaN and infinity"
        raise GenerationFailed(
            f"{model}: expected finite pixel values, got {found} in {lost:,} of {values.size:,}",
            remedy="its numbers leave the range of their type: try dtype = 'float32', or mend the weights",
        )
