"""The delivery plane's URLs, as plain ASGI: what a page loads (CONTRACT section 3).

    GET /s/{site}.js                    the SDK with the site's published config; short cache, ETag
    GET /s/{site}.measure.js            exempt measurement without a banner; the same
    GET /s/{site}/{hash}.{lang}.json    the banner in another language; immutable

All of it is answered from memory, precompressed. Each answer names its site to the caches in front of the service, in
the headers `Surrogate-Key` and `Cache-Tag`, so that a CDN which keeps such keys can purge one site.
"""

from __future__ import annotations

from functools import lru_cache

from starlette.types import Receive, Scope, Send

from temoin.catalog import Catalog, Compressed
from temoin.errors import NotFound, TemoinError
from temoin.http import Headers, header, only_get, send_bytes, send_error

_SHORT = (b"cache-control", b"public, max-age=300, stale-while-revalidate=86400, stale-if-error=604800")
_IMMUTABLE = (b"cache-control", b"public, max-age=31536000, immutable")
_SHARED: Headers = [
    (b"vary", b"Accept-Encoding"),
    (b"access-control-allow-origin", b"*"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"x-content-type-options", b"nosniff"),
]
_SCRIPT = (b"content-type", b"text/javascript; charset=utf-8")
_JSON = (b"content-type", b"application/json")


class DeliveryPlane:
    """Answers the two URLs above from the catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    async def script(self, scope: Scope, receive: Receive, send: Send, site: str) -> None:
        """`{site}.js`, and `{site}.measure.js` which measures without a banner."""
        site, _, kind = site.partition(".")
        try:
            only_get(scope)
            published = await self._catalog.site(site)
            script = {"": published.script, "measure": published.measure}.get(kind)
            if script is None:
                raise NotFound("unknown_file", f"{site} has no script {kind!r}.", "Check the script tag's address.")
        except TemoinError as error:
            await send_error(send, error, _SHARED)
        else:
            await _send_file(scope, send, script, [_SCRIPT, _SHORT, *_keys(site)])

    async def file(self, scope: Scope, receive: Receive, send: Send, site: str, name: str) -> None:
        try:
            only_get(scope)
            found = (await self._catalog.site(site)).files.get(name)
            if found is None:
                raise NotFound("unknown_file", f"{site} has no file {name!r}.", "Load the site's script anew.")
        except TemoinError as error:
            await send_error(send, error, _SHARED)
        else:
            await _send_file(scope, send, found, [_JSON, _IMMUTABLE, *_keys(site)])


def _keys(site: str) -> Headers:
    key = b"temoin-" + site.encode()
    return [(b"surrogate-key", key), (b"cache-tag", key)]


async def _send_file(scope: Scope, send: Send, file: Compressed, headers: Headers) -> None:
    all_headers = [*headers, *_SHARED, (b"etag", file.etag)]
    if _matches(header(scope, b"if-none-match"), file.etag):
        await send_bytes(send, 304, b"", all_headers)
        return
    encoding = _encoding(header(scope, b"accept-encoding") or b"")
    body = {b"br": file.brotli, b"gzip": file.gzip}.get(encoding, file.raw)
    if encoding:
        all_headers.append((b"content-encoding", encoding))
    await send_bytes(send, 200, b"" if scope["method"] == "HEAD" else body, all_headers)


@lru_cache(maxsize=256)
def _encoding(accepted: bytes) -> bytes:
    """The best of br and gzip that Accept-Encoding allows (RFC 9110 section 12.5.3), or empty for neither."""
    allowed = set()
    for part in accepted.lower().split(b","):
        name, _, weight = part.partition(b";")
        if weight.replace(b" ", b"").rstrip(b"0.") != b"q=":
            allowed.add(name.strip())
    return next((encoding for encoding in (b"br", b"gzip") if encoding in allowed), b"")


def _matches(asked: bytes | None, etag: bytes) -> bool:
    """If-None-Match (RFC 9110 section 13.1.2), weakly compared: proxies that recompress mark our tags as weak."""
    return asked is not None and (
        asked == b"*" or any(tag.strip().removeprefix(b"W/") == etag for tag in asked.split(b","))
    )
