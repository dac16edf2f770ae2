"""Destroying what was kept long enough in Redis. Implements `RetentionStore` and `UpkeepLease` of the proof plane.

Hot records go one by one, archived ones with their segment when all of it is over. Exported files that hold one of them
are marked before that step: a mark without a destroyed record costs a rewriting, the other way round would hide one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import orjson

from temoin.errors import Conflict, TemoinError, Unavailable
from temoin.proof.entry import Entry, LoggedEntry
from temoin.proof.erasure import Account
from temoin.proof.exports import Placed
from temoin.proof.retention import Destroyed, Rule
from temoin.proof.upkeep import DAY_SECONDS
from temoin.storage.archive.archive import SegmentGone
from temoin.storage.redis.append import placed
from temoin.storage.redis.archiving import unknown
from temoin.storage.redis.exports import RedisExports
from temoin.storage.redis.layout import Row, pack_draft, read_row, service_key, site_key, site_keys, unpack_body
from temoin.storage.redis.lease import acquire
from temoin.storage.redis.link import Link
from temoin.storage.redis.record_scripts import DESTROY
from temoin.storage.redis.rewriting import begin_rewriting
from temoin.storage.redis.scripts import RANGE
from temoin.storage.redis.segments import Segments

_STEP = 1000


class RedisRetention:
    """See `RetentionStore` and `UpkeepLease` in `temoin.proof`."""

    def __init__(self, link: Link, segments: Segments, exports: RedisExports) -> None:
        self._link = link
        self._segments = segments
        self._exports = exports

    async def acquire_upkeep_lease(self, holder: str, seconds: float) -> int | None:
        return await acquire(self._link, "upkeep", holder, seconds, DAY_SECONDS)

    async def published_sites(self) -> list[str]:
        sites = sorted(site.decode() for site in await self._link.do("SMEMBERS", service_key("sites")))
        versions = await self._link.each([("HGET", site_key(site, "site"), "version") for site in sites])
        return [site for site, version in zip(sites, versions, strict=True) if version is not None]

    async def site_configs(self, site: str) -> list[bytes]:
        present = await self._link.do("HGET", site_key(site, "site"), "version")
        stored = await self._link.do("HGETALL", site_key(site, "config"))
        first = sorted(stored.items(), key=lambda item: item[0] != present)
        return [value.split(b" ", 1)[1] for _, value in first]

    async def destroy_over(self, site: str, rule: Rule, account: Account) -> Destroyed:
        kept_from, appended = await self._link.do("HMGET", site_key(site, "site"), "kept_from", "appended")
        if appended is None:
            raise unknown(site)
        dropped = await self._drop_over(site, rule, account)
        if dropped is not None:
            return dropped
        over, first_kept = await self._over(site, rule, int(kept_from or 0), int(appended))
        if not over:
            await self._link.do("HSET", site_key(site, "site"), "kept_from", first_kept)
            return Destroyed(0, None, more=False)
        await self._exports.mark_held_due(site, [(row.index, orjson.loads(unpack_body(row.packed)[1])) for row in over])
        entry = await self._destroy(site, over, account, [first_kept, "", ""])
        await begin_rewriting(self._link)
        return Destroyed(len(over), entry, more=len(over) == _STEP)

    async def _destroy(self, site: str, over: Sequence[Row], account: Account, head: Sequence[Any]) -> LoggedEntry:
        document = account([row.id for row in over])
        entry = document.follow(None)
        arguments = [*head, len(over), *(row.index for row in over), pack_draft(document, entry, None)]
        made = await accounted(self._link, site, await self._link.call(DESTROY, site_keys(site), arguments), entry)
        if made is None:
            raise Unavailable("store_busy", "Records changed while they were destroyed.", "Repeat it.", retry_after=1)
        return made

    async def _over(self, site: str, rule: Rule, start: int, end: int) -> tuple[list[Row], int]:
        """The oldest hot records that are over, and the index below which nothing is left to destroy."""
        over: list[Row] = []
        first_kept: int | None = None
        for first in range(start, end, _STEP):
            for answer in await self._link.call(RANGE, site_keys(site), [first, min(_STEP, end - first)]):
                row = read_row(answer)
                if row.kind != "consent" or not row.packed:
                    continue
                record = orjson.loads(unpack_body(row.packed)[1])
                if rule.over(record["expires_at"]):
                    over.append(row)
                    if len(over) == _STEP:
                        return over, row.index if first_kept is None else first_kept
                    continue
                first_kept = row.index if first_kept is None else first_kept
                if rule.none_from(record["recorded_at"]):
                    return over, first_kept
        return over, end if first_kept is None else first_kept

    async def _drop_over(self, site: str, rule: Rule, account: Account) -> Destroyed | None:
        """Drops one segment of which every record is over, or answers None."""
        stored = await self._link.do("HGETALL", site_key(site, "segment"))
        segments = sorted((orjson.loads(value) | {"no": int(number)} for number, value in stored.items()), key=_first)
        due = next((segment for segment in segments if rule.over(segment["expires_last"])), None)
        if due is None:
            return None
        over: list[Row] = []
        for first in range(due["first"], due["end"], _STEP):
            count = min(_STEP, due["end"] - first)
            rows = (read_row(answer) for answer in await self._link.call(RANGE, site_keys(site), [first, count]))
            over += [row for row in rows if row.segment == due["no"]]
        if await self._exports.exports(site):
            await self._exports.mark_held_due(site, await self._documents(due["file"]))
        entry = await self._destroy(site, over, account, ["", due["no"], due["file"]])
        await self._segments.change(lambda _: None)  # the file is a leftover now
        await begin_rewriting(self._link)
        return Destroyed(len(over), entry, more=True)

    async def _documents(self, file: str) -> list[Placed] | None:
        """Places and records of a segment; None where it cannot be read, which keeps nobody from destroying it."""
        try:
            records = await asyncio.to_thread(self._segments.archive.records, file)
        except (TemoinError, SegmentGone):
            return None
        return [(place, orjson.loads(body)) for place, body in records.items()]


def _first(segment: dict[str, Any]) -> int:
    first: int = segment["first"]
    return first


async def accounted(link: Link, site: str, answer: Any, entry: Entry) -> LoggedEntry | None:
    if answer is None:
        return None
    if answer == b"taken":
        raise Conflict("id_taken", "The id of the erasure's account is taken.", "Repeat the command.")
    await link.do("SADD", service_key("dirty"), site)
    return placed(answer[0], entry)
