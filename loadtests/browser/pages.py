"""A loopback server of the measured pages: every file kept in memory, brotli 11 ready, cached for five minutes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import brotli

_TYPES = {"js": "text/javascript", "css": "text/css", "html": "text/html"}
_WORDS = (
    "The workshop turns, planes and oils every piece by hand, from wood that grew within an hour's walk of it. "
    "Orders leave on Tuesdays and Fridays, and what comes back is mended rather than thrown away. "
)


def page(head: str) -> str:
    """A small page of text; what is measured on it stands first in its head."""
    paragraphs = f"<p>{_WORDS * 2}</p>" * 8
    return (
        f'<!doctype html><html lang="en"><head>{head}<meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>The workshop</title>'
        '<link rel="icon" href="data:,"><style>body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto}</style>'
        f"</head><body><main><h1>The workshop</h1>{paragraphs}</main></body></html>"
    )


class Pages:
    """Files by path; a folder's page is its `index.html`, asked for as `/name/`."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[str, bytes]] = {}
        self.port = 0

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def put(self, path: str, content: bytes) -> None:
        self._files[path] = (_TYPES[path.rsplit(".", 1)[-1]], brotli.compress(content, quality=11))

    def file(self, path: str) -> tuple[str, bytes] | None:
        return self._files.get(path + "index.html" if path.endswith("/") else path)

    @contextmanager
    def served(self) -> Iterator[Pages]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"pages": self}))
        self.port = server.server_port
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # one write for head and body
    pages: Pages

    def do_GET(self) -> None:
        found = self.pages.file(self.path.partition("?")[0])
        kind, body = found or ("text/html", brotli.compress(b"Not found"))
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Encoding", "br")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-cache" if kind == "text/html" else "max-age=300")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass
