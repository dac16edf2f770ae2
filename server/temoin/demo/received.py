"""What the tracker hosts received: counts for ever, the last requests in a bounded list, all in memory.

Never keeps a query's values, a body, a cookie's value or an address: only that a request came, and its size. Every
method may be called from any thread.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from temoin.clock import SystemClock, rfc3339

KEPT_REQUESTS = 200
_SHOWN_LIVE = 12


@dataclass(frozen=True, slots=True)
class Hit:
    """One request. `query` holds the names of its parameters, `size` is the body's length in bytes."""

    host: str
    method: str
    path: str
    query: tuple[str, ...]
    size: int
    at: str
    cookie: bool

    def as_dict(self) -> dict[str, Any]:
        return {
            "method": self.method,
            "path": self.path,
            "query": list(self.query),
            "bytes": self.size,
            "at": self.at,
            "cookie": self.cookie,
        }


@dataclass(slots=True)
class _Tally:
    requests: int = 0
    size: int = 0
    with_cookie: int = 0
    latest: deque[Hit] = field(default_factory=lambda: deque(maxlen=KEPT_REQUESTS))


class Ledger:
    """One tally for each tracker host."""

    def __init__(self, host_ids: list[str]) -> None:
        self._clock = SystemClock()
        self._changed = threading.Condition()
        self._tallies = {host_id: _Tally() for host_id in host_ids}
        self._watchers: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        self._closed = False

    def record(self, host: str, method: str, path: str, query: tuple[str, ...], size: int, cookie: bool) -> None:
        """Counts one request, now."""
        hit = Hit(host, method, path[:200], query[:50], size, rfc3339(self._clock.now()), cookie)
        with self._changed:
            tally = self._tallies[host]
            tally.requests += 1
            tally.size += size
            tally.with_cookie += cookie
            tally.latest.append(hit)
        self._announce()

    def reset(self) -> None:
        """Back to zero."""
        with self._changed:
            self._tallies = {host_id: _Tally() for host_id in self._tallies}
        self._announce()

    def as_dict(self, latest: int = KEPT_REQUESTS) -> dict[str, Any]:
        """`{"total": n, "hosts": {id: {"requests", "bytes", "with_cookie", "latest": [hit, …oldest first]}}}`.

        `latest` is how many of the last requests to give for each host.
        """
        with self._changed:
            hosts = {
                host_id: {
                    "requests": tally.requests,
                    "bytes": tally.size,
                    "with_cookie": tally.with_cookie,
                    "latest": [hit.as_dict() for hit in list(tally.latest)[-latest:]],
                }
                for host_id, tally in self._tallies.items()
            }
            return {"total": sum(tally.requests for tally in self._tallies.values()), "hosts": hosts}

    def hits(self, host: str) -> list[Hit]:
        """The latest requests of one host, oldest first."""
        with self._changed:
            return list(self._tallies[host].latest)

    def wait_for(self, true: Callable[[Ledger], bool], timeout: float = 30.0) -> bool:
        """Blocks a thread other than the servers' until `true(ledger)`, or `timeout` seconds; says which."""
        with self._changed:
            return self._changed.wait_for(lambda: true(self), timeout)

    async def changes(self, heartbeat: float = 15.0) -> AsyncIterator[dict[str, Any] | None]:
        """What `as_dict` says now and after each change, bursts as one; None after `heartbeat` quiet seconds."""
        event = asyncio.Event()
        watcher = (asyncio.get_running_loop(), event)
        with self._changed:
            self._watchers.add(watcher)
        try:
            yield self.as_dict(_SHOWN_LIVE)
            while not self._closed:
                try:
                    await asyncio.wait_for(event.wait(), heartbeat)
                except TimeoutError:
                    yield None
                    continue
                event.clear()
                yield self.as_dict(_SHOWN_LIVE)
        finally:
            with self._changed:
                self._watchers.discard(watcher)

    def close(self) -> None:
        """Ends every `changes`, so that servers can stop."""
        self._closed = True
        self._announce()

    def _announce(self) -> None:
        with self._changed:
            self._changed.notify_all()
            for loop, event in self._watchers:
                loop.call_soon_threadsafe(event.set)
