"""The viewer's own modules and style sheet, as they lie in the source tree: no bundler, no build step.

Their address holds a digest of all of them, so that a browser keeps them for ever and a new version of the
app is a new address. They hold no data, so no token is asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

COMPONENTS = Path(__file__).resolve().parent.parent / "components"
FOLDERS = (COMPONENTS / "viewer" / "assets", COMPONENTS / "juxtapose")
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@cache
def files() -> Mapping[str, bytes]:
    """Every asset by name, read once."""
    found = (path for folder in FOLDERS for path in sorted(folder.iterdir()))
    return {path.name: path.read_bytes() for path in found if path.suffix in TYPES}


@cache
def version() -> str:
    """A digest of all assets together."""
    whole = hashlib.sha256()
    for name, content in files().items():
        whole.update(f"{name}:{len(content)}:".encode() + content)
    return whole.hexdigest()[:16]


def routes() -> list[Route]:
    """``/api/ui/<version>/<file>``."""
    return [Route("/api/ui/{version}/{name}", asset)]


def asset(request: Request) -> Response:
    """One asset; an older page gets the present file, but may not keep it under the old address."""
    name = request.path_params["name"]
    content = files().get(name)
    if content is None:
        return PlainTextResponse("not found", status_code=404)
    current = request.path_params["version"] == version()
    keep = "public, max-age=31536000, immutable" if current else "no-store"
    headers = {"cache-control": keep, "x-content-type-options": "nosniff"}
    return Response(content, media_type=TYPES[Path(name).suffix], headers=headers)
