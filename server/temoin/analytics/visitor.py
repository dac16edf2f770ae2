"""Who is the same visitor within one day, by a number that means nothing the day after.

A 64-bit keyed BLAKE2b of the site, the shortened address and the user agent. The key is random, made anew each UTC
day, held in memory and in the store so that every process has the same, and destroyed when the day is over: nobody,
the operator included, can then compute the number of a known visitor. It goes into a sketch at once and nowhere else.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b

from temoin.analytics.ports import AudienceWriter


class DaySalt:
    """The salt of the present day, as all processes on the store share it."""

    def __init__(self, store: AudienceWriter) -> None:
        self._store = store
        self._day = 0
        self._salt = b""

    async def key(self, moment: datetime) -> bytes:
        """The key of the moment's day; where a new one has begun, it is fetched and the old one let go."""
        day = day_of(moment)
        if day != self._day:
            self._salt = b""
            self._salt = await self._store.salt(day)
            self._day = day
        return self._salt


def visitor(key: bytes, site: str, network: bytes, agent: bytes) -> int:
    """The number of a visitor of `site` on the key's day, the same for nobody on another site.

    `network` is a shortened address (`http.network`), of 0, 4 or 16 bytes; `agent` the header as it was sent.
    """
    digest = blake2b(b"%b\n%b\n%b" % (site.encode(), network, agent), digest_size=8, key=key)
    return int.from_bytes(digest.digest(), "big")


def day_of(moment: datetime) -> int:
    """20261126, of a UTC time."""
    return moment.year * 10_000 + moment.month * 100 + moment.day
