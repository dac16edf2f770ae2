"""Aggregates of exempt measurement in Redis. Implements the two ports of `temoin.analytics.ports`.

One hash for each site, period and kind: a field is the series in one character and the value, its content the counts.
What a site may have in a day is limited inside the script, so that the limit holds for all processes together.
"""

from __future__ import annotations

import calendar
import logging
import secrets
import struct
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from temoin.analytics.ports import MEASURES, OTHER, Asked, Row, SiteFold, limit_of
from temoin.analytics.sketch import Sketch
from temoin.errors import TemoinError
from temoin.storage.redis.audience_scripts import ADD, REPLACE, SALT
from temoin.storage.redis.layout import service_key, site_key
from temoin.storage.redis.link import Link

_COUNTS = struct.Struct(f">{len(MEASURES)}Q")
_MINUTE = struct.Struct(">2Q")
_VISITORS = struct.Struct(">Q")
_HOURS = "hours"
_ASKED = "asked"
_MINUTES_KEPT = 60

_log = logging.getLogger(__name__)


class RedisAudience:
    """See `AudienceWriter` and `AudienceReader`."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def salt(self, day: int) -> bytes:
        salt: bytes = await self._link.call(SALT, [service_key("salt")], [day, secrets.token_bytes(32)])
        for site in await self._sites():
            await self._close_days(site, day)
        return salt

    async def _close_days(self, site: str, before: int) -> None:
        """Destroys the sketches of days before; their counts stay."""
        key = site_key(site, "visitors")
        for name, kept in (await self._link.do("HGETALL", key)).items():
            while kept is not None and int(name.split()[0]) < before and len(kept) > _VISITORS.size:
                if await self._link.call(REPLACE, [key], [name, kept, kept[: _VISITORS.size]]):
                    break
                kept = await self._link.do("HGET", key, name)

    async def add_audience(self, folds: dict[str, SiteFold]) -> None:
        """One step for each site. Where some of several sites fail, theirs are lost and said so: given back to the
        caller, all would be counted again."""
        failed: list[TemoinError] = []
        calls = [_call(site, fold) for site, fold in folds.items()]
        for (site, fold), answer in zip(folds.items(), await self._link.calls(ADD, calls), strict=True):
            if isinstance(answer, TemoinError):
                failed.append(answer)
                _log.warning("%s: what was measured since the last flush is lost: %s", site, answer)
            elif answer:
                for (day, series), sketch in fold.visitors.items():
                    await self._add_visitors(site, f"{day} {series}", sketch)
        if failed and len(failed) == len(folds):
            raise failed[0]

    async def _add_visitors(self, site: str, name: str, sketch: Sketch) -> None:
        key = site_key(site, "visitors")
        while True:
            kept = await self._link.do("HGET", key, name) or b""
            if len(kept) == _VISITORS.size:
                return  # the day is closed, and whether these came before cannot be told any more
            if kept:
                sketch.merge(Sketch.from_bytes(kept[_VISITORS.size :]))
            new = _VISITORS.pack(sketch.count()) + sketch.to_bytes()
            if await self._link.call(REPLACE, [key], [name, kept, new]):
                return

    async def forget_audience(self, before: int) -> int:
        forgotten = 0
        for site in await self._sites():
            names = [name.decode() for name in await self._link.do("SMEMBERS", site_key(site, "periods"))]
            over = [name for name in names if _began(name) < before]
            keys = [site_key(site, f"audience:{name}") for name in over]
            forgotten += sum(await self._link.each([("HLEN", key) for key in keys]))
            await self._link.each([("DEL", key) for key in keys])
            if over:
                await self._link.do("SREM", site_key(site, "periods"), *over)
            kept = await self._link.do("HKEYS", site_key(site, "visitors"))
            days = [name for name in kept if int(name.split()[0]) < before]
            if days:
                await self._link.do("HDEL", site_key(site, "visitors"), *days)
        return forgotten

    async def audience_rows(self, site: str, kind: str, since: int, until: int, most: int) -> list[Row]:
        sums: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0] * len(MEASURES))
        keys = [site_key(site, f"audience:{period}:{kind}") for period in _periods(since, until)]
        for stored in await self._link.each([("HGETALL", key) for key in keys]):
            for name, packed in stored.items():
                if len(packed) == _COUNTS.size:
                    total = sums[int(name[:1]), name[1:].decode()]
                    for place, count in enumerate(_COUNTS.unpack(packed)):
                        total[place] += count
        views, timed = MEASURES.index("views"), MEASURES.index("timed")
        found: list[Row] = []
        for series in (0, 1):
            rows = [Row(value, series, tuple(counts)) for (of, value), counts in sums.items() if of == series]
            rows.sort(key=lambda row: (-row.counts[views], -row.counts[timed], row.value))
            found += rows[:most]
        return found

    async def audience_hours(self, site: str, since: int, until: int) -> list[Row]:
        keys = [site_key(site, f"audience:{day}:{_HOURS}") for day in _days(since, until)]
        stored = await self._link.each([("HGETALL", key) for key in keys])
        rows = [
            Row("", int(name[:1]), _COUNTS.unpack(packed), int(name[1:]))
            for hours in stored
            for name, packed in hours.items()
            if len(packed) == _COUNTS.size
        ]
        return sorted(rows, key=lambda row: (row.period, row.series))

    async def audience_visitors(self, site: str, since: int, until: int) -> list[tuple[int, int, int]]:
        stored = await self._link.do("HGETALL", site_key(site, "visitors"))
        rows = [(*map(int, name.split()), _VISITORS.unpack_from(kept)[0]) for name, kept in stored.items()]
        return sorted((day, series, count) for day, series, count in rows if since <= day <= until)

    async def audience_minutes(self, site: str, since: int) -> list[tuple[int, int, int]]:
        stored = await self._link.do("HGETALL", site_key(site, "minutes"))
        rows = [(int(minute), *_MINUTE.unpack(packed)) for minute, packed in stored.items()]
        return sorted((minute, views, visits) for minute, views, visits in rows if minute >= since)

    async def asked_counts(self, site: str, since: int, until: int) -> dict[Asked, int]:
        months = sorted({day // 100 for day in _days(since, until)})
        keys = [site_key(site, f"audience:{month}:{_ASKED}") for month in months]
        found: dict[Asked, int] = {}
        for stored in await self._link.each([("HGETALL", key) for key in keys]):
            for name, count in stored.items():
                day, *rest = name.decode().split()
                if since <= int(day) <= until:
                    found[Asked(int(day), *rest)] = int(count)
        return found

    async def _sites(self) -> list[str]:
        return sorted(site.decode() for site in await self._link.do("SMEMBERS", service_key("sites")))


def _call(site: str, fold: SiteFold) -> tuple[list[str], list[Any]]:
    """Keys and arguments of one site's addition. Its random key makes a repeat on a broken connection harmless."""
    rows = list(_rows(fold))
    asked = [(f"{each.day // 100}:{_ASKED}", " ".join(map(str, each)), count) for each, count in fold.asked.items()]
    names = sorted({name for name, *_ in [*rows, *asked]})
    places = {name: number + 1 for number, name in enumerate(names)}
    keys = [
        *(site_key(site, part) for part in ("site", f"flush:{secrets.token_hex(8)}", "periods", "minutes")),
        *(site_key(site, f"audience:{name}") for name in names),
    ]
    minutes = [part for minute, counts in fold.minutes.items() for part in (minute, counts[0], counts[1])]
    oldest = max(fold.minutes) - _MINUTES_KEPT if fold.minutes else 0
    arguments = [OTHER, len(names), *names, oldest, len(fold.minutes), *minutes, len(asked)]
    for name, field, count in asked:
        arguments += [places[name], field, count]
    for name, limit, value, series, counts in rows:
        arguments += [places[name], limit, value, series, *counts]
    return keys, arguments


def _rows(fold: SiteFold) -> Iterator[tuple[str, int, str, int, list[int]]]:
    """Name of the hash, how many values it may have, value, series, counts."""
    for (hour, kind, value, series), counts in fold.counts.items():
        if kind == "total":
            yield f"{hour // 100}:{_HOURS}", 24, str(hour), series, counts
        yield f"{hour // 100}:{kind}", limit_of(kind), value, series, counts
        yield f"{hour // 10_000}:{kind}", 2 * limit_of(kind), value, series, counts


def _began(name: str) -> int:
    """The day on which the period of a hash began."""
    period = int(name.partition(":")[0])
    return period if period > 10**6 else period * 100 + 1


def _days(since: int, until: int) -> list[int]:
    first, last = (date(day // 10_000, day // 100 % 100, day % 100) for day in (since, until))
    every = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [day.year * 10_000 + day.month * 100 + day.day for day in every]


def _periods(since: int, until: int) -> list[int]:
    """The days from `since` to `until`: whole months by their one number, the rest by days."""
    by_month: dict[int, list[int]] = defaultdict(list)
    for day in _days(since, until):
        by_month[day // 100].append(day)
    found: list[int] = []
    for month, days in by_month.items():
        whole = len(days) == calendar.monthrange(month // 100, month % 100)[1]
        found += [month] if whole else days
    return found
