"""What an edit may take in: an upscaler fed with unnormalised pictures gives noise, so they are refused."""

from __future__ import annotations

import io

from PIL import Image, ImageCms

from core.errors import InvalidImage
from core.records import Size

ORIENTATION = 0x0112
"""The EXIF tag that says how a camera was held."""


def validated_input(image: Image.Image, *, size: Size | None = None, multiple: int = 8) -> Image.Image:
    """An input picture as an edit may take it: RGB or RGBA, upright, sRGB, of an acceptable size.

    Nothing is converted on the way: silently turning or converting a picture hides where the fault lies.

    Raises:
        InvalidImage: with what was expected, what came, and what to do.
    """
    if image.mode not in ("RGB", "RGBA"):
        raise InvalidImage(
            f"expected mode RGB or RGBA, got {image.mode}", remedy="convert it before the edit"
        )
    orientation = image.getexif().get(ORIENTATION, 1)
    if orientation != 1:
        raise InvalidImage(
            f"expected an upright picture, got EXIF orientation {orientation}",
            remedy="turn the pixels and drop the tag (PIL.ImageOps.exif_transpose)",
        )
    if (profile := _profile_name(image)) and not profile.lower().startswith("srgb"):
        raise InvalidImage(f"expected sRGB, got the colour profile {profile!r}", remedy="convert it to sRGB")
    if size is not None and image.size != size:
        raise InvalidImage(f"expected size {size}, got {Size(*image.size)}")
    if image.width % multiple or image.height % multiple or 0 in image.size:
        raise InvalidImage(f"expected sides in multiples of {multiple}, got {Size(*image.size)}")
    return image


def _profile_name(image: Image.Image) -> str | None:
    """The description inside an embedded ICC profile; None where there is none."""
    profile = image.info.get("icc_profile")
    if not profile:
        return None
    try:
        return ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile))).strip()
    except (ImageCms.PyCMSError, OSError) as error:
        raise InvalidImage(
            f"expected a readable colour profile ({error})", remedy="drop the profile"
        ) from error
