"""One request to an own route: who asks, for what, and how errors become answers.

In this order: the token, the body, the database, the address, the answer. Whatever is raised on the way ends
this request and nothing else: a typed error with its status, anything unforeseen as ``InternalError`` and one
line of log.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.defects import reported
from core.errors import (
    AccessDenied,
    BlobMissing,
    DecisionRefused,
    DiskFull,
    InvalidInput,
    InvalidRequest,
    SidegradeError,
    StoreError,
    UnknownName,
    Unstorable,
)
from core.untrusted import Unfit, examine, mended, read_json
from db.store import Store
from pages.routes.tokens import TokenClaims, read_token

MAX_BODY = 256 * 1024
"""Bytes of one POST: a verdict with fifty pins is a tenth of it."""
MAX_WORD = 1_000
"""Characters of one value in an address: SQLite refuses to look for something very long."""

STATUS: Mapping[type[SidegradeError], int] = {
    AccessDenied: 401,
    UnknownName: 404,
    BlobMissing: 404,
    DecisionRefused: 409,
    InvalidInput: 400,
    DiskFull: 507,
    Unstorable: 400,
    StoreError: 503,
}
"""The first class an error is an instance of decides; anything else is 500."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppContext:
    """What the routes need from the process they run in; each part is asked for at every request."""

    store: Callable[[], Store]
    secret: Callable[[], str]
    now: Callable[[], datetime]
    """By which tokens end: the clock of this process."""
    dated: Callable[[], datetime] | None = None
    """By which records are dated: the database's clock, which all processes share; None: ``now``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestContext:
    """A request whose token was good, to a store whose database is there."""

    store: Store
    reviewer: str
    role: str
    now: datetime
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Any]


Answer = Response | dict[str, Any]


def guarded(
    path: str,
    answer: Callable[[RequestContext], Answer],
    app_context: AppContext,
    *,
    method: str = "GET",
    one_picture: bool = False,
) -> Route:
    """A route that refuses a request without a token and answers errors as JSON.

    Args:
        one_picture: the answer is the picture whose ``digest`` the address names: the token of that picture
            may also come as ``?t=``.
    """

    async def endpoint(request: Request) -> Response:
        try:
            claims = await run_in_threadpool(lambda: _claims(app_context, request, one_picture=one_picture))
            raw = await _received(request) if method == "POST" else b"{}"
            found = await run_in_threadpool(lambda: answer(_context(app_context, request, claims, raw)))
            return found if isinstance(found, Response) else JSONResponse(found, headers=PRIVATE)
        except Exception as error:
            return refusal(reported(error, f"{method} {path}"))

    return Route(path, endpoint, methods=[method])


PRIVATE = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


def refusal(error: SidegradeError) -> JSONResponse:
    """A typed error as an answer: its kind, its message, what to do."""
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
    words = {"error": type(error).__name__, "message": mended(str(error)), "remedy": mended(error.remedy)}
    return JSONResponse(words, status_code=status, headers=PRIVATE)


def _context(app_context: AppContext, request: Request, claims: TokenClaims, raw: bytes) -> RequestContext:
    store = app_context.store()
    store.require_present()
    dated = app_context.dated or app_context.now
    return RequestContext(
        store=store,
        reviewer=claims.reviewer,
        role=claims.role,
        now=dated(),
        path=_words(request.path_params),
        query=_words(request.query_params),
        body=_body(raw),
    )


def _words(address: Mapping[str, str]) -> dict[str, str]:
    """The named parts of an address, fit to be looked for."""
    words = dict(address)
    try:
        examine(words)
    except ValueError as error:
        raise InvalidRequest(f"address: {error}") from error
    for name, word in words.items():
        if name != "t" and len(word) > MAX_WORD:
            raise InvalidRequest(f"{name[:20]}: expected at most {MAX_WORD:,} characters, got {len(word):,}")
    return words


def _claims(app_context: AppContext, request: Request, *, one_picture: bool) -> TokenClaims:
    """Who asks, by the token in the header; by one in the address for the picture that it is of."""
    secret, now = app_context.secret(), app_context.now()
    if (token := _header_token(request)) or not one_picture:
        asked, claims = None, read_token(secret, token, now)
    else:
        asked = request.path_params.get("digest")
        claims = read_token(secret, request.query_params.get("t", ""), now)
    if claims.picture != asked:
        raise AccessDenied("the token is good for another address", remedy="reload the page")
    return claims


def _header_token(request: Request) -> str:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


async def _received(request: Request) -> bytes:
    raw = bytearray()
    try:
        async for chunk in request.stream():
            raw += chunk
            if len(raw) > MAX_BODY:
                raise InvalidRequest(f"body: expected at most {MAX_BODY} bytes, got more")
    except ClientDisconnect as error:
        raise InvalidRequest("body: expected all of it, but the connection ended") from error
    return bytes(raw)


def _body(raw: bytes) -> Mapping[str, Any]:
    """The object of a body; what its texts may hold is for :mod:`pages.routes.fields` to say, one by one."""
    try:
        body = read_json(raw, any_text=True)
    except Unfit as error:
        raise InvalidRequest(f"body: {error}") from error
    except ValueError as error:
        raise InvalidRequest(f"body: expected JSON, got {raw[:40]!r}") from error
    if not isinstance(body, dict):
        raise InvalidRequest(f"body: expected a JSON object, got {type(body).__name__}")
    return body
