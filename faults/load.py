"""Visitors: so many at once, each with one decision under way, sent again until it is acknowledged, as browsers do.

The ledger is what they were told. A decision counts as acknowledged only when the whole answer was read: 201, or 200
where an earlier try had been stored and its answer was lost.
"""

from __future__ import annotations

import asyncio
import json
import random
import secrets
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.made import ORIGIN, decision

SITE = "boutique"
_ANSWER_SECONDS = 10.0
_THINK_SECONDS = 0.004
_LONGEST_PAUSE = 0.1
_DRAIN_SECONDS = 120.0
_REPEAT_VISITORS = 0.3


class Broken(AssertionError):
    """A promise of the service was not kept."""


@dataclass
class Ledger:
    """`commitments` by decision id, in the order of the acknowledgements; `last` is the time of the last one."""

    commitments: dict[str, str] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)
    last: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def acknowledge(self, status: int, receipt: dict[str, str], body: dict[str, str]) -> None:
        if receipt["id"] != body["id"] or receipt["subject"] != body["subject"]:
            self.wrong.append(f"the receipt of {receipt['id']} answers the decision {body['id']}")
        if body["id"] in self.commitments:
            self.wrong.append(f"{body['id']} was sent again after its acknowledgement")
        self.commitments[body["id"]] = receipt["commitment"]
        self.answers["recorded" if status == 201 else "found by its repeat"] += 1
        self.last = time.monotonic()


class Load:
    """Runs in a thread of its own until `drain`. `ports` may be changed while it runs: the next try goes there."""

    def __init__(self, ports: Sequence[int], version: str, visitors: int = 8) -> None:
        self.ports = list(ports)
        self.ledger = Ledger()
        self._version = version
        self._visitors = visitors
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def __enter__(self) -> Load:
        self._thread.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._stopping.set()
        if kind is None:
            self._thread.join(_DRAIN_SECONDS)

    def drain(self) -> None:
        """Ends when each decision under way is acknowledged."""
        self._stopping.set()
        self._thread.join(_DRAIN_SECONDS)
        if self._thread.is_alive():
            raise Broken("a decision was never acknowledged")
        if self.ledger.wrong:
            raise Broken("; ".join(self.ledger.wrong[:5]))

    def acknowledged_since(self, moment: float, seconds: float = 60.0) -> float:
        """Waits for one later than `moment` (of `time.monotonic`); how long after it came, in seconds."""
        deadline = time.monotonic() + seconds
        while self.ledger.last <= moment:
            if time.monotonic() > deadline:
                raise Broken(f"nothing was acknowledged within {seconds:.0f} s: {dict(self.ledger.answers)}")
            time.sleep(0.002)
        return self.ledger.last - moment

    def refused_since(self, known: int, seconds: float = 60.0) -> None:
        """Waits until more decisions than `known` were refused with 503."""
        deadline = time.monotonic() + seconds
        while self.ledger.answers["refused with 503"] <= known:
            if time.monotonic() > deadline:
                raise Broken("the service did not notice: nothing was refused")
            time.sleep(0.01)

    async def _run(self) -> None:
        await asyncio.gather(*(self._visit(number) for number in range(self._visitors)))

    async def _visit(self, number: int) -> None:
        connection = _Connection()
        subject = ""
        while not self._stopping.is_set():
            again = subject and random.random() < _REPEAT_VISITORS
            subject = subject if again else secrets.token_urlsafe(16)
            await self._decide(connection, decision(self._version, subject=subject), number)
            await asyncio.sleep(_THINK_SECONDS)
        connection.close()

    async def _decide(self, connection: _Connection, body: dict[str, str], number: int) -> None:
        """Sends one decision until it is acknowledged, each time to the next service."""
        data = json.dumps(body).encode()
        attempt = number
        while True:
            port = self.ports[attempt % len(self.ports)]
            try:
                status, answer = await asyncio.wait_for(connection.post(port, data), _ANSWER_SECONDS)
            except (OSError, asyncio.IncompleteReadError, TimeoutError, ValueError) as error:
                connection.close()
                self.ledger.answers["not answered in time" if isinstance(error, TimeoutError) else "cut off"] += 1
            else:
                if status in (200, 201):
                    self.ledger.acknowledge(status, json.loads(answer), body)
                    return
                self._refused(status, answer)
            attempt += 1
            await asyncio.sleep(random.uniform(0.01, _LONGEST_PAUSE))

    def _refused(self, status: int, answer: bytes) -> None:
        if status == 503:
            self.ledger.answers["refused with 503"] += 1
        else:
            self.ledger.answers[f"answered {status}"] += 1
            self.ledger.wrong.append(f"{status}: {answer[:300]!r}")


class _Connection:
    """One HTTP/1.1 connection that is kept, to one port at a time."""

    def __init__(self) -> None:
        self._port = 0
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def post(self, port: int, data: bytes) -> tuple[int, bytes]:
        if self._streams is None or port != self._port:
            self.close()
            self._streams, self._port = await asyncio.open_connection("127.0.0.1", port), port
        reader, writer = self._streams
        head = (
            f"POST /v1/sites/{SITE}/consents HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: {ORIGIN}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        )
        writer.write(head.encode() + data)
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
        length = next(int(line.split(":")[1]) for line in lines if line.startswith("content-length:"))
        body = await reader.readexactly(length)
        if "connection: close" in lines:
            self.close()
        return int(lines[0].split()[1]), body
