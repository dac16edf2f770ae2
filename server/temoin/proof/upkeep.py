"""What the service does once a day, in one of its processes: destroying what has been kept long enough, and moving
what is old to the archive.

Whoever takes the lease does the work, and keeps the lease until the next day when it went well; after a failure the
next attempt, by anybody, is an hour later. Each step is a transaction of its own, so a crash leaves less to do.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from typing import Protocol

from temoin.clock import Period, SystemClock
from temoin.proof.archiving import ArchiveStore, archive
from temoin.proof.retention import RetentionStore, retain

_log = logging.getLogger(__name__)

_POLL_SECONDS = 60.0
_WORK_SECONDS = 600.0
_AGAIN_SECONDS = 3600.0
_LEAST_SEGMENT = 1000  # a daily segment of a few records would be mostly headers; a month's may be
DAY_SECONDS = 86_400.0


class UpkeepLease(Protocol):
    """One worker at a time, as `SealLease` says; no wish is longer than a day."""

    async def acquire_upkeep_lease(self, holder: str, seconds: float) -> int | None: ...


class Upkeep:
    """The daily work. `run` looks once a minute whether it is due; `archive_after` None archives nothing."""

    def __init__(
        self,
        store: RetentionStore,
        lease: UpkeepLease,
        archiving: ArchiveStore,
        archive_after: Period | None,
        clock: SystemClock,
    ) -> None:
        self._store = store
        self._lease = lease
        self._archiving = archiving
        self._archive_after = archive_after
        self._clock = clock

    async def run(self) -> None:
        """Works until cancelled."""
        while True:
            try:
                await self.run_once()
            except Exception:  # whatever failed, the next attempt comes, and the service goes on
                _log.exception("the daily upkeep failed and will be tried again")
            await asyncio.sleep(_POLL_SECONDS)

    async def run_once(self) -> bool:
        """Does the day's work if nobody has; whether it did."""
        holder = secrets.token_hex(8)
        if await self._lease.acquire_upkeep_lease(holder, _WORK_SECONDS) is None:
            return False
        rest = _AGAIN_SECONDS
        try:
            for site in await self._store.published_sites():
                await self._site(site)
                await self._lease.acquire_upkeep_lease(holder, _WORK_SECONDS)
            rest = DAY_SECONDS
        finally:
            await self._lease.acquire_upkeep_lease(holder, rest)
        return True

    async def _site(self, site: str) -> None:
        destroyed = await retain(self._store, site, "service", self._clock)
        if destroyed:
            _log.info("%s: %d records destroyed, their retention was over", site, destroyed)
        if self._archive_after is not None:
            moved = await archive(self._archiving, site, self._archive_after, self._clock, least=_LEAST_SEGMENT)
            if moved:
                _log.info("%s: %d records moved to the archive", site, moved)
