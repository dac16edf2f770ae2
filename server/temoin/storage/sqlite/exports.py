"""The register of exported files in the embedded store. Implements `ExportRegister` of `temoin.proof.exports`."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import msgspec

from temoin.proof.exports import Order, Placed, Registered, holds
from temoin.proof.ports import EntryFilter
from temoin.storage.sqlite.connection import Readers, Writer

_MARK = "UPDATE export SET due = 1 WHERE no = ?"


class SqliteExports:
    """See `ExportRegister`. A path or a filter may name a subject: rows are deleted with their bytes."""

    def __init__(self, writer: Writer, readers: Readers) -> None:
        self._writer = writer
        self._readers = readers

    async def begin_export(self, order: Order, log_size: int) -> int:
        def work(connection: sqlite3.Connection) -> int:
            row = connection.execute(
                "INSERT INTO export (site_no, path, form, wanted, language, log_size)"
                " SELECT no, ?, ?, ?, ?, ? FROM site WHERE id = ? RETURNING no",
                (str(order.out), order.form, msgspec.json.encode(order.wanted), order.language, log_size, order.site),
            ).fetchone()
            return int(row[0])

        return await self._writer.transact(work)

    async def finish_export(self, no: int, sha256: str, log_size: int) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute("UPDATE export SET sha256 = ?, log_size = ? WHERE no = ?", (sha256, log_size, no))
            connection.execute(
                "DELETE FROM export WHERE no != ? AND path = (SELECT path FROM export WHERE no = ?)", (no, no)
            )

        await self._writer.transact(work)

    async def exports(self, site: str) -> list[Registered]:
        return await self._readers.read(lambda connection: registered(connection, site))

    async def mark_exports_due(self, numbers: Sequence[int]) -> None:
        await self._each(_MARK, numbers)

    async def forget_export(self, no: int) -> None:
        await self._each("DELETE FROM export WHERE no = ?", [no])

    async def _each(self, statement: str, numbers: Sequence[int]) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.executemany(statement, [(no,) for no in numbers])

        await self._writer.transact(work)


def registered(connection: sqlite3.Connection, site: str) -> list[Registered]:
    """The site's rows, oldest first."""
    rows = connection.execute(
        "SELECT no, path, form, wanted, language, log_size, sha256, due FROM export"
        " WHERE site_no = (SELECT no FROM site WHERE id = ?) ORDER BY no",
        (site,),
    ).fetchall()
    return [_row(site, *row) for row in rows]


def mark_due(connection: sqlite3.Connection, site: str, records: Sequence[Placed] | None) -> None:
    """Marks the files that hold any of these records, in the transaction under way that destroys them; every file of
    the site where nobody knows which records they are (None)."""
    rows = registered(connection, site)
    due = [row.no for row in rows if not row.due and (records is None or holds(row, records))]
    connection.executemany(_MARK, [(no,) for no in due])


def _row(
    site: str,
    no: int,
    path: str,
    form: str,
    wanted: bytes,
    language: str | None,
    log_size: int,
    sha256: str | None,
    due: int,
) -> Registered:
    order = Order(site, form, Path(path), msgspec.json.decode(wanted, type=EntryFilter), language)
    return Registered(no, order, log_size, sha256, bool(due))
