"""Whether a file of the blob folder holds what was stored: verified once for as long as it is not touched."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from PIL import Image

from core.digests import bytes_digest, pixel_digest
from core.errors import InvalidImage
from db.blob_files import Signature, read_signed, signature_of
from db.translation import disk_error

FRESH_NS = 2_000_000_000
"""A file touched so lately is verified at each reading: a second write within one tick of the disk's clock
shows in no signature."""
MOST_REMEMBERED = 50_000
"""Files that are remembered: about 20 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a picture may lie, and what a file that lies there has to hold."""

    path: Path
    digest: str
    file_digest: str | None = None
    """None: the file is named by its pixels, and those count."""
    size_bytes: int | None = None
    """As it was stored; None: not known."""


class Verifier:
    """Reads files and verifies them. Safe between threads."""

    def __init__(self) -> None:
        self._found: dict[Path, tuple[Signature, str]] = {}
        self._lock = Lock()

    def whole(self, place: Place) -> bytes | None:
        """The bytes of a file that holds what it promises; None when there is no file.

        Raises:
            InvalidImage: with what the file holds instead.
            StoreError: the disk refuses.
        """
        try:
            png, signature = read_signed(place.path)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise disk_error(str(place.path), error) from error
        lie = self._known_lie(place.path, signature)
        if lie is None:
            lie = _lie(png, place)
            self._keep(place.path, signature, lie)
        if lie:
            raise InvalidImage(lie)
        return png

    def is_whole(self, place: Place) -> bool:
        """Whether a file that holds what it promises is there; one that was verified is not read again.

        Raises:
            StoreError: the disk refuses.
        """
        try:
            lie = self._known_lie(place.path, signature_of(place.path))
            return self.whole(place) is not None if lie is None else not lie
        except (FileNotFoundError, InvalidImage):
            return False
        except OSError as error:
            raise disk_error(str(place.path), error) from error

    def _known_lie(self, path: Path, signature: Signature) -> str | None:
        """What is wrong with the file of this signature: ``""`` is nothing, None: not verified yet."""
        known = self._found.get(path)
        return known[1] if known is not None and known[0] == signature else None

    def _keep(self, path: Path, signature: Signature, lie: str) -> None:
        if time.time_ns() - max(signature.modified_ns, signature.changed_ns) < FRESH_NS:
            return
        with self._lock:
            self._found.pop(path, None)
            self._found[path] = (signature, lie)
            while len(self._found) > MOST_REMEMBERED:
                del self._found[next(iter(self._found))]


def decoded(png: bytes, digest: str) -> Image.Image:
    """The picture in a PNG file, once its pixels have this digest.

    Raises:
        InvalidImage: with what the file holds instead.
    """
    try:
        image = Image.open(io.BytesIO(png), formats=["PNG"])
        image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise InvalidImage(f"no complete PNG file: {error}") from error
    if (found := pixel_digest(image)) != digest:
        raise InvalidImage(f"pixels with digest {found}")
    return image


def _lie(png: bytes, place: Place) -> str:
    """What the file holds instead of what it promises; nothing when it keeps its promise."""
    if place.file_digest is not None and bytes_digest(png) == place.file_digest:
        return ""
    if not png:
        return "nothing: it is empty"
    try:
        decoded(png, place.digest)
    except InvalidImage as error:
        return str(error)
    return "" if place.file_digest is None else "these pixels, but other bytes than were stored"
