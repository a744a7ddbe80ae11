"""Renders as PNG files, named by the digest of their pixels: ``blobs/ab/abcd….png``.

A file appears under its name only when it is complete and on the disk, and is never overwritten. Reading it
as an image shows that the pixels are still the ones of its name.
"""

from __future__ import annotations

import io
import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path

from PIL import Image

from core.digests import pixel_digest
from core.errors import BlobMissing, InvalidImage, InvalidRequest
from core.recipes.recipe import png_bytes
from core.records import Recipe
from db.translation import disk_error

_DIGEST = re.compile(r"[0-9a-f]{64}")
_WIDTHS = range(16, 2049)


class Blobs:
    """The folder of stored images and of the thumbnails that are derived from them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._thumbnails = folder.parent / "thumbnails"

    def put(self, image: Image.Image, recipe: Recipe | None = None) -> str:
        """Store an image losslessly, its recipe in the file's metadata; gives the pixel digest.

        Raises:
            StoreError: ``DiskFull`` and ``StoreReadOnly`` among them; nothing is half-written.
        """
        digest = pixel_digest(image)
        if not self.path(digest).exists():
            self._write(self.path(digest), _png(image, recipe))
        return digest

    def open(self, digest: str) -> Image.Image:
        """The image, decoded and proven to be the one of this digest.

        Raises:
            BlobMissing: no such file, or its pixels are no longer those of its name.
        """
        try:
            image = _decoded(self.png(digest))
            found = pixel_digest(image)
        except InvalidImage as error:
            raise BlobMissing(f"image {digest}: {error}", remedy="restore the file from a copy") from error
        if found != digest:
            raise BlobMissing(f"image {digest}: its file now holds pixels with digest {found}")
        return image

    def png(self, digest: str) -> bytes:
        """The file as it is; ``BlobMissing`` when there is none."""
        try:
            return self.path(digest).read_bytes()
        except FileNotFoundError as error:
            raise BlobMissing(f"image {digest}: there is no such file") from error
        except OSError as error:
            raise disk_error(str(self._folder), error) from error

    def path(self, digest: str) -> Path:
        """Where the file of a digest lies; anything but 64 lower-case hex digits is refused."""
        if not _DIGEST.fullmatch(digest):
            raise InvalidRequest(f"digest: expected 64 hex digits, got {digest[:80]!r}")
        return self._folder / digest[:2] / f"{digest}.png"

    def thumbnail(self, digest: str, width: int) -> bytes:
        """A lossless WebP of at most ``width`` (16–2048) pixels across, made once and kept.

        An image that is smaller already keeps its size.
        """
        if width not in _WIDTHS:
            raise InvalidRequest(f"thumbnail: expected a width of 16–2048 pixels, got {width}")
        path = self._thumbnails / str(width) / self.path(digest).with_suffix(".webp").name
        with suppress(FileNotFoundError):
            return path.read_bytes()
        image = self.open(digest)
        image.thumbnail((width, image.height), Image.Resampling.LANCZOS)
        webp = io.BytesIO()
        image.save(webp, "WEBP", lossless=True, exact=True, method=2)  # exact: also where alpha is 0
        self._write(path, webp.getvalue())
        return webp.getvalue()

    def _write(self, path: Path, content: bytes) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(path, content)
        except OSError as error:
            raise disk_error(str(self._folder), error) from error


def _write_whole(path: Path, content: bytes) -> None:
    """All of the file or none of it: written beside its place, flushed to the disk, then renamed."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)  # mkstemp makes it private; a worker of another user must be able to read
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def _png(image: Image.Image, recipe: Recipe | None) -> bytes:
    if recipe is not None:
        return png_bytes(image, recipe)
    png = io.BytesIO()
    image.save(png, "PNG")
    return png.getvalue()


def _decoded(png: bytes) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(png), formats=["PNG"])
        image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise InvalidImage(f"expected a complete PNG file, got: {error}") from error
    return image
