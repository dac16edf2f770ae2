"""The logs of the embedded store: sealing and reading back. Implements the ports of `temoin.proof.ports`."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import AsyncIterator

from temoin.clock import SystemClock
from temoin.proof.entry import LoggedEntry
from temoin.proof.ports import LogState, Seal
from temoin.storage.archive.archive import Archive
from temoin.storage.sqlite.connection import Readers, Writer
from temoin.storage.sqlite.lease import Lease, take
from temoin.storage.sqlite.rows import ENTRY_COLUMNS, select
from temoin.storage.sqlite.schema import INDEX_BITS, subject_key
from temoin.storage.sqlite.trust import SqliteTrust, end_rotation, rotations

_PAGE = 2000
_SEAL_LEASE = "seal"
_ENDORSE_LEASE = "endorse"
_LONGEST_LEASE = 60.0


class SqliteLog(SqliteTrust):
    """See `SealStore`, `SealLease` and `EntryReader`; keys and endorsements are in `SqliteTrust`."""

    def __init__(self, writer: Writer, readers: Readers, archive: Archive, clock: SystemClock) -> None:
        super().__init__(writer, readers, archive)
        self._clock = clock

    async def tile(self, site: str, path: str) -> bytes | None:
        row = await self._one(
            "SELECT data FROM tile WHERE site_no = (SELECT no FROM site WHERE id = ?) AND path = ?", site, path
        )
        return row[0] if row else None

    async def unsealed_sites(self) -> list[str]:
        return [row[0] for row in await self._all("SELECT id FROM site WHERE appended > sealed")]

    async def unsealed(self) -> int:
        """Entries of all logs that are not yet under a checkpoint."""
        row = await self._one("SELECT coalesce(sum(appended - sealed), 0) FROM site WHERE appended > sealed")
        return int(row[0])

    async def log_state(self, site: str) -> LogState | None:
        row = await self._one("SELECT id, origin, appended, sealed, checkpoint FROM site WHERE id = ?", site)
        return LogState(*row) if row else None

    async def commitments(self, site: str, start: int, limit: int) -> list[bytes]:
        rows = await self._all(
            "SELECT commitment FROM entry WHERE key >= ((SELECT no FROM site WHERE id = ?) << ?) + ?"
            " AND key < ((SELECT no FROM site WHERE id = ?) << ?) + ? ORDER BY key",
            *(site, INDEX_BITS, start, site, INDEX_BITS, start + limit),
        )
        return [row[0] for row in rows]

    async def seal(self, seal: Seal, fence: int) -> bool:
        def work(connection: sqlite3.Connection) -> bool:
            row = connection.execute(
                "SELECT no FROM site WHERE id = ? AND sealed = ?", (seal.site, seal.old_size)
            ).fetchone()
            held = connection.execute("SELECT fence FROM lease WHERE name = ?", (_SEAL_LEASE,)).fetchone()
            if row is None or held is None or held[0] != fence or rotations(connection, row[0]) != seal.rotations:
                return False
            no = row[0]
            end_rotation(connection, no, seal)
            connection.executemany(
                "DELETE FROM tile WHERE site_no = ? AND path = ?", [(no, path) for path in seal.obsolete]
            )
            connection.executemany(
                "INSERT OR REPLACE INTO tile (site_no, path, data) VALUES (?, ?, ?)",
                [(no, path, data) for path, data in seal.tiles.items()],
            )
            connection.execute(
                "UPDATE site SET sealed = ?, checkpoint = ? WHERE no = ?", (seal.new_size, seal.checkpoint, no)
            )
            return True

        return await self._writer.transact(work)

    async def acquire_seal_lease(self, holder: str, seconds: float) -> int | None:
        return await self._acquire(_SEAL_LEASE, holder, seconds)

    async def acquire_endorse_lease(self, holder: str, seconds: float) -> int | None:
        return await self._acquire(_ENDORSE_LEASE, holder, seconds)

    async def _acquire(self, name: str, holder: str, seconds: float) -> int | None:
        now = self._clock.now().timestamp()
        wanted = Lease(name, holder, seconds, _LONGEST_LEASE)
        return await self._writer.transact(lambda connection: take(connection, wanted, now))

    async def entry(self, site: str, entry_id: str) -> LoggedEntry | None:
        found = await self._entries(
            f"SELECT {ENTRY_COLUMNS} FROM entry WHERE site_no = (SELECT no FROM site WHERE id = ?) AND id = ?",  # noqa: S608  # a constant
            *(site, uuid.UUID(entry_id).bytes),
        )
        return found[0] if found else None

    async def _entries(self, sql: str, *values: object) -> list[LoggedEntry]:
        return await self._readers.read(lambda connection: select(connection, self._archive, sql, values))

    async def entries(
        self, site: str, below: int, subject: str | None = None, start: int = 0
    ) -> AsyncIterator[LoggedEntry]:
        """Pages of a bounded number of rows, each read in a snapshot of its own; entries never change place."""
        row = await self._one("SELECT no FROM site WHERE id = ?", site)
        key, end = ((row[0] << INDEX_BITS) + start, (row[0] << INDEX_BITS) + below) if row else (0, 0)
        values = (row[0], subject_key(subject)) if row and subject is not None else ()
        by_subject = "site_no = ? AND subject_key = ? AND" if subject is not None else ""
        while key < end:
            page = await self._entries(
                f"SELECT {ENTRY_COLUMNS} FROM entry WHERE {by_subject} key >= ? AND key < ? ORDER BY key LIMIT {_PAGE}",  # noqa: S608  # constants
                *(*values, key, end),
            )
            for found in page:
                yield found
            if len(page) < _PAGE:
                return
            key = (row[0] << INDEX_BITS) + page[-1].index + 1

    async def publications(self, site: str) -> list[LoggedEntry]:
        return await self._entries(
            f"SELECT {ENTRY_COLUMNS} FROM entry WHERE site_no = (SELECT no FROM site WHERE id = ?)"  # noqa: S608  # a constant
            " AND kind = 'publication' ORDER BY key",
            site,
        )

    async def config_body(self, site: str, version: str) -> bytes | None:
        row = await self._one(
            "SELECT body FROM config WHERE site_no = (SELECT no FROM site WHERE id = ?) AND version = ?", site, version
        )
        return row[0] if row else None

    async def blob(self, digest: str) -> bytes | None:
        row = await self._one("SELECT data FROM blob WHERE digest = ?", digest)
        return row[0] if row else None
