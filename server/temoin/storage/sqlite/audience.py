"""Aggregates of exempt measurement. Implements the two ports of `temoin.analytics.ports`.

Rows are in day and month (totals in hour too), so that a report over a year adds up twelve months of pages rather than
365 days of them. Values are kept once, in `audience_value`; what a site may have in a day is limited here, under the
write lock, so that the limit holds for all processes together.
"""

from __future__ import annotations

import calendar
import secrets
import sqlite3
from collections.abc import Iterator
from heapq import nlargest

from temoin.analytics.ports import KINDS, MEASURES, OTHER, Asked, Row, SiteFold, limit_of
from temoin.analytics.sketch import Sketch
from temoin.storage.sqlite.connection import Chores, Readers, Writer, transaction

_CODES = {kind: code for code, kind in enumerate(KINDS)}
_SUMS = ", ".join(f"sum({name})" for name in MEASURES)
_MINUTES_KEPT = 60
# A month, a day and an hour have six, eight and ten digits, so each is compared with its own kind alone.
_FORGET = "DELETE FROM audience WHERE period BETWEEN ? AND ? - 1"
# One statement a row: adds where the row is there already.
_ADD = f"""
INSERT INTO audience VALUES (?, ?, ?, ?, ?, {", ".join("?" * len(MEASURES))})
ON CONFLICT DO UPDATE SET {", ".join(f"{name} = {name} + excluded.{name}" for name in MEASURES)}
"""  # noqa: S608  # the names are constants
_ADD_ASKED = """
INSERT INTO asked VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count
"""


class SqliteAudience:
    """See `AudienceWriter` and `AudienceReader`."""

    def __init__(self, writer: Writer, readers: Readers, chores: Chores) -> None:
        self._writer = writer
        self._chores = chores
        self._readers = readers

    async def salt(self, day: int) -> bytes:
        def work(connection: sqlite3.Connection) -> bytes:
            connection.execute("DELETE FROM audience_salt WHERE day < ?", (day,))
            connection.execute("UPDATE audience_visitors SET sketch = NULL WHERE day < ? AND sketch NOT NULL", (day,))
            connection.execute("INSERT OR IGNORE INTO audience_salt VALUES (?, ?)", (day, secrets.token_bytes(32)))
            (salt,) = connection.execute("SELECT salt FROM audience_salt WHERE day = ?", (day,)).fetchone()
            return bytes(salt)

        return await self._writer.transact(work)

    async def add_audience(self, folds: dict[str, SiteFold]) -> None:
        def work(connection: sqlite3.Connection) -> None:
            for site, fold in folds.items():
                row = connection.execute("SELECT no FROM site WHERE id = ?", (site,)).fetchone()
                if row is not None:
                    _add_site(connection, row[0], fold)

        await self._writer.transact(work)

    async def forget_audience(self, before: int) -> int:
        def work(connection: sqlite3.Connection) -> int:
            with transaction(connection):
                months = connection.execute(_FORGET, (10**5, _first_whole_month(before))).rowcount
                days = connection.execute(_FORGET, (10**7, before)).rowcount
                days += connection.execute(_FORGET, (10**9, before * 100)).rowcount
                connection.execute("DELETE FROM audience_visitors WHERE day < ?", (before,))
                days += connection.execute("DELETE FROM asked WHERE day < ?", (before,)).rowcount
                if months:
                    connection.execute("DELETE FROM audience_value WHERE no NOT IN (SELECT value_no FROM audience)")
            return months + days

        return await self._chores.run(work)

    async def audience_rows(self, site: str, kind: str, since: int, until: int, most: int) -> list[Row]:
        def work(connection: sqlite3.Connection) -> list[Row]:
            row = connection.execute("SELECT no FROM site WHERE id = ?", (site,)).fetchone()
            return _most_viewed(connection, row[0], _CODES[kind], _ranges(since, until), most) if row else []

        return await self._readers.read(work)

    async def audience_hours(self, site: str, since: int, until: int) -> list[Row]:
        def work(connection: sqlite3.Connection) -> list[Row]:
            rows = connection.execute(
                f"SELECT period, series, {', '.join(MEASURES)} FROM audience"  # noqa: S608  # constants
                " WHERE site_no = (SELECT no FROM site WHERE id = ?) AND kind = 0 AND period BETWEEN ? AND ?"
                " ORDER BY period, series",
                (site, since * 100, until * 100 + 23),
            )
            return [Row("", series, tuple(counts), period) for period, series, *counts in rows]

        return await self._readers.read(work)

    async def audience_visitors(self, site: str, since: int, until: int) -> list[tuple[int, int, int]]:
        return await self._read(
            "SELECT day, series, visitors FROM audience_visitors WHERE site_no = (SELECT no FROM site WHERE id = ?)"
            " AND day BETWEEN ? AND ? ORDER BY day, series",
            (site, since, until),
        )

    async def audience_minutes(self, site: str, since: int) -> list[tuple[int, int, int]]:
        return await self._read(
            "SELECT minute, views, visits FROM audience_minute WHERE site_no = (SELECT no FROM site WHERE id = ?)"
            " AND minute >= ? ORDER BY minute",
            (site, since),
        )

    async def asked_counts(self, site: str, since: int, until: int) -> dict[Asked, int]:
        def work(connection: sqlite3.Connection) -> dict[Asked, int]:
            rows = connection.execute(
                "SELECT day, version, language, device, what, count FROM asked"
                " WHERE site_no = (SELECT no FROM site WHERE id = ?) AND day BETWEEN ? AND ?",
                (site, since, until),
            )
            return {Asked(*row[:5]): row[5] for row in rows}

        return await self._readers.read(work)

    async def _read(self, query: str, values: tuple[object, ...]) -> list[tuple[int, int, int]]:
        def work(connection: sqlite3.Connection) -> list[tuple[int, int, int]]:
            return connection.execute(query, values).fetchall()

        return await self._readers.read(work)


def _add_site(connection: sqlite3.Connection, site_no: int, fold: SiteFold) -> None:
    values = _Values(connection, site_no)
    connection.executemany(_ADD, _rows(site_no, fold, values))
    for (day, series), sketch in fold.visitors.items():
        _add_visitors(connection, site_no, day, series, sketch)
    for minute, counts in fold.minutes.items():
        connection.execute(
            "INSERT INTO audience_minute VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE"
            " SET views = views + excluded.views, visits = visits + excluded.visits",
            (site_no, minute, counts[0], counts[1]),
        )
    connection.executemany(_ADD_ASKED, [(site_no, *asked, count) for asked, count in fold.asked.items()])
    if fold.minutes:
        connection.execute(
            "DELETE FROM audience_minute WHERE site_no = ? AND minute < ?",
            (site_no, max(fold.minutes) - _MINUTES_KEPT),
        )


def _rows(site_no: int, fold: SiteFold, values: _Values) -> Iterator[tuple[int, ...]]:
    for (hour, kind, value, series), counts in fold.counts.items():
        code, day, month = _CODES[kind], hour // 100, hour // 10_000
        if kind == "total":
            yield (site_no, code, hour, values.total, series, *counts)
        yield (site_no, code, day, values.number(code, value, day, limit_of(kind)), series, *counts)
        yield (site_no, code, month, values.number(code, value, month, 2 * limit_of(kind)), series, *counts)


def _add_visitors(connection: sqlite3.Connection, site_no: int, day: int, series: int, sketch: Sketch) -> None:
    row = connection.execute(
        "SELECT visitors, sketch FROM audience_visitors WHERE site_no = ? AND day = ? AND series = ?",
        (site_no, day, series),
    ).fetchone()
    if row is not None and row[1] is None:
        return  # the day is closed, and whether these came before cannot be told any more
    if row is not None:
        sketch.merge(Sketch.from_bytes(row[1]))
    connection.execute(
        "INSERT OR REPLACE INTO audience_visitors VALUES (?, ?, ?, ?, ?)",
        (site_no, day, series, sketch.count(), sketch.to_bytes()),
    )


class _Values:
    """Numbers of values within one transaction, and the limit on how many of a kind a period may have."""

    def __init__(self, connection: sqlite3.Connection, site_no: int) -> None:
        self._connection = connection
        self._site_no = site_no
        self._room: dict[tuple[int, int], int] = {}
        self._known: dict[tuple[int, str], int | None] = {}
        self.total = self._made(0, "")

    def number(self, kind: int, value: str, period: int, limit: int) -> int:
        """The value's number, or OTHER's where the period already has `limit` values of the kind."""
        no = self._find(kind, value)
        if no is not None and self._has(kind, period, no):
            return no
        room = self._room.get((kind, period))
        if room is None:
            room = limit - self._distinct(kind, period)
        if room <= 0 and value != OTHER:
            self._room[kind, period] = 0
            return self._made(kind, OTHER)
        self._room[kind, period] = room - 1
        return no if no is not None else self._made(kind, value)

    def _find(self, kind: int, value: str) -> int | None:
        if (kind, value) not in self._known:
            row = self._connection.execute(
                "SELECT no FROM audience_value WHERE site_no = ? AND kind = ? AND value = ?",
                (self._site_no, kind, value),
            ).fetchone()
            self._known[kind, value] = row[0] if row else None
        return self._known[kind, value]

    def _made(self, kind: int, value: str) -> int:
        no = self._find(kind, value)
        if no is None:
            no = self._connection.execute(
                "INSERT INTO audience_value (site_no, kind, value) VALUES (?, ?, ?) RETURNING no",
                (self._site_no, kind, value),
            ).fetchone()[0]
            self._known[kind, value] = no
        return no

    def _has(self, kind: int, period: int, no: int) -> bool:
        query = "SELECT 1 FROM audience WHERE site_no = ? AND kind = ? AND period = ? AND value_no = ? LIMIT 1"
        return self._connection.execute(query, (self._site_no, kind, period, no)).fetchone() is not None

    def _distinct(self, kind: int, period: int) -> int:
        query = "SELECT count(DISTINCT value_no) FROM audience WHERE site_no = ? AND kind = ? AND period = ?"
        (count,) = self._connection.execute(query, (self._site_no, kind, period)).fetchone()
        return int(count)


def _value(connection: sqlite3.Connection, no: int) -> str:
    (value,) = connection.execute("SELECT value FROM audience_value WHERE no = ?", (no,)).fetchone()
    return str(value)


def _most_viewed(
    connection: sqlite3.Connection, site_no: int, kind: int, ranges: list[tuple[int, int]], most: int
) -> list[Row]:
    """First which values are viewed most, then the sums of those alone: a site's pages of a month are half a million
    rows, and sorting them by all that is counted takes several times as long."""
    spans = " OR ".join(f"period BETWEEN {low} AND {high}" for low, high in ranges)
    views = connection.execute(
        "SELECT value_no, sum(views) FILTER (WHERE series = 0), sum(views) FILTER (WHERE series = 1) FROM audience"  # noqa: S608  # numbers
        f" WHERE site_no = ? AND kind = ? AND ({spans}) GROUP BY value_no",
        (site_no, kind),
    ).fetchall()
    periods = ", ".join(str(period) for low, high in ranges for period in range(low, high + 1))
    found: list[Row] = []
    for series in (0, 1):
        counted = [(row[1 + series], -row[0]) for row in views if row[1 + series] is not None]
        chosen = ", ".join(str(-no) for _, no in nlargest(most, counted))
        rows = connection.execute(
            f"SELECT value_no, {_SUMS} FROM audience WHERE site_no = ? AND kind = ? AND period IN ({periods})"  # noqa: S608  # numbers
            f" AND value_no IN ({chosen}) AND series = ? GROUP BY value_no ORDER BY sum(views) DESC, value_no",
            (site_no, kind, series),
        )
        found += [Row(_value(connection, row[0]), series, tuple(row[1:])) for row in rows.fetchall()]
    return found


def _ranges(since: int, until: int) -> list[tuple[int, int]]:
    """The days from `since` to `until` as ranges of periods: whole months by their one number, the rest by days."""
    ranges: list[tuple[int, int]] = []
    first = _first_whole_month(since)
    days = calendar.monthrange(until // 10_000, until // 100 % 100)[1]
    last = until // 100 if until % 100 >= days else _month_before(until // 100)
    if first > last:
        ranges.append((since, until))
    else:
        ranges.append((first, last))
        if since // 100 < first:
            ranges.append((since, since // 100 * 100 + 31))
        if until // 100 > last:
            ranges.append((until // 100 * 100 + 1, until))
    return ranges


def _first_whole_month(day: int) -> int:
    """The first month that begins on `day` or later."""
    month = day // 100
    if day % 100 == 1:
        return month
    return month + 89 if month % 100 == 12 else month + 1


def _month_before(month: int) -> int:
    return month - 89 if month % 100 == 1 else month - 1
