"""Administrators, their sessions, and API tokens. Implements `AccountStore` and `TokenStore` of the admin plane."""

from __future__ import annotations

from typing import Any

from temoin.admin.ports import Account, Token
from temoin.storage.sqlite.connection import Readers, Writer


class SqliteAccounts:
    """See `temoin.admin.ports.AccountStore` and `TokenStore`."""

    def __init__(self, writer: Writer, readers: Readers) -> None:
        self._writer = writer
        self._readers = readers

    async def _write(self, sql: str, *values: object) -> int:
        return await self._writer.transact(lambda connection: connection.execute(sql, values).rowcount)

    async def _one(self, sql: str, *values: object) -> Any:
        return await self._readers.read(lambda connection: connection.execute(sql, values).fetchone())

    async def put_account(self, account: Account) -> None:
        await self._write(
            "INSERT INTO account VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET password = excluded.password,"
            " role = excluded.role",
            *(account.name, account.password, account.role, account.created_at),
        )

    async def account(self, name: str) -> Account | None:
        row = await self._one("SELECT name, password, role, created_at FROM account WHERE name = ?", name)
        return Account(*row) if row else None

    async def open_session(self, digest: bytes, account: str, expires_at: str) -> None:
        await self._write("INSERT INTO session VALUES (?, ?, ?)", digest, account, expires_at)

    async def session(self, digest: bytes, now: str) -> Account | None:
        row = await self._one(
            "SELECT name, password, role, created_at FROM session JOIN account ON account.name = session.account"
            " WHERE digest = ? AND expires_at > ?",
            *(digest, now),
        )
        return Account(*row) if row else None

    async def close_session(self, digest: bytes) -> None:
        await self._write("DELETE FROM session WHERE digest = ?", digest)

    async def add_token(self, token: Token) -> None:
        await self._write(
            "INSERT INTO token (id, digest, site, scope, label, created_at) VALUES (?, ?, ?, ?, ?, ?)",
            *(token.id, token.digest, token.site, token.scope, token.label, token.created_at),
        )

    async def tokens(self) -> list[Token]:
        rows = await self._readers.read(
            lambda connection: connection.execute(
                "SELECT id, site, scope, label, created_at, digest FROM token ORDER BY created_at"
            ).fetchall()
        )
        return [Token(*row) for row in rows]

    async def revoke_token(self, token_id: str) -> bool:
        return bool(await self._write("DELETE FROM token WHERE id = ?", token_id))

    async def token_scope(self, digest: bytes) -> tuple[str, str] | None:
        row: tuple[str, str] | None = await self._one("SELECT site, scope FROM token WHERE digest = ?", digest)
        return row
