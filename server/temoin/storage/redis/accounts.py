"""Administrators, their sessions, and API tokens. Implements `AccountStore` and `TokenStore` of the admin plane."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import orjson

from temoin.admin.ports import Account, Token
from temoin.storage.redis.layout import service_key
from temoin.storage.redis.link import Link

_ACCOUNTS = service_key("accounts")
_SESSIONS = service_key("sessions")
_TOKENS = service_key("tokens")


class RedisAccounts:
    """See `temoin.admin.ports.AccountStore` and `TokenStore`."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def put_account(self, account: Account) -> None:
        before = await self.account(account.name)
        values = asdict(account) | ({"created_at": before.created_at} if before else {})
        await self._link.do("HSET", _ACCOUNTS, account.name, orjson.dumps(values))

    async def account(self, name: str) -> Account | None:
        found = await self._link.do("HGET", _ACCOUNTS, name)
        return Account(**orjson.loads(found)) if found else None

    async def open_session(self, digest: bytes, account: str, expires_at: str) -> None:
        await self._link.do("HSET", _SESSIONS, digest, orjson.dumps([account, expires_at]))

    async def session(self, digest: bytes, now: str) -> Account | None:
        found = await self._link.do("HGET", _SESSIONS, digest)
        if not found:
            return None
        name, expires_at = orjson.loads(found)
        return await self.account(name) if expires_at > now else None

    async def close_session(self, digest: bytes) -> None:
        await self._link.do("HDEL", _SESSIONS, digest)

    async def add_token(self, token: Token) -> None:
        values = {**asdict(token), "digest": token.digest.hex()}
        await self._link.do("HSET", _TOKENS, token.id, orjson.dumps(values))

    async def tokens(self) -> list[Token]:
        found = [_token(value) for value in await self._link.do("HVALS", _TOKENS)]
        return sorted(found, key=lambda token: token.created_at)

    async def revoke_token(self, token_id: str) -> bool:
        return bool(await self._link.do("HDEL", _TOKENS, token_id))

    async def token_scope(self, digest: bytes) -> tuple[str, str] | None:
        return next(((token.site, token.scope) for token in await self.tokens() if token.digest == digest), None)


def _token(value: Any) -> Token:
    values = orjson.loads(value)
    return Token(**{**values, "digest": bytes.fromhex(values["digest"])})
