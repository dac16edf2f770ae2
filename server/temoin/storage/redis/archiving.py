"""Moving old records from Redis to the archive. Implements `ArchiveStore` of the proof plane.

The order is what makes a crash harmless: the segment is durable under its name before the step that names it and
drops the bodies. Before that step Redis holds the records and the file is a leftover; after it the segment holds them
and Redis their stubs (place, id, commitment, and what repeats and histories are found by).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import orjson

from temoin.clock import parse_rfc3339, rfc3339
from temoin.errors import NotFound, Unavailable
from temoin.proof.archiving import Age
from temoin.storage.redis.layout import read_row, site_key, site_keys, unpack_body
from temoin.storage.redis.link import Link
from temoin.storage.redis.record_scripts import ARCHIVE
from temoin.storage.redis.scripts import RANGE
from temoin.storage.redis.segments import Ask, Segments

_MOST = 4096  # one step of Redis, during which it answers nobody else
_LONGEST_SPAN = timedelta(days=31)  # a segment is destroyed as a whole, when the last of its records is due
_PAGE = 1000


@dataclass(slots=True)
class _Candidates:
    """What may become the next segment, between two places. `closed`: waiting would add nothing to it."""

    begins: int
    records: list[tuple[int, bytes]] = field(default_factory=list)
    closed: bool = False


class RedisArchiving:
    """See `temoin.proof.archiving.ArchiveStore`."""

    def __init__(self, link: Link, segments: Segments) -> None:
        self._link = link
        self._segments = segments

    async def archive(self, site: str, age: Age, least: int) -> int:
        return await self._segments.change(lambda ask: self._move(ask, site, age, least))

    def _move(self, ask: Ask, site: str, age: Age, least: int) -> int:
        while True:
            found = ask(self._candidates(site, age))
            if not found.records or (len(found.records) < least and not found.closed):
                return 0
            stored = self._segments.archive.store(site, found.records)
            until = found.records[-1][0] + 1
            if stored is None:  # records that no segment can take stay where they are, and are passed over for good
                ask(self._link.do("HSET", site_key(site, "site"), "archived_until", until))
                continue
            held = set(stored.held)
            last = max(orjson.loads(body)["expires_at"] for index, body in found.records if index in held)
            segment = segment_json(found.records[0][0], until, len(held), last, stored.file)
            arguments = [found.begins, until, stored.file, segment, *stored.held]
            if not ask(self._link.call(ARCHIVE, site_keys(site), arguments)):
                self._segments.archive.remove(stored.file)
                raise Unavailable(
                    "archive_raced", "Records changed while they were archived.", "Run 'temoin archive' again."
                )
            return len(stored.held)

    async def _candidates(self, site: str, age: Age) -> _Candidates:
        sealed, kept_from, archived_until = await self._link.do(
            "HMGET", site_key(site, "site"), "sealed", "kept_from", "archived_until"
        )
        if sealed is None:
            raise unknown(site)
        found = _Candidates(int(archived_until or 0))
        start, longest = max(int(kept_from or 0), found.begins), ""
        for first in range(start, int(sealed), _PAGE):
            count = min(_PAGE, int(sealed) - first)
            for index, body in hot_records(await self._link.call(RANGE, site_keys(site), [first, count])):
                recorded = orjson.loads(body)["recorded_at"]
                if not age.reached(recorded):
                    return found
                longest = longest or rfc3339(parse_rfc3339(recorded) + _LONGEST_SPAN)
                if recorded > longest or len(found.records) == _MOST:
                    found.closed = True
                    return found
                found.records.append((index, body))
        return found


def hot_records(answers: list[Any]) -> list[tuple[int, bytes]]:
    """Place and body of the consent records among the rows."""
    rows = (read_row(answer) for answer in answers)
    return [(row.index, unpack_body(row.packed)[1]) for row in rows if row.kind == "consent" and row.packed]


def segment_json(first: int, until: int, records: int, expires_last: str, file: str) -> bytes:
    return orjson.dumps({"first": first, "end": until, "records": records, "expires_last": expires_last, "file": file})


def unknown(site: str) -> NotFound:
    return NotFound("unknown_site", f"There is no site {site!r}.", "'temoin site list' shows the sites.")
