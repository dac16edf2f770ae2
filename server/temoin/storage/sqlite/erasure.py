"""Destroying a subject's records in the embedded store. Implements `ErasureStore` of the proof plane.

A destroyed entry keeps its key, id, kind and commitment; subject, body and digest go, in the transaction that appends
the log entry about it. Archived records go by a new file without them: the transaction names the new file, then the old
one is removed (after a crash, by the next start). Afterwards the write-ahead log is emptied into the file and cut to
nothing, and the file is searched for the subject's bytes: what SQLite left behind is removed by rewriting the file.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from operator import itemgetter

import orjson

from temoin.errors import Unavailable
from temoin.proof.erasure import Account, Erased
from temoin.storage.archive.archive import Stored, damaged
from temoin.storage.sqlite.connection import transaction
from temoin.storage.sqlite.retention import SqliteRetention
from temoin.storage.sqlite.schema import INDEX_BITS, subject_key
from temoin.storage.sqlite.stubs import append, destroy, known_segments, site_number, store_id, whole_segment
from temoin.storage.sqlite.traces import wipe


@dataclass(frozen=True, slots=True)
class _Cut:
    """A segment, its file, and the file without one subject's records; `rows` are key, id and body of those."""

    segment: int
    old: str
    new: Stored | None
    rows: list[tuple[int, bytes, bytes]]


class SqliteErasure(SqliteRetention):
    """See `ErasureStore` of `temoin.proof.erasure`; what is destroyed by age is in `SqliteRetention`."""

    async def erase_subject(self, site: str, subject: str, account: Account) -> Erased | None:
        return await self._chores.run(lambda connection: self._erase(connection, site, subject, account))

    def _erase(self, connection: sqlite3.Connection, site: str, subject: str, account: Account) -> Erased | None:
        no = site_number(connection, site)
        with self._archive.changing(store_id(connection), lambda: known_segments(connection)) as swept:
            cuts = self._cut(connection, site, no, subject)
            with transaction(connection):
                rows = connection.execute(
                    "SELECT key, id, body FROM entry WHERE site_no = ? AND subject_key = ? AND subject = ?",
                    (no, subject_key(subject), subject),
                ).fetchall()
                rows += [row for cut in cuts for row in cut.rows]
                ids = tuple(str(uuid.UUID(bytes=row[1])) for row in sorted(rows, key=itemgetter(0)))
                for cut in cuts:
                    _swap(connection, cut)
                destroy(connection, [row[0] for row in rows])
                entry = append(connection, self._archive, account, ids) if rows else None
            removed = [self._removed(cut.old) for cut in cuts]
        found, left = wipe(connection, self._chores.path, _traces(subject, [row[2] for row in rows]))
        # Nothing but traces: an earlier erasure could not remove them, and this one finishes its work.
        return Erased(ids, entry, not left and all(removed)) if rows or found or swept else None

    def _removed(self, file: str) -> bool:
        """Whether the file went; where its place does not answer now, the next change of the archive removes it."""
        try:
            self._archive.remove(file)
        except Unavailable:
            return False
        return True

    def _cut(self, connection: sqlite3.Connection, site: str, no: int, subject: str) -> list[_Cut]:
        """Every segment that holds records of the subject, written anew without them; only within `changing`."""
        found = connection.execute(
            "SELECT DISTINCT segment.no, segment.file FROM entry JOIN segment ON segment.no = entry.segment"
            " WHERE entry.site_no = ? AND entry.subject_key = ?",
            (no, subject_key(subject)),
        ).fetchall()
        cuts = []
        for segment, file in found:
            records = whole_segment(self._archive, file)
            theirs = {place for place, body in records.items() if orjson.loads(body)["subject"] == subject}
            rest = [(place, body) for place, body in sorted(records.items()) if place not in theirs]
            stored = self._archive.store(site, rest) if rest else None
            if len(rest) != (len(stored.held) if stored else 0):
                raise damaged(file, "its records cannot be written again as they are")
            keys = [(no << INDEX_BITS) + place for place in sorted(theirs)]
            rows = [
                (key, connection.execute("SELECT id FROM entry WHERE key = ?", (key,)).fetchone()[0], records[place])
                for key, place in zip(keys, sorted(theirs), strict=True)
            ]
            cuts.append(_Cut(segment, file, stored, rows))
        return cuts


def _traces(subject: str, bodies: Iterable[bytes | None]) -> list[bytes]:
    """What must not be found afterwards: the subject's id, and the salts that made its commitments secret."""
    salts = (orjson.loads(body).get("salt") for body in bodies if body is not None)
    return [subject.encode(), *(salt.encode() for salt in salts if salt)]


def _swap(connection: sqlite3.Connection, cut: _Cut) -> None:
    """Names the new file in place of the old one; a segment without records is none."""
    if cut.new is None:
        connection.execute("DELETE FROM segment WHERE no = ?", (cut.segment,))
    else:
        connection.execute(
            "UPDATE segment SET file = ?, records = ? WHERE no = ?", (cut.new.file, len(cut.new.held), cut.segment)
        )
