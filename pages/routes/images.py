"""Renders by the digest of their pixels, thumbnails of them, and the picture of what differs between two.

A digest names its pixels for ever, so answers are immutable and a browser asks once. The stored compressed
pixels leave as they are; the texts inside the PNG stay behind, because they name the model and reviewers are
blind.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from starlette.responses import Response
from starlette.routing import Route

from core.errors import BlobMissing, InvalidImage
from core.images.differences import Differences
from core.recipes.recipe import MAX_SIDE
from db.store import Store
from pages.routes import fields
from pages.routes.context import AppContext, RequestContext, guarded
from services.review.pictures import keep_missing

IMMUTABLE = {
    "cache-control": "private, max-age=31536000, immutable",
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "content-disposition": "inline; filename=render.png",
}
THUMBNAIL_WIDTHS = (160, 320)
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_TEXTS = {b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME"}


def routes(app_context: AppContext) -> list[Route]:
    """``/api/img/…``, ``/api/thumb/…`` and ``/api/difference/…/…``."""
    return [
        guarded("/api/img/{digest}", render, app_context, one_picture=True),
        guarded("/api/thumb/{digest}", thumbnail, app_context),
        guarded("/api/difference/{first}/{second}", difference, app_context),
    ]


def render(context: RequestContext) -> Response:
    """The stored PNG without its texts."""
    with _missing_is_kept(context, "digest"):
        png = without_texts(context.store.blobs.png(context.path["digest"]))
    return Response(png, media_type="image/png", headers=IMMUTABLE)


def thumbnail(context: RequestContext) -> Response:
    """A small lossless picture for the gallery; ``?w=`` is the least width wanted."""
    wanted = fields.number(context.query, "w", default=THUMBNAIL_WIDTHS[-1], most=MAX_SIDE)
    width = next((width for width in THUMBNAIL_WIDTHS if wanted <= width), THUMBNAIL_WIDTHS[-1])
    with _missing_is_kept(context, "digest"):
        webp = context.store.blobs.thumbnail(context.path["digest"], width)
    return Response(webp, media_type="image/webp", headers={**IMMUTABLE, "content-disposition": "inline"})


def difference(context: RequestContext) -> Response:
    """The picture of what differs between two renders."""
    with _missing_is_kept(context, "first", "second"):
        png = found_between(context.store, context.path["first"], context.path["second"]).png()
    return Response(png, media_type="image/png", headers=IMMUTABLE)


@contextmanager
def _missing_is_kept(context: RequestContext, *names: str) -> Iterator[None]:
    """The pairs of a picture that is found missing here leave the queue for everyone."""
    try:
        yield
    except BlobMissing as error:
        digests = [context.path[name] for name in names]
        raise keep_missing(context.store, digests, error, context.now) from error.__cause__


@lru_cache(maxsize=4)
def found_between(store: Store, first: str, second: str) -> Differences:
    """The differences of two stored renders; kept, as the picture and its numbers are asked for in turn."""
    return Differences(store.blobs.open(first), store.blobs.open(second))


def without_texts(png: bytes) -> bytes:
    """The same PNG without texts, times and camera data; every other chunk is kept byte for byte.

    Raises:
        InvalidImage: for bytes that are not a whole PNG.
    """
    return _SIGNATURE + b"".join(chunk for name, chunk in _chunks(png) if name not in _TEXTS)


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    if not png.startswith(_SIGNATURE):
        raise InvalidImage(f"expected a PNG file, got one that begins with {png[:8]!r}")
    at = len(_SIGNATURE)
    while at < len(png):
        if at + 12 > len(png):
            raise InvalidImage("expected a whole PNG file, got a truncated one")
        (length,) = struct.unpack_from(">I", png, at)
        end, name = at + 12 + length, png[at + 4 : at + 8]
        if end > len(png):
            raise InvalidImage(f"expected a whole PNG file, got one that ends in its {name!r}")
        yield name, png[at:end]
        if name == b"IEND":
            return
        at = end
    raise InvalidImage("expected a whole PNG file, got one without its end")
