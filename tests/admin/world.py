"""Accounts over a real store, with a clock that tests put forward."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temoin.admin.people import People
from temoin.clock import SystemClock
from temoin.storage.sqlite.store import SqliteStore


class SetClock(SystemClock):
    """Stands still but for `pass_`."""

    def __init__(self) -> None:
        self._now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self._now

    def pass_(self, **time: float) -> None:
        self._now += timedelta(**time)


@dataclass(frozen=True, slots=True)
class World:
    """The published sites `boutique` and `journal`, the site `draft` that was never published, and nobody."""

    people: People
    store: SqliteStore
    clock: SetClock

    async def acts(self, site: str) -> list[bytes]:
        """The administrative acts in the site's log, oldest first."""
        return [entry.body async for entry in self.store.log.entries(site, 1000) if entry.kind == "act" and entry.body]


OnWorld = Callable[[Callable[[World], Awaitable[None]]], None]
