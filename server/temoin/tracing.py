"""OpenTelemetry traces, where an operator wants them (`TEMOIN_TRACE_URL`, `pip install 'temoin[otel]'`).

A span for each request, below it one while a decision becomes durable, and one for each step of the sealer. Spans are
named by the route, with its method and status, and hold nothing else: no address, no id, no query, no user agent.
Nothing of a visitor's headers is taken up or passed on. Without the setting none of this is loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from temoin import __version__
from temoin.errors import Unavailable
from temoin.proof.append import Appended, Appender, Draft
from temoin.proof.ports import Seal, SealStore
from temoin.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Tracer

# Parts of addresses that say which route it is; anything else stands for one of many.
_NAMED = frozenset(
    {"", "s", "v1", "sites", "consents", "hits", "subjects", "receipt", "config", "proof", "log", "checkpoint", "tile"}
    | {"healthz", "readyz", "metrics", "openapi.json"}
)


class Tracing:
    """Wraps what is traced. `close` sends what is left."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("temoin", __version__)

    def app(self, app: ASGIApp) -> ASGIApp:
        return _TracedApp(app, self._tracer)

    def appender(self, appender: Appender) -> Appender:
        return _TracedAppender(appender, self._tracer)

    def seals(self, store: SealStore) -> SealStore:
        return cast(SealStore, _TracedSeals(store, self._tracer))

    def close(self) -> None:
        self._provider.shutdown()


def open_tracing(settings: Settings) -> Tracing | None:
    """None where nobody wants traces; raises Unavailable where the libraries are not installed."""
    if not settings.trace_url:
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise Unavailable(
            "no_otel", "Traces need OpenTelemetry, which is not installed.", "Install it: pip install 'temoin[otel]'."
        ) from error
    provider = TracerProvider(resource=Resource({"service.name": "temoin", "service.version": __version__}))
    exporter = OTLPSpanExporter(endpoint=f"{settings.trace_url.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return Tracing(provider)


class _TracedApp:
    def __init__(self, app: ASGIApp, tracer: Tracer) -> None:
        self._app = app
        self._tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        route = route_of(scope["path"])
        with self._tracer.start_as_current_span(f"{scope['method']} {route}") as span:
            span.set_attribute("http.request.method", scope["method"])
            span.set_attribute("http.route", route)

            async def noting(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                await send(message)

            await self._app(scope, receive, noting)


class _TracedAppender:
    def __init__(self, appender: Appender, tracer: Tracer) -> None:
        self._appender = appender
        self._tracer = tracer

    async def append(self, draft: Draft) -> Appended:
        """Until the entry is durable: waiting for the commit before, and the commit."""
        with self._tracer.start_as_current_span("append"):
            return await self._appender.append(draft)


class _TracedSeals:
    """The store, but for its `seal`."""

    def __init__(self, store: SealStore, tracer: Tracer) -> None:
        self._store = store
        self._tracer = tracer

    async def seal(self, step: Seal, fence: int) -> bool:
        with self._tracer.start_as_current_span("seal") as span:
            span.set_attribute("temoin.entries", step.new_size - step.old_size)
            return await self._store.seal(step, fence)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def route_of(path: str) -> str:
    """A path with `{}` for whatever names a site, a subject or a record; the admin's pages are all one."""
    parts = path.split("/")
    if parts[1:2] in (["admin"], ["api"]):
        return f"/{parts[1]}"
    known = "/".join(part if part in _NAMED else "{}" for part in parts[:8])
    return known if len(parts) < 9 and parts[1] in _NAMED else "/{}"
