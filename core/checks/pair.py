"""What a check is given: the case, both images, and what is known about how they were made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from PIL import Image

from core.checks.picture import FeatureCache, Picture
from core.errors import CheckUnavailable
from core.records import Arm, Case, Contract, Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """How a picture came from another one: image-to-image, inpainting or upscaling."""

    source: Image.Image
    """The picture that was edited."""
    mask: Image.Image | None = None
    """White is what might change; None: everything."""
    again: Image.Image | None = None
    """The same edit made of the result once more."""


@dataclass(frozen=True, kw_only=True)
class PairToExamine:
    """One case and seed, rendered on both arms. An arm without an image failed to render."""

    pair_id: str
    case: Case
    baseline: Image.Image | None
    candidate: Image.Image | None
    recipes: Mapping[Arm, Recipe] = field(default_factory=dict)
    contracts: Mapping[Arm, Contract | None] = field(default_factory=dict)
    latencies_ms: Mapping[Arm, float | None] = field(default_factory=dict)
    """Time each render took; it says nothing of the model such as the first after a load."""
    edits: Mapping[Arm, Edit] = field(default_factory=dict)
    """Where the pictures are edits of others."""
    other_seed: Image.Image | None = None
    """The baseline's picture of the same case from another seed, in a run that calibrates distances."""
    cache: FeatureCache | None = None
    """Where features of the pictures are kept beyond this pair; None: each with its own picture."""

    def picture(self, arm: Arm) -> Picture:
        """The image of one arm.

        Raises:
            CheckUnavailable: when that arm has no image.
        """
        if arm not in self._pictures:
            raise CheckUnavailable(f"the {arm} has no image", remedy="see the failure of the render")
        return self._pictures[arm]

    def arms(self) -> tuple[Arm, ...]:
        """The arms that have an image."""
        return tuple(self._pictures)

    def pictures(self) -> tuple[Picture, Picture]:
        """Baseline and candidate, for checks that compare them.

        Raises:
            CheckUnavailable: when one of them has no image.
        """
        return self.picture(Arm.BASELINE), self.picture(Arm.CANDIDATE)

    @cached_property
    def _pictures(self) -> Mapping[Arm, Picture]:
        """Made once for all checks: hashing and unpacking large pictures takes milliseconds."""
        images = {Arm.BASELINE: self.baseline, Arm.CANDIDATE: self.candidate}
        return {arm: Picture(image, cache=self.cache) for arm, image in images.items() if image is not None}
