"""The register of exported files in Redis. Implements `ExportRegister` of `temoin.proof.exports`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from temoin.proof.exports import Order, Placed, Registered, holds
from temoin.proof.ports import EntryFilter
from temoin.storage.redis.layout import service_key, site_key
from temoin.storage.redis.link import Link

_SITES = service_key("exports")
_BITS = 20


class _Row(msgspec.Struct):
    path: str
    form: str
    wanted: EntryFilter
    language: str | None
    log_size: int
    sha256: str | None = None
    due: bool = False


class RedisExports:
    """See `ExportRegister`. Which site a number belongs to stands apart, since a site's rows lie in its own slot."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def begin_export(self, order: Order, log_size: int) -> int:
        number: int = await self._link.do("INCR", service_key("export_number"))
        await self._link.do("HSET", _SITES, number, order.site)
        await self._put(number, _Row(str(order.out), order.form, order.wanted, order.language, log_size), order.site)
        return number

    async def finish_export(self, no: int, sha256: str, log_size: int) -> None:
        site = await self._site(no)
        row = await self._get(site, no)
        if row is None:
            return
        row.sha256, row.log_size = sha256, log_size
        await self._put(no, row, site)
        for other in await self.exports(site):
            if other.no != no and str(other.order.out) == row.path:
                await self.forget_export(other.no)

    async def exports(self, site: str) -> list[Registered]:
        stored = await self._link.do("HGETALL", site_key(site, "export"))
        rows = sorted((int(number), msgspec.json.decode(value, type=_Row)) for number, value in stored.items())
        return [
            Registered(
                number,
                Order(site, row.form, Path(row.path), row.wanted, row.language),
                *(row.log_size, row.sha256, row.due),
            )
            for number, row in rows
        ]

    async def mark_exports_due(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            site = await self._site(number)
            row = await self._get(site, number)
            if row is not None:
                row.due = True
                await self._put(number, row, site)

    async def mark_held_due(self, site: str, records: Sequence[Placed] | None) -> None:
        """Marks the files that hold any of these records, before these are destroyed; every file of the site where
        nobody knows which records they are (None)."""
        rows = await self.exports(site)
        await self.mark_exports_due(
            [row.no for row in rows if not row.due and (records is None or holds(row, records))]
        )

    async def forget_export(self, no: int) -> None:
        site = await self._site(no)
        await self._link.do("HDEL", site_key(site, "export"), no)
        await self._link.do("HDEL", _SITES, no)

    async def _site(self, number: int) -> str:
        found = await self._link.do("HGET", _SITES, number)
        return found.decode() if found else ""

    async def _get(self, site: str, number: int) -> _Row | None:
        found = await self._link.do("HGET", site_key(site, "export"), number)
        return msgspec.json.decode(found, type=_Row) if found else None

    async def _put(self, number: int, row: _Row, site: str) -> None:
        await self._link.do("HSET", site_key(site, "export"), number, msgspec.json.encode(row))
