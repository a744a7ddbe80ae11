"""Renders as PNG files, named by the SHA-256 of their bytes: ``blobs/sha256/ab/abcd….png``.

The one door to stored pictures. Nothing leaves it unverified: the bytes of a file are hashed once for as long
as it is not touched, and where pixels are the claim they are compared with the digest that was asked for.
Equal pixels with other recipes are two files; of several, any that is whole holds the picture. A file
appears under its name only when it is complete and on the disk, and only one that lies is ever replaced.

Homes of before schema 0007 named a file by its pixels, ``blobs/ab/….png``: it is read where it lies until
:mod:`db.adoption` takes it in.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from PIL import Image

from core.digests import bytes_digest, pixel_digest
from core.errors import BlobDamaged, BlobMissing, InvalidImage, InvalidRequest
from core.recipes.recipe import png_bytes
from core.records import Recipe, StoredFile
from db.blob_files import write_whole
from db.stored_files import StoredFiles
from db.thumbnails import Thumbnails
from db.translation import disk_error
from db.verifier import MOST_REMEMBERED, Place, Verifier, decoded

T = TypeVar("T")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Blobs:
    """The folder of stored images, and of the thumbnails that are derived from them."""

    def __init__(self, folder: Path, files: StoredFiles) -> None:
        self._folder, self._files = folder, files
        self._thumbnails = Thumbnails(folder.parent / "thumbnails")
        self._verifier = Verifier()
        self._last: dict[str, Place] = {}
        """Where a picture was found whole: it is looked for there first, without asking the database."""

    def put(self, image: Image.Image, recipe: Recipe | None = None) -> StoredFile:
        """Store an image losslessly, its recipe in the file's metadata; a file that lies is replaced.

        Raises:
            StoreError: ``DiskFull`` and ``StoreReadOnly`` among them; nothing is half-written.
        """
        png = _png(image, recipe)
        file = StoredFile(file_digest=bytes_digest(png), digest=pixel_digest(image), size_bytes=len(png))
        self._files.claim(file)
        place = place_of(self._folder, file)
        if not self._verifier.is_whole(place):
            try:
                write_whole(place.path, png)
            except OSError as error:
                raise disk_error(str(self._folder), error) from error
        return file

    def open(self, digest: str, *, file_digest: str | None = None) -> Image.Image:
        """The image, decoded and proven to be the one of this digest.

        Args:
            file_digest: of a render's very file; without it any file with these pixels will do.

        Raises:
            BlobMissing: there is no such file; ``BlobDamaged``: it no longer holds the picture.
        """
        return self._first_whole(digest, file_digest, lambda png: decoded(png, digest))

    def png(self, digest: str, *, file_digest: str | None = None) -> bytes:
        """A file that holds the picture, as it was stored; arguments and errors as those of :meth:`open`."""
        return self._first_whole(digest, file_digest, lambda png: png)

    def is_there(self, digest: str) -> bool:
        """Whether a file that holds the picture is there; read once for as long as it is not touched."""
        found = next(filter(self._verifier.is_whole, self._places(digest, None)), None)
        if found is not None:
            self._found_at(found)
        return found is not None

    def path(self, digest: str, *, file_digest: str | None = None) -> Path:
        """Where the picture's file lies, to be told to people; pictures are read by :meth:`open`.

        Anything but 64 lower-case hex digits is refused.
        """
        return next(self._places(digest, file_digest)).path

    def thumbnail(self, digest: str, width: int) -> bytes:
        """A lossless WebP of at most ``width`` (16–2048) pixels across, made once and kept.

        An image that is smaller already keeps its size. A kept one that is cut or another's is made again.
        """
        return self._thumbnails.get(_checked(digest), width, lambda: self.open(digest))

    def _first_whole(self, digest: str, file_digest: str | None, use: Callable[[bytes], T]) -> T:
        lies = []
        for place in self._places(digest, file_digest):
            try:
                if (png := self._verifier.whole(place)) is None:
                    continue
                used = use(png)
            except InvalidImage as error:
                lies.append(str(error))
            else:
                if file_digest is None:
                    self._found_at(place)
                return used
        pairs = self._files.pairs_with(digest)
        remedy = f"draw it again by `sidegrade replay {digest[:16]}`, or restore the file from a backup"
        if lies:
            raise BlobDamaged(f"image {digest}: its file now holds {lies[0]} ({pairs})", remedy=remedy)
        raise BlobMissing(f"image {digest}: there is no such file ({pairs})", remedy=remedy)

    def _places(self, digest: str, file_digest: str | None) -> Iterator[Place]:
        """Where to look, in this order."""
        (by_pixels,) = paths_of(self._folder, digest, ())
        if file_digest is not None:
            file = StoredFile(file_digest=_checked(file_digest), digest=digest, size_bytes=0)
            yield place_of(self._folder, file)
            yield Place(path=by_pixels, digest=digest, file_digest=file_digest)  # about to be moved
            return
        if (last := self._last.get(digest)) is not None:
            yield last
        for file in self._files.holding(digest):
            yield place_of(self._folder, file)
        yield Place(path=by_pixels, digest=digest)
        for file in self._files.holding(digest):  # it may have been moved since the first look
            yield place_of(self._folder, file)

    def _found_at(self, place: Place) -> None:
        if len(self._last) >= MOST_REMEMBERED:
            self._last.clear()
        self._last[place.digest] = place


def place_of(folder: Path, file: StoredFile) -> Place:
    """Where a file belongs in the blob folder."""
    name = file.file_digest
    path = folder / "sha256" / name[:2] / f"{name}.png"
    return Place(path=path, digest=file.digest, file_digest=name, size_bytes=file.size_bytes or None)


def paths_of(folder: Path, digest: str, file_digests: Iterable[str]) -> Iterator[Path]:
    """Wherever a picture may lie: in one of its files, or named by its pixels as before schema 0007."""
    for name in file_digests:
        yield place_of(folder, StoredFile(file_digest=name, digest=digest, size_bytes=0)).path
    yield folder / digest[:2] / f"{_checked(digest)}.png"


def _checked(digest: str) -> str:
    if not _DIGEST.fullmatch(digest):
        raise InvalidRequest(f"digest: expected 64 hex digits, got {digest[:80]!r}")
    return digest


def _png(image: Image.Image, recipe: Recipe | None) -> bytes:
    if recipe is not None:
        return png_bytes(image, recipe)
    png = io.BytesIO()
    image.save(png, "PNG")
    return png.getvalue()
