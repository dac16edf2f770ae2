"""The analytics plane's URL, as plain ASGI.

POST    /v1/sites/{site}/hits    what happened on a page: 204, whether it was counted or left out

A hit that is not one is refused with the error that says why; one that must not be counted (a bot, the owner's own
visit, a browser that objects) is answered like any other. Both are counted by reason. Nothing here reads or sets a
cookie, answers with a validator, or is kept by a cache.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import Receive, Scope, Send

from temoin.analytics.counting import Counting, Taken
from temoin.analytics.fold import Fold
from temoin.analytics.hit import BODY_LIMIT, Hit, decode
from temoin.analytics.place import Countries, Network, within
from temoin.analytics.visitor import DaySalt
from temoin.catalog import Catalog, PublishedSite
from temoin.clock import SystemClock
from temoin.errors import Forbidden, Invalid, MethodNotAllowed, NotFound, TemoinError, UnsupportedMedia
from temoin.http import Headers, client_address, read_body, send_bytes, send_error
from temoin.limits import RateLimit

Sent = dict[bytes, bytes]  # a request's headers, names in lower case

_MEDIA = (b"application/json", b"text/plain")
_DONE = (b"cache-control", b"no-store")
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
        counted: Callable[[str], None],
        address_header: str = "",
        own_networks: tuple[Network, ...] = (),
    ) -> None:
        self._catalog = catalog
        self._fold = fold
        self._salt = salt
        self._clock = clock
        self._limit = limit
        self._counted = counted
        self._countries = Countries()
        self._counting = Counting(fold, self._countries, counted)
        self._address_header = address_header.lower().encode()
        self._own_networks = own_networks

    async def hits(self, scope: Scope, receive: Receive, send: Send, site: str) -> None:
        cors: Headers = []
        published: PublishedSite | None = None
        try:
            published = await self._catalog.site(site)
            sent: Sent = dict(reversed(scope["headers"]))  # of a name sent twice, the first
            cors = _allow(sent.get(b"origin"), published)
            if scope["method"] == "OPTIONS":
                await send_bytes(send, 204, b"", [*cors, *_PREFLIGHT])
                return
            packed = self._limit.count(scope, site)
            _check_request(scope, sent, published)
            hit = decode(await read_body(scope, receive, BODY_LIMIT))
            if hit.type == "shown":
                await self._check_shown(hit, published)
            if not self._countries.ready:
                await self._countries.load()
            now = self._clock.now()
            key = await self._salt.key(now)
            await send_bytes(send, 204, b"", [_DONE, *cors])
            self._counting.take(Taken(site, published, hit, packed, self._own(scope), sent, key, now))
        except TemoinError as error:
            self._counted(error.code)
            if published is not None and _measured(published) and error.status in _REFUSED:
                self._fold.drop(site, error.code, self._clock.now())
            await send_error(send, error, cors)

    def _own(self, scope: Scope) -> bool:
        own = self._own_networks
        return bool(own) and within(client_address(scope, self._address_header), own)

    async def _check_shown(self, hit: Hit, published: PublishedSite) -> None:
        """Only what this site published is counted; raises Invalid."""
        known = await self._catalog.version(published, hit.config)
        if known is None or hit.language not in known.config.languages:
            raise Invalid(
                "bad_hit",
                "The hit is not valid: $.config and $.language name no banner of this site.",
                "See POST …/hits in docs/http.md.",
            )


_REFUSED = (400, 403, 413, 415, 422)


def _check_request(scope: Scope, sent: Sent, published: PublishedSite) -> None:
    if scope["method"] != "POST":
        raise MethodNotAllowed("POST, OPTIONS")
    if not _measured(published):
        raise NotFound("not_measured", "This site measures nothing.", "Set analytics.mode to exempt and publish.")
    media = sent.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if media not in _MEDIA:
        raise UnsupportedMedia(
            "unsupported_media_type", "The body must be JSON.", "Send application/json, or text/plain holding JSON."
        )


def _measured(published: PublishedSite) -> bool:
    return published.current.config.analytics.mode == "exempt"


def _allow(origin: bytes | None, published: PublishedSite) -> Headers:
    """CORS headers without credentials: a hit never carries a cookie. Raises Forbidden for another Origin, and none."""
    if origin is None or origin.decode("latin-1") not in published.origins:
        raise Forbidden(
            "origin_not_allowed",
            f"The Origin {origin.decode('latin-1') if origin else '(none)'} is not one of this site's.",
            "Add it to 'origins' in the site's configuration and publish.",
        )
    return [(b"access-control-allow-origin", origin), (b"vary", b"Origin")]
