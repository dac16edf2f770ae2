"""What a hostile client takes of a connection: time, headers, bytes, depth. The service says no, and goes on."""

from __future__ import annotations

import gzip
import json
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from tests.analytics.sending import measured
from tests.made import ORIGIN, decision
from tests.service_process import Service
from tests.web import get, request

POST = b"POST /v1/sites/boutique/consents HTTP/1.1\r\nHost: x\r\nOrigin: http://shop.test:8000\r\n"


@contextmanager
def connected(service: Service) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", service.port), timeout=40) as connection:
        yield connection


def answered(connection: socket.socket) -> bytes:
    """Everything until the service ends the connection."""
    said = b""
    try:
        while part := connection.recv(65_536):
            said += part
    except ConnectionResetError:  # it ended before it had read all that was sent
        pass
    return said


def test_requests_that_never_become_whole_end_after_ten_seconds_and_keep_nobody_waiting(
    service: Service, version: str
) -> None:
    with ExitStack() as stack:
        silent, head, body, trickle = (stack.enter_context(connected(service)) for _ in range(4))
        crowd = [stack.enter_context(connected(service)) for _ in range(300)]
        head.sendall(POST)
        body.sendall(POST + b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
        trickle.sendall(b"G")
        for each in crowd:
            each.sendall(POST[:40])
        trickle.sendall(b"ET /healthz")
        assert service.post("boutique", decision(version), origin=ORIGIN).status == 201
        for each in (silent, head, body, trickle, *crowd):
            said = answered(each)
            assert said.startswith(b"HTTP/1.1 408 "), said
            assert json.loads(said.partition(b"\r\n\r\n")[2])["error"]["code"] == "request_timeout"
        assert service.post("boutique", decision(version), origin=ORIGIN).status == 201


@pytest.mark.parametrize(
    "head",
    [
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 40_000 + b"\r\n\r\n",
        b"GET /healthz?" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"X: 1\r\n" * 101 + b"\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"X: 1\r\n" * 1_000_000,
    ],
    ids=["one-header", "address", "many-headers", "endless"],
)
def test_a_giant_head_is_refused(service: Service, head: bytes) -> None:
    with connected(service) as connection:
        with suppress(ConnectionError):  # refused before it was all sent
            connection.sendall(head)
        said = answered(connection)
    assert said == b"" or said.startswith(b"HTTP/1.1 431 "), said[:200]
    if len(head) < 100_000:
        assert json.loads(said.partition(b"\r\n\r\n")[2])["error"]["code"] == "head_too_large"
    assert get(f"{service.url}/healthz").status == 200


def test_heads_without_end_leave_no_memory_behind(service: Service) -> None:
    for _ in range(3):
        test_a_giant_head_is_refused(service, b"GET / HTTP/1.1\r\nX: " + b"a" * 20_000_000)
    before = _resident(service)
    for _ in range(10):
        test_a_giant_head_is_refused(service, b"GET / HTTP/1.1\r\nX: " + b"a" * 20_000_000)
    assert _resident(service) - before < 8 << 20


def _resident(service: Service) -> int:
    assert service.process is not None
    pages = int(Path(f"/proc/{service.process.pid}/statm").read_text().split()[1])
    return pages * 4096


def test_what_is_no_http_is_told_so_in_the_one_shape(service: Service) -> None:
    with connected(service) as connection:
        connection.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        said = answered(connection)
    assert said.startswith(b"HTTP/1.1 400 ")
    assert json.loads(said.partition(b"\r\n\r\n")[2])["error"]["code"] == "bad_request"


def test_ordinary_connections_serve_one_request_after_another_in_any_pieces(service: Service, version: str) -> None:
    data = json.dumps(decision(version)).encode()
    head = POST + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(data)
    with connected(service) as connection:
        for _ in range(3):
            for part in (head[:30], head[30:], data[:10], data[10:]):
                connection.sendall(part)
            assert _one(connection) in (b"201", b"200")
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 2)
        assert [_one(connection), _one(connection)] == [b"200", b"200"]


def test_a_connection_at_rest_is_closed_and_says_nothing_more(service: Service) -> None:
    with connected(service) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert _one(connection) == b"200"
        assert answered(connection) == b""


def _one(connection: socket.socket) -> bytes:
    """Reads one whole answer; its status."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += connection.recv(1)
    left = int(re.findall(rb"(?i)content-length: (\d+)", head)[0])
    while left:
        left -= len(connection.recv(left))
    return head.split(b" ")[1]


@pytest.mark.parametrize("path", ["consents", "hits"])
def test_bombs_of_compression_depth_and_names_are_refused_at_once(service: Service, version: str, path: str) -> None:
    service.publish(measured() | {"site": "mesure"})
    packed = gzip.compress(b" " * 15_000_000)
    assert len(packed) < 16_384
    deep = b"[" * 4000
    nested = b'{"choices":' * 1300 + b"1" + b"}" * 1300
    names = json.dumps({f"k{number}": True for number in range(1100)}).encode()
    for body, more in ((packed, {"Content-Encoding": "gzip"}), (deep, {}), (nested, {}), (names, {})):
        headers = {"Origin": ORIGIN, "Content-Type": "application/json"} | more
        answer = request("POST", f"{service.url}/v1/sites/mesure/{path}", body, headers)
        assert answer.status in (400, 413, 415, 422), (answer.status, body[:20])
        assert answer.error
    assert get(f"{service.url}/healthz").status == 200
