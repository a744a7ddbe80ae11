"""One request to an own route: who asks, for what, and how typed errors become answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

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
)
from db.store import Store
from pages.routes.tokens import read_token

MAX_BODY = 256 * 1024
"""Bytes of one POST: a verdict with fifty pins is a tenth of it."""

STATUS: Mapping[type[SidegradeError], int] = {
    AccessDenied: 401,
    UnknownName: 404,
    BlobMissing: 404,
    DecisionRefused: 409,
    InvalidInput: 400,
    DiskFull: 507,
    StoreError: 503,
}
"""The first class an error is an instance of decides; anything else is 500."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What the routes need from the process they run in; each part is asked for at every request."""

    store: Callable[[], Store]
    secret: Callable[[], str]
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A request whose token was good."""

    store: Store
    reviewer: str
    role: str
    now: datetime
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Any]


Answer = Response | dict[str, Any]


def guarded(path: str, answer: Callable[[Visit], Answer], office: Office, *, method: str = "GET") -> Route:
    """A route that lets nobody in without a token and answers errors as JSON."""

    async def endpoint(request: Request) -> Response:
        try:
            body = await _body(request) if method == "POST" else {}
            found = await run_in_threadpool(lambda: answer(_visit(office, request, body)))
        except SidegradeError as error:
            return refusal(error)
        return found if isinstance(found, Response) else JSONResponse(found, headers=PRIVATE)

    return Route(path, endpoint, methods=[method])


PRIVATE = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


def refusal(error: SidegradeError) -> JSONResponse:
    """A typed error as an answer: its kind, its message, what to do."""
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
    words = {"error": type(error).__name__, "message": str(error), "remedy": error.remedy}
    return JSONResponse(words, status_code=status, headers=PRIVATE)


def _visit(office: Office, request: Request, body: Mapping[str, Any]) -> Visit:
    now = office.now()
    bearer = read_token(office.secret(), _token(request), now)
    return Visit(
        store=office.store(),
        reviewer=bearer.reviewer,
        role=bearer.role,
        now=now,
        path=request.path_params,
        query=dict(request.query_params),
        body=body,
    )


def _token(request: Request) -> str:
    """The token of the header; an ``<img>`` that cannot send one may give it as ``?t=``."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else request.query_params.get("t", "")


async def _body(request: Request) -> Mapping[str, Any]:
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MAX_BODY:
            raise InvalidRequest(f"body: expected at most {MAX_BODY} bytes, got more")
    try:
        body = json.loads(bytes(raw))
    except ValueError as error:
        raise InvalidRequest(f"body: expected JSON, got {bytes(raw[:40])!r}") from error
    if not isinstance(body, dict):
        raise InvalidRequest(f"body: expected a JSON object, got {type(body).__name__}")
    return body
