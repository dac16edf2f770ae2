"""The application: holds THE route table over the objects of `service.py`.

Visitors' addresses are matched here and answered by plain ASGI handlers without middleware; everything else goes to a
Starlette application. Any error that nobody foresaw leaves as a 500 in the one JSON shape, and is logged without the
request's content.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Awaitable
from contextlib import suppress
from time import perf_counter

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from temoin.admin.annotations import Annotations
from temoin.admin.api.routes import PREFIX, api_routes
from temoin.admin.erasing import Erasures
from temoin.admin.pages.ask import Admin
from temoin.admin.routes import admin_routes
from temoin.analytics.numbers import Numbers
from temoin.clock import SystemClock
from temoin.errors import MethodNotAllowed, NotFound, TemoinError
from temoin.http import ClientGone, send_error
from temoin.openapi import description
from temoin.proof.exports import Exports
from temoin.service import Service
from temoin.settings import Settings, load_settings

log = logging.getLogger(__name__)


class App:
    """The ASGI application."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._pages = _pages(service)
        self._took = service.metrics.took

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        if scope["type"] != "http":
            return
        began = perf_counter()
        try:
            await self._route(scope, receive, send)
        except ClientGone:
            pass
        except Exception:
            log.exception("unforeseen error at %s", _shape(scope["path"]))
            with suppress(RuntimeError):  # the server's refusal of a second answer, where the first had begun
                await send_error(send, _unforeseen())
        self._took(scope["path"], perf_counter() - began)

    def _route(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:  # noqa: C901  # a table
        """THE route table of the public planes; the rest is in `_pages`."""
        service = self._service
        match scope["path"].split("/"):
            case ["", "s", name] if name.endswith(".js"):
                return service.delivery.script(scope, receive, send, name[:-3])
            case ["", "s", site, name]:
                return service.delivery.file(scope, receive, send, site, name)
            case ["", "v1", "sites", site, "consents"]:
                return service.consent.consents(scope, receive, send, site)
            case ["", "v1", "sites", site, "hits"]:
                return service.analytics.hits(scope, receive, send, site)
            case ["", "v1", "sites", site, "subjects", subject]:
                return service.consent.subjects(scope, receive, send, site, subject)
            case ["", "v1", "sites", site, "subjects", subject, "receipt"]:
                return service.consent.receipt(scope, receive, send, site, subject)
            case ["", "v1", "sites", site, "consents", entry, "proof"]:
                return service.proof.proof(scope, receive, send, site, entry)
            case ["", "v1", "sites", site, "config", version]:
                return service.consent.config(scope, receive, send, site, version)
            case ["", "log", site, "checkpoint"]:
                return service.proof.checkpoint(scope, receive, send, site)
            case ["", "log", site, "tile", *rest]:
                return service.proof.tile(scope, receive, send, site, "/".join(["tile", *rest]))
            case _:
                return self._pages(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self._service.start()
        except TemoinError as error:
            await send({"type": "lifespan.startup.failed", "message": f"{error.message} {error.hint}"})
            return
        # What is loaded by now stays: a full collection that looks at all of it again keeps everybody waiting 40 ms.
        gc.collect()
        gc.freeze()
        # With a hundred requests under way thousands of young objects are alive: looking every 700 finds no garbage.
        gc.set_threshold(20_000, 20, 20)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._service.stop()
        await send({"type": "lifespan.shutdown.complete"})


def create_app(settings: Settings | None = None) -> ASGIApp:
    """The application from settings; uvicorn's workers call it without, and the environment decides."""
    service = Service(settings or load_settings(), SystemClock())
    app = App(service)
    return service.tracing.app(app) if service.tracing else app


def _pages(service: Service) -> ASGIApp:
    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_: Request) -> Response:
        await service.store.ready()
        return JSONResponse({"status": "ready"})

    async def metrics(_: Request) -> Response:
        return Response(
            service.metrics.text(await service.store.log.unsealed(), service.sealer.behind()),
            media_type="text/plain; version=0.0.4; charset=utf-8",
        )

    async def openapi(_: Request) -> Response:
        return JSONResponse(description(service.settings.service_url))

    administration = _administration(service)
    return Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", metrics),
            Route("/openapi.json", openapi),
            Mount(PREFIX, routes=api_routes(administration)),
            Mount("/admin", routes=admin_routes(administration)),
        ],
        exception_handlers={HTTPException: _http_error, TemoinError: _temoin_error},
    )


def _administration(service: Service) -> Admin:
    clock = service.clock
    store, settings, journal = service.store, service.settings, service.people.journal
    exports = Exports(store.log, store.exports, clock, settings.chromium)
    return Admin(
        sites=store.sites,
        log=store.log,
        entries=store.log,
        people=service.people,
        numbers=Numbers(store.audience, clock),
        overrides=service.overrides,
        schedule=service.schedule,
        annotations=Annotations(store.keyed, journal, clock),
        exporting=service.exporting,
        erasures=Erasures(store.keyed, store.erasure, store.log, exports, journal, clock),
        sign_on=service.sign_on,
        base=settings.service_url,
        chromium=settings.chromium,
        clock=clock,
    )


async def _http_error(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 405 and isinstance(error, HTTPException):
        allow = (error.headers or {}).get("Allow", "GET")
        return JSONResponse(MethodNotAllowed(allow).as_dict(), status, {"Allow": allow})
    if status == 404:
        missing = NotFound(
            "unknown_address", "There is nothing at this address.", "See /openapi.json for what there is."
        )
        return JSONResponse(missing.as_dict(), status)
    plain = TemoinError("request_failed", f"The request failed with status {status}.", "See /openapi.json.")
    return JSONResponse(plain.as_dict(), status)


async def _temoin_error(_: Request, error: Exception) -> Response:
    if not isinstance(error, TemoinError):
        raise error
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after is not None else {}
    return JSONResponse(error.as_dict(), error.status, headers)


def _unforeseen() -> TemoinError:
    return TemoinError(
        "internal_error",
        "The service failed in a way that it did not foresee; nothing was acknowledged.",
        "Repeat the request with the same id; if it stays so, the operator finds the reason in the service's log.",
    )


def _shape(path: str) -> str:
    """A path without what could name a visitor: ids of subjects and records are secrets of their holders."""
    return "/".join(part if len(part) < 20 else "…" for part in path.split("/"))
