"""The published sites that this process knows: what the hot routes need of a site, ready in memory.

A site is loaded at its first use and kept while it is among the most recently used. Its files are compressed quickly
then, for somebody waits; as small as they get they become afterwards, the most recently asked for before the others.
`follow` polls the store for changes, so a publish reaches every worker of every machine within a second; until then a
worker serves the version before, which stays valid for decisions.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import logging
from collections import OrderedDict
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol
from urllib.parse import urlsplit

import brotli

from temoin.banner import client, script, version
from temoin.clock import parse_rfc3339
from temoin.errors import NotFound, TemoinError
from temoin.site import ConfigVersion, PublishedConfig

POLL_SECONDS = 0.4
_PACK_EVERY = 3  # polls
_MOST_SITES = 1000
_MOST_VERSIONS = 64

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """What the newest publish stored: the version's canonical bytes, and the very files that its log entry names.

    Visitors get these bytes until the next publish, whatever release of Témoin serves them: what the log says they
    saw stays what they see.
    """

    body: bytes
    published_at: str
    script: bytes = field(repr=False)
    files: dict[str, bytes] = field(repr=False)


class CatalogStore(Protocol):
    """Reading published sites. `changes` tells which were published after a generation, and the newest generation."""

    async def published(self, site: str) -> PublishedRow | None: ...

    async def config(self, site: str, version: str) -> tuple[bytes, str] | None: ...

    async def changes(self, since: int) -> tuple[int, list[str]]: ...


@dataclass(frozen=True, slots=True)
class Compressed:
    """A file in the three forms that browsers ask for. `etag` is quoted, and the same for all three."""

    raw: bytes = field(repr=False)
    brotli: bytes = field(repr=False)
    gzip: bytes = field(repr=False)
    etag: bytes


@dataclass(frozen=True, slots=True)
class KnownVersion:
    """A config version and what decisions are checked against."""

    version: ConfigVersion
    purposes: frozenset[str]

    @property
    def config(self) -> PublishedConfig:
        return self.version.config


@dataclass(slots=True)
class PublishedSite:
    """A site as the visitors get it now. `script` is its `/s/{site}.js`, `files` what the SDK loads by name after that.

    `measure` is the script that measures without a banner, None where the site measures nothing.
    `hosts` are the host names of `origins`. `cookie_domain` is the registrable domain that service and site share (None
    where they share none); `cookie_origins` are those for whose pages a cookie set by the service is first-party.
    """

    current: KnownVersion
    origins: frozenset[str]
    hosts: frozenset[str]
    script: Compressed
    files: dict[str, Compressed]
    measure: Compressed | None
    cookie_domain: str | None
    cookie_origins: frozenset[str]
    versions: dict[str, KnownVersion]


class Catalog:
    """`site` and `version` answer from memory, or load; both raise NotFound with a hint for a person."""

    def __init__(self, store: CatalogStore, base: str) -> None:
        self._store = store
        self._base = base
        self._sites: OrderedDict[str, PublishedSite] = OrderedDict()
        self._generation = 0
        self._loading: dict[str, asyncio.Task[PublishedSite]] = {}
        self._unpacked: OrderedDict[str, PublishedSite] = OrderedDict()

    async def site(self, site: str) -> PublishedSite:
        """The site as published now; raises NotFound where it is unknown or was never published."""
        known = self._sites.get(site)
        if known is not None:
            self._sites.move_to_end(site)
            return known
        task = self._loading.get(site)
        if task is None:
            # Shared by everybody who asks meanwhile, and not theirs to cancel.
            task = asyncio.create_task(self._load(site))
            self._loading[site] = task
            task.add_done_callback(lambda _: self._loading.pop(site, None))
        return await asyncio.shield(task)

    async def version(self, site: PublishedSite, version_id: str) -> KnownVersion | None:
        """Any version that this site ever published, or None."""
        known = site.versions.get(version_id)
        if known is not None:
            return known
        name = site.current.config.site
        found = await self._store.config(name, version_id)
        if found is None:
            return None
        known = _known(name, *found)
        if len(site.versions) < _MOST_VERSIONS:
            site.versions[version_id] = known
        return known

    async def follow(self) -> None:
        """Runs until cancelled: forgets sites that were published anew, so that the next request loads them."""
        for poll in count():
            try:
                self._generation, changed = await self._store.changes(self._generation)
                for site in changed:
                    self._sites.pop(site, None)
            except TemoinError as error:
                log.warning("published sites cannot be followed: %s", error)
            if poll % _PACK_EVERY == 0 and self._unpacked:
                _, loaded = self._unpacked.popitem()
                await asyncio.get_running_loop().run_in_executor(None, _pack, loaded)
            await asyncio.sleep(POLL_SECONDS)

    async def _load(self, site: str) -> PublishedSite:
        generation = self._generation
        row = await self._store.published(site)
        if row is None:
            raise NotFound(
                "unknown_site",
                f"There is no published site {site!r}.",
                "Check the id in the script tag's address; 'temoin publish' makes a site public.",
            )
        # Some milliseconds: not on the loop that answers everybody else.
        loaded = await asyncio.get_running_loop().run_in_executor(None, _prepare, site, row, self._base)
        if generation != self._generation:
            return loaded  # something was published meanwhile, perhaps this site: the next request looks again
        self._sites[site] = self._unpacked[site] = loaded
        if len(self._unpacked) > _MOST_SITES:
            self._unpacked.popitem(last=False)
        if len(self._sites) > _MOST_SITES:
            self._sites.popitem(last=False)
        return loaded


def compress(data: bytes) -> Compressed:
    """`data` as it is, in brotli and in gzip as small as they get, with an ETag from its hash. Tens of milliseconds."""
    return Compressed(data, brotli.compress(data, quality=11), gzip.compress(data, 9, mtime=0), _etag(data))


def compress_quickly(data: bytes) -> Compressed:
    """The same within a millisecond, and a third larger."""
    return Compressed(data, brotli.compress(data, quality=2), gzip.compress(data, 1, mtime=0), _etag(data))


def _etag(data: bytes) -> bytes:
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'.encode()


def _pack(site: PublishedSite) -> None:
    """In a thread: each file is swapped as a whole, so whoever reads meanwhile gets the one or the other."""
    site.script = compress(site.script.raw)
    site.files = {name: compress(file.raw) for name, file in site.files.items()}
    if site.measure is not None:
        site.measure = compress(site.measure.raw)


def _known(site: str, body: bytes, published_at: str) -> KnownVersion:
    loaded = version.load(site, body, parse_rfc3339(published_at))
    return KnownVersion(loaded, frozenset(loaded.config.consent_purposes))


def _prepare(site: str, row: PublishedRow, base: str) -> PublishedSite:
    known = _known(site, row.body, row.published_at)
    config = known.config
    domain = client.cookie_domain(config, base)
    service = client.service_of(config, base)
    return PublishedSite(
        current=known,
        origins=frozenset(config.origins),
        hosts=frozenset(urlsplit(origin).hostname or "" for origin in config.origins),
        script=compress_quickly(row.script),
        files={name: compress_quickly(data) for name, data in row.files.items()},
        measure=_measure(known, base),
        cookie_domain=domain,
        cookie_origins=frozenset(
            origin for origin in config.origins if _first_party(urlsplit(origin).hostname or "", service, domain)
        ),
        versions={known.version.version: known},
    )


def _measure(known: KnownVersion, base: str) -> Compressed | None:
    if known.config.analytics.mode == "off":
        return None
    return compress_quickly(script.measure_alone(known.version, base))


def _first_party(host: str, service: str, domain: str | None) -> bool:
    if domain is not None:
        return host == domain or host.endswith(f".{domain}")
    return host == urlsplit(service).hostname
