"""What administering sites asks of a store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from temoin.proof.append import Draft
from temoin.proof.entry import LoggedEntry
from temoin.site import SiteConfig


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site as stored. `draft` holds canonical bytes; `version` and `published_at` are None before the first publish.

    `origin` names the site's log and its key, and never changes once the log has an entry. `script` is the hash of the
    script that visitors get.
    """

    id: str
    draft: bytes
    version: str | None
    published_at: str | None
    script: str | None
    origin: str
    signing_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Publication:
    """All that one publish changes. `document` is its `temoin.publication/1`; `blobs` are files by SHA-256.

    `script` is the hash of what `/s/{site}.js` answers from now on, `files` the hashes of what the SDK loads by name.
    """

    site: str
    version: str
    body: bytes
    published_at: str
    document: Draft
    script: str
    files: dict[str, str]
    blobs: dict[str, bytes] = field(repr=False)


class SiteStore(Protocol):
    """Sites and their versions. Every write is durable when the call returns, and all of it or nothing happened."""

    async def put_site(self, site: str, draft: bytes, origin: str, signing_key: bytes) -> bool:
        """Creates the site, or replaces its draft (and, while its log is empty, its origin); True where it was created.

        The signing key stays as it was made.
        """
        ...

    async def replace_draft(self, site: str, draft: bytes, old: bytes) -> bool:
        """Replaces the draft where it still is `old`; False, and nothing done, where it is not."""
        ...

    async def site(self, site: str) -> SiteRow | None: ...

    async def sites(self) -> list[SiteRow]:
        """All sites, by id."""
        ...

    async def publish(self, publication: Publication) -> LoggedEntry:
        """Appends the document, stores version and evidence, and makes the version the one that visitors get."""
        ...


@dataclass(frozen=True, slots=True)
class Kept:
    """A value as the store keeps it; `revision` is another number after each change."""

    key: str
    value: bytes = field(repr=False)
    revision: int


class Numbers(Protocol):
    """What is counted of a site. The admin plane knows no other one: `app.py` puts them together."""

    async def insights(self, site: str, wanted: Mapping[str, str | None]) -> dict[str, Any]:
        """What visitors answered, and beside it another side; `wanted` as in `temoin.analytics.insights.Wanted`.

        Raises Malformed for days that are none."""
        ...

    def insights_csv(self, report: dict[str, Any]) -> bytes: ...

    async def audience(self, site: str, wanted: Mapping[str, str | None]) -> dict[str, Any]:
        """The report of `temoin.analytics.report` on the days from `since` to `until`, beside those from
        `against_since` to `against_until`. Raises Malformed for days that are none."""
        ...

    def assessment(self, config: SiteConfig, version: str | None, language: str) -> Any:
        """What `temoin.analytics.assessment.assess` makes of a configuration."""
        ...

    async def assessment_file(self, assessment: Any, form: str, chromium: str) -> bytes:
        """The assessment as `html` or `pdf`; raises Unavailable where no browser can print it."""
        ...

    def audience_file(self, report: dict[str, Any], form: str) -> bytes:
        """The report as `json`, `csv` or `parquet`; raises Unavailable where pyarrow is not installed."""
        ...


class KeyValueStore(Protocol):
    """Small values by kind and key: accounts, sessions, tokens, requests. None of them is read while a visitor waits.

    A value past its `expires_at` (RFC 3339) is as if it had never been, and its bytes go with the next change.
    """

    async def get(self, kind: str, key: str) -> Kept | None: ...

    async def list(self, kind: str) -> list[Kept]:
        """All of a kind, by key."""
        ...

    async def put(
        self, kind: str, key: str, value: bytes, *, expected: int | None = None, expires_at: str | None = None
    ) -> bool:
        """Durable when it returns True. False, and nothing changed, where `expected` is given and is not the present
        revision; 0 expects that there is none."""
        ...

    async def delete(self, kind: str, key: str) -> bool:
        """Whether there was one."""
        ...
