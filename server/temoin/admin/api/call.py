"""One request of a program: which token asks, what it sends, and how it is answered.

Operations are functions of a `Call`. Bodies and queries are decoded strictly into the types that `/openapi.json` shows,
so that what is described is what is taken. There are no cookies here and no CORS: a page of another site can neither
send a token nor read an answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from temoin.admin.pages.ask import Admin
from temoin.admin.publish import Refused
from temoin.admin.rights import Act, require
from temoin.admin.tokens import TokenActor
from temoin.errors import Malformed, TemoinError, Unauthorized, UnsupportedMedia
from temoin.http import bearer, read_body
from temoin.site import SiteConfig, parse_site

MOST_BYTES = 1 << 20
Method = Literal["GET", "POST", "PUT", "DELETE"]
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True, slots=True)
class Call:
    """A request, the token behind it, and its query and body as the operation's types."""

    request: Request
    admin: Admin
    actor: TokenActor
    query: Any
    body: Any

    @property
    def site(self) -> str:
        return self.part("site")

    @property
    def label(self) -> str:
        """How the log names who asks."""
        return self.actor.label

    def part(self, name: str) -> str:
        """What the address has in the place of `{name}`."""
        return str(self.request.path_params[name])

    def must(self, act: Act, site: str) -> None:
        """Raises Forbidden where the token may not do that, NotFound where it may not even know the site."""
        require(self.actor, act, site)


@dataclass(frozen=True, slots=True)
class File:
    """An answer that is no JSON: bytes, or a file on disk."""

    content: bytes | Path
    media: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A JSON answer with a status or headers of its own."""

    value: Any
    status: int = 200
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """What can be asked at one address by one method.

    `needs` is a right on the site of the address; None where `run` looks at rights itself. `takes` is the type of the
    JSON body, `query` that of the query; `gives` is the type of the JSON answer, or the media types of a file. None
    gives nothing (204).
    """

    method: Method
    path: str
    run: Callable[[Call], Awaitable[Any]]
    needs: Act | None
    summary: str
    gives: Any = None
    takes: Any = None
    query: Any = None
    status: int = 200


def endpoint(admin: Admin, operations: Mapping[str, Operation]) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of one address, its operations by method."""

    async def answer(request: Request) -> Response:
        operation = operations["GET" if request.method == "HEAD" else request.method]
        try:
            return _response(operation, await operation.run(await _call(admin, operation, request)))
        except TemoinError as error:
            return _refusal(error)

    return answer


async def _call(admin: Admin, operation: Operation, request: Request) -> Call:
    """The token first, then its right, and only then what was sent."""
    actor = await admin.people.tokens.actor(bearer(request.scope))
    if actor is None:
        raise Unauthorized(
            "token_not_known",
            "This token is unknown, over or revoked.",
            "Make one with 'temoin token add', or on the site's page of tokens.",
        )
    if operation.needs is not None:
        require(actor, operation.needs, str(request.path_params["site"]))
    query = _query(request, operation.query) if operation.query is not None else None
    body = await _body(request, operation.takes) if operation.takes is not None else None
    return Call(request, admin, actor, query, body)


def _query(request: Request, shape: Any) -> Any:
    try:
        return msgspec.convert(dict(request.query_params), shape, strict=False)
    except msgspec.ValidationError as error:
        raise Malformed("bad_query", f"The query: {error}.", "See /openapi.json for this address.") from error


async def _body(request: Request, shape: Any) -> Any:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise UnsupportedMedia(
            "unsupported_media_type", "The body is not said to be JSON.", "Send Content-Type: application/json."
        )
    data = await read_body(request.scope, request.receive, MOST_BYTES)
    if shape is SiteConfig:
        return parse_site(data, "the body")
    try:
        return msgspec.json.decode(data, type=shape)
    except msgspec.ValidationError as error:
        raise Malformed("bad_body", f"The body: {error}.", "See /openapi.json for this address.") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed("bad_json", f"The body is not JSON: {error}.", "Send one JSON object.") from error


def _response(operation: Operation, value: Any) -> Response:
    if isinstance(value, File):
        headers = dict(_HEADERS)
        if value.name:
            headers["Content-Disposition"] = f'attachment; filename="{value.name}"'
        if isinstance(value.content, Path):
            return FileResponse(value.content, 200, headers, media_type=value.media)
        return Response(value.content, 200, headers, media_type=value.media)
    answer = value if isinstance(value, Answer) else Answer(value, operation.status)
    if answer.value is None:
        return Response(status_code=204, headers=_HEADERS)
    data = msgspec.json.encode(answer.value)
    return Response(data, answer.status, _HEADERS | dict(answer.headers or {}), media_type="application/json")


def _refusal(error: TemoinError) -> Response:
    """The one shape of errors; findings beside it where rules refused."""
    headers = dict(_HEADERS)
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="temoin"'
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    said: dict[str, Any] = error.as_dict()
    if isinstance(error, Refused):
        said["findings"] = error.findings
    return Response(msgspec.json.encode(said), error.status, headers, media_type="application/json")
