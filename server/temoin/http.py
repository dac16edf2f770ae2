"""The few pieces of HTTP that the hot routes share: plain ASGI, no middleware, no request objects.

Header names and values are bytes, as ASGI has them. Every error leaves in the one JSON shape of `errors`.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable
from typing import Any

import orjson
from starlette.types import Receive, Scope, Send

from temoin.answering import WHOLE
from temoin.errors import Malformed, MethodNotAllowed, TemoinError, TooLarge, Unauthorized

Headers = list[tuple[bytes, bytes]]

_JSON = (b"content-type", b"application/json")
_NOSNIFF = (b"x-content-type-options", b"nosniff")
_NO_STORE = (b"cache-control", b"no-store")
_MAPPED = bytes(10) + b"\xff\xff"  # an IPv4 address written as IPv6


class ClientGone(Exception):
    """The client closed the connection before its body was complete; there is nobody left to answer."""


def header(scope: Scope, name: bytes) -> bytes | None:
    """The first header called `name` (lower case), or None."""
    for key, value in scope["headers"]:
        if key == name:
            found: bytes = value
            return found
    return None


def client_address(scope: Scope, told_by: bytes = b"") -> str:
    """Who asks: the connection's other end, or what the reverse proxy added last to the header `told_by`."""
    if told_by:
        return (header(scope, told_by) or b"").rpartition(b",")[2].strip().decode("latin-1")
    client = scope.get("client")
    return str(client[0]) if client else ""


def network(address: str) -> bytes:
    """The first 24 bits of an IPv4 address, or 48 of IPv6, the rest zero; empty where it is no address.

    Deliberately without a cache: it would keep whole addresses.
    """
    try:
        if ":" not in address:
            return socket.inet_pton(socket.AF_INET, address)[:3] + b"\0"
        packed = socket.inet_pton(socket.AF_INET6, address.partition("%")[0])
    except (OSError, ValueError):
        return b""
    if packed.startswith(_MAPPED):
        return packed[12:15] + b"\0"
    return packed[:6] + bytes(10)


def bearer(scope: Scope) -> str:
    """The bearer token of the request (RFC 6750); raises Unauthorized where there is none."""
    value = header(scope, b"authorization") or b""
    kind, _, token = value.partition(b" ")
    if kind.lower() != b"bearer" or not token:
        raise Unauthorized(
            "token_required",
            "This needs a bearer token.",
            "Send 'Authorization: Bearer …' with a token made by 'temoin token add'.",
        )
    return token.strip().decode("latin-1")


def only_get(scope: Scope) -> None:
    """Raises MethodNotAllowed for anything but GET and HEAD."""
    if scope["method"] not in ("GET", "HEAD"):
        raise MethodNotAllowed("GET, HEAD")


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The whole body; raises TooLarge past `limit` bytes, without reading on."""
    length = header(scope, b"content-length")
    if length is not None:
        if not length.isdigit():
            raise Malformed("bad_length", "The Content-Length is not a number.", "Send the body's length in bytes.")
        if int(length) > limit:
            raise _too_large(limit)
    message = await receive()
    body: bytes = message.get("body", b"")
    while message["type"] == "http.request" and message.get("more_body"):
        if len(body) > limit:
            raise _too_large(limit)
        message = await receive()
        body += message.get("body", b"")
    if message["type"] == "http.disconnect":
        raise ClientGone
    if len(body) > limit:
        raise _too_large(limit)
    return body


def _too_large(limit: int) -> TooLarge:
    return TooLarge("body_too_large", f"The body is over {limit} bytes.", "Send a smaller body.")


async def send_bytes(send: Send, status: int, body: bytes, headers: Iterable[tuple[bytes, bytes]]) -> None:
    """One complete response, in one write (`answering`); its length is set here, but where the status has no body."""
    length = [] if status in (204, 304) else [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *length], WHOLE: body})
    await send({"type": "http.response.body", "body": body})


async def send_json(send: Send, status: int, value: Any, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
    """`value` as JSON, never cached and never sniffed."""
    await send_bytes(send, status, orjson.dumps(value), [_JSON, _NOSNIFF, _NO_STORE, *headers])


async def send_error(send: Send, error: TemoinError, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
    """An error in its one shape, with Retry-After where coming back helps."""
    extra: Headers = list(headers)
    if error.retry_after is not None:
        extra.append((b"retry-after", str(error.retry_after).encode()))
    if isinstance(error, MethodNotAllowed):
        extra.append((b"allow", error.allow.encode()))
    if error.status == 401:
        extra.append((b"www-authenticate", b'Bearer realm="temoin"'))
    await send_json(send, error.status, error.as_dict(), extra)
