"""Whether this process can serve, and a write would work: for load balancers and whoever watches the app."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from core.defects import reported
from pages.routes.context import PRIVATE, AppContext, refusal


def routes(app_context: AppContext) -> list[Route]:
    """``/api/health``."""

    async def health(request: Request) -> JSONResponse:
        try:
            await run_in_threadpool(lambda: app_context.store().try_write())
        except Exception as error:
            return refusal(reported(error, "GET /api/health"))
        return JSONResponse({"status": "ok"}, headers=PRIVATE)

    return [Route("/api/health", health)]
