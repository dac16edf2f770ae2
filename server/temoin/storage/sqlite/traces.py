"""Making sure that erased bytes are gone from the store's files.

`secure_delete` overwrites what is deleted. It does not reach copies that SQLite makes when it moves rows between pages,
nor the write-ahead log: the log is therefore written back and cut to nothing, the files are searched, and where
something is still found the whole file is rewritten.
"""

from __future__ import annotations

import mmap
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

_WAL_TRIES = 5


def wipe(connection: sqlite3.Connection, path: Path, traces: Sequence[bytes]) -> tuple[bool, bool]:
    """Removes the traces from the store's files: whether any had been left by the deletion, and whether any still is.

    Call it outside a transaction. Rewriting holds the write lock for as long as copying the file takes.
    """
    empty_wal(connection)
    if not found(path, traces):
        return False, False
    with suppress(sqlite3.OperationalError):  # another process writes: what is left is told by looking again
        connection.execute("VACUUM")
        empty_wal(connection)
    return True, found(path, traces)


def empty_wal(connection: sqlite3.Connection) -> None:
    """Writes the write-ahead log back into the file and cuts it to nothing, as soon as readers allow it."""
    for _ in range(_WAL_TRIES):
        (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if not busy:
            return


def found(path: Path, traces: Sequence[bytes]) -> bool:
    """Whether any of the byte strings stands in the store's file or its write-ahead log."""
    return any(_in_file(file, traces) for file in (path, path.with_name(f"{path.name}-wal")))


def _in_file(file: Path, traces: Sequence[bytes]) -> bool:
    if not file.is_file() or file.stat().st_size == 0:
        return False
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return any(data.find(trace) >= 0 for trace in traces)
