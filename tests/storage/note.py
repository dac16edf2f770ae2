"""The smallest draft, and work to do on a store."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable

from temoin.proof.entry import Entry, LoggedEntry
from temoin.storage.ports import Store
from tests.made import uuid7

Work = Callable[[Store], Awaitable[None]]


class Note:
    """The smallest draft: its body tells which entry of the subject it followed."""

    def __init__(self, text: str, *, site: str = "boutique", subject: str | None = "s" * 22, id: str = "") -> None:
        self.id = id or uuid7()
        self.site = site
        self.subject = subject
        self.digest = hashlib.sha256(text.encode()).digest()[:16]
        self._text = text

    def follow(self, previous: LoggedEntry | None) -> Entry:
        body = f'{{"text":"{self._text}","previous":"{previous.id if previous else ""}"}}'
        return Entry(self.id, "consent", self.subject, body.encode())
