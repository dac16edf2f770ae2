"""The logs' keys, past and present, and what witnesses and time-stamping authorities said of their checkpoints."""

from __future__ import annotations

import sqlite3
from typing import Any

from temoin.errors import Conflict, NotFound, TemoinError
from temoin.proof.append import Draft
from temoin.proof.entry import LoggedEntry
from temoin.proof.note import make_vkey
from temoin.proof.ports import Endorsement, LogKeys, PastKey, Seal
from temoin.storage.archive.archive import Archive
from temoin.storage.sqlite.append import Batch
from temoin.storage.sqlite.connection import Readers, Writer


class SqliteTrust:
    """See `KeyStore`, `RotationStore` and `EndorsementStore` of `temoin.proof.ports`."""

    def __init__(self, writer: Writer, readers: Readers, archive: Archive) -> None:
        self._writer = writer
        self._readers = readers
        self._archive = archive

    async def _one(self, sql: str, *values: object) -> Any:
        return await self._readers.read(lambda connection: connection.execute(sql, values).fetchone())

    async def _all(self, sql: str, *values: object) -> list[Any]:
        return await self._readers.read(lambda connection: connection.execute(sql, values).fetchall())

    async def log_keys(self, site: str) -> LogKeys | None:
        rows = await self._all(
            "SELECT site.signing_key, log_key.vkey, log_key.act, log_key.act_id, log_key.checkpoint,"
            " log_key.seed FROM site"
            " LEFT JOIN log_key ON log_key.site_no = site.no WHERE site.id = ? ORDER BY log_key.rotation",
            site,
        )
        if not rows:
            return None
        past = tuple(PastKey(*row[1:5]) for row in rows if row[1] is not None)
        return LogKeys(rows[0][0], past, rows[-1][5])

    async def rotate_key(self, document: Draft, old: bytes, new: bytes) -> LoggedEntry:
        def work(connection: sqlite3.Connection) -> LoggedEntry:
            row = connection.execute(
                "SELECT no, origin, signing_key FROM site WHERE id = ?", (document.site,)
            ).fetchone()
            if row is None:
                raise NotFound("unknown_site", f"There is no site {document.site!r}.", "Check the site's id.")
            no, origin, present = row
            pending = connection.execute("SELECT 1 FROM log_key WHERE site_no = ? AND checkpoint IS NULL", (no,))
            if present != old or pending.fetchone() is not None:
                raise Conflict(
                    "rotation_under_way",
                    f"Another rotation of the key of {document.site} is under way.",
                    "Wait a second until it is sealed, then look at 'temoin site show'.",
                )
            (outcome,) = Batch(connection, self._archive).apply([document])
            if isinstance(outcome, TemoinError):
                raise outcome
            connection.execute(
                "INSERT INTO log_key (site_no, rotation, vkey, seed, act, act_id) VALUES (?, ?, ?, ?, ?, ?)",
                (no, rotations(connection, no) + 1, make_vkey(origin, old), old, outcome.entry.index, document.id),
            )
            connection.execute("UPDATE site SET signing_key = ? WHERE no = ?", (new, no))
            return outcome.entry

        return await self._writer.transact(work)

    async def unendorsed(self, source: str) -> list[str]:
        rows = await self._all(
            "SELECT id FROM site WHERE checkpoint IS NOT NULL AND NOT EXISTS (SELECT 1 FROM endorsement"
            " WHERE site_no = site.no AND source = ? AND size = site.sealed) ORDER BY no",
            source,
        )
        return [row[0] for row in rows]

    async def endorsements(self, site: str) -> list[Endorsement]:
        rows = await self._all(
            "SELECT source, size, checkpoint, answer, obtained_at FROM endorsement"
            " WHERE site_no = (SELECT no FROM site WHERE id = ?) ORDER BY size, source",
            site,
        )
        return [Endorsement(*row) for row in rows]

    async def put_endorsement(self, site: str, endorsement: Endorsement) -> None:
        def work(connection: sqlite3.Connection) -> None:
            (no,) = connection.execute("SELECT no FROM site WHERE id = ?", (site,)).fetchone()
            source, size, day = endorsement.source, endorsement.size, endorsement.obtained_at[:10]
            connection.execute(
                "DELETE FROM endorsement"
                " WHERE site_no = ? AND source = ? AND size < ? AND substr(obtained_at, 1, 10) = ?",
                (no, source, size, day),
            )
            connection.execute(
                "INSERT OR REPLACE INTO endorsement VALUES (?, ?, ?, ?, ?, ?)",
                (no, source, size, endorsement.checkpoint, endorsement.answer, endorsement.obtained_at),
            )

        await self._writer.transact(work)


def rotations(connection: sqlite3.Connection, no: int) -> int:
    """How often the key of the site `no` was replaced."""
    (count,) = connection.execute("SELECT count(*) FROM log_key WHERE site_no = ?", (no,)).fetchone()
    return int(count)


def end_rotation(connection: sqlite3.Connection, no: int, seal: Seal) -> None:
    """Part of a seal: where it covers the act of a rotation, its checkpoint is the proof of it, and the seed goes."""
    connection.execute(
        "UPDATE log_key SET checkpoint = ?, seed = NULL WHERE site_no = ? AND checkpoint IS NULL AND act < ?",
        (seal.checkpoint, no, seal.new_size),
    )
