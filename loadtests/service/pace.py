"""An open loop: decisions sent at the moments of a plan, whether or not earlier ones were answered, each timed from the
moment it was due. A server that stalls is charged for everybody who would have come meanwhile. The first two seconds
warm the server up, as in the closed loop, and are not counted.

    python -m loadtests.service.pace PORT VERSION RATE SECONDS OUT
"""

from __future__ import annotations

import asyncio
import gc
import json
import secrets
import sys
import time
from collections import deque
from pathlib import Path

import uvloop
from tests.made import ORIGIN, uuid7

CONNECTIONS = 64
WARMING_SECONDS = 2


class Connection(asyncio.Protocol):
    """One request at a time; `free` has those that wait for work."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._due = 0.0
        self._data = b""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self._pace.free.append(self)

    def send(self, due: float, request: bytes) -> None:
        self._due = due
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, mark, body = self._data.partition(b"\r\n\r\n")
        if not mark:
            return
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        if len(body) < length:
            return
        self._data = b""
        self._pace.answered(self._due, head[9:12], body)
        self._pace.free.append(self)
        self._pace.go()


class Pace:
    def __init__(self, version: str) -> None:
        self.free: deque[Connection] = deque()
        self.due: deque[float] = deque()
        self.latencies: list[float] = []
        self.ids: list[str] = []
        self.failed = self.seen = 0
        self.counted_from = 0.0
        self._version = version

    def go(self) -> None:
        while self.free and self.due:
            self.free.popleft().send(self.due.popleft(), self._request())

    def answered(self, due: float, status: bytes, body: bytes) -> None:
        self.seen += 1
        if due >= self.counted_from:
            self.latencies.append(1000 * (time.perf_counter() - due))
        if status == b"201":
            self.ids.append(json.loads(body)["id"])
        else:
            self.failed += 1

    def _request(self) -> bytes:
        body = (
            f'{{"id":"{uuid7()}","subject":"{secrets.token_urlsafe(16)}","config":"{self._version}","action":"save",'
            '"choices":{"audience":true,"ads":false},"language":"fr","layer":2,"control":"preferences-save",'
            f'"page":"{ORIGIN}/produit","viewport":"desktop","client_time":"2026-11-21T08:15:30.000Z"}}'
        )
        return (
            f"POST /v1/sites/boutique/consents HTTP/1.1\r\nHost: x\r\nOrigin: {ORIGIN}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        ).encode()


async def run(port: int, version: str, rate: float, seconds: float) -> Pace:
    pace = Pace(version)
    loop = asyncio.get_running_loop()
    for _ in range(CONNECTIONS):
        await loop.create_connection(lambda: Connection(pace), "127.0.0.1", port)
    gc.freeze()
    gc.disable()  # its pauses would be taken for the server's
    began = time.perf_counter()
    pace.counted_from = began + WARMING_SECONDS
    total, planned = int(rate * (WARMING_SECONDS + seconds)), 0
    while planned < total or pace.seen < total:
        now = time.perf_counter()
        while planned < total and began + planned / rate <= now:
            pace.due.append(began + planned / rate)
            planned += 1
        pace.go()
        await asyncio.sleep(0.0005)
        if now > pace.counted_from + seconds + 30:
            break
    return pace


def main() -> None:
    port, version, rate, seconds, out = sys.argv[1:]
    pace = uvloop.run(run(int(port), version, float(rate), float(seconds)))
    ordered = sorted(pace.latencies)
    row = {
        "requests": pace.seen,
        "seconds": WARMING_SECONDS + float(seconds),
        "failed": pace.failed + int(float(rate) * (WARMING_SECONDS + float(seconds))) - pace.seen,
        "p50": round(ordered[len(ordered) // 2], 3),
        "p99": round(ordered[len(ordered) * 99 // 100], 3),
    }
    with Path(out).open("a") as file:
        file.writelines(f"{one}\n" for one in pace.ids)
    print("JSON " + json.dumps(row))


if __name__ == "__main__":
    main()
