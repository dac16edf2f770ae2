"""Destroying records in Redis. Implements `ErasureStore` of the proof plane.

A destroyed entry keeps its place, id, kind and commitment; body and digest go, in the step that appends the log entry
about it. Archived records go with their segment when all of it is over, or by a new file without them, which that step
names. Redis's append-only file still holds what it was once told: it is rewritten afterwards, on every server.
"""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from temoin.errors import TemoinError, Unavailable
from temoin.proof.append import Draft
from temoin.proof.entry import LoggedEntry
from temoin.proof.erasure import Account, Erased
from temoin.storage.archive.archive import SegmentGone, damaged
from temoin.storage.redis.archiving import segment_json, unknown
from temoin.storage.redis.layout import Row, pack_draft, read_row, service_key, site_key, site_keys, subject_key
from temoin.storage.redis.log import history
from temoin.storage.redis.record_scripts import ERASE
from temoin.storage.redis.retention import RedisRetention, accounted
from temoin.storage.redis.rewriting import rewrite
from temoin.storage.redis.scripts import ROWS
from temoin.storage.redis.segments import Ask

_TRIES = 5
_TRACES = service_key("traces")


@dataclass(frozen=True, slots=True)
class _Cut:
    """A segment and its file; what replaces them, without one subject's records: the segment as JSON, its file."""

    segment: int
    old: str
    new: bytes
    file: str


class RedisErasure(RedisRetention):
    """See `ErasureStore` in `temoin.proof.erasure`; what ends by itself is in `RedisRetention`."""

    async def erase_subject(self, site: str, subject: str, account: Account) -> Erased | None:
        if not await self._link.do("EXISTS", site_key(site, "site")):
            raise unknown(site)
        for _ in range(_TRIES):
            places = await history(self._link, site, subject)
            if not places:
                # Nothing but traces: an earlier erasure could not have them rewritten, and this one finishes its work.
                return Erased((), None, await self._rewritten()) if await self._link.do("EXISTS", _TRACES) else None
            rows = [read_row(answer) for answer in await self._link.call(ROWS, site_keys(site), places)]
            document = account([row.id for row in rows])
            archived = sorted({row.segment for row in rows if row.file})
            if archived:
                done = await self._segments.change(
                    lambda ask: self._with_cuts(ask, site, subject, rows, document, archived)  # noqa: B023  # awaited at once
                )
            else:
                done = await self._erase(site, subject, rows, document, []), True
            if done is not None and done[0] is not None:
                return Erased(tuple(row.id for row in rows), done[0], await self._rewritten() and done[1])
        raise Unavailable("store_busy", "The subject's records kept changing.", "Repeat the command.", retry_after=1)

    async def _rewritten(self) -> bool:
        await self._link.do("SET", _TRACES, 1)
        done = await rewrite(self._link)
        if done:
            await self._link.do("DEL", _TRACES)
        return done

    async def _erase(
        self, site: str, subject: str, rows: list[Row], document: Draft, cuts: list[_Cut]
    ) -> LoggedEntry | None:
        """The one step; None where the records are no longer those."""
        entry = document.follow(None)
        newest_first = [row.index for row in reversed(rows)]
        swaps = [part for cut in cuts for part in (cut.segment, cut.old, cut.new, cut.file)]
        answer = await self._link.call(
            ERASE,
            site_keys(site),
            [
                *(subject_key(subject), len(rows), *newest_first, len(cuts), *swaps),
                pack_draft(document, entry, None),
            ],
        )
        return await accounted(self._link, site, answer, entry)

    def _with_cuts(
        self, ask: Ask, site: str, subject: str, rows: list[Row], document: Draft, archived: list[int]
    ) -> tuple[LoggedEntry | None, bool] | None:
        try:
            cuts = [self._cut(ask, site, subject, segment) for segment in archived]
        except SegmentGone:
            return None
        entry = ask(self._erase(site, subject, rows, document, cuts))
        if entry is None:
            return None
        removed = [self._removed(cut.old) for cut in cuts]
        return entry, all(removed)

    def _cut(self, ask: Ask, site: str, subject: str, number: int) -> _Cut:
        stored = ask(self._link.do("HGET", site_key(site, "segment"), number))
        if stored is None:
            raise SegmentGone(str(number))
        segment = orjson.loads(stored)
        file = segment["file"]
        records = self._whole(file)
        rest = [(at, body) for at, body in sorted(records.items()) if orjson.loads(body)["subject"] != subject]
        if not rest:
            return _Cut(number, file, b"", "")
        written = self._segments.archive.store(site, rest)
        if written is None or len(written.held) != len(rest):
            raise damaged(file, "its records cannot be written again as they are")
        new = segment_json(segment["first"], segment["end"], len(rest), segment["expires_last"], written.file)
        return _Cut(number, file, new, written.file)

    def _whole(self, file: str) -> dict[int, bytes]:
        try:
            return self._segments.archive.records(file)
        except SegmentGone as gone:
            raise damaged(file, "the file is not there") from gone

    def _removed(self, file: str) -> bool:
        """Whether the file went; where its place does not answer now, the next change of the archive removes it."""
        try:
            self._segments.archive.remove(file)
        except TemoinError:
            return False
        return True
