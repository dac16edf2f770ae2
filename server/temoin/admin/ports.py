"""What administering sites asks of a store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from temoin.proof.append import Draft
from temoin.proof.entry import LoggedEntry


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
class Token:
    """An API token as stored: only the SHA-256 of what was shown once."""

    id: str
    site: str
    scope: str
    label: str
    created_at: str
    digest: bytes = field(repr=False)


class TokenStore(Protocol):
    """API tokens. `token_scope` answers (site, scope) for a digest, or None where no such token is in force."""

    async def add_token(self, token: Token) -> None: ...

    async def tokens(self) -> list[Token]: ...

    async def revoke_token(self, token_id: str) -> bool: ...

    async def token_scope(self, digest: bytes) -> tuple[str, str] | None: ...


@dataclass(frozen=True, slots=True)
class Account:
    """An administrator. `password` is an argon2id hash in its standard text form."""

    name: str
    password: str = field(repr=False)
    role: str
    created_at: str


class AccountStore(Protocol):
    """Accounts and their sessions. A session is known by the SHA-256 of its cookie; `session` ignores expired ones."""

    async def put_account(self, account: Account) -> None: ...

    async def account(self, name: str) -> Account | None: ...

    async def open_session(self, digest: bytes, account: str, expires_at: str) -> None: ...

    async def session(self, digest: bytes, now: str) -> Account | None: ...

    async def close_session(self, digest: bytes) -> None: ...
