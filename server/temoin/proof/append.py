"""The way into a log: a draft becomes an entry at the moment the store gives it its place."""

from __future__ import annotations

from collections.abc import Sized
from typing import Protocol

from msgspec import Struct

from temoin.histogram import Histogram
from temoin.proof.entry import Entry, LoggedEntry


class Draft(Protocol):
    """A document that is complete but for what came before it.

    `id` is a UUIDv7 and makes repeats safe; `digest` (16 bytes) tells a true repeat from another body under the same
    id. `subject` is None for documents that concern no visitor; `follow` is then called with None.
    """

    @property
    def id(self) -> str: ...
    @property
    def site(self) -> str: ...
    @property
    def subject(self) -> str | None: ...
    @property
    def digest(self) -> bytes: ...

    def follow(self, previous: LoggedEntry | None) -> Entry:
        """The finished entry, given that subject's newest entry in this log."""
        ...


class Appended(Struct, frozen=True):
    """`repeated` is True where this very draft had been appended before; `entry` is then the first one."""

    entry: LoggedEntry
    repeated: bool


class CommitCounts:
    """How many entries shared each commit of this process, and how many wait for the next one."""

    def __init__(self, queue: Sized) -> None:
        self.sizes = Histogram((1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024))
        self._queue = queue

    def waiting(self) -> int:
        return len(self._queue)


class Appender(Protocol):
    """Appends to a site's log.

    Returns only when the entry is on durable storage, at a dense index. Concurrent calls share one commit. Raises
    NotFound for an unknown site, Conflict where the id is taken by another body, Unavailable where the store does
    not answer: then the caller does not know whether it was stored, and repeats with the same id.
    """

    async def append(self, draft: Draft) -> Appended: ...
