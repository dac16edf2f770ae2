"""What exempt measurement keeps, and what it asks of a store.

A period is an integer that people can read: 202611 a month, 20261126 a day, 2026112609 an hour, all UTC. Nothing in
these shapes is about one visitor: counts, and sketches from which no member can be read back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from temoin.analytics.sketch import Sketch

# What is counted, each by its values. The order is part of stored files: new kinds go at the end.
KINDS = (
    *("total", "page", "missing", "referrer", "country", "device", "browser", "system", "language"),
    *("event", "outbound", "download", "search", "campaign", "dropped"),
)
MEASURES = ("views", "visits", "exits", "continued", "seconds", "timed")
OTHER = "(other)"
EXEMPT, CONSENTED = 0, 1
DISTINCT_PAGES = 10_000
DISTINCT_OTHERS = 1_000
RETENTION_MONTHS = 25

Counts = list[int]  # one number for each of MEASURES

# What happens to a banner. `shown` counts pages on which it asked, `asked` visits that began so; who is asked then
# accepts everything, refuses everything or grants a part, and whoever comes back changes or withdraws. Beside these
# stands what an answer says of each purpose: `+ads` granted, `-ads` refused.
OUTCOMES = ("shown", "asked", "accepted", "refused", "partial", "changed", "withdrawn")


def limit_of(kind: str) -> int:
    """How many distinct values of a kind a site may have in one day, and twice that in a month; the rest is OTHER."""
    return DISTINCT_PAGES if kind in ("page", "missing") else DISTINCT_OTHERS


class Asked(NamedTuple):
    """What one count of banners and answers is about: a day such as 20261126, the version and language of the banner,
    the class of window that it was drawn for (`mobile`, `desktop`), and one of OUTCOMES or a purpose's answer."""

    day: int
    version: str
    language: str
    device: str
    what: str


@dataclass(slots=True)
class SiteFold:
    """What one process gathered of a site since its last flush.

    `counts` by (hour, kind, value, series); `minutes` by minutes since 1970; `visitors` by (day, series);
    `asked` banners and answers.
    """

    counts: dict[tuple[int, str, str, int], Counts] = field(default_factory=dict)
    minutes: dict[int, Counts] = field(default_factory=dict)
    visitors: dict[tuple[int, int], Sketch] = field(default_factory=dict)
    asked: dict[Asked, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """Counts of one value in the span asked for. `value` is empty for totals, `period` 0 unless asked by period."""

    value: str
    series: int
    counts: tuple[int, ...]
    period: int = 0


class AudienceWriter(Protocol):
    """Where a process puts what it gathered; every call is one durable transaction, or nothing happened."""

    async def salt(self, day: int) -> bytes:
        """32 random bytes, the same for every process this day; all older ones, and older sketches, are destroyed."""
        ...

    async def add_audience(self, folds: dict[str, SiteFold]) -> None:
        """Adds to the hours (totals only), days and months; a site that is not there any more is passed over."""
        ...

    async def forget_audience(self, before: int) -> int:
        """Destroys every period that began before the day `before`; how many rows."""
        ...


class AudienceReader(Protocol):
    """Reading aggregates. Days are inclusive; whole months inside them are read as months."""

    async def audience_rows(self, site: str, kind: str, since: int, until: int, most: int) -> list[Row]:
        """Sums by value and series, most viewed first, at most `most` values of each series."""
        ...

    async def audience_hours(self, site: str, since: int, until: int) -> list[Row]:
        """Totals hour by hour, in order; only hours with any."""
        ...

    async def audience_visitors(self, site: str, since: int, until: int) -> list[tuple[int, int, int]]:
        """(day, series, distinct visitors of that day), in order."""
        ...

    async def audience_minutes(self, site: str, since: int) -> list[tuple[int, int, int]]:
        """(minute, views, visits) from the minute `since` on, in order."""
        ...

    async def asked_counts(self, site: str, since: int, until: int) -> dict[Asked, int]:
        """Banners and answers of the days from `since` to `until`; nothing that was not counted."""
        ...
