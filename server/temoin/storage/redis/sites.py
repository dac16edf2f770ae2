"""Sites, versions, and what serves them. Implements `SiteStore` of the admin plane and `CatalogStore`."""

from __future__ import annotations

from typing import Any

import orjson

from temoin.admin.ports import Publication, SiteRow
from temoin.catalog import PublishedRow
from temoin.errors import Unavailable
from temoin.proof.entry import LoggedEntry, id_bytes
from temoin.storage.archive.archive import Archive
from temoin.storage.redis.append import id_taken, placed, unknown_site
from temoin.storage.redis.layout import blob_key, pack_draft, read_row, service_key, site_key, site_keys
from temoin.storage.redis.link import Link
from temoin.storage.redis.rows import with_bodies
from temoin.storage.redis.scripts import CHANGES, NOTICE, PUBLISH, PUT_SITE, REPLACE_DRAFT

_NOTICES = [service_key(part) for part in ("generation", "changed", "publishing")]
_CRASHED_SECONDS = 60
_SITE_FIELDS = ("draft", "version", "published_at", "script", "origin", "signing_key")
_TRIES = 5


class RedisSites:
    """See `temoin.admin.ports.SiteStore` and `temoin.catalog.CatalogStore`."""

    def __init__(self, link: Link, archive: Archive) -> None:
        self._link = link
        self._archive = archive

    async def put_site(self, site: str, draft: bytes, origin: str, signing_key: bytes) -> bool:
        # Registered first: a name without a site is passed over, a site without a name would not be found.
        await self._link.do("SADD", service_key("sites"), site)
        created = bool(await self._link.call(PUT_SITE, site_keys(site), [draft, origin, signing_key]))
        if created:
            await self._link.call(NOTICE, _NOTICES, [site, "end"])
        return created

    async def replace_draft(self, site: str, draft: bytes, old: bytes) -> bool:
        return bool(await self._link.call(REPLACE_DRAFT, site_keys(site), [draft, old]))

    async def site(self, site: str) -> SiteRow | None:
        return _site(site, await self._link.do("HMGET", site_key(site, "site"), *_SITE_FIELDS))

    async def sites(self) -> list[SiteRow]:
        names = sorted(site.decode() for site in await self._link.do("SMEMBERS", service_key("sites")))
        rows = await self._link.each([("HMGET", site_key(site, "site"), *_SITE_FIELDS) for site in names])
        found = (_site(site, row) for site, row in zip(names, rows, strict=True))
        return [row for row in found if row is not None]

    async def publish(self, publication: Publication) -> LoggedEntry:
        """Files first, under their hashes; then one step that appends the document and names them.

        What a crash leaves: before that step files that nobody names; after it, within a minute, the notice.
        """
        document = publication.document
        site = publication.site
        entry = document.follow(None)
        known = await self._link.do("HGET", site_key(site, "id"), id_bytes(document.id))
        if known is None:
            await self._link.each([("SET", blob_key(digest), data) for digest, data in publication.blobs.items()])
        await self._link.call(NOTICE, _NOTICES, [site, "begin"])
        try:
            answer = await self._link.call(
                PUBLISH,
                site_keys(site),
                [
                    *(publication.version, publication.body, publication.published_at, publication.script),
                    orjson.dumps(publication.files),
                    pack_draft(document, entry, None),
                ],
            )
        finally:
            await self._link.call(NOTICE, _NOTICES, [site, "end"])
        if answer is None:
            raise unknown_site(site)
        await self._link.do("SADD", service_key("dirty"), site)
        if isinstance(answer[0], int):
            return placed(answer[0], entry)
        row = read_row(answer[0][1])
        if row.digest != document.digest:
            raise id_taken(document)
        return (await with_bodies(self._archive, [row]))[0]

    async def published(self, site: str) -> PublishedRow | None:
        """What visitors get, from one version: its files never change, and its names are read in one step."""
        fields = await self._link.do("HMGET", site_key(site, "site"), "version", "published_at", "script", "files")
        version, published_at, script, files = fields
        if version is None:
            return None
        stored = await self._link.do("HGET", site_key(site, "config"), version)
        named = orjson.loads(files)
        blobs = await self._link.each([("GET", blob_key(digest)) for digest in [script.decode(), *named.values()]])
        for digest, data in zip([script.decode(), *named.values()], blobs, strict=True):
            if data is None:
                raise Unavailable(
                    "store_damaged",
                    f"The file {digest} of {site} is not in the store.",
                    "Publish the site again; find out what deletes keys in this Redis.",
                )
        body = stored.split(b" ", 1)[1]
        return PublishedRow(body, published_at.decode(), blobs[0], dict(zip(named, blobs[1:], strict=True)))

    async def config(self, site: str, version: str) -> tuple[bytes, str] | None:
        """Any version ever published: its canonical bytes and when it was first published."""
        stored = await self._link.do("HGET", site_key(site, "config"), version)
        if stored is None:
            return None
        published_at, body = stored.split(b" ", 1)
        return body, published_at.decode()

    async def changes(self, since: int) -> tuple[int, list[str]]:
        """The newest generation, and the sites that changed after `since`."""
        generation, sites = await self._link.call(CHANGES, _NOTICES, [since, _CRASHED_SECONDS])
        return generation, [site.decode() for site in sites]

    async def service_url(self) -> str | None:
        """The public URL under which the service last started; commands that run beside it go by this."""
        found = await self._link.do("HGET", service_key("meta"), "service_url")
        return found.decode() if found else None

    async def set_service_url(self, url: str) -> None:
        await self._link.do("HSET", service_key("meta"), "service_url", url)


def _site(site: str, fields: list[Any]) -> SiteRow | None:
    draft, version, published_at, script, origin, signing_key = fields
    if origin is None:
        return None
    return SiteRow(site, draft, _text(version), _text(published_at), _text(script), origin.decode(), signing_key)


def _text(value: bytes | None) -> str | None:
    return value.decode() if value is not None else None
