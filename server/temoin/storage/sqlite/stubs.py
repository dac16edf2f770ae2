"""What archiving, retention and erasure share: hot records, entries cut to stubs, the segments that the store names.

A stub keeps key, id, kind and commitment: of an archived entry also what repeats and histories are found by.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from temoin.errors import Conflict, NotFound, TemoinError
from temoin.proof.entry import LoggedEntry
from temoin.proof.erasure import Account
from temoin.storage.archive.archive import Archive, SegmentGone, damaged
from temoin.storage.sqlite.append import Batch

_PAGE = 1000


def site_number(connection: sqlite3.Connection, site: str) -> int:
    """The site's number; raises NotFound."""
    row = connection.execute("SELECT no FROM site WHERE id = ?", (site,)).fetchone()
    if row is None:
        raise NotFound("unknown_site", f"There is no site {site!r}.", "'temoin site list' shows the sites.")
    return int(row[0])


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
