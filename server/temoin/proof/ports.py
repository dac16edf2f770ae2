"""What the proof plane asks of a store. Adapters in `storage/` implement these; one test suite runs over each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Protocol

from temoin.proof.entry import LoggedEntry


@dataclass(frozen=True, slots=True)
class LogState:
    """`appended` entries are durable; `checkpoint` (a signed note, None at 0) covers the first `sealed` of them."""

    site: str
    origin: str
    appended: int
    sealed: int
    checkpoint: str | None


@dataclass(frozen=True, slots=True)
class Seal:
    """One step of the sealer: all of it becomes visible together, or nothing does."""

    site: str
    old_size: int
    new_size: int
    tiles: dict[str, bytes] = field(repr=False)
    obsolete: tuple[str, ...]
    checkpoint: str


class TileReader(Protocol):
    """Tiles by their tlog-tiles path below the log's prefix, such as `tile/0/x001/067.p/8`; None where there is none.

    Only the widest tile of each place is stored; `proof.log.read_tile` answers for the narrower ones."""

    async def tile(self, site: str, path: str) -> bytes | None: ...


class LogReader(TileReader, Protocol):
    """What producing a proof needs."""

    async def log_state(self, site: str) -> LogState | None: ...


class SealStore(LogReader, Protocol):
    """What the sealer works on.

    `seal` stores the tiles, drops the obsolete partial ones and moves the log from `old_size` to `new_size` in one
    atomic, durable step. It changes nothing and returns False where the log's sealed size is no longer `old_size` or
    where `fence` is older than the lease's present one, so that two sealers can never fork a log.
    """

    async def unsealed_sites(self) -> list[str]: ...

    async def commitments(self, site: str, start: int, limit: int) -> list[bytes]:
        """Up to `limit` 32-byte commitments from index `start` on, in index order, without gaps."""
        ...

    async def seal(self, seal: Seal, fence: int) -> bool: ...


class SealLease(Protocol):
    """One sealer at a time. `acquire_seal_lease` renews or takes the lease and returns its fence (it grows with each
    new holder), or None while another holds it. With 0 seconds the holder gives it up: anyone may take it at once."""

    async def acquire_seal_lease(self, holder: str, seconds: float) -> int | None: ...


class KeyStore(Protocol):
    """The log's Ed25519 signing key, 32 bytes, made when the site is made."""

    async def signing_key(self, site: str) -> bytes | None: ...


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """What an export asks for. Times are RFC 3339 (`since` inclusive, `until` exclusive) on `recorded_at`."""

    since: str | None = None
    until: str | None = None
    subject: str | None = None
    purpose: str | None = None
    event: str | None = None


class EntryReader(Protocol):
    """Reading the log's documents back, in index order, as a stream whose memory does not grow with its length."""

    async def entry(self, site: str, entry_id: str) -> LoggedEntry | None: ...

    def entries(self, site: str, below: int, subject: str | None = None) -> AsyncIterator[LoggedEntry]:
        """Entries with an index under `below`, of every kind; only that subject's where one is named."""
        ...

    async def config_body(self, site: str, version: str) -> bytes | None: ...

    async def blob(self, digest: str) -> bytes | None:
        """An evidence file by the hex of its SHA-256."""
        ...
