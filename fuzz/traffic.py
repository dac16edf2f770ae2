"""Bent requests at a real service: every public address, some thousand a second, over connections that stay open.

Requests are made from well-formed ones by changing bytes, cutting, repeating and swapping parts, with a seed that is
told, so that a run can be had again.
"""

from __future__ import annotations

import json
import random
import socket
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.analytics.sending import measured
from tests.made import ORIGIN, decision
from tests.service_process import Service

SEED = 20261127
_PIECES = [
    *(
        b"",
        b"\0",
        b"\xff\xfe",
        b"%00",
        b"../",
        b"..%2f",
        b"\xc3\x28",
        b"'",
        b'"',
        b"{",
        b"}",
        b"[" * 500,
        b"-0",
        b"1e999",
    ),
    *(b"9" * 400, b"NaN", b"null", b"true", b"\\ud800", b"\xe2\x80\xae", b"a" * 3000, b"<script>", b"${x}", b"{{7*7}}"),
]


@dataclass
class Tally:
    """What came of the requests: by status, and those that the service could not foresee."""

    sent: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[bytes] = field(default_factory=list)
    grown_bytes: int = 0


def fuzz_traffic(requests: int, folder: Path) -> Tally:
    """Sends `requests` of them; the service's memory is looked at after the first tenth and at the end."""
    service = Service(folder / "data", extra={"TEMOIN_DECISION_RATE": "0", "TEMOIN_HIT_RATE": "0"}).start()
    try:
        version = service.publish(measured())
        chance = random.Random(SEED)
        models = _models(version)
        tally = Tally()
        before = 0
        with _Connection(service) as connection:
            for number in range(requests):
                if number == requests // 10:
                    before = _resident(service)
                request = _bent(chance, chance.choice(models))
                status = connection.ask(request)
                tally.sent += 1
                tally.statuses[status] += 1
                if status >= 500:
                    tally.failures.append(request)
        tally.grown_bytes = _resident(service) - before
        return tally
    finally:
        service.kill()


def _models(version: str) -> list[tuple[bytes, bytes, bytes]]:
    """Method and address, headers, body."""
    origin = f"Origin: {ORIGIN}\r\n".encode()
    made = json.dumps(decision(version)).encode()
    hit = json.dumps({"type": "view", "page": "/a", "entry": True}).encode()
    shown = json.dumps({"type": "shown", "config": version, "language": "fr"}).encode()
    post = origin + b"Content-Type: application/json\r\n"
    site = b"/v1/sites/boutique"
    gets = (
        *(b"/s/boutique.js", b"/s/boutique.measure.js", b"/s/boutique/0123456789abcdef.fr.json", site + b"/subjects/x"),
        *(
            site + b"/subjects/" + b"A" * 22 + b"/receipt",
            site + b"/consents/0192/proof",
            site + b"/config/" + version.encode(),
        ),
        *(
            b"/log/boutique/checkpoint",
            b"/log/boutique/tile/0/000",
            b"/healthz",
            b"/readyz",
            b"/metrics",
            b"/openapi.json",
        ),
        *(b"/admin/", b"/admin/login", b"/admin/static/admin.css", b"/api/v1/sites", b"/api/v1/token"),
    )
    return [
        *((b"POST " + site + b"/consents", post, made) for _ in range(6)),
        *((b"POST " + site + b"/hits", post, body) for body in (hit, shown) for _ in range(4)),
        *((b"OPTIONS " + site + b"/consents", origin, b"") for _ in range(1)),
        *((b"GET " + path, origin + b'Accept-Encoding: br, gzip\r\nIf-None-Match: W/"x"\r\n', b"") for path in gets),
        (b"POST /admin/login", b"Content-Type: application/x-www-form-urlencoded\r\n", b"name=a&password=b"),
        (
            b"PUT /api/v1/sites/boutique/draft",
            b"Authorization: Bearer tmn_x\r\nContent-Type: application/json\r\n",
            b"{}",
        ),
    ]


def _bent(chance: random.Random, model: tuple[bytes, bytes, bytes]) -> bytes:
    parts = [bytearray(part) for part in model]
    for _ in range(chance.choice((0, 1, 1, 2, 4))):
        part = parts[chance.choices((0, 1, 2), (1, 1, 4 if model[2] else 0))[0]]
        at = chance.randrange(len(part) + 1)
        match chance.randrange(5):
            case 0 if part:
                part[at % len(part)] = chance.randrange(256)
            case 1:
                part[at:at] = chance.choice(_PIECES)
            case 2:
                del part[at : at + chance.randrange(1, 20)]
            case 3:
                part[at:at] = part[: chance.randrange(60)]
            case _:
                part[at:at] = bytes(chance.randrange(256) for _ in range(chance.randrange(8)))
    line, headers, body = (bytes(part) for part in parts)
    return line + b" HTTP/1.1\r\nHost: x\r\n" + headers + b"Content-Length: %d\r\n\r\n" % len(body) + body


class _Connection:
    """Kept open for as long as the service does."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._socket: socket.socket | None = None

    def __enter__(self) -> _Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def _end(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def ask(self, request: bytes) -> int:
        """The status, or 0 where the connection ended without an answer: what was sent was no HTTP at all."""
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._service.port), timeout=20)
        try:
            self._socket.sendall(request)
            head = self._socket.recv(262_144)
            while head and b"\r\n\r\n" not in head:
                head += self._socket.recv(262_144)
        except (TimeoutError, ConnectionError):
            head = b""
        # One answer a connection is surely one's own: whatever the request was, nothing is left of it in the next.
        if self._left(head):
            self._end()
        return int(head.split(b" ", 2)[1]) if head.startswith(b"HTTP/1.1 ") else 0

    def _left(self, head: bytes) -> bool:
        """Whether more than this answer may be under way on the connection."""
        start, _, body = head.partition(b"\r\n\r\n")
        length = next(
            (line.split(b":")[1] for line in start.lower().split(b"\r\n") if line.startswith(b"content-length:")), b"0"
        )
        return not head or b"connection: close" in start.lower() or len(body) != int(length)


def _resident(service: Service) -> int:
    assert service.process is not None
    return int(Path(f"/proc/{service.process.pid}/statm").read_text().split()[1]) * 4096
