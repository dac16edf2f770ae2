"""API tokens: 192 random bits, shown once, kept as a hash; for one site, with scopes, for a time."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

import msgspec
from msgspec import Struct

from temoin.admin.account import found, read
from temoin.admin.ports import KeyValueStore
from temoin.admin.rights import ACTS, EVERY_SITE
from temoin.clock import SystemClock, rfc3339
from temoin.errors import Invalid, NotFound

LOG_READ = "log:read"
SCOPES = (LOG_READ, *(act for act in ACTS if act != "override"))
LONGEST_DAYS = 730
_KIND = "token"
_PREFIX = "tmn_"


class Token(Struct, frozen=True):
    """A token as kept. `site` may be `*`; `scopes` are rights, or `log:read`. `made_by` is the label of the
    person who made it, or made the token that did.

    `used_on` is the day of its last use; nothing else of its use is kept.
    """

    id: str
    site: str
    scopes: list[str]
    label: str
    created_at: str
    digest: str
    made_by: str = ""
    expires_at: str | None = None
    used_on: str | None = None


class TokenActor:
    """Somebody who asks with a token. See `temoin.admin.rights.Actor`."""

    def __init__(self, token: Token) -> None:
        self.token = token

    @property
    def label(self) -> str:
        return f"token:{self.token.id}"

    @property
    def person(self) -> str:
        return self.token.made_by or self.label

    def acts_on(self, site: str) -> frozenset[str]:
        return frozenset(self.token.scopes if self.token.site in (site, EVERY_SITE) else ())


class Tokens:
    """Makes, lists, finds and revokes tokens."""

    def __init__(self, store: KeyValueStore, clock: SystemClock) -> None:
        self._store = store
        self._clock = clock

    def new(self, site: str, scopes: list[str], label: str, made_by: str, days: int | None = None) -> tuple[Token, str]:
        """A token that is in force once kept, and the text to show once; raises Invalid."""
        if not scopes or set(scopes) - set(SCOPES):
            raise Invalid("bad_scope", "A token needs one or more known scopes.", f"Scopes: {', '.join(SCOPES)}.")
        if days is not None and not 1 <= days <= LONGEST_DAYS:
            raise Invalid("bad_expiry", f"A token lasts 1 to {LONGEST_DAYS} days.", "Give another number of days.")
        text = _PREFIX + secrets.token_urlsafe(24)
        now = self._clock.now()
        expires = rfc3339(now + timedelta(days=days)) if days else None
        wanted = [scope for scope in SCOPES if scope in scopes]
        token = Token(secrets.token_hex(4), site, wanted, label[:200], rfc3339(now), _digest(text), made_by, expires)
        return token, text

    async def keep(self, token: Token) -> None:
        await self._keep(token, 0)

    async def all(self) -> list[Token]:
        """Those in force, oldest first."""
        return sorted((read(kept, Token) for kept in await self._store.list(_KIND)), key=lambda one: one.created_at)

    async def get(self, token_id: str) -> Token:
        """Raises NotFound."""
        for token in await self.all():
            if token.id == token_id:
                return token
        raise NotFound("unknown_token", f"There is no token {token_id!r}.", "'temoin token list' shows their ids.")

    async def revoke(self, token_id: str) -> Token:
        """In force until this returns, and never after."""
        token = await self.get(token_id)
        await self._store.delete(_KIND, token.digest)
        return token

    async def actor(self, text: str) -> TokenActor | None:
        """Who asks with this token; None for one that is unknown, expired or revoked."""
        known = await found(self._store, _KIND, _digest(text), Token)
        if known is None:
            return None
        token, revision = known
        today = rfc3339(self._clock.now())[:10]
        if token.used_on != today:
            await self._keep(msgspec.structs.replace(token, used_on=today), revision)
        return TokenActor(token)

    async def _keep(self, token: Token, expected: int) -> None:
        value = msgspec.json.encode(token)
        await self._store.put(_KIND, token.digest, value, expected=expected, expires_at=token.expires_at)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
