"""Connections to the embedded store: one that writes, a few that only read.

Durability: WAL with `synchronous=FULL`, so each COMMIT returns after the log file was flushed to the disk. A crash
before that leaves the file as it was; a crash after it loses nothing. What is deleted is overwritten
(`secure_delete`), whatever the library's own default: an erasure must leave no bytes behind.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any, TypeVar

from temoin.errors import TemoinError, Unavailable

T = TypeVar("T")

_BUSY_SECONDS = 5.0
_LOOK_SECONDS = 0.0005
_READERS = 2
_PATIENT_MILLISECONDS = 30_000
_ROWS_A_CHECKPOINT = 4_000
_MOVES = 4
_GIVES_WAY = 5  # of 19, as `nice` has it
_MOST_WAL_PAGES = 16_000  # of 4 KiB


def connect(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode: transactions are begun and ended in plain sight."""
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA cache_size = -32768")
    connection.execute("PRAGMA secure_delete = ON")
    return connection


def unavailable(error: sqlite3.Error) -> TemoinError:
    """What a store that does not answer looks like to a caller."""
    return Unavailable(
        "store_unavailable",
        f"The store did not answer: {error}.",
        "Try again shortly; if it stays so, look at the disk of the data folder.",
        retry_after=1,
    )


def _give_way() -> None:
    """The calling thread gets less of a processor than the others want; where threads have no priority, the same."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _GIVES_WAY)


class Checkpoints:
    """Moves what is committed from the write-ahead log into the file beside the commits, not within one of them.

    SQLite's own way is to do it within the commit that makes the log a thousand pages long: everybody waits then for
    several times a commit's time. Here another connection moves the bulk while commits go on, then what they added
    meanwhile, and so on. The last little the writer moves between two transactions, while the answers of the one
    before leave: the log begins anew only once all of it is in the file. Rows are counted, not pages; where they are
    large SQLite steps in at _MOST_WAL_PAGES.
    """

    def __init__(self, path: Path, writer: sqlite3.Connection, between: Executor) -> None:
        self._path = path
        self._writer = writer
        self._between = between
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="temoin-checkpoint", initializer=_give_way)
        self._moving: Future[None] | None = None
        self._rows = 0

    def follow(self) -> None:
        """To be called after each commit. What fails of a checkpoint fails no commit: that is durable without it."""
        if self._moving is None:
            if self._writer.total_changes - self._rows >= _ROWS_A_CHECKPOINT:
                self._moving = self._beside.submit(self._move)
        elif self._moving.done():
            self._moving = None
            self._rows = self._writer.total_changes
            self._between.submit(self._finish)

    def _move(self) -> None:
        with suppress(sqlite3.Error), closing(connect(self._path)) as connection:
            for _ in range(_MOVES):
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()

    def _finish(self) -> None:
        with suppress(sqlite3.Error):
            self._writer.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()

    def close(self) -> None:
        self._beside.shutdown(wait=True)


class Writer:
    """The process's one writing connection.

    Waiting (for another process's lock, for the disk) happens in a thread; the statements between run on the event
    loop, because each hand-over of the interpreter's lock to a thread can cost more than the statement itself.
    """

    def __init__(self, path: Path) -> None:
        self._connection = connect(path)
        self._connection.execute("PRAGMA busy_timeout = 0")  # see `_begin`
        self._connection.execute(f"PRAGMA wal_autocheckpoint = {_MOST_WAL_PAGES}")
        self._lock = asyncio.Lock()
        self._running: set[asyncio.Task[Any]] = set()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="temoin-write")
        self._checkpoints = Checkpoints(path, self._connection, self._thread)

    async def transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Runs `work` in one transaction; returns after the commit is durable. Any error rolls all of it back.

        A caller that is cancelled stops waiting; the transaction runs to its end all the same, because a connection
        left in the middle of one would serve nobody after.
        """
        task = asyncio.create_task(self._transact(work))
        self._running.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # looked at here too, for the caller may have gone

    async def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        loop = asyncio.get_running_loop()
        async with self._lock:
            try:
                try:
                    await loop.run_in_executor(self._thread, self._begin)
                    result = work(self._connection)
                    await loop.run_in_executor(self._thread, self._connection.commit)
                except BaseException:
                    # Whatever failed, a BEGIN that failed half-way too: the next transaction starts on clean ground.
                    await loop.run_in_executor(self._thread, self._connection.rollback)
                    raise
            except sqlite3.Error as error:
                raise unavailable(error) from error
            self._checkpoints.follow()
            return result

    def _begin(self) -> None:
        """Takes the write lock. SQLite would look again after ever longer pauses, up to 100 ms: the lock is held for a
        few, and whoever holds it wants it again at once.
        """
        until = monotonic() + _BUSY_SECONDS
        while True:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                # The extended codes too: between looking and locking somebody may have committed.
                if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > until:
                    raise
            sleep(_LOOK_SECONDS)

    async def close(self) -> None:
        """Lets the transactions under way end, then closes the file."""
        if self._running:
            await asyncio.wait(self._running)
        self._thread.shutdown(wait=True)
        self._checkpoints.close()
        self._connection.close()


class Readers:
    """Reading connections, one a thread; they see the last commit and never wait for the writer."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._threads = ThreadPoolExecutor(_READERS, thread_name_prefix="temoin-read")

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, work)

    def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            connection = getattr(self._local, "connection", None)
            if connection is None:
                connection = connect(self._path)
                connection.execute("PRAGMA query_only = ON")
                self._local.connection = connection
                self._open.append(connection)
            return work(connection)
        except sqlite3.Error as error:
            raise unavailable(error) from error

    def close(self) -> None:
        self._threads.shutdown(wait=True)
        for connection in self._open:
            connection.close()


class Chores:
    """Long work apart from requests: each piece in a thread, on a connection of its own.

    The event loop goes on meanwhile, and to every other writer it looks like one more process.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Runs `work`, which opens its own transactions by `transaction`."""
        return await asyncio.to_thread(self._run, work)

    def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            connection = connect(self.path)
            try:
                connection.execute(f"PRAGMA busy_timeout = {_PATIENT_MILLISECONDS}")
                return work(connection)
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise unavailable(error) from error


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """One durable transaction that takes the write lock at once; any error rolls all of it back."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
