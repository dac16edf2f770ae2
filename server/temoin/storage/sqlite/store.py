"""The embedded store: one file in the data folder, any number of worker processes on one machine."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from temoin.clock import SystemClock
from temoin.errors import Unavailable
from temoin.proof.append import CommitCounts
from temoin.storage.archive.archive import Archive
from temoin.storage.archive.folder import Folder
from temoin.storage.sqlite.append import GroupCommit
from temoin.storage.sqlite.archiving import SqliteArchiving
from temoin.storage.sqlite.audience import SqliteAudience
from temoin.storage.sqlite.connection import Chores, Readers, Writer, connect
from temoin.storage.sqlite.erasure import SqliteErasure
from temoin.storage.sqlite.exports import SqliteExports
from temoin.storage.sqlite.keyed import SqliteKeyed
from temoin.storage.sqlite.log import SqliteLog
from temoin.storage.sqlite.migration import migrate
from temoin.storage.sqlite.sites import SqliteSites
from temoin.storage.sqlite.stubs import known_segments, store_id

FILE = "temoin.sqlite3"
ARCHIVE = "archive"


class SqliteStore:
    """Opens (and where missing makes) the file, and offers its parts by the ports that they implement.

    Files in the archive that the store does not name are what a crash left; opening removes them.

    Raises Unavailable (exit 3) where the folder or the file cannot be used.
    """

    def __init__(self, folder: Path, clock: SystemClock, archive: Archive | None = None) -> None:
        path = folder / FILE
        archive = archive or Archive(Folder(folder / ARCHIVE))
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            connection = connect(path)
            try:
                path.chmod(0o600)  # it holds the logs' signing keys
                migrate(connection)
                archive.recover(store_id(connection), lambda: known_segments(connection))
            finally:
                connection.close()
        except (OSError, sqlite3.Error) as error:
            raise Unavailable(
                "store_unusable",
                f"The store in {folder} cannot be used: {error}.",
                "Check that the folder can be written, has room, and was made by this or an older version.",
            ) from error
        self._writer = Writer(path)
        self._readers = Readers(path)
        self._commits = GroupCommit(self._writer, archive)
        self.append = self._commits.append  # see `temoin.proof.append.Appender`
        self.log = SqliteLog(self._writer, self._readers, archive, clock)
        self.sites = SqliteSites(self._writer, self._readers, archive)
        self.exports = SqliteExports(self._writer, self._readers)
        self.keyed = SqliteKeyed(self._writer, self._readers, clock)
        self._chores = Chores(path)
        self.audience = SqliteAudience(self._writer, self._readers, self._chores)
        self.erasure = SqliteErasure(self._chores, archive, clock)
        self.archiving = SqliteArchiving(self._chores, archive)

    @property
    def commits(self) -> CommitCounts:
        return self._commits.counts

    async def ready(self) -> None:
        """Raises Unavailable unless a write reaches the disk: a store that only reads cannot take a decision."""
        await self._writer.transact(
            lambda connection: connection.execute("INSERT OR REPLACE INTO meta VALUES ('ready', strftime('%s', 'now'))")
        )

    async def snapshot(self, target: Path) -> list[str]:
        """The store at one moment as a file that is not there yet; the segments that it names. Nobody waits for it."""

        def work(connection: sqlite3.Connection) -> list[str]:
            with closing(sqlite3.connect(target)) as copy:
                connection.backup(copy)
                return known_segments(copy)

        return await self._chores.run(work)

    async def close(self) -> None:
        """Lets queued appends finish, then closes the file."""
        await self._commits.close()
        await self._writer.close()
        self._readers.close()
