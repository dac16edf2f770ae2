"""The counter: a live page of what each tracker host received, and the same as JSON.

`GET /` the page (French, `?lang=en` English), `GET /events` its Server-Sent Events, `GET /received` one JSON snapshot,
`POST /reset` back to zero. It reads the ledger and never asks a tracker host anything.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import jinja2
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from temoin.demo.counter_texts import TEXTS
from temoin.demo.hosts import TRACKER_HOSTS
from temoin.demo.received import Ledger

_HERE = Path(__file__).parent


def counter_app(ledger: Ledger, trackers: Mapping[str, str], shop: str) -> Starlette:
    """`trackers` gives each host's origin by its id, `shop` the shop's origin."""
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=jinja2.StrictUndefined
    )

    async def page(request: Request) -> Response:
        language = "en" if request.query_params.get("lang") == "en" else "fr"
        html = templates.get_template("compteur.html").render(
            language=language,
            text=TEXTS[language],
            hosts=TRACKER_HOSTS,
            at=trackers,
            shop=shop,
            received=ledger.as_dict(),
        )
        return HTMLResponse(html, headers={"cache-control": "no-store"})

    async def received(_request: Request) -> Response:
        return _json(orjson.dumps(ledger.as_dict()))

    async def events(_request: Request) -> Response:
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(_stream(ledger), media_type="text/event-stream", headers=headers)

    async def reset(request: Request) -> Response:
        ledger.reset()
        language = "?lang=en" if request.query_params.get("lang") == "en" else ""
        return RedirectResponse(f"/{language}", status_code=303)

    async def style(_request: Request) -> Response:
        return FileResponse(_HERE / "static" / "compteur.css", media_type="text/css")

    async def script(_request: Request) -> Response:
        return FileResponse(_HERE / "static" / "compteur.js", media_type="text/javascript")

    return Starlette(
        routes=[
            Route("/", page),
            Route("/received", received),
            Route("/events", events),
            Route("/reset", reset, methods=["POST"]),
            Route("/compteur.css", style),
            Route("/compteur.js", script),
        ]
    )


def _json(body: bytes) -> Response:
    return Response(body, media_type="application/json", headers={"cache-control": "no-store"})


async def _stream(ledger: Ledger) -> AsyncIterator[bytes]:
    """One event a change; a comment when quiet, so that a connection that has gone is noticed."""
    async for state in ledger.changes():
        yield b": quiet\n\n" if state is None else b"data: " + orjson.dumps(state) + b"\n\n"
