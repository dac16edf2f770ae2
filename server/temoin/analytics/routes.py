"""The analytics plane's URL, as plain ASGI.

POST    /v1/sites/{site}/hits    what happened on a page: 204, whether it was counted or left out

A hit that is not one is refused with the error that says why; one that must not be counted (a bot, the owner's own
visit, a browser that objects) is answered like any other. Both are counted by reason. Nothing here reads or sets a
cookie, answers with a validator, or is kept by a cache.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

import msgspec
from starlette.types import Receive, Scope, Send

from temoin.analytics.agent import classify, language
from temoin.analytics.fold import Fold, Who
from temoin.analytics.hit import BODY_LIMIT, Hit, decode
from temoin.analytics.place import Countries, Network, shortened, within
from temoin.analytics.visitor import DaySalt
from temoin.catalog import Catalog, PublishedSite
from temoin.clock import SystemClock
from temoin.errors import Forbidden, Invalid, MethodNotAllowed, NotFound, TemoinError, UnsupportedMedia
from temoin.http import Headers, client_address, header, read_body, send_bytes, send_error
from temoin.limits import RateLimit

_MEDIA = (b"application/json", b"text/plain")
_DONE: Headers = [(b"cache-control", b"no-store")]
_PREFLIGHT: Headers = [
    (b"access-control-allow-methods", b"POST"),
    (b"access-control-allow-headers", b"content-type"),
    (b"access-control-max-age", b"7200"),
]


class AnalyticsPlane:
    """Answers the URL above; what it counts goes into `fold`, and nowhere else."""

    def __init__(
        self,
        catalog: Catalog,
        fold: Fold,
        salt: DaySalt,
        clock: SystemClock,
        limit: RateLimit,
        address_header: str = "",
        own_networks: tuple[Network, ...] = (),
    ) -> None:
        self._catalog = catalog
        self._fold = fold
        self._salt = salt
        self._clock = clock
        self._limit = limit
        self._countries = Countries()
        self._address_header = address_header.lower().encode()
        self._own_networks = own_networks

    async def hits(self, scope: Scope, receive: Receive, send: Send, site: str) -> None:
        cors: Headers = []
        published: PublishedSite | None = None
        try:
            published = await self._catalog.site(site)
            cors = _allow(scope, published)
            if scope["method"] == "OPTIONS":
                await send_bytes(send, 204, b"", [*cors, *_PREFLIGHT])
                return
            self._limit.count(scope, site)
            hit = await self._hit(scope, receive, published)
            now = self._clock.now()
            await self._salt.renew(now)
            await self._countries.ready()
            if hit.type == "shown":
                await self._check_shown(hit, published)
            self._count(site, hit, scope, published, now)
            await send_bytes(send, 204, b"", [*_DONE, *cors])
        except TemoinError as error:
            if published is not None and _measured(published) and error.status in _REFUSED:
                self._fold.drop(site, error.code, self._clock.now())
            await send_error(send, error, cors)

    async def _hit(self, scope: Scope, receive: Receive, published: PublishedSite) -> Hit:
        if scope["method"] != "POST":
            raise MethodNotAllowed("POST, OPTIONS")
        if not _measured(published):
            raise NotFound("not_measured", "This site measures nothing.", "Set analytics.mode to exempt and publish.")
        media = (header(scope, b"content-type") or b"").split(b";", 1)[0].strip().lower()
        if media not in _MEDIA:
            raise UnsupportedMedia(
                "unsupported_media_type", "The body must be JSON.", "Send application/json, or text/plain holding JSON."
            )
        return decode(await read_body(scope, receive, BODY_LIMIT))

    async def _check_shown(self, hit: Hit, published: PublishedSite) -> None:
        """Only what this site published is counted; raises Invalid."""
        known = await self._catalog.version(published, hit.config)
        if known is None or hit.language not in known.config.languages:
            raise Invalid(
                "bad_hit",
                "The hit is not valid: $.config and $.language name no banner of this site.",
                "See POST …/hits in docs/http.md.",
            )

    def _count(self, site: str, hit: Hit, scope: Scope, published: PublishedSite, now: datetime) -> None:
        """Counts the hit, or why not. The address and the user agent live as long as this call."""
        text = (header(scope, b"user-agent") or b"").decode("latin-1")
        agent = classify(text)
        address = client_address(scope, self._address_header)
        reason = _left_out(hit, scope, published)
        if reason is None and agent.bot:
            reason = "bot"
        if reason is None and self._own_networks and within(address, self._own_networks):
            reason = "own_address"
        if reason is not None:
            self._fold.drop(site, reason, now)
            return
        if hit.entry and _own(hit.referrer, published):
            hit = msgspec.structs.replace(hit, entry=False)
        if hit.type == "shown":
            self._fold.shown(site, hit, now)
            return
        network = shortened(address)
        spoken = language((header(scope, b"accept-language") or b"").decode("latin-1"))
        visitor = self._salt.visitor(site, network, text)
        self._fold.count(site, hit, Who(visitor, self._countries.find(network), spoken, agent), now)


_REFUSED = (400, 403, 413, 415, 422)


def _own(referrer: str, published: PublishedSite) -> bool:
    """Whether the page before was on another of the site's origins."""
    return any(urlsplit(origin).hostname == referrer for origin in published.origins)


def _measured(published: PublishedSite) -> bool:
    return published.current.config.analytics.mode == "exempt"


def _left_out(hit: Hit, scope: Scope, published: PublishedSite) -> str | None:
    """Why a well-formed hit may not be counted, or None."""
    analytics = published.current.config.analytics
    if b"prefetch" in (header(scope, b"sec-purpose") or header(scope, b"purpose") or b"").lower():
        return "prefetch"
    if "gpc" in analytics.objections and header(scope, b"sec-gpc") == b"1":
        return "gpc"
    if "dnt" in analytics.objections and header(scope, b"dnt") == b"1":
        return "dnt"
    if hit.type == "event" and hit.value not in analytics.events:
        return "unknown_event"
    return None


def _allow(scope: Scope, published: PublishedSite) -> Headers:
    """CORS headers without credentials: a hit never carries a cookie. Raises Forbidden for another Origin, and none."""
    origin = header(scope, b"origin")
    if origin is None or origin.decode("latin-1") not in published.origins:
        raise Forbidden(
            "origin_not_allowed",
            f"The Origin {origin.decode('latin-1') if origin else '(none)'} is not one of this site's.",
            "Add it to 'origins' in the site's configuration and publish.",
        )
    return [(b"access-control-allow-origin", origin), (b"vary", b"Origin")]
