"""Asking a server that is not ours: one request, bounded in time and in bytes, in a thread of its own.

Whatever the other side does (refuses, never answers, answers byte by byte, redirects, floods), the caller has an answer
or an Unreachable within `seconds`, and no thread of anybody else was taken.
"""

from __future__ import annotations

import asyncio
import http.client
import socket
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from temoin import __version__

SECONDS = 10.0
_MOST_BYTES = 256 << 10
_THREADS = 8


class Unreachable(Exception):
    """No usable answer; the words say from whom and why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer of any status; redirects are not followed."""

    status: int
    body: bytes


class Outside:
    """Sends requests from a few threads of its own. `seconds` bounds each one, from connecting to the last byte."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="temoin-outside")

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Raises Unreachable."""
        return await self._ask("POST", url, body, headers)

    async def get(self, url: str) -> Answer:
        """Raises Unreachable."""
        return await self._ask("GET", url, None, {})

    async def _ask(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        exchange = _Exchange(method, url, body, {"User-Agent": f"temoin/{__version__}", **headers}, self._seconds)
        future = asyncio.get_running_loop().run_in_executor(self._threads, exchange.run)
        try:
            return await asyncio.wait_for(asyncio.shield(future), self._seconds)
        except TimeoutError as error:
            raise Unreachable(f"{url} did not answer in {self._seconds:g} s") from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unreachable(f"{url} could not be asked: {str(error) or type(error).__name__}") from error
        finally:
            exchange.hang_up()
            future.add_done_callback(_looked_at)

    def close(self) -> None:
        """Takes no more requests; does not wait for those under way, which end by their own time limit."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class _Exchange:
    """One request; `run` blocks, `hang_up` (from another thread) makes it end."""

    def __init__(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str], seconds: float) -> None:
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname or "", parts.port, timeout=seconds)
        self._target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._method = method
        self._body = body
        self._headers = dict(headers)
        self._socket: socket.socket | None = None

    def run(self) -> Answer:
        with closing(self._connection):
            self._connection.connect()
            self._socket = self._connection.sock
            self._connection.request(self._method, self._target, self._body, self._headers)
            with self._connection.getresponse() as response:
                data = response.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise ValueError(f"its answer is longer than {_MOST_BYTES} bytes")
        return Answer(response.status, data)

    def hang_up(self) -> None:
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


def _looked_at(exchange: asyncio.Future[Answer]) -> None:
    if not exchange.cancelled():
        exchange.exception()
