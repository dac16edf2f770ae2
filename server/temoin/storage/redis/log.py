"""The logs in Redis: sealing and reading back. Implements the ports of `temoin.proof.ports`."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

from temoin.clock import SystemClock
from temoin.proof.entry import LoggedEntry
from temoin.proof.ports import LogState, Seal
from temoin.storage.archive.archive import Archive
from temoin.storage.redis.layout import blob_key, commitment_of, service_key, site_key, site_keys, subject_key
from temoin.storage.redis.lease import LONGEST, acquire
from temoin.storage.redis.link import Link
from temoin.storage.redis.rows import entries
from temoin.storage.redis.scripts import ENTRY, HISTORY, RANGE, ROWS, SEAL
from temoin.storage.redis.trust import RedisTrust

_PAGE = 1000
_LOOK_SECONDS = 30.0
_SEAL_LEASE = "seal"
_ENDORSE_LEASE = "endorse"


class RedisLog(RedisTrust):
    """See `SealStore`, `SealLease` and `EntryReader`; keys and endorsements are in `RedisTrust`."""

    def __init__(self, link: Link, archive: Archive, clock: SystemClock) -> None:
        super().__init__(link)
        self._clock = clock
        self._archive = archive
        self._look_at = 0.0

    async def tile(self, site: str, path: str) -> bytes | None:
        found: bytes | None = await self._link.do("HGET", site_key(site, "tile"), path)
        return found

    async def _counts(self, sites: list[str]) -> list[tuple[str, int, int]]:
        """Site, entries appended, entries sealed."""
        commands = [("HMGET", site_key(site, "site"), "appended", "sealed") for site in sites]
        answers = await self._link.each(commands)
        return [
            (site, int(appended or 0), int(sealed or 0))
            for site, (appended, sealed) in zip(sites, answers, strict=True)
        ]

    async def _every_site(self) -> list[str]:
        return sorted(site.decode() for site in await self._link.do("SMEMBERS", service_key("sites")))

    async def unsealed_sites(self) -> list[str]:
        """Those that appends left a hint for; twice a minute, and at first, every site is looked at."""
        hints = service_key("dirty")
        if self._clock.monotonic() >= self._look_at:
            counts = await self._counts(await self._every_site())
            self._look_at = self._clock.monotonic() + _LOOK_SECONDS
            return [site for site, appended, sealed in counts if appended > sealed]
        hinted = sorted(site.decode() for site in await self._link.do("SMEMBERS", hints))
        counts = await self._counts(hinted)
        done = [site for site, appended, sealed in counts if appended == sealed]
        if done:
            # An append may have left its hint just before it is taken away: it shows in the second look.
            await self._link.do("SREM", hints, *done)
            again = [site for site, appended, sealed in await self._counts(done) if appended > sealed]
            if again:
                await self._link.do("SADD", hints, *again)
        return [site for site, appended, sealed in counts if appended > sealed]

    async def unsealed(self) -> int:
        """Entries of all logs that are not yet under a checkpoint."""
        return sum(appended - sealed for _, appended, sealed in await self._counts(await self._every_site()))

    async def log_state(self, site: str) -> LogState | None:
        origin, appended, sealed, checkpoint = await self._link.do(
            "HMGET", site_key(site, "site"), "origin", "appended", "sealed", "checkpoint"
        )
        if origin is None:
            return None
        return LogState(site, origin.decode(), int(appended), int(sealed), checkpoint.decode() if checkpoint else None)

    async def commitments(self, site: str, start: int, limit: int) -> list[bytes]:
        state = await self.log_state(site)
        places = range(start, min(start + limit, state.appended if state else 0))
        if not places:
            return []
        stubs = await self._link.do("HMGET", site_key(site, "stub"), *places)
        found: list[bytes] = []
        for stub in stubs:
            if stub is None:
                return found
            found.append(commitment_of(stub))
        return found

    async def seal(self, seal: Seal, fence: int) -> bool:
        """Who holds the lease is asked first. It may change hands before the step is taken: the step is then one more
        of the same log, for it starts from the size that is sealed, and the new holder looks again."""
        held = await self._link.do("HGET", service_key(f"lease:{_SEAL_LEASE}"), "fence")
        if held is None or int(held) != fence:
            return False
        tiles = [part for path, data in seal.tiles.items() for part in (path, data)]
        done = await self._link.call(
            SEAL,
            site_keys(seal.site),
            [
                *(seal.old_size, seal.new_size, seal.checkpoint, seal.rotations, fence),
                *(len(seal.obsolete), *seal.obsolete, *tiles),
            ],
        )
        return bool(done)

    async def acquire_seal_lease(self, holder: str, seconds: float) -> int | None:
        return await acquire(self._link, _SEAL_LEASE, holder, seconds, LONGEST)

    async def acquire_endorse_lease(self, holder: str, seconds: float) -> int | None:
        return await acquire(self._link, _ENDORSE_LEASE, holder, seconds, LONGEST)

    async def entry(self, site: str, entry_id: str) -> LoggedEntry | None:
        async def ask() -> list[object]:
            row = await self._link.call(ENTRY, site_keys(site), [uuid.UUID(entry_id).bytes])
            return [row] if row else []

        found = await entries(self._archive, ask)
        return found[0] if found else None

    async def entries(
        self, site: str, below: int, subject: str | None = None, start: int = 0
    ) -> AsyncIterator[LoggedEntry]:
        """Pages of a bounded number of rows, each read in one step; entries never change place."""
        if subject is not None:
            async for found in self._history(site, start, below, subject):
                yield found
            return
        keys = site_keys(site)
        for first in range(start, below, _PAGE):
            count = min(_PAGE, below - first)
            page = await entries(self._archive, lambda: self._link.call(RANGE, keys, [first, count]))  # noqa: B023  # awaited at once
            for found in page:
                yield found
            if len(page) < count:
                return

    async def publications(self, site: str) -> list[LoggedEntry]:
        places = await self._link.do("HGET", site_key(site, "site"), "publications")
        if not places:
            return []
        return await entries(self._archive, lambda: self._link.call(ROWS, site_keys(site), places.split()))

    async def _history(self, site: str, start: int, below: int, subject: str) -> AsyncIterator[LoggedEntry]:
        places = [place for place in await history(self._link, site, subject) if start <= place < below]
        for first in range(0, len(places), _PAGE):
            some = places[first : first + _PAGE]
            for found in await entries(self._archive, lambda: self._link.call(ROWS, site_keys(site), some)):  # noqa: B023  # awaited at once
                if found.subject == subject:
                    yield found

    async def config_body(self, site: str, version: str) -> bytes | None:
        stored = await self._link.do("HGET", site_key(site, "config"), version)
        return stored.split(b" ", 1)[1] if stored else None

    async def blob(self, digest: str) -> bytes | None:
        found: bytes | None = await self._link.do("GET", blob_key(digest))
        return found


async def history(link: Link, site: str, subject: str) -> list[int]:
    """The places of a subject's entries, oldest first."""
    places: list[int] = []
    back = 0
    while True:
        some, back = await link.call(HISTORY, site_keys(site), [subject_key(subject), back, _PAGE])
        places += some
        if not back:
            return places[::-1]
