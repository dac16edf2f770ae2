"""Sites, versions, and what serves them. Implements `SiteStore` of the admin plane and `CatalogStore`."""

from __future__ import annotations

import sqlite3

import orjson

from temoin.admin.ports import Publication, SiteRow
from temoin.catalog import PublishedRow
from temoin.errors import TemoinError
from temoin.proof.entry import LoggedEntry
from temoin.storage.archive.archive import Archive
from temoin.storage.sqlite.append import Batch
from temoin.storage.sqlite.connection import Readers, Writer

_SITE_COLUMNS = "id, draft, version, published_at, script, origin, signing_key"


class SqliteSites:
    """See `temoin.admin.ports.SiteStore` and `temoin.catalog.CatalogStore`."""

    def __init__(self, writer: Writer, readers: Readers, archive: Archive) -> None:
        self._writer = writer
        self._archive = archive
        self._readers = readers

    async def put_site(self, site: str, draft: bytes, origin: str, signing_key: bytes) -> bool:
        def work(connection: sqlite3.Connection) -> bool:
            connection.execute("UPDATE site SET origin = ? WHERE id = ? AND appended = 0", (origin, site))
            if connection.execute("UPDATE site SET draft = ? WHERE id = ?", (draft, site)).rowcount:
                return False
            connection.execute(
                "INSERT INTO site (id, draft, generation, origin, signing_key) VALUES (?, ?, ?, ?, ?)",
                (site, draft, _next_generation(connection), origin, signing_key),
            )
            return True

        return await self._writer.transact(work)

    async def replace_draft(self, site: str, draft: bytes, old: bytes) -> bool:
        def work(connection: sqlite3.Connection) -> bool:
            done = connection.execute("UPDATE site SET draft = ? WHERE id = ? AND draft = ?", (draft, site, old))
            return bool(done.rowcount)

        return await self._writer.transact(work)

    async def site(self, site: str) -> SiteRow | None:
        def work(connection: sqlite3.Connection) -> SiteRow | None:
            row = connection.execute(f"SELECT {_SITE_COLUMNS} FROM site WHERE id = ?", (site,)).fetchone()  # noqa: S608  # a constant
            return SiteRow(*row) if row else None

        return await self._readers.read(work)

    async def sites(self) -> list[SiteRow]:
        def work(connection: sqlite3.Connection) -> list[SiteRow]:
            return [SiteRow(*row) for row in connection.execute(f"SELECT {_SITE_COLUMNS} FROM site ORDER BY id")]  # noqa: S608  # a constant

        return await self._readers.read(work)

    async def publish(self, publication: Publication) -> LoggedEntry:
        def work(connection: sqlite3.Connection) -> LoggedEntry:
            (outcome,) = Batch(connection, self._archive).apply([publication.document])
            if isinstance(outcome, TemoinError):
                raise outcome
            _store_version(connection, publication)
            return outcome.entry

        return await self._writer.transact(work)

    async def published(self, site: str) -> PublishedRow | None:
        """What visitors get, read in one snapshot."""

        def work(connection: sqlite3.Connection) -> PublishedRow | None:
            row = connection.execute(
                "SELECT config.body, site.published_at, site.script, site.files FROM site"
                " JOIN config ON config.site_no = site.no AND config.version = site.version WHERE site.id = ?",
                (site,),
            ).fetchone()
            if row is None:
                return None
            body, published_at, script, files = row
            named = {name: _blob(connection, digest) for name, digest in orjson.loads(files).items()}
            return PublishedRow(body, published_at, _blob(connection, script), named)

        return await self._readers.read(work)

    async def config(self, site: str, version: str) -> tuple[bytes, str] | None:
        """Any version ever published: its canonical bytes and when it was first published."""

        def work(connection: sqlite3.Connection) -> tuple[bytes, str] | None:
            row: tuple[bytes, str] | None = connection.execute(
                "SELECT body, published_at FROM config"
                " WHERE site_no = (SELECT no FROM site WHERE id = ?) AND version = ?",
                (site, version),
            ).fetchone()
            return row

        return await self._readers.read(work)

    async def changes(self, since: int) -> tuple[int, list[str]]:
        """The newest generation, and the sites that changed after `since`."""

        def work(connection: sqlite3.Connection) -> tuple[int, list[str]]:
            rows = connection.execute("SELECT id, generation FROM site WHERE generation > ?", (since,)).fetchall()
            return max((row[1] for row in rows), default=since), [row[0] for row in rows]

        return await self._readers.read(work)

    async def service_url(self) -> str | None:
        """The public URL under which the service last started; commands that run beside it go by this."""

        def work(connection: sqlite3.Connection) -> str | None:
            row = connection.execute("SELECT value FROM meta WHERE key = 'service_url'").fetchone()
            return str(row[0]) if row else None

        return await self._readers.read(work)

    async def set_service_url(self, url: str) -> None:
        await self._writer.transact(
            lambda connection: connection.execute("INSERT OR REPLACE INTO meta VALUES ('service_url', ?)", (url,))
        )


def _next_generation(connection: sqlite3.Connection) -> int:
    (generation,) = connection.execute(
        "UPDATE meta SET value = value + 1 WHERE key = 'generation' RETURNING value"
    ).fetchone()
    return int(generation)


def _store_version(connection: sqlite3.Connection, publication: Publication) -> None:
    connection.executemany("INSERT OR IGNORE INTO blob VALUES (?, ?)", list(publication.blobs.items()))
    (no,) = connection.execute("SELECT no FROM site WHERE id = ?", (publication.site,)).fetchone()
    connection.execute(
        "INSERT OR IGNORE INTO config VALUES (?, ?, ?, ?)",
        (no, publication.version, publication.body, publication.published_at),
    )
    connection.execute(
        "UPDATE site SET version = ?, published_at = ?, script = ?, files = ?, generation = ? WHERE no = ?",
        (
            *(publication.version, publication.published_at, publication.script),
            *(orjson.dumps(publication.files).decode(), _next_generation(connection), no),
        ),
    )


def _blob(connection: sqlite3.Connection, digest: str) -> bytes:
    (data,) = connection.execute("SELECT data FROM blob WHERE digest = ?", (digest,)).fetchone()
    return bytes(data)
