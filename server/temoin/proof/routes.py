"""The proof plane's URLs, as plain ASGI (CONTRACT section 3).

    GET /v1/sites/{site}/consents/{id}/proof   a .tlog-proof; 202 while the log has not integrated the entry yet
    GET /log/{site}/checkpoint                 the signed note
    GET /log/{site}/tile/…                     tiles and entry bundles (C2SP tlog-tiles)

With the site's `log_access` "private" all three need a bearer token with scope `log:read`: a log's size tells a
site's traffic. With "public" anyone may read, mirror and witness.
"""

from __future__ import annotations

from typing import Protocol

from starlette.types import Receive, Scope, Send

from temoin.errors import Forbidden, NotFound, TemoinError
from temoin.http import Headers, bearer, only_get, send_bytes, send_error
from temoin.proof.log import proof_text, published_state, served_tile
from temoin.proof.ports import EntryReader, LogReader
from temoin.proof.uuid7 import is_uuid7

_TEXT = (b"content-type", b"text/plain; charset=utf-8")
_OCTETS = (b"content-type", b"application/octet-stream")
_IMMUTABLE = (b"cache-control", b"public, max-age=31536000, immutable")
_BRIEF = (b"cache-control", b"public, max-age=1")
_PRIVATE = (b"cache-control", b"private, no-store")
_ANYONE = (b"access-control-allow-origin", b"*")


class Log(EntryReader, LogReader, Protocol):
    """Documents and tiles of every site's log."""


class Access(Protocol):
    """Who may read a site's log. `is_public` raises NotFound for an unknown site."""

    async def is_public(self, site: str) -> bool: ...

    async def allows(self, token: str, scope: str, site: str) -> bool: ...


class ProofPlane:
    """Answers the three URLs above."""

    def __init__(self, log: Log, access: Access) -> None:
        self._log = log
        self._access = access

    async def proof(self, scope: Scope, receive: Receive, send: Send, site: str, entry_id: str) -> None:
        try:
            public = await self._admit(scope, site)
            entry = await self._log.entry(site, entry_id) if is_uuid7(entry_id) else None
            if entry is None:
                raise NotFound("unknown_record", f"{site} has no record {entry_id!r}.", "Check the id on the receipt.")
            text = await proof_text(self._log, site, entry.index)
            await send_bytes(send, 200, text.encode(), [_TEXT, _PRIVATE, *([_ANYONE] if public else [])])
        except TemoinError as error:
            await send_error(send, error)

    async def checkpoint(self, scope: Scope, receive: Receive, send: Send, site: str) -> None:
        try:
            public = await self._admit(scope, site)
            _, note = await published_state(self._log, site)
            await send_bytes(send, 200, note.encode(), [_TEXT, *_caching(public, _BRIEF)])
        except TemoinError as error:
            await send_error(send, error)

    async def tile(self, scope: Scope, receive: Receive, send: Send, site: str, path: str) -> None:
        try:
            public = await self._admit(scope, site)
            data = await served_tile(self._log, site, path)
            await send_bytes(send, 200, data, [_OCTETS, *_caching(public, _IMMUTABLE)])
        except TemoinError as error:
            await send_error(send, error)

    async def _admit(self, scope: Scope, site: str) -> bool:
        """Whether the log is public; raises Unauthorized or Forbidden where it is not and the caller may not read."""
        only_get(scope)
        if await self._access.is_public(site):
            return True
        if not await self._access.allows(bearer(scope), "log:read", site):
            raise Forbidden(
                "token_not_allowed",
                f"This token may not read the log of {site}.",
                f"Make one with 'temoin token add {site} --scope log:read'.",
            )
        return False


def _caching(public: bool, shared: tuple[bytes, bytes]) -> Headers:
    return [shared, _ANYONE] if public else [_PRIVATE]
