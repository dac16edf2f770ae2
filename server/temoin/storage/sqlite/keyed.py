"""Small values by kind and key: accounts, sessions, tokens. Implements `KeyValueStore` of the admin plane."""

from __future__ import annotations

import sqlite3

from temoin.admin.ports import Kept
from temoin.clock import SystemClock, rfc3339
from temoin.storage.sqlite.connection import Readers, Writer

_ALIVE = "(expires_at IS NULL OR expires_at > ?)"


class SqliteKeyed:
    """See `temoin.admin.ports.KeyValueStore`."""

    def __init__(self, writer: Writer, readers: Readers, clock: SystemClock) -> None:
        self._writer = writer
        self._readers = readers
        self._clock = clock

    def _now(self) -> str:
        return rfc3339(self._clock.now())

    async def get(self, kind: str, key: str) -> Kept | None:
        values = (kind, key, self._now())

        def work(connection: sqlite3.Connection) -> Kept | None:
            row = connection.execute(
                f"SELECT key, value, revision FROM keyed WHERE kind = ? AND key = ? AND {_ALIVE}",  # noqa: S608  # a constant
                values,
            ).fetchone()
            return Kept(*row) if row else None

        return await self._readers.read(work)

    async def list(self, kind: str) -> list[Kept]:
        values = (kind, self._now())

        def work(connection: sqlite3.Connection) -> list[Kept]:
            rows = connection.execute(
                f"SELECT key, value, revision FROM keyed WHERE kind = ? AND {_ALIVE} ORDER BY key",  # noqa: S608  # a constant
                values,
            )
            return [Kept(*row) for row in rows]

        return await self._readers.read(work)

    async def put(
        self, kind: str, key: str, value: bytes, *, expected: int | None = None, expires_at: str | None = None
    ) -> bool:
        now = self._now()

        def work(connection: sqlite3.Connection) -> bool:
            connection.execute("DELETE FROM keyed WHERE expires_at <= ?", (now,))
            row = connection.execute("SELECT revision FROM keyed WHERE kind = ? AND key = ?", (kind, key)).fetchone()
            present = row[0] if row else 0
            if expected is not None and expected != present:
                return False
            connection.execute(
                "INSERT OR REPLACE INTO keyed VALUES (?, ?, ?, ?, ?)", (kind, key, value, present + 1, expires_at)
            )
            return True

        return await self._writer.transact(work)

    async def delete(self, kind: str, key: str) -> bool:
        def work(connection: sqlite3.Connection) -> bool:
            return bool(connection.execute("DELETE FROM keyed WHERE kind = ? AND key = ?", (kind, key)).rowcount)

        return await self._writer.transact(work)
