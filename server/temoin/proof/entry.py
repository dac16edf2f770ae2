"""What the log commits to: one canonical JSON document per entry, and its 32-byte commitment.

Consent records (`temoin.consent/1`), published versions (`temoin.publication/1`), administrative acts (`temoin.act/1`)
and erasures (`temoin.erasure/1`) all enter a site's log the same way: the log's entry is SHA-256 of the document's
canonical bytes, and nothing else of it. Every document carries a random `salt`, so that a commitment tells nothing
about a document that was destroyed.
"""

from __future__ import annotations

import hashlib
from typing import Literal

from msgspec import Struct

Kind = Literal["consent", "publication", "act", "erasure"]


class Entry(Struct, frozen=True):
    """A document before or after it stands in the log. `id` is a UUIDv7; `body` its canonical bytes (RFC 8785)."""

    id: str
    kind: Kind
    subject: str | None
    body: bytes

    @property
    def commitment(self) -> bytes:
        """The 32 bytes that are the log's entry (CONTRACT section 6)."""
        return hashlib.sha256(self.body).digest()


class LoggedEntry(Struct, frozen=True):
    """An entry at its dense place in its site's log. `body` is None once the document was erased."""

    index: int
    id: str
    kind: Kind
    subject: str | None
    body: bytes | None
    commitment: bytes


def id_bytes(entry_id: str) -> bytes:
    """The 16 bytes of an id in the one form that is ever kept: a UUID in lower case with its hyphens."""
    return bytes.fromhex(entry_id.replace("-", ""))
