"""The consent plane's URLs, as plain ASGI (CONTRACT section 3).

POST    /v1/sites/{site}/consents            a decision: 201 with its receipt, 200 for a repeat
GET     /v1/sites/{site}/subjects/{subject}  that subject's choices and history; the id is the secret
GET     …/subjects/{subject}/receipt         the newest decision as a receipt to keep (ISO/IEC TS 27560, Kantara 1.1)
GET     /v1/sites/{site}/config/{version}    a published version, exactly as hashed
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

import orjson
from starlette.types import Receive, Scope, Send

from temoin.catalog import Catalog, KnownVersion, PublishedSite
from temoin.clock import SystemClock
from temoin.consent import cookie, decision, subject
from temoin.consent.record import ConsentDraft, Receipt, receipt
from temoin.errors import Forbidden, Invalid, MethodNotAllowed, NotFound, TemoinError, UnsupportedMedia
from temoin.http import Headers, header, only_get, read_body, send_bytes, send_error, send_json
from temoin.limits import RateLimit
from temoin.proof.append import Appender
from temoin.proof.log import damaged
from temoin.proof.ports import EntryReader
from temoin.proof.receipt import MEDIA, consent_receipt

_MEDIA = (b"application/json", b"text/plain")
_SUBJECT = re.compile(r"[A-Za-z0-9_-]{22}\Z")
_IMMUTABLE = (b"cache-control", b"public, max-age=31536000, immutable")


class Counter(Protocol):
    """Told of every decision's outcome: `recorded`, `repeated`, or the code of the error."""

    def __call__(self, outcome: str) -> None: ...


class Answered(Protocol):
    """Told of every decision that was recorded, once: what is counted of it, and nothing that tells whose it was."""

    def __call__(
        self, site: str, version: str, language: str, device: str, outcomes: Iterable[str], moment: datetime
    ) -> None: ...


class ConsentPlane:
    """Answers the URLs above. `log` is read for histories, `appender` is where decisions go."""

    def __init__(
        self,
        catalog: Catalog,
        appender: Appender,
        log: EntryReader,
        clock: SystemClock,
        count: Counter,
        answered: Answered,
        limit: RateLimit,
    ) -> None:
        self._catalog = catalog
        self._appender = appender
        self._log = log
        self._clock = clock
        self._count = count
        self._answered = answered
        self._limit = limit

    async def consents(self, scope: Scope, receive: Receive, send: Send, site: str) -> None:
        cors: Headers = []
        try:
            published = await self._catalog.site(site)
            origin = header(scope, b"origin")
            cors = allow_origin(origin, published, required=True)
            if scope["method"] == "OPTIONS":
                await send_bytes(send, 204, b"", [*cors, *_PREFLIGHT])
                return
            if scope["method"] != "POST":
                raise MethodNotAllowed("POST, OPTIONS")
            self._limit.count(scope, site)
            status, body, known = await self._record(scope, receive, site, published)
            self._count("recorded" if status == 201 else "repeated")
            await send_json(send, status, body, [*cors, *_cookie(origin, published, known, body)])
        except TemoinError as error:
            self._count(error.code)
            await send_error(send, error, cors)

    async def _record(
        self, scope: Scope, receive: Receive, site: str, published: PublishedSite
    ) -> tuple[int, Receipt, KnownVersion]:
        media = (header(scope, b"content-type") or b"").split(b";", 1)[0].strip().lower()
        if media not in _MEDIA:
            raise UnsupportedMedia(
                "unsupported_media_type", "The body must be JSON.", "Send application/json, or text/plain holding JSON."
            )
        made = decision.decode(await read_body(scope, receive, decision.BODY_LIMIT))
        known = await self._version(published, made.config)
        decision.check(made, known.config, known.purposes)
        now = self._clock.now()
        draft = ConsentDraft(site, made, known.config.choice_validity, now)
        appended = await self._appender.append(draft)
        if appended.repeated:
            return 200, receipt(appended.entry), known
        self._answered(site, made.config, made.language, made.viewport, draft.outcomes, now)
        return 201, draft.receipt(appended.entry), known

    async def _version(self, published: PublishedSite, version: str) -> KnownVersion:
        known = await self._catalog.version(published, version)
        if known is None:
            raise Invalid(
                "unknown_config",
                f"$.config: {version} is not a published version of this site.",
                "Send the version of the banner that the visitor saw.",
            )
        return known

    async def subjects(self, scope: Scope, receive: Receive, send: Send, site: str, subject_id: str) -> None:
        cors: Headers = []
        try:
            published = await self._catalog.site(site)
            cors = allow_origin(header(scope, b"origin"), published, required=False)
            only_get(scope)
            history = None
            if _SUBJECT.match(subject_id):
                history = await subject.history(self._log, site, subject_id, self._clock.now())
            if history is None:
                raise _unknown_subject()
            await send_json(send, 200, history, cors)
        except TemoinError as error:
            await send_error(send, error, cors)

    async def receipt(self, scope: Scope, receive: Receive, send: Send, site: str, subject_id: str) -> None:
        cors: Headers = []
        try:
            published = await self._catalog.site(site)
            cors = allow_origin(header(scope, b"origin"), published, required=False)
            only_get(scope)
            found = await subject.newest(self._log, site, subject_id) if _SUBJECT.match(subject_id) else None
            if found is None or found.body is None:
                raise _unknown_subject()
            version = orjson.loads(found.body)["config"]
            known = await self._catalog.version(published, version)
            if known is None:
                raise damaged(site, f"the config version {version} is named by a record and not in the store")
            document = consent_receipt(found.body, known.version.body)
            name = f'attachment; filename="{site}-{found.id}.jsonld"'.encode()
            headers = [*_RECEIPT, (b"content-disposition", name), *cors]
            await send_bytes(send, 200, orjson.dumps(document, option=orjson.OPT_INDENT_2), headers)
        except TemoinError as error:
            await send_error(send, error, cors)

    async def config(self, scope: Scope, receive: Receive, send: Send, site: str, version: str) -> None:
        anyone: Headers = [(b"access-control-allow-origin", b"*")]
        try:
            only_get(scope)
            known = await self._catalog.version(await self._catalog.site(site), version)
            if known is None:
                raise NotFound("unknown_config", f"{site} never published a version {version!r}.", "Check the id.")
            kind = (b"content-type", b"application/json")
            await send_bytes(send, 200, known.version.body, [kind, _IMMUTABLE, *anyone])
        except TemoinError as error:
            await send_error(send, error, anyone)


def _unknown_subject() -> NotFound:
    return NotFound("unknown_subject", "No decision of this subject is known.", "Check the id.")


_RECEIPT: Headers = [
    (b"content-type", MEDIA.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
]
_PREFLIGHT: Headers = [
    (b"access-control-allow-methods", b"POST, GET"),
    (b"access-control-allow-headers", b"content-type"),
    (b"access-control-max-age", b"7200"),
]


def allow_origin(origin: bytes | None, published: PublishedSite, *, required: bool) -> Headers:
    """CORS headers for a page of the site; raises Forbidden for another Origin, and for none where it is required."""
    if origin is None and not required:
        return []
    if origin is None or origin.decode("latin-1") not in published.origins:
        raise Forbidden(
            "origin_not_allowed",
            f"The Origin {origin.decode('latin-1') if origin else '(none)'} is not one of this site's.",
            "Add it to 'origins' in the site's configuration and publish.",
        )
    return [
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"Origin"),
    ]


def _cookie(sent: bytes | None, published: PublishedSite, known: KnownVersion, receipt: Receipt) -> Headers:
    """Set-Cookie where the browser will take it as first-party for the page: never a third-party cookie."""
    origin = (sent or b"").decode("latin-1")
    if origin not in published.cookie_origins:
        return []
    secure = origin.startswith("https:")
    return [(b"set-cookie", cookie.set_cookie(receipt, known.config, published.cookie_domain, secure=secure))]
