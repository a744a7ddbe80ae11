"""Pictures from outside are opened only when they are what they claim."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.digests import pixel_digest
from core.errors import InvalidImage
from core.images.decoding import open_image


def _bytes(image: Image.Image, kind: str = "PNG") -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind)
    return stream.getvalue()


def _png(width: int, height: int, *, depth: int = 8, colour: int = 2, rows: bytes = b"") -> bytes:
    """A PNG by hand, for headers that Pillow would not write."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_png_opens_with_mode_and_pixels_kept(mode: str, tmp_path: Path) -> None:
    image = Image.fromarray(np.random.default_rng(1).integers(0, 256, (9, 7, len(mode)), np.uint8), mode)
    (tmp_path / "a.png").write_bytes(_bytes(image))
    assert pixel_digest(open_image(_bytes(image))) == pixel_digest(image)
    assert pixel_digest(open_image(tmp_path / "a.png")) == pixel_digest(image)


def test_jpeg_and_webp_open_too() -> None:
    image = Image.new("RGB", (8, 8), "red")
    assert open_image(_bytes(image, "JPEG")).size == (8, 8)
    assert open_image(_bytes(image, "WEBP")).size == (8, 8)


@pytest.mark.parametrize(("width", "height"), [(9_000, 9_000), (100_000, 100_000)])
def test_a_bomb_is_refused_before_it_is_decoded(width: int, height: int) -> None:
    with pytest.raises(InvalidImage, match="at most 64 megapixels"):
        open_image(_png(width, height))


def test_a_truncated_file_is_refused() -> None:
    whole = _bytes(Image.effect_noise((64, 64), 80).convert("RGB"))
    for length in (len(whole) // 2, 60, 20):
        with pytest.raises(InvalidImage, match=r"expected a (whole|PNG)"):
            open_image(whole[:length])


@pytest.mark.parametrize(("mode", "kind"), [("CMYK", "JPEG"), ("P", "PNG"), ("L", "PNG"), ("LA", "PNG")])
def test_another_mode_is_refused_by_its_name(mode: str, kind: str) -> None:
    with pytest.raises(InvalidImage, match=f"expected mode RGB or RGBA, got {mode}"):
        open_image(_bytes(Image.new(mode, (8, 8)), kind))


def test_sixteen_bits_a_channel_are_refused_even_where_pillow_would_cut_them() -> None:
    rows = (b"\x00" + b"\x12\x34" * 3 * 4) * 4
    with pytest.raises(InvalidImage, match="expected 8 bits a channel, got 16"):
        open_image(_png(4, 4, depth=16, rows=rows))
    with pytest.raises(InvalidImage):
        open_image(_bytes(Image.new("I;16", (8, 8))))


@pytest.mark.parametrize("data", [b"", b"hello", b"%PDF-1.7", b"GIF89a" + bytes(20), b"\x80\x04\x95pickle"])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidImage, match="expected a PNG, JPEG or WebP image, got"):
        open_image(data)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidImage, match="expected a readable file"):
        open_image(tmp_path / "none.png")


def test_64_megapixels_are_the_most() -> None:
    for width, height in ((64_000_000, 1), (8_000, 8_000)):
        with pytest.raises(InvalidImage, match="expected a whole PNG file, got a damaged one"):
            open_image(_png(width, height))
    with pytest.raises(InvalidImage, match="expected at most 64 megapixels, got 64000001×1"):
        open_image(_png(64_000_001, 1))


class Long(bytes):
    """Bytes that say they are more."""

    length: int

    def __len__(self) -> int:
        return self.length


def test_256_megabytes_are_the_most_and_more_are_not_read(tmp_path: Path) -> None:
    long = Long(b"hello")
    long.length = 256 * 2**20
    with pytest.raises(InvalidImage, match="expected a PNG, JPEG or WebP image"):
        open_image(long)
    long.length += 1
    with pytest.raises(InvalidImage, match="expected at most 256 MB, got 256 MB"):
        open_image(long)
    with (tmp_path / "long.png").open("wb") as file:
        file.truncate(300 * 2**20)
    with pytest.raises(InvalidImage, match="expected at most 256 MB, got 300 MB"):
        open_image(tmp_path / "long.png")


def test_what_came_instead_of_a_picture_is_told_by_its_first_eight_bytes() -> None:
    with pytest.raises(InvalidImage, match=r"WebP image, got a file that begins with b'hello wo'$"):
        open_image(b"hello world")
    with pytest.raises(InvalidImage, match=r"WebP image, got an empty file$"):
        open_image(b"")
