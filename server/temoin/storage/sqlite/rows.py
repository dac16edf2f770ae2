"""Entries from rows: with the body from the file, or from the archive where it went."""

from __future__ import annotations

import hashlib
import sqlite3
import uuid
from collections import defaultdict
from collections.abc import Iterable
from typing import Protocol

import orjson

from temoin.proof.entry import LoggedEntry
from temoin.storage.archive.archive import SegmentGone, damaged
from temoin.storage.sqlite.schema import INDEX_BITS

_INDEX_MASK = (1 << INDEX_BITS) - 1
_TRIES = 5

# The segment's file comes with the row, from one snapshot: the two belong together.
ENTRY_COLUMNS = "key, id, kind, subject, body, commitment, (SELECT file FROM segment WHERE segment.no = entry.segment)"
Row = tuple[int, bytes, str, str | None, bytes | None, bytes, str | None]


class Bodies(Protocol):
    """Where archived bodies come from: `Archive`, or what was read from it before."""

    def records(self, file: str, places: Iterable[int]) -> dict[int, bytes]: ...


def select(connection: sqlite3.Connection, archive: Bodies, sql: str, values: tuple[object, ...]) -> list[LoggedEntry]:
    """The entries of a query for ENTRY_COLUMNS. Asks again where an erasure replaced a segment in between."""
    for attempt in range(_TRIES):
        rows: list[Row] = connection.execute(sql, values).fetchall()
        try:
            return entries(rows, archive)
        except SegmentGone as gone:
            if attempt == _TRIES - 1:
                raise damaged(str(gone), "the file is not there") from gone
    raise AssertionError("unreachable")


def entries(rows: list[Row], archive: Bodies) -> list[LoggedEntry]:
    """Entries from rows of ENTRY_COLUMNS; raises SegmentGone where a file is not there, Unavailable where it is bad."""
    wanted: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        if row[6] is not None:
            wanted[row[6]].append(row[0] & _INDEX_MASK)
    archived = {file: archive.records(file, places) for file, places in wanted.items()}
    return [_entry(row, archived) for row in rows]


def _entry(row: Row, archived: dict[str, dict[int, bytes]]) -> LoggedEntry:
    key, entry_id, kind, subject, body, commitment, file = row
    index = key & _INDEX_MASK
    if file is not None:
        body = archived[file].get(index)
        if body is None or hashlib.sha256(body).digest() != commitment:
            raise damaged(file, f"it does not hold what entry {index} commits to")
        subject = orjson.loads(body)["subject"]
    return LoggedEntry(index, str(uuid.UUID(bytes=entry_id)), kind, subject, body, commitment)  # type: ignore[arg-type]  # `kind` was a Kind when it was written
