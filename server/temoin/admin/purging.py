"""Telling a CDN that a site was published: one POST with the site's key, so that visitors need not wait for a cache to
forget by itself.

Every process sees every publication, whoever made it (a page of the admin, a command, a plan). Whoever changes what is
kept of the site first has it, and the others leave it alone. The address is asked again with growing pauses until it
takes it; a publication waits for none of that and is not undone by it. Where the process dies in between, another one
finds the work begun and not done after STALLED_SECONDS. What is never told is stale for as long as a cache keeps it:
five minutes, by the headers that the script is sent with.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Literal, Protocol
from urllib.parse import urlsplit

import msgspec
import orjson
from msgspec import Struct

from temoin.admin.account import found
from temoin.admin.ports import KeyValueStore, SiteRow
from temoin.clock import SystemClock, parse_rfc3339, rfc3339
from temoin.errors import Malformed
from temoin.proof.outside import Outside, Unreachable
from temoin.settings import Settings

POLL_SECONDS = 0.5
STALLED_SECONDS = 60
_PAUSES = (1, 2, 4, 8, 15, 30, 60, 120, 300)
_KIND = "purge"
_log = logging.getLogger(__name__)


class Purge(Struct, frozen=True):
    """What is kept of a site: which publication a CDN is told of, since when, and whether it took it."""

    published_at: str
    state: Literal["begun", "told", "given up"]
    at: str


class PublishedSites(Protocol):
    """What this reads of a store; `changes` as in `temoin.catalog.CatalogStore`."""

    async def site(self, site: str) -> SiteRow | None: ...

    async def changes(self, since: int) -> tuple[int, list[str]]: ...


class Purger:
    """Follows publications and tells of each; `run` until cancelled."""

    def __init__(
        self, url: str, token: str, sites: PublishedSites, store: KeyValueStore, outside: Outside, clock: SystemClock
    ) -> None:
        self._url = url
        self._headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        self._sites = sites
        self._store = store
        self._outside = outside
        self._clock = clock
        self._looked_at: dict[str, float] = {}

    async def run(self) -> None:
        """From the publications that are to come; one that was made while no process ran is not told of."""
        generation: int | None = None
        telling: set[asyncio.Task[None]] = set()
        try:
            while True:
                try:
                    newest, changed = await self._sites.changes(generation if generation is not None else 0)
                    fresh = changed if generation is not None else []
                    generation = newest
                except Exception:  # whatever failed, the next look comes, and the service goes on
                    _log.exception("publications could not be followed for the CDN")
                    fresh = []
                for site in [*fresh, *self._due()]:
                    task = asyncio.create_task(self._guarded(site))
                    telling.add(task)
                    task.add_done_callback(telling.discard)
                await asyncio.sleep(POLL_SECONDS)
        finally:
            for task in telling:
                task.cancel()

    def _due(self) -> list[str]:
        """Sites that another process had begun with: it may have died."""
        now = self._clock.monotonic()
        due = [site for site, at in self._looked_at.items() if at <= now]
        for site in due:
            del self._looked_at[site]
        return due

    async def _guarded(self, site: str) -> None:
        try:
            await self._one(site)
        except Exception:
            _log.exception("the CDN could not be told of %s; it will be tried again", site)
            self._looked_at[site] = self._clock.monotonic() + STALLED_SECONDS

    async def _one(self, site: str) -> None:
        row = await self._sites.site(site)
        known = await found(self._store, _KIND, site, Purge)
        if row is None or row.published_at is None:
            return
        if known is not None and known[0].published_at == row.published_at:
            purge, now = known[0], self._clock.now()
            if purge.state != "begun":
                return
            if (now - parse_rfc3339(purge.at)).total_seconds() < STALLED_SECONDS:
                self._looked_at[site] = self._clock.monotonic() + STALLED_SECONDS
                return
        if await self._keep(site, row.published_at, "begun", known[1] if known else 0):
            await self._tell(site, row.published_at)

    async def _tell(self, site: str, published_at: str) -> None:
        key = f"temoin-{site}"
        headers = self._headers | {"Surrogate-Key": key}
        for pause in (*_PAUSES, None):
            why = await self._asked(orjson.dumps({"tags": [key]}), headers)
            if why is None:
                await self._keep(site, published_at, "told")
                return
            if pause is None:
                _log.error("the CDN was not told of %s: %s; its caches forget by themselves in five minutes", site, why)
                await self._keep(site, published_at, "given up")
                return
            _log.warning("the CDN was not told of %s yet: %s; again in %s s", site, why, pause)
            await asyncio.sleep(pause)
            await self._keep(site, published_at, "begun")

    async def _asked(self, body: bytes, headers: dict[str, str]) -> str | None:
        """Why it did not take it, or None."""
        try:
            answer = await self._outside.post(self._url, body, headers)
        except Unreachable as error:
            return str(error)
        return None if answer.status < 300 else f"it answered with status {answer.status}"

    async def _keep(
        self, site: str, published_at: str, state: Literal["begun", "told", "given up"], expected: int | None = None
    ) -> bool:
        value = msgspec.json.encode(Purge(published_at, state, rfc3339(self._clock.now())))
        return await self._store.put(_KIND, site, value, expected=expected)


def open_purger(settings: Settings, sites: PublishedSites, store: KeyValueStore, outside: Outside) -> Purger | None:
    """None where no address is set; raises Malformed for one that is none."""
    if not settings.purge_url:
        return None
    parts = urlsplit(settings.purge_url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.fragment:
        raise Malformed(
            "bad_setting", f"TEMOIN_PURGE_URL is {settings.purge_url!r}.", "Give the http(s) address that takes purges."
        )
    return Purger(settings.purge_url, settings.purge_token, sites, store, outside, SystemClock())
