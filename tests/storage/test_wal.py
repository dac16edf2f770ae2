"""SQLite's write-ahead log is moved into the file beside the commits: it stays short, and no commit fails of it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from temoin.clock import SystemClock
from temoin.storage.sqlite.store import FILE, SqliteStore
from tests.aio import run
from tests.storage.note import Note

AT_ONCE = 50
SHORT = 32 * 2**20  # bytes; half of what is left to SQLite itself


async def _append(store: SqliteStore, first: int, last: int) -> None:
    for start in range(first, last, AT_ONCE):
        notes = [Note(str(number), subject=f"{number:022d}") for number in range(start, start + AT_ONCE)]
        placed = await asyncio.gather(*map(store.append, notes))
        assert [one.entry.index for one in placed] == list(range(start, start + AT_ONCE))


async def _opened(folder: Path) -> SqliteStore:
    store = SqliteStore(folder, SystemClock())
    await store.sites.put_site("boutique", b"{}", "host/boutique", b"k" * 32)
    return store


@contextmanager
def _reading(folder: Path) -> Iterator[None]:
    """Somebody looks at the store as it is now, and goes on looking: the log cannot begin anew."""
    with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM entry").fetchone()
        yield


def test_the_log_stays_short_however_much_is_written(tmp_path: Path) -> None:
    async def write() -> None:
        store = await _opened(tmp_path)
        await _append(store, 0, 20_000)
        assert (tmp_path / f"{FILE}-wal").stat().st_size < SHORT
        await store.close()

    run(write())


def test_a_log_that_cannot_be_moved_fails_no_commit_and_grows_no_more_once_it_can(tmp_path: Path) -> None:
    wal = tmp_path / f"{FILE}-wal"

    async def write() -> None:
        store = await _opened(tmp_path)
        with _reading(tmp_path):
            await _append(store, 0, 8_000)
        grown = wal.stat().st_size
        await _append(store, 8_000, 24_000)
        assert wal.stat().st_size < grown + SHORT
        await store.close()

    run(write())
