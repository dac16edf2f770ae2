"""Moving old records from the file to the archive. Implements `ArchiveStore` of the proof plane.

The order is what makes a crash harmless: the segment is on the disk under its name before the transaction that names
it and empties the rows. Before that transaction the rows hold the records and the file is a leftover; after it the
segment holds them and the rows are stubs (place, id, commitment, and what repeats and histories are found by).
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from datetime import timedelta

import orjson

from temoin.clock import parse_rfc3339, rfc3339
from temoin.errors import Unavailable
from temoin.proof.archiving import Age
from temoin.storage.archive.archive import Archive, Stored
from temoin.storage.sqlite.connection import Chores, transaction
from temoin.storage.sqlite.schema import INDEX_BITS
from temoin.storage.sqlite.stubs import cut_to_stubs, hot_records, known_segments, site_number, store_id
from temoin.storage.sqlite.traces import empty_wal

_MOST = 32_768
_LONGEST_SPAN = timedelta(days=31)  # a segment is destroyed as a whole, when the last of its records is due


@dataclass(slots=True)
class _Candidates:
    """What may become the next segment. `closed`: waiting would add nothing to it."""

    records: list[tuple[int, bytes]] = field(default_factory=list)
    closed: bool = False


class SqliteArchiving:
    """See `temoin.proof.archiving.ArchiveStore`."""

    def __init__(self, chores: Chores, archive: Archive) -> None:
        self._chores = chores
        self._archive = archive

    async def archive(self, site: str, age: Age, least: int) -> int:
        return await self._chores.run(lambda connection: self._move(connection, site, age, least))

    def _move(self, connection: sqlite3.Connection, site: str, age: Age, least: int) -> int:
        no = site_number(connection, site)
        with self._archive.changing(store_id(connection), lambda: known_segments(connection)):
            while True:
                found = _candidates(connection, no, age)
                if not found.records or (len(found.records) < least and not found.closed):
                    return 0
                stored = self._archive.store(site, found.records)
                with transaction(connection):
                    _empty(connection, no, found.records, stored)
                if stored is not None:
                    empty_wal(connection)
                    return len(stored.held)


def _empty(connection: sqlite3.Connection, no: int, records: list[tuple[int, bytes]], stored: Stored | None) -> None:
    """Makes the segment part of the store, its rows stubs, and the next segment begin after these records.

    Records that the segment could not take are passed over for good: they stay in the file.
    """
    until = records[-1][0] + 1
    connection.execute("UPDATE site SET archived_until = ? WHERE no = ?", (until, no))
    if stored is None:
        return
    held = set(stored.held)
    last = max(orjson.loads(body)["expires_at"] for index, body in records if index in held)
    segment = connection.execute(
        "INSERT INTO segment (site_no, first, until, records, expires_last, file) VALUES (?, ?, ?, ?, ?, ?)",
        (no, records[0][0], until, len(held), last, stored.file),
    ).lastrowid
    keys = [(no << INDEX_BITS) + index for index in stored.held]
    between = (keys[0], keys[-1])
    (there,) = connection.execute(
        "SELECT count(*) FROM entry WHERE key BETWEEN ? AND ? AND kind = 'consent' AND body IS NOT NULL", between
    ).fetchone()
    if there != sum(keys[0] <= (no << INDEX_BITS) + index <= keys[-1] for index, _ in records):
        raise Unavailable("archive_raced", "Records changed while they were archived.", "Run 'temoin archive' again.")
    cut_to_stubs(connection, keys, segment)


def _candidates(connection: sqlite3.Connection, no: int, age: Age) -> _Candidates:
    (sealed, start) = connection.execute(
        "SELECT sealed, max(kept_from, archived_until) FROM site WHERE no = ?", (no,)
    ).fetchone()
    base = no << INDEX_BITS
    found = _Candidates()
    longest = ""
    for key, _, body in hot_records(connection, base + start, base + sealed):
        recorded = orjson.loads(body)["recorded_at"]
        if not age.reached(recorded):
            return found
        longest = longest or rfc3339(parse_rfc3339(recorded) + _LONGEST_SPAN)
        if recorded > longest or len(found.records) == _MOST:
            found.closed = True
            return found
        found.records.append((key - base, body))
    return found
