"""Which records go to the archive: sealed ones that are older than a set age. Where it is, is the store's business."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from temoin.clock import Period, SystemClock, add_period, parse_rfc3339

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Age:
    """Records made this long before `now`, or longer, are to be archived."""

    period: Period
    now: datetime

    def reached(self, recorded_at: str) -> bool:
        return add_period(parse_rfc3339(recorded_at), self.period) <= self.now


class ArchiveStore(Protocol):
    """`archive` moves one segment of a site's oldest records and returns how many; 0 where there is nothing to move.

    All of a segment has moved when it returns, or nothing has. `least` is the fewest records worth a segment that may
    still grow.
    """

    async def archive(self, site: str, age: Age, least: int) -> int: ...


async def archive(
    store: ArchiveStore,
    site: str,
    period: Period,
    clock: SystemClock,
    *,
    least: int = 1,
    progress: Progress | None = None,
) -> int:
    """Moves all of a site's records that reached the age; how many. `progress` is told after each segment."""
    age = Age(period, clock.now())
    total = 0
    while moved := await store.archive(site, age, least):
        total += moved
        if progress is not None:
            progress(total)
    return total
