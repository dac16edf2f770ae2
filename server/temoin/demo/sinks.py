"""A tracker host: one Starlette app that counts every request that reaches it, preflights too, then answers it.

The request is counted before it is answered, so whoever saw an answer finds the request in the ledger. Anything may
come from any origin, with credentials, as at the makers' hosts.
"""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from temoin.demo.answers import ANSWERS
from temoin.demo.received import Ledger

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_LARGEST_BODY = 8 * 1024 * 1024


def sink_app(host_id: str, ledger: Ledger) -> Starlette:
    """The app of one of TRACKER_HOSTS."""

    async def receive(request: Request) -> Response:
        size = await _body_size(request)
        query = tuple(dict.fromkeys(request.query_params))
        ledger.record(host_id, request.method, request.url.path, query, size, "cookie" in request.headers)
        if size > _LARGEST_BODY:
            return _open_to_all(request, Response(status_code=413))
        if request.method == "OPTIONS":
            return _open_to_all(request, Response(status_code=204))
        return _open_to_all(request, ANSWERS[host_id](request.url.path))

    return Starlette(routes=[Route("/{path:path}", receive, methods=_METHODS)])


async def _body_size(request: Request) -> int:
    """Bytes of the body, read and dropped; stops reading once it is too large."""
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > _LARGEST_BODY:
            break
    return size


def _open_to_all(request: Request, response: Response) -> Response:
    headers = response.headers
    headers["access-control-allow-origin"] = request.headers.get("origin", "*")
    headers["access-control-allow-credentials"] = "true"
    headers["access-control-allow-methods"] = ", ".join(_METHODS)
    headers["access-control-allow-headers"] = request.headers.get("access-control-request-headers", "content-type")
    headers["vary"] = "Origin"
    # Each page view is to show in the counter, so nothing is answered from the browser's cache.
    headers["cache-control"] = "no-store"
    return response
