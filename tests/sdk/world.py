"""The servers that an SDK test runs against, on loopback: pages, a stand-in for the service, and tracker hosts.

The stand-in only speaks the HTTP of CONTRACT section 3 that the SDK needs, and can be told to be down, slow or wrong.
It keeps nothing durable and proves nothing: the journeys against the real service are in tests/browser.
One server answers for every host; the browser resolves all names to it (see conftest.py) and the Host header tells them
apart. Everything received is kept, so that tests assert on what arrived and not on what was meant to be sent.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).parents[2] / "sdk" / "dist" / "temoin.js"
PAGE_HOST = "www.boutique.test"
SERVICE_HOST = "consent.service.test"
# The same pages in a secure context, where cookieStore and service workers are.
SECURE_HOST = "boutique.localhost"
# The service under the site's own domain: it can then set the page's first-party cookie.
OWN_SERVICE_HOST = "consent.boutique.test"
TRACKER_HOST = "t.tracker.test"
ADS_HOST = "px.ads.test"

Answer = tuple[int, dict[str, str], bytes]


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it arrived; `path` with its query."""

    host: str
    method: str
    path: str
    body: bytes
    cookie: str


@dataclass(slots=True)
class Page:
    """What the page server answers at one path."""

    html: str
    headers: dict[str, str] = field(default_factory=dict)


class World:
    """The servers' state. `answer` decides how the service stand-in treats a decision; tests replace it at will."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.files: dict[str, tuple[str, bytes]] = {}
        self.config: dict[str, Any] = {}
        self.signals: list[str] = []
        self.answer: Callable[[dict[str, Any]], Answer] = self.record
        self.serving_script: Callable[[], object] = bool  # what happens before the script goes out
        self.records: dict[str, dict[str, Any]] = {}
        self.recorded_at = "2026-11-22T08:00:00.000Z"
        self.expires_at = "2099-12-22T08:00:00.000Z"
        self.received: list[Received] = []
        self._arrived = threading.Condition(threading.RLock())
        world = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                host = (self.headers.get("Host") or "").split(":", 1)[0]
                cookie = self.headers.get("Cookie") or ""
                request = Received(host, self.command, self.path, self.rfile.read(length), cookie)
                world.note(request)
                status, headers, body = world.respond(request, self.headers.get("Origin"))
                if status == 0:  # The service is down: the connection ends without an answer.
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, value in {"Cache-Control": "no-store", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_OPTIONS = _serve

            def log_message(self, format: str, *args: object) -> None:  # noqa: ARG002 - the base class names them
                return

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 - as above
                return  # A page that is left cuts its connections.

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def url(self, path: str, host: str = PAGE_HOST) -> str:
        return f"http://{host}:{self.port}{path}"

    def note(self, request: Received) -> None:
        with self._arrived:
            self.received.append(request)
            self._arrived.notify_all()

    def at(self, *hosts: str) -> list[str]:
        """`METHOD path` of everything that these hosts received, in order."""
        with self._arrived:
            return [f"{each.method} {each.path}" for each in self.received if each.host in hosts]

    def trackers(self) -> list[str]:
        """Everything that reached a tracker, in order."""
        return self.at(TRACKER_HOST, ADS_HOST)

    def wait_for(self, *paths: str, host: str = TRACKER_HOST, times: int = 1) -> None:
        """Blocks until the host has received each path `times` times; fails after 10 s."""

        def all_there() -> bool:
            seen = [each.path for each in self.received if each.host == host]
            return all(seen.count(path) >= times for path in paths)

        assert self.wait_until(all_there), f"{host} received only {self.received}"

    def wait_until(self, there: Callable[[], bool]) -> bool:
        """Whether what has been received satisfies `there` within 10 s; asked again whenever something arrives."""
        with self._arrived:
            return self._arrived.wait_for(there, timeout=10)

    def decisions(self) -> list[dict[str, Any]]:
        """The bodies of all POSTs that reached the service, repeats included."""
        posts = [each for each in self.received if each.host == SERVICE_HOST and each.method == "POST"]
        return [json.loads(each.body) for each in posts]

    def respond(self, request: Received, origin: str | None) -> Answer:
        if request.host in (PAGE_HOST, SECURE_HOST) and not request.path.startswith("/aside/"):
            return self._page(request.path.split("?", 1)[0])
        if request.host in (SERVICE_HOST, OWN_SERVICE_HOST):
            return self._service(request, origin)
        return self._tracker(request.path)

    def _page(self, path: str) -> Answer:
        if path in self.files:
            kind, body = self.files[path]
            return 200, {"Content-Type": kind}, body
        page = self.pages.get(path)
        if page is None:
            return 404, {}, b""
        html = page.html.replace("{port}", str(self.port))
        return 200, {"Content-Type": "text/html; charset=utf-8", **page.headers}, html.encode()

    def _service(self, request: Received, origin: str | None) -> Answer:
        cors = {"Access-Control-Allow-Origin": origin or "*", "Access-Control-Allow-Credentials": "true"}
        if request.method == "POST":
            status, headers, body = self.answer(json.loads(request.body))
            return status, {**cors, **headers}, body
        if request.path.endswith(".js"):
            self.serving_script()
            signals = ",".join((SCRIPT.parent / "signals" / f"{name}.js").read_text("utf-8") for name in self.signals)
            literal = f'{{"signals":[{signals}],' + json.dumps(self.config).replace("<", "\\u003c")[1:]
            script = SCRIPT.read_text("utf-8").replace("__TEMOIN_CONFIG__", literal)
            return 200, {**cors, "Content-Type": "text/javascript; charset=utf-8"}, script.encode()
        kind, body = self.files.get(request.path, ("", b""))
        return (200 if kind else 404), {**cors, "Content-Type": kind}, body

    def _tracker(self, path: str) -> Answer:
        """Any tracker: what a script does tells itself, so that the page can see the order in which scripts ran."""
        allow = {"Access-Control-Allow-Origin": "*"}
        if ".js" in path:
            script = f"(self.ran = self.ran || []).push({path.split('?')[0]!r});"
            return 200, {**allow, "Content-Type": "text/javascript"}, script.encode()
        if path.startswith("/frame"):
            return 200, {"Content-Type": "text/html"}, b"<p>frame</p>"
        return 200, {**allow, "Content-Type": "text/plain"}, b"ok"

    def record(self, decision: dict[str, Any]) -> Answer:
        """The service as it should be: 201 with a receipt, 200 with the same one for a repeat."""
        known = decision["id"] in self.records
        keys = ("id", "subject", "config", "choices")
        receipt = self.records.setdefault(
            decision["id"],
            {key: decision[key] for key in keys}
            | {"site": "boutique", "commitment": "ab" * 32}
            | {"recorded_at": self.recorded_at, "expires_at": self.expires_at},
        )
        return (200 if known else 201), {"Content-Type": "application/json"}, json.dumps(receipt).encode()
