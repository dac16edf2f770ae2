"""What the service and its commands ask of a store as a whole: the planes' ports, put together.

One contract suite (`tests/storage`) runs over every adapter that implements it.
"""

from __future__ import annotations

from typing import Protocol

from temoin.admin.ports import KeyValueStore, SiteStore
from temoin.analytics.ports import AudienceReader, AudienceWriter
from temoin.catalog import CatalogStore
from temoin.proof.append import Appender, CommitCounts
from temoin.proof.archiving import ArchiveStore
from temoin.proof.erasure import ErasureStore
from temoin.proof.exports import ExportRegister
from temoin.proof.ports import EndorsementStore, EntryReader, RotationStore, SealLease, SealStore
from temoin.proof.retention import RetentionStore
from temoin.proof.upkeep import UpkeepLease


class LogPart(SealStore, SealLease, RotationStore, EndorsementStore, EntryReader, Protocol):
    """The logs: sealing, keys, endorsements and reading back."""

    async def unsealed(self) -> int:
        """Entries of all logs that are not yet under a checkpoint."""
        ...


class SitePart(SiteStore, CatalogStore, Protocol):
    """Sites and their versions, for those who publish and those who serve."""

    async def service_url(self) -> str | None:
        """The public URL under which the service last started; commands that run beside it go by this."""
        ...

    async def set_service_url(self, url: str) -> None: ...


class AudiencePart(AudienceWriter, AudienceReader, Protocol):
    """Aggregates of exempt measurement."""


class ErasurePart(ErasureStore, RetentionStore, UpkeepLease, Protocol):
    """Destroying records: on request, and when their time is over."""


class Store(Appender, Protocol):
    """A store, open. `append` is the way in for decisions."""

    @property
    def commits(self) -> CommitCounts: ...

    @property
    def log(self) -> LogPart: ...

    @property
    def sites(self) -> SitePart: ...

    @property
    def keyed(self) -> KeyValueStore: ...

    @property
    def audience(self) -> AudiencePart: ...

    @property
    def erasure(self) -> ErasurePart: ...

    @property
    def exports(self) -> ExportRegister: ...

    @property
    def archiving(self) -> ArchiveStore: ...

    async def ready(self) -> None:
        """Raises Unavailable unless a write is durable now: a store that only reads cannot take a decision."""
        ...

    async def close(self) -> None:
        """Lets what is under way end, then lets go of the store."""
        ...
