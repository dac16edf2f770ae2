"""Bearer tokens and who may read a log. Tokens are random, shown once, and stored only as a hash."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Protocol

from temoin.admin.ports import Token, TokenStore
from temoin.catalog import Catalog
from temoin.clock import rfc3339

SCOPES = ("log:read",)
_PREFIX = "tmn_"


class Scopes(Protocol):
    async def token_scope(self, digest: bytes) -> tuple[str, str] | None: ...


class LogAccess:
    """Answers the proof plane: is this log public, and does this token open it?"""

    def __init__(self, catalog: Catalog, tokens: Scopes) -> None:
        self._catalog = catalog
        self._tokens = tokens

    async def is_public(self, site: str) -> bool:
        return (await self._catalog.site(site)).current.config.log_access == "public"

    async def allows(self, token: str, scope: str, site: str) -> bool:
        return await self._tokens.token_scope(_digest(token)) == (site, scope)


async def make_token(store: TokenStore, site: str, scope: str, label: str, now: datetime) -> tuple[Token, str]:
    """A new token and the text to show once: 192 random bits, so a plain hash of it cannot be reversed."""
    text = _PREFIX + secrets.token_urlsafe(24)
    token = Token(secrets.token_hex(4), site, scope, label, rfc3339(now), _digest(text))
    await store.add_token(token)
    return token, text


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
