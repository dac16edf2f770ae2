"""Destroying records in the embedded store. Implements `ErasureStore` and `RetentionStore` of the proof plane.

A destroyed entry keeps its key, id, kind and commitment; subject, body and digest go, in the transaction that appends
the log entry about it. Archived records go with their segment when all of it is over, or by a new file without them:
the transaction names the new file, then the old one is removed (after a crash, by the next start). Afterwards the
write-ahead log is emptied into the file and cut to nothing, and after the erasure of a subject the file is searched
for its bytes: what SQLite left behind is removed by rewriting the file.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter

import orjson

from temoin.clock import SystemClock
from temoin.errors import Conflict, NotFound, TemoinError, Unavailable
from temoin.proof.entry import LoggedEntry
from temoin.proof.erasure import Account, Erased
from temoin.proof.retention import Destroyed, Rule
from temoin.proof.upkeep import DAY_SECONDS
from temoin.storage.archive.archive import Archive, SegmentGone, Stored, damaged
from temoin.storage.sqlite.append import Batch
from temoin.storage.sqlite.connection import Chores, transaction
from temoin.storage.sqlite.lease import Lease, take
from temoin.storage.sqlite.schema import INDEX_BITS, subject_key
from temoin.storage.sqlite.traces import empty_wal, wipe

_UPKEEP_LEASE = "upkeep"
_STEP = 10_000
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class _Cut:
    """A segment, its file, and the file without one subject's records; `rows` are key, id and body of those."""

    segment: int
    old: str
    new: Stored | None
    rows: list[tuple[int, bytes, bytes]]


class SqliteErasure:
    """See `ErasureStore`, `RetentionStore` and `UpkeepLease` in `temoin.proof`."""

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
        archived = self._drop_over(connection, no, rule, account)
        if archived is not None:
            return archived
        with transaction(connection):
            over, kept_from = _over(connection, no, rule)
            connection.execute("UPDATE site SET kept_from = ? WHERE no = ?", (kept_from, no))
            entry = self._account_for(connection, over, account)
        if over:
            empty_wal(connection)
        return Destroyed(len(over), entry, more=len(over) == _STEP)

    def _drop_over(self, connection: sqlite3.Connection, no: int, rule: Rule, account: Account) -> Destroyed | None:
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
            with transaction(connection):
                over = connection.execute(
                    "SELECT key, id FROM entry WHERE key >= ? AND key < ? AND segment = ? ORDER BY key",
                    (base + first, base + until, segment),
                ).fetchall()
                connection.execute("DELETE FROM segment WHERE no = ?", (segment,))
                entry = self._account_for(connection, over, account)
            self._archive.remove(file)
        empty_wal(connection)
        return Destroyed(len(over), entry, more=True)

    def _account_for(
        self, connection: sqlite3.Connection, over: list[tuple[int, bytes]], account: Account
    ) -> LoggedEntry | None:
        if not over:
            return None
        cut_to_stubs(connection, [key for key, _ in over], None)
        return append(connection, self._archive, account, [str(uuid.UUID(bytes=entry_id)) for _, entry_id in over])


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


def whole_segment(archive: Archive, file: str) -> dict[int, bytes]:
    """All records of a segment that the store names; only within `changing`, when nobody replaces it."""
    try:
        return archive.records(file)
    except SegmentGone as gone:
        raise damaged(file, "the file is not there") from gone


def store_id(connection: sqlite3.Connection) -> str:
    """Whose segments these are: a random name that the store gives itself once."""
    connection.execute("INSERT OR IGNORE INTO meta VALUES ('store_id', lower(hex(randomblob(16))))")
    (name,) = connection.execute("SELECT value FROM meta WHERE key = 'store_id'").fetchone()
    return str(name)


def known_segments(connection: sqlite3.Connection) -> list[str]:
    """The files that the store names."""
    return [row[0] for row in connection.execute("SELECT file FROM segment")]


def _over(connection: sqlite3.Connection, no: int, rule: Rule) -> tuple[list[tuple[int, bytes]], int]:
    """Key and id of the oldest hot records that are over, and the index below which nothing is left to destroy."""
    (kept_from, appended) = connection.execute("SELECT kept_from, appended FROM site WHERE no = ?", (no,)).fetchone()
    base = no << INDEX_BITS
    over: list[tuple[int, bytes]] = []
    first_kept: int | None = None
    for key, entry_id, body in hot_records(connection, base + kept_from, base + appended):
        record = orjson.loads(body)
        if rule.over(record["expires_at"]):
            over.append((key, entry_id))
            if len(over) == _STEP:
                return over, (first_kept or key) - base
            continue
        first_kept = first_kept or key
        if rule.none_from(record["recorded_at"]):
            break
    return over, (first_kept or base + appended) - base


def hot_records(connection: sqlite3.Connection, key: int, end: int) -> Iterable[tuple[int, bytes, bytes]]:
    """Key, id and body of the consent records in the file from `key` on, read in pages."""
    while True:
        rows = connection.execute(
            "SELECT key, id, body FROM entry WHERE key >= ? AND key < ? AND kind = 'consent' AND body IS NOT NULL"
            " ORDER BY key LIMIT ?",
            (key, end, _PAGE),
        ).fetchall()
        yield from rows
        if len(rows) < _PAGE:
            return
        key = rows[-1][0] + 1


def site_number(connection: sqlite3.Connection, site: str) -> int:
    """The site's number; raises NotFound."""
    row = connection.execute("SELECT no FROM site WHERE id = ?", (site,)).fetchone()
    if row is None:
        raise NotFound("unknown_site", f"There is no site {site!r}.", "'temoin site list' shows the sites.")
    return int(row[0])


def destroy(connection: sqlite3.Connection, keys: Iterable[int]) -> None:
    """Empties these few entries in the transaction under way. Their place, id and commitment stay.

    In place: nothing moves, so SQLite leaves no copies of the neighbours behind.
    """
    connection.executemany(
        "UPDATE entry SET subject = NULL, subject_key = NULL, body = NULL, digest = x'', segment = NULL WHERE key = ?",
        ((key,) for key in keys),
    )


def cut_to_stubs(connection: sqlite3.Connection, keys: Sequence[int], segment: int | None) -> None:
    """Empties long runs of entries in the transaction under way, and gives their pages back for other uses.

    With a segment they were archived in, they keep what repeats and histories are found by; without, they are
    destroyed. Rows that merely shrink would go on filling their pages, so they are taken out and put in anew.
    """
    kept = "digest, subject_key" if segment is not None else "x'', NULL"
    query = f"SELECT key, site_no, id, kind, commitment, {kept} FROM entry WHERE key = ?"  # noqa: S608  # constants
    stubs = [connection.execute(query, (key,)).fetchone() for key in keys]
    connection.executemany("DELETE FROM entry WHERE key = ?", ((key,) for key in keys))
    connection.executemany(
        "INSERT INTO entry (key, site_no, id, kind, commitment, digest, subject_key, segment)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        ((*stub, segment) for stub in stubs),
    )


def append(connection: sqlite3.Connection, archive: Archive, account: Account, ids: Iterable[str]) -> LoggedEntry:
    """Appends the document about these ids in the transaction under way."""
    (outcome,) = Batch(connection, archive).apply([account(list(ids))])
    if isinstance(outcome, TemoinError):
        raise outcome
    if outcome.repeated:
        raise Conflict("id_taken", "The id of the erasure's account is taken.", "Repeat the command.")
    return outcome.entry
