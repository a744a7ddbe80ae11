"""Identity by content: tagged SHA-256 digests of canonical JSON and of decoded pixels."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image


def canonical_json(value: object) -> str:
    """The one JSON text of a value: sorted keys, no spaces, no NaN; dataclasses become objects.

    Raises:
        TypeError: for a value that has no canonical form.
        ValueError: for NaN and infinities, which JSON cannot carry.
    """
    return json.dumps(
        _plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def content_digest(tag: str, value: object) -> str:
    """``<tag>_<32 hex digits>`` of the canonical JSON; the tag is hashed too, so kinds never collide."""
    return f"{tag}_{hashlib.sha256(f'{tag}:{canonical_json(value)}'.encode()).hexdigest()[:32]}"


def bytes_digest(content: bytes) -> str:
    """SHA-256 (64 hex digits) of bytes as they are, such as those of a file."""
    return hashlib.sha256(content).hexdigest()


def pixel_digest(image: Image.Image) -> str:
    """SHA-256 (64 hex digits) of the decoded pixels, the mode and the size; alpha included.

    Two files with the same pixels have the same digest however they were compressed.
    """
    header = f"{image.mode}:{image.width}x{image.height}:".encode()
    return hashlib.sha256(header + image.tobytes()).hexdigest()


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    raise TypeError(f"no canonical JSON for {type(value).__name__}: {value!r}")
