"""A render as the checks see it: pixels, alpha, composites, and features that are computed once.

A picture is known by its pixel digest. What a check derives from it alone (what the reader read, masks,
network features) is kept in a :class:`FeatureCache`, so a baseline that meets a second candidate while its
features are still kept is not examined twice.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray
from PIL import Image

from core.digests import pixel_digest
from core.records import Box, Size

T = TypeVar("T")
Pixels = NDArray[np.uint8]

BACKGROUNDS: dict[str, int] = {"white": 255, "black": 0, "grey": 128}
"""What a transparent image is put on, so that no metric can be fooled by the choice of one."""


OWN_BYTES = 512 * 1024 * 1024
"""What the features of a picture on its own may take."""
OPAQUE = 240
"""Alpha from which a pixel counts as opaque: decoders leave 245 here and there, which no viewer can see."""


class FeatureCache:
    """What was derived from single pictures: at most ``max_bytes``, least recently used thrown away first."""

    def __init__(self, max_bytes: int = OWN_BYTES) -> None:
        self._kept: LRUCache[Hashable, Any] = LRUCache(max_bytes, getsizeof=_size_of)
        self._lock = threading.Lock()
        """Held for a look into the cache, never while something is computed."""
        self._turns: dict[Hashable, _Turn] = {}

    @property
    def kept_bytes(self) -> int:
        """The size of all that is kept."""
        return int(self._kept.currsize)

    def get(self, key: Hashable, compute: Callable[[], T]) -> T:
        """The value under ``key``; computed at most once at a time, also when several threads ask for it.

        A value larger than the whole cache is given and not kept.
        """
        with self._turn(key):
            with self._lock:
                if key in self._kept:
                    kept: T = self._kept[key]
                    return kept
            value = compute()
            with self._lock, suppress(ValueError):  # raised for a value that is too large
                self._kept[key] = value
            return value

    @contextmanager
    def _turn(self, key: Hashable) -> Iterator[None]:
        """One thread at a time for each key; a lock lives as long as a thread holds it or waits for it."""
        with self._lock:
            turn = self._turns.setdefault(key, _Turn())
            turn.threads += 1
        try:
            with turn.lock:
                yield
        finally:
            with self._lock:
                turn.threads -= 1
                if not turn.threads:
                    del self._turns[key]


class _Turn:
    def __init__(self) -> None:
        self.lock, self.threads = threading.Lock(), 0


class Picture:
    """An image of mode RGB or RGBA with its derived features; without a ``cache`` they live as long as it."""

    def __init__(self, image: Image.Image, *, cache: FeatureCache | None = None) -> None:
        self.image = image
        self._cache = FeatureCache() if cache is None else cache

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the decoded pixels: the identity under which features are kept."""
        return pixel_digest(self.image)

    @property
    def size(self) -> Size:
        """Width and height in pixels."""
        return Size(*self.image.size)

    @property
    def frame(self) -> Box:
        """The box around the whole picture: the place of findings that are about all of it."""
        return Box(0, 0, *self.image.size)

    @property
    def has_alpha_band(self) -> bool:
        """Whether the image carries an alpha channel at all."""
        return "A" in self.image.getbands()

    @cached_property
    def alpha(self) -> Pixels:
        """Alpha, shape ``(height, width)``; all 255 where there is no band."""
        if not self.has_alpha_band:
            return np.full((self.image.height, self.image.width), 255, np.uint8)
        return np.asarray(self.image.getchannel("A"))

    @cached_property
    def rgb(self) -> Pixels:
        """Straight (not premultiplied) colour, shape ``(height, width, 3)``."""
        return np.asarray(self.image.convert("RGB"))

    @cached_property
    def is_opaque(self) -> bool:
        """True when nothing shines through: no alpha band, or a full one."""
        return bool((self.alpha >= OPAQUE).all())

    def over(self, background: str) -> Pixels:
        """The image composited over white, black or mid grey, shape ``(height, width, 3)``."""
        if self.is_opaque:
            return self.rgb
        return self.feature(("over", background), lambda: _composite(self.rgb, self.alpha, background))

    def feature(self, name: Hashable, compute: Callable[[], T]) -> T:
        """What ``compute`` derives from this picture alone, remembered under its digest and ``name``."""
        return self._cache.get((self.digest, name), compute)


def backgrounds_of(*pictures: Picture) -> tuple[str, ...]:
    """The backgrounds worth comparing on: all when anything is transparent, one when nothing is."""
    return ("white",) if all(p.is_opaque for p in pictures) else tuple(BACKGROUNDS)


def _composite(rgb: Pixels, alpha: Pixels, background: str) -> Pixels:
    weight = alpha[..., None].astype(np.float32) / 255
    mixed = rgb * weight + BACKGROUNDS[background] * (1 - weight)
    return np.rint(mixed).astype(np.uint8)


def _size_of(value: Any) -> int:
    if isinstance(value, (tuple, list)):
        return sum(map(_size_of, value))
    return int(getattr(value, "nbytes", 1024))
