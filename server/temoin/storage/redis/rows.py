"""Entries from rows: with the body from Redis, or from the archive where it went."""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

import orjson

from temoin.proof.entry import LoggedEntry
from temoin.storage.archive.archive import Archive, SegmentGone, damaged
from temoin.storage.redis.layout import Row, read_row, unpack_body

_TRIES = 5

Ask = Callable[[], Awaitable[list[Any]]]
"""Asks Redis for rows."""


async def entries(archive: Archive, ask: Ask) -> list[LoggedEntry]:
    """The entries that `ask` answers with. Asks again where an erasure replaced a segment in between."""
    for attempt in range(_TRIES):
        rows = [read_row(answer) for answer in await ask()]
        try:
            return await with_bodies(archive, rows)
        except SegmentGone as gone:
            if attempt == _TRIES - 1:
                raise damaged(str(gone), "the file is not there") from gone
    raise AssertionError("unreachable")


async def with_bodies(archive: Archive, rows: list[Row]) -> list[LoggedEntry]:
    """Raises SegmentGone where a file is not there, Unavailable where it is bad."""
    wanted: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        if row.file:
            wanted[row.file].append(row.index)
    archived = {file: await asyncio.to_thread(archive.records, file, places) for file, places in sorted(wanted.items())}
    return [_entry(row, archived) for row in rows]


def _entry(row: Row, archived: dict[str, dict[int, bytes]]) -> LoggedEntry:
    subject: str | None = None
    body: bytes | None = None
    if row.file:
        body = archived[row.file].get(row.index)
        if body is None or hashlib.sha256(body).digest() != row.commitment:
            raise damaged(row.file, f"it does not hold what entry {row.index} commits to")
        subject = orjson.loads(body)["subject"]
    elif row.packed:
        subject, body = unpack_body(row.packed)
    return LoggedEntry(row.index, row.id, row.kind, subject, body, row.commitment)
