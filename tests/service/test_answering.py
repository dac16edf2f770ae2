"""What stands on the wire: answers in their order on one connection, those without a body, those that end it."""

from __future__ import annotations

import asyncio
import socket

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from temoin.connections import BoundedProtocol
from temoin.http import send_bytes
from tests.aio import run
from tests.service_process import Service, free_port
from tests.web import get

SCRIPT = b"/s/boutique.js HTTP/1.1\r\nHost: x\r\n"


def test_answers_to_requests_that_were_sent_at_once_come_in_their_order(service: Service, version: str) -> None:
    script = get(f"{service.url}/s/boutique.js")
    with socket.create_connection(("127.0.0.1", service.port), timeout=30) as connection:
        tag = script.headers["etag"].encode()
        connection.sendall(
            b"GET " + SCRIPT + b"\r\n"
            b"HEAD " + SCRIPT + b"\r\n"
            b"GET " + SCRIPT + b"If-None-Match: " + tag + b"\r\n\r\n"
            b"GET /s/nobody.js HTTP/1.1\r\nHost: x\r\n\r\n"
            b"GET " + SCRIPT + b"Connection: close\r\n\r\n"
        )
        said = connection.makefile("rb").read()
    seen = []
    for has_body in (True, False, False, True, True):
        head, _, said = said.partition(b"\r\n\r\n")
        status, *lines = head.split(b"\r\n")
        length = int(dict(line.split(b": ", 1) for line in lines).get(b"content-length", 0)) if has_body else 0
        seen.append((int(status.split()[1]), said[:length]))
        said = said[length:]
    assert said == b""
    assert [status for status, _ in seen] == [200, 200, 304, 404, 200]
    assert seen[0][1] == seen[4][1] == script.body


@pytest.mark.parametrize("head", [b"GET /s/boutique.js HTTP/1.0\r\n", b"GET " + SCRIPT + b"Connection: close\r\n"])
def test_a_client_that_wants_one_answer_gets_it_whole_and_the_end(service: Service, version: str, head: bytes) -> None:
    with socket.create_connection(("127.0.0.1", service.port), timeout=30) as connection:
        connection.sendall(head + b"\r\n")
        said = connection.makefile("rb").read()
    lines, _, body = said.partition(b"\r\n\r\n")
    assert lines.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\nconnection: close" in lines
    assert lines.count(b"\r\ndate: ") == 1
    assert f"\r\ncontent-length: {len(body)}\r\n".encode() in lines
    assert body == get(f"{service.url}/s/boutique.js").body


def test_a_header_that_would_break_out_of_its_line_is_never_sent() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send_bytes(send, 200, b"", [(b"x-text", b"a\r\nset-cookie: stolen=1")])

    async def answer() -> bytes:
        port = free_port()
        config = uvicorn.Config(app, port=port, http=BoundedProtocol, lifespan="off", log_level="critical")
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
            await asyncio.sleep(0.01)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        said = await reader.read()
        writer.close()
        server.should_exit = True
        await running
        return said

    said = run(answer())
    assert said.startswith(b"HTTP/1.1 500 ")
    assert b"stolen" not in said


def test_an_answer_on_its_way_is_not_lost_when_the_client_says_no_more(service: Service, version: str) -> None:
    """A client that closes its own half at once still reads what it asked for."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=30) as connection:
        connection.sendall(b"GET " + SCRIPT + b"\r\n")
        first = connection.recv(1)
        connection.shutdown(socket.SHUT_WR)
        said = first + connection.makefile("rb").read()
    assert said.partition(b"\r\n\r\n")[2] == get(f"{service.url}/s/boutique.js").body
