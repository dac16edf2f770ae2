"""The log's documents that are not consent records: published versions, administrative acts, erasures.

Each is canonical JSON (RFC 8785) with a `schema`, an `id` (UUIDv7), the `site`, `recorded_at` (UTC, milliseconds) and a
`salt` of 128 random bits in base64url, 22 characters: without it, whoever can guess a document could confirm the guess
from its commitment.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from temoin.canonical import canonical_bytes
from temoin.clock import rfc3339
from temoin.proof.entry import Entry, Kind, LoggedEntry
from temoin.proof.uuid7 import uuid7

PUBLICATION = "temoin.publication/1"
ACT = "temoin.act/1"
ERASURE = "temoin.erasure/1"

Viewport = Literal["mobile", "desktop"]


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen as visitors saw it: SHA-256 of its HTML and of its PNG, as 64 hex digits each."""

    language: str
    viewport: Viewport
    layer: int
    html: str
    png: str


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication binds together. `config` is the version's id, `config_sha256` and `sdk_sha256` 64 hex digits.

    `evidence_missing` says why there is none; exactly one of it and `evidence` is given. `findings` are the linter's
    warnings that stood when it was published, as plain JSON objects.
    """

    site: str
    config: str
    config_sha256: str
    sdk_sha256: str
    evidence: Sequence[Screen]
    evidence_missing: str | None
    actor: str
    findings: Sequence[dict[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class FinishedDraft:
    """A document that depends on nothing before it, on its way into the log. See `temoin.proof.append.Draft`."""

    site: str
    entry: Entry
    subject: None = None

    @property
    def id(self) -> str:
        return self.entry.id

    @property
    def digest(self) -> bytes:
        return self.entry.commitment[:16]

    def follow(self, previous: LoggedEntry | None) -> Entry:  # noqa: ARG002  # the shape of Draft
        return self.entry


def new_salt() -> str:
    """128 random bits as 22 characters of base64url: the `salt` of every document, consent records included."""
    return base64.urlsafe_b64encode(secrets.token_bytes(16)).rstrip(b"=").decode()


def publication(published: Published, now: datetime) -> Entry:
    """The log entry of a published version; raises ValueError unless it has evidence or says why not, never both."""
    if bool(published.evidence) == (published.evidence_missing is not None):
        raise ValueError("a publication has evidence, or the reason why it has none")
    screens = [
        {"language": s.language, "viewport": s.viewport, "layer": s.layer, "html": s.html, "png": s.png}
        for s in sorted(published.evidence, key=lambda s: (s.language, s.viewport, s.layer))
    ]
    fields = {
        "config": published.config,
        "config_sha256": published.config_sha256,
        "sdk": published.sdk_sha256,
        "evidence": screens,
        "evidence_missing": published.evidence_missing,
        "actor": published.actor,
        "findings": list(published.findings),
    }
    return _entry("publication", PUBLICATION, published.site, fields, now)


def act(site: str, name: str, actor: str, detail: dict[str, Any], now: datetime) -> Entry:
    """An administrative act, such as a draft replaced or a token revoked; `detail` is plain JSON without secrets."""
    return _entry("act", ACT, site, {"act": name, "actor": actor, "detail": detail}, now)


def erasure(site: str, erased: Sequence[str], reason: str, actor: str, now: datetime) -> Entry:
    """That the documents of `erased` (their ids) were destroyed, and why. It never names the subject."""
    return _entry("erasure", ERASURE, site, {"erased": list(erased), "reason": reason, "actor": actor}, now)


def _entry(kind: Kind, schema: str, site: str, fields: dict[str, Any], now: datetime) -> Entry:
    entry_id = uuid7(now)
    body = canonical_bytes(
        {"schema": schema, "id": entry_id, "site": site, "recorded_at": rfc3339(now), "salt": new_salt(), **fields}
    )
    return Entry(entry_id, kind, None, body)
