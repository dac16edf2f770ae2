"""What one connection may take of the service: time to say what it wants, and room to say it in.

uvicorn waits for a request for as long as its sender likes, and keeps every header that comes. Here a request is whole
within TIMEOUT_SECONDS of its first byte, a new connection says something within the same time, and its head is at most
MOST_HEAD_BYTES in MOST_HEADERS lines. Who does not keep to that gets 408 or 431 in the one shape of errors, and the
connection ends (RFC 9110, 15.5.9; RFC 6585, 5). How much of a body is taken is for each route to say.

On the way of an ordinary request, which comes in one piece, this costs a few comparisons.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

import orjson
from uvicorn.protocols.http import httptools_impl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from temoin.answering import WholeCycle, leaving
from temoin.errors import HeadTooLarge, Malformed, RequestTimeout, TemoinError

TIMEOUT_SECONDS = 10.0
MOST_HEAD_BYTES = 32 << 10
MOST_HEADERS = 100
_LOOK_SECONDS = 2.5

httptools_impl.RequestResponseCycle = WholeCycle  # type: ignore[misc]  # uvicorn has no way to be told


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1 over httptools, with those bounds."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._heads = 0  # complete ones so far
        self._head_bytes = 0  # of the one under way
        self._carried = 0  # how long the piece was that the last request ended in: the next one may have begun there
        self._refusal: TemoinError | None = None
        self._looks = self._heads_seen = 0
        self._look: asyncio.TimerHandle | None = None
        self._leaving = leaving(self.loop)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self._look = self.loop.call_later(_LOOK_SECONDS, self._look_again)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._look is not None:
            self._look.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        in_body = self._in_body()
        self._head_bytes += len(data)
        super().data_received(data)
        if in_body or not self._head_bytes:
            self._carried = len(data)
            self._head_bytes = 0
        elif self._head_bytes > MOST_HEAD_BYTES:
            self._refuse(_head_too_large())

    def on_headers_complete(self) -> None:
        """What is raised here ends the parsing, and comes back as `send_400_response`."""
        if len(self.headers) > MOST_HEADERS or (
            self._head_bytes + self._carried > MOST_HEAD_BYTES and self._size() > MOST_HEAD_BYTES
        ):
            self._refusal = _head_too_large()
            raise ValueError(self._refusal.message)
        self._heads += 1
        self._head_bytes = 0
        super().on_headers_complete()
        self.cycle.leaving = self._leaving  # type: ignore[attr-defined]  # a WholeCycle

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # uvicorn's words
        self._refuse(
            self._refusal or Malformed("bad_request", "This is no HTTP request.", "Use HTTP/1.1, as RFC 9112 has it.")
        )

    def eof_received(self) -> None:
        self._leave()
        super().eof_received()

    def shutdown(self) -> None:
        self._leave()
        super().shutdown()

    def _leave(self) -> None:
        """Before the connection ends: an answer that waits for the event loop to come round does not get lost."""
        if isinstance(self.cycle, WholeCycle):
            self.cycle.leave()

    def _in_body(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and cycle.more_body

    def _size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def _look_again(self) -> None:
        """One timer a connection, not one a request: it counts for how many looks the same request was not whole."""
        cycle: RequestResponseCycle | None = self.cycle
        waiting = cycle is None or cycle.more_body or self._head_bytes > 0
        same = self._heads == self._heads_seen
        self._heads_seen = self._heads
        self._looks = 0 if not waiting else self._looks + 1 if same else 1
        if self._looks * _LOOK_SECONDS > TIMEOUT_SECONDS:
            self._refuse(
                RequestTimeout(
                    "request_timeout",
                    f"The request was not whole within {TIMEOUT_SECONDS:g} seconds.",
                    "Send it in one go.",
                )
            )
        elif not self.transport.is_closing():
            self._look = self.loop.call_later(_LOOK_SECONDS, self._look_again)

    def _refuse(self, error: TemoinError) -> None:
        """Says so where no answer is under way, and ends the connection."""
        if self.transport.is_closing():
            return
        self._leave()
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None or cycle.response_complete or (cycle.more_body and not cycle.response_started):
            self.transport.write(_answer(error))
        self.transport.close()


def _head_too_large() -> HeadTooLarge:
    return HeadTooLarge(
        "head_too_large",
        f"The head of the request is over {MOST_HEAD_BYTES} bytes or {MOST_HEADERS} lines.",
        "Send fewer and shorter headers.",
    )


def _answer(error: TemoinError) -> bytes:
    body = orjson.dumps(error.as_dict())
    head = (
        f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}\r\ncontent-type: application/json\r\n"
        f"cache-control: no-store\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body
