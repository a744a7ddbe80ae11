"""Small pictures derived from stored ones: made once, kept as files, and never given out unverified."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from PIL import Image

from core.digests import bytes_digest
from core.errors import InvalidRequest
from db.blob_files import write_whole
from db.translation import disk_error

WIDTHS = range(16, 2049)
SEAL = 32
"""Bytes behind a kept thumbnail that vouch for it; a reader of WebP does not look at them."""


class Thumbnails:
    """The folder of thumbnails, one folder a width: ``thumbnails/320/abcd….webp``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, digest: str, width: int, original: Callable[[], Image.Image]) -> bytes:
        """A lossless WebP of at most ``width`` pixels across; one that is cut or another's is made again.

        Raises:
            InvalidRequest: the width is outside 16–2048.
            StoreError: the original cannot be read, or the disk refuses.
        """
        if width not in WIDTHS:
            raise InvalidRequest(f"thumbnail: expected a width of 16–2048 pixels, got {width}")
        path = self._folder / str(width) / f"{digest}.webp"
        try:
            with suppress(FileNotFoundError):
                kept = path.read_bytes()
                if _seal(digest, width, kept[:-SEAL]) == kept[-SEAL:]:
                    return kept[:-SEAL]
            webp = _shrunk(original(), width)
            write_whole(path, webp + _seal(digest, width, webp))
        except OSError as error:
            raise disk_error(str(self._folder), error) from error
        return webp


def _seal(digest: str, width: int, webp: bytes) -> bytes:
    """What the file of a thumbnail ends with: that of another picture or width ends otherwise."""
    return bytes.fromhex(bytes_digest(f"{digest}:{width}:".encode() + webp))


def _shrunk(image: Image.Image, width: int) -> bytes:
    image.thumbnail((width, image.height), Image.Resampling.LANCZOS)
    webp = io.BytesIO()
    image.save(webp, "WEBP", lossless=True, exact=True, method=2)  # exact: also where alpha is 0
    return webp.getvalue()
