"""Destroying what was kept long enough in the embedded store. Implements `RetentionStore` and `UpkeepLease`.

Hot records go one by one, archived ones with their segment when all of it is over; in the same transaction go the log
entry that says so, and the mark on every exported file that holds one of them.
"""

from __future__ import annotations

import sqlite3
import uuid
from dataclasses import dataclass
from typing import Any

import orjson

from temoin.clock import SystemClock
from temoin.errors import TemoinError
from temoin.proof.entry import LoggedEntry
from temoin.proof.erasure import Account
from temoin.proof.retention import Destroyed, Rule
from temoin.proof.upkeep import DAY_SECONDS
from temoin.storage.archive.archive import Archive
from temoin.storage.sqlite.connection import Chores, transaction
from temoin.storage.sqlite.exports import mark_due, registered
from temoin.storage.sqlite.lease import Lease, take
from temoin.storage.sqlite.schema import INDEX_BITS
from temoin.storage.sqlite.stubs import (
    append,
    cut_to_stubs,
    hot_records,
    known_segments,
    site_number,
    store_id,
    whole_segment,
)
from temoin.storage.sqlite.traces import empty_wal

_UPKEEP_LEASE = "upkeep"
_STEP = 10_000


@dataclass(frozen=True, slots=True)
class _Over:
    """A hot record to destroy."""

    key: int
    id: bytes
    record: dict[str, Any]


class SqliteRetention:
    """See `RetentionStore` and `UpkeepLease` in `temoin.proof`."""

    def __init__(self, chores: Chores, archive: Archive, clock: SystemClock) -> None:
        self._chores = chores
        self._archive = archive
        self._clock = clock

    async def acquire_upkeep_lease(self, holder: str, seconds: float) -> int | None:
        now = self._clock.now().timestamp()
        wanted = Lease(_UPKEEP_LEASE, holder, seconds, DAY_SECONDS)

        def work(connection: sqlite3.Connection) -> int | None:
            with transaction(connection):
                return take(connection, wanted, now)

        return await self._chores.run(work)

    async def published_sites(self) -> list[str]:
        return await self._chores.run(
            lambda connection: [
                row[0] for row in connection.execute("SELECT id FROM site WHERE version IS NOT NULL ORDER BY id")
            ]
        )

    async def site_configs(self, site: str) -> list[bytes]:
        return await self._chores.run(
            lambda connection: [
                row[0]
                for row in connection.execute(
                    "SELECT body FROM config JOIN site ON site.no = config.site_no WHERE site.id = ?"
                    " ORDER BY config.version = site.version DESC",
                    (site,),
                )
            ]
        )

    async def destroy_over(self, site: str, rule: Rule, account: Account) -> Destroyed:
        return await self._chores.run(lambda connection: self._destroy_over(connection, site, rule, account))

    def _destroy_over(self, connection: sqlite3.Connection, site: str, rule: Rule, account: Account) -> Destroyed:
        no = site_number(connection, site)
        archived = self._drop_over(connection, site, no, rule, account)
        if archived is not None:
            return archived
        with transaction(connection):
            over, kept_from = _over(connection, no, rule)
            connection.execute("UPDATE site SET kept_from = ? WHERE no = ?", (kept_from, no))
            mark_due(connection, site, [(each.key - (no << INDEX_BITS), each.record) for each in over])
            entry = self._account_for(connection, [(each.key, each.id) for each in over], account)
        if over:
            empty_wal(connection)
        return Destroyed(len(over), entry, more=len(over) == _STEP)

    def _drop_over(
        self, connection: sqlite3.Connection, site: str, no: int, rule: Rule, account: Account
    ) -> Destroyed | None:
        """Drops one segment of which every record is over, or answers None."""
        base = no << INDEX_BITS
        if connection.execute("SELECT 1 FROM segment WHERE site_no = ? LIMIT 1", (no,)).fetchone() is None:
            return None
        with self._archive.changing(store_id(connection), lambda: known_segments(connection)):
            segments = connection.execute(
                "SELECT no, first, until, expires_last, file FROM segment WHERE site_no = ? ORDER BY first", (no,)
            ).fetchall()
            due = next((row for row in segments if rule.over(row[3])), None)
            if due is None:
                return None
            segment, first, until, _, file = due
            records = self._documents(file) if registered(connection, site) else None
            with transaction(connection):
                over = connection.execute(
                    "SELECT key, id FROM entry WHERE key >= ? AND key < ? AND segment = ? ORDER BY key",
                    (base + first, base + until, segment),
                ).fetchall()
                connection.execute("DELETE FROM segment WHERE no = ?", (segment,))
                mark_due(connection, site, records)
                entry = self._account_for(connection, over, account)
            self._archive.remove(file)
        empty_wal(connection)
        return Destroyed(len(over), entry, more=True)

    def _documents(self, file: str) -> list[tuple[int, dict[str, Any]]] | None:
        """Places and records of a segment; None where it cannot be read, which keeps nobody from destroying it."""
        try:
            return [(place, orjson.loads(body)) for place, body in whole_segment(self._archive, file).items()]
        except TemoinError:
            return None

    def _account_for(
        self, connection: sqlite3.Connection, over: list[tuple[int, bytes]], account: Account
    ) -> LoggedEntry | None:
        if not over:
            return None
        cut_to_stubs(connection, [key for key, _ in over], None)
        return append(connection, self._archive, account, [str(uuid.UUID(bytes=entry_id)) for _, entry_id in over])


def _over(connection: sqlite3.Connection, no: int, rule: Rule) -> tuple[list[_Over], int]:
    """The oldest hot records that are over, and the index below which nothing is left to destroy."""
    (kept_from, appended) = connection.execute("SELECT kept_from, appended FROM site WHERE no = ?", (no,)).fetchone()
    base = no << INDEX_BITS
    over: list[_Over] = []
    first_kept: int | None = None
    for key, entry_id, body in hot_records(connection, base + kept_from, base + appended):
        record = orjson.loads(body)
        if rule.over(record["expires_at"]):
            over.append(_Over(key, entry_id, record))
            if len(over) == _STEP:
                return over, (first_kept or key) - base
            continue
        first_kept = first_kept or key
        if rule.none_from(record["recorded_at"]):
            break
    return over, (first_kept or base + appended) - base
