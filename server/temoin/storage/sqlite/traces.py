"""Making sure that erased bytes are gone from the store's files.

`secure_delete` overwrites what is deleted. It does not reach copies that SQLite makes when it moves rows between pages,
nor the write-ahead log: the log is therefore written back and cut to nothing, the files are searched, and where
something is still found the whole file is rewritten.
"""

from __future__ import annotations

import mmap
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from time import sleep

from temoin.errors import Unavailable

_WAL_TRIES = 5
_WAL_PAUSE_SECONDS = 0.05
_ABSENT, _PRESENT = 10, 11  # exit codes that no failure of the interpreter has


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
        sleep(_WAL_PAUSE_SECONDS)  # SQLite does not wait for somebody else's checkpoint


def found(path: Path, traces: Sequence[bytes]) -> bool:
    """Whether any of the byte strings stands in the store's file or its write-ahead log.

    Another process looks. Whoever closes a file gives up every POSIX lock that its process holds on it, SQLite's too
    (sqlite.org/howtocorrupt.html, 2.2): the next process to close the store would then take itself for the last one,
    and remove the write-ahead log that this one goes on writing to.
    """
    files = [path, path.with_name(f"{path.name}-wal")]
    command = [sys.executable, "-m", "temoin.storage.sqlite.traces", *map(str, files)]
    looked = subprocess.run(command, input=b"\n".join(trace.hex().encode() for trace in traces), check=False)
    if looked.returncode not in (_ABSENT, _PRESENT):
        raise Unavailable(
            "store_failed",
            "The store's files could not be searched for what was erased.",
            "Repeat the erasure: it looks again.",
        )
    return looked.returncode == _PRESENT


def _in_file(file: Path, traces: Sequence[bytes]) -> bool:
    if not file.is_file() or file.stat().st_size == 0:
        return False
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return any(data.find(trace) >= 0 for trace in traces)


def _look() -> int:
    """The process that looks: files as arguments, traces in hexadecimal on the standard input, a line each."""
    traces = [bytes.fromhex(line) for line in sys.stdin.read().split()]
    return _PRESENT if any(_in_file(Path(file), traces) for file in sys.argv[1:]) else _ABSENT


if __name__ == "__main__":
    sys.exit(_look())
