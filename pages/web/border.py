"""The border of the app: what no page and no route has to think of, for Streamlit's addresses and our own.

A request to a name that is not this app's, or from a page that is not, is refused before anything is read;
every answer carries the headers of :mod:`pages.web.headers`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.web.headers import headers_for
from pages.web.hosts import Host, host_of, is_same_origin, is_trusted

READS = {"GET", "HEAD", "OPTIONS"}
"""Methods that change nothing, and which other pages may therefore use: they cannot read the answer."""
SHUT = ("/_stcore/metrics", "/_stcore/agent")
"""Addresses of Streamlit, under any root, that tell of others' sessions or are a second entrance."""
PRIVATE = "/api/"
"""Answers under it belong to who asked: no cache may give them to anybody else."""
OPEN = "/api/ui/"
"""Scripts and styles, the same for everybody."""
REFUSED = 1008
"""Close code of a websocket that breaks a rule (RFC 6455, 7.4.1)."""


class Border:
    """An ASGI application around another one.

    Args:
        listed: the names, beside numbers and ``localhost``, under which the app answers.
    """

    def __init__(self, app: ASGIApp, listed: Callable[[], Collection[str]]) -> None:
        self._app, self._listed = app, listed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on and add the headers."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        objection = self._objection(scope)
        if scope["type"] == "websocket":
            if objection is None:
                await self._app(scope, receive, send)
            else:
                await receive()
                await send({"type": "websocket.close", "code": REFUSED, "reason": objection})
            return
        answer = self._app if objection is None else PlainTextResponse(objection, status_code=403)
        await answer(scope, receive, _with_headers(send, scope["path"]))

    def _objection(self, scope: Scope) -> str | None:
        """Why a request is refused; None when it is not."""
        headers = Headers(scope=scope)
        host = host_of(headers.get("host", ""))
        if host is None or not is_trusted(host, self._listed()):
            return "This app has another name: an administrator lists its names in SIDEGRADE_HOSTS."
        if any(shut in scope["path"] for shut in SHUT):
            return "This address is closed."
        changes = scope["type"] == "websocket" or scope["method"] not in READS
        return "Another site's page asked for this." if changes and not _is_ours(headers, host) else None


def _is_ours(headers: Headers, host: Host) -> bool:
    """Whether the page that asks is the app's own; programs that are no browser name no page."""
    origin = headers.get("origin")
    if origin is not None:
        return is_same_origin(origin, host)
    return headers.get("sec-fetch-site", "none") in ("none", "same-origin")


def _with_headers(send: Send, path: str) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in headers_for(path).items():
                headers.setdefault(name, value)
            kept = "immutable" in headers.get("cache-control", "")  # by this browser, whatever its token
            if PRIVATE in path and OPEN not in path and not kept:
                headers.add_vary_header("Authorization, Cookie")
        await send(message)

    return sent
