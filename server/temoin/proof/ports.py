"""What the proof plane asks of a store. Adapters in `storage/` implement these; one test suite runs over each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Protocol

from temoin.proof.append import Draft
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
    rotations: int = 0  # how often the key had been replaced when `checkpoint` was signed


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
    atomic, durable step. It changes nothing and returns False where the log's sealed size is no longer `old_size`,
    where `fence` is older than the lease's present one, so that two sealers can never fork a log, or where the log's
    key was replaced after `rotations`. A step that covers the act of a rotation ends it: the checkpoint is kept with
    the replaced key, whose seed is destroyed.
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


@dataclass(frozen=True, slots=True)
class PastKey:
    """A replaced key. `act` is the index of the entry that says so, `act_id` its id; `checkpoint` the first that covers
    it, signed by this key and by the one after it, None while that is still to be sealed."""

    vkey: str
    act: int
    act_id: str
    checkpoint: str | None


@dataclass(frozen=True, slots=True)
class LogKeys:
    """A log's keys: the Ed25519 seed (32 bytes) in force, and the keys before it, oldest first.

    `retiring` is the seed of the last of `past` while its rotation is not sealed: checkpoints that do not cover the act
    are signed by it alone, the one that does by both.
    """

    present: bytes = field(repr=False)
    past: tuple[PastKey, ...] = ()
    retiring: bytes | None = field(default=None, repr=False)


class KeyStore(Protocol):
    """The log's signing keys; the first is made when the site is made. None for an unknown site."""

    async def log_keys(self, site: str) -> LogKeys | None: ...


class RotationStore(KeyStore, Protocol):
    """Replacing a log's key in one durable step, with the act that says so."""

    async def rotate_key(self, document: Draft, old: bytes, new: bytes) -> LoggedEntry:
        """Appends `document` and makes `new` the key in force. Raises Conflict where `old` is not the key in force, or
        where the rotation before is not sealed yet."""
        ...


TSA = "tsa"


@dataclass(frozen=True, slots=True)
class Endorsement:
    """What somebody outside said of a checkpoint. `source` is a witness's verifier key, or TSA.

    `checkpoint` is the note that was sent, `answer` the witness's signature lines or the DER of an RFC 3161 response.
    """

    source: str
    size: int
    checkpoint: str
    answer: bytes = field(repr=False)
    obtained_at: str


class EndorsementReader(Protocol):
    """Endorsements of a log's checkpoints, smallest first."""

    async def endorsements(self, site: str) -> list[Endorsement]: ...


class EndorsementStore(EndorsementReader, LogReader, Protocol):
    """What the endorser works on. Of each source the last endorsement of a UTC day is kept, and the newest of all."""

    async def unendorsed(self, source: str) -> list[str]:
        """Sites whose present checkpoint `source` has not endorsed."""
        ...

    async def put_endorsement(self, site: str, endorsement: Endorsement) -> None:
        """Durable when it returns."""
        ...

    async def acquire_endorse_lease(self, holder: str, seconds: float) -> int | None:
        """One process asks at a time; see `SealLease.acquire_seal_lease`."""
        ...


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

    def entries(self, site: str, below: int, subject: str | None = None, start: int = 0) -> AsyncIterator[LoggedEntry]:
        """Entries with an index from `start` to under `below`, of every kind; only that subject's where one is named.

        What comes before `start` costs nothing.
        """
        ...

    async def publications(self, site: str) -> list[LoggedEntry]:
        """The entries of published versions, in index order, found without reading the log."""
        ...

    async def config_body(self, site: str, version: str) -> bytes | None: ...

    async def blob(self, digest: str) -> bytes | None:
        """An evidence file by the hex of its SHA-256."""
        ...
