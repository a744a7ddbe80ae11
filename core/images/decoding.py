"""Images that come from outside: opened only when they are whole, small enough and 8 bits a channel."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from core.errors import InvalidImage

MAX_PIXELS = 64_000_000
"""A larger picture is refused before a pixel is decoded."""
MAX_BYTES = 256 * 1024 * 1024
FORMATS = ("PNG", "JPEG", "WEBP")
MODES = ("RGB", "RGBA")


def open_image(source: bytes | Path) -> Image.Image:
    """The decoded picture, mode RGB or RGBA, 8 bits a channel.

    Raises:
        InvalidImage: for a file that is no PNG, JPEG or WebP, is truncated, larger than 64 megapixels, or of
            another mode (CMYK, palette, grey) or depth; the message tells what was expected and what came.
    """
    data = _bytes(source)
    image = _opened(data)
    if image.width * image.height > MAX_PIXELS:
        raise InvalidImage(
            f"expected at most {MAX_PIXELS // 1_000_000} megapixels, got {image.width}×{image.height}"
        )
    if image.mode not in MODES:
        raise InvalidImage(f"expected mode RGB or RGBA, got {image.mode}")
    if (depth := _bit_depth(image, data)) != 8:
        raise InvalidImage(f"expected 8 bits a channel, got {depth}")
    try:
        image.load()
    except Exception as error:  # a decoder fed with anything raises anything
        raise InvalidImage(f"expected a whole {image.format} file, got a damaged one ({error})") from error
    return image


def _bytes(source: bytes | Path) -> bytes:
    try:
        size = len(source) if isinstance(source, bytes) else source.stat().st_size
        if size > MAX_BYTES:
            raise InvalidImage(f"expected at most {MAX_BYTES // 2**20} MB, got {size // 2**20} MB")
        return source if isinstance(source, bytes) else source.read_bytes()
    except OSError as error:
        raise InvalidImage(f"expected a readable file ({error})") from error


def _opened(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InvalidImage(f"expected at most {MAX_PIXELS // 1_000_000} megapixels ({error})") from error
    except UnidentifiedImageError as error:
        raise InvalidImage(f"expected a PNG, JPEG or WebP image, got {_what(data)}") from error
    except Exception as error:  # a parser fed with anything raises anything
        raise InvalidImage(f"expected a whole image, got a damaged one ({error})") from error


def _what(data: bytes) -> str:
    return f"a file that begins with {data[:8]!r}" if data else "an empty file"


def _bit_depth(image: Image.Image, data: bytes) -> int:
    """Pillow opens a 16-bit RGB PNG as 8-bit RGB without a word; its header tells."""
    return data[24] if image.format == "PNG" else 8
