"""The store in Redis or Valkey: one server or a cluster, any number of services on any number of machines."""

from __future__ import annotations

import asyncio

from temoin.clock import SystemClock
from temoin.proof.append import CommitCounts
from temoin.storage.archive.place import Place
from temoin.storage.redis.append import GroupCommit
from temoin.storage.redis.archiving import RedisArchiving
from temoin.storage.redis.audience import RedisAudience
from temoin.storage.redis.durability import check
from temoin.storage.redis.erasure import RedisErasure
from temoin.storage.redis.exports import RedisExports
from temoin.storage.redis.keyed import RedisKeyed
from temoin.storage.redis.layout import service_key
from temoin.storage.redis.link import Link
from temoin.storage.redis.log import RedisLog
from temoin.storage.redis.segments import Segments
from temoin.storage.redis.sites import RedisSites


class RedisStore:
    """Offers its parts by the ports that they implement. `loss_accepted` lets it run on a Redis that may lose writes.

    Raises Unavailable (exit 3) where Redis does not answer or is not fit to keep proofs.
    """

    def __init__(
        self, address: str, place: Place, clock: SystemClock, *, loss_accepted: bool = False, replicas: int = 0
    ) -> None:
        check(address, loss_accepted=loss_accepted, replicas=replicas)
        self._address = address
        self._loss_accepted = loss_accepted
        self._replicas = replicas
        self._link = Link(address, replicas)
        self._segments = Segments(self._link, place)
        archive = self._segments.archive
        self._commits = GroupCommit(self._link, archive)
        self.append = self._commits.append  # see `temoin.proof.append.Appender`
        self.log = RedisLog(self._link, archive, clock)
        self.sites = RedisSites(self._link, archive)
        self.keyed = RedisKeyed(self._link, clock)
        self.exports = RedisExports(self._link)
        self.audience = RedisAudience(self._link)
        self.erasure = RedisErasure(self._link, self._segments, self.exports)
        self.archiving = RedisArchiving(self._link, self._segments)

    @property
    def commits(self) -> CommitCounts:
        return self._commits.counts

    async def ready(self) -> None:
        """Raises Unavailable unless a write succeeds on servers that are still fit to keep it."""
        await asyncio.to_thread(check, self._address, loss_accepted=self._loss_accepted, replicas=self._replicas)
        await self._link.do("HSET", service_key("meta"), "ready", "1")

    async def close(self) -> None:
        """Lets queued appends finish, then closes the connections."""
        await self._commits.close()
        await self._link.close()
