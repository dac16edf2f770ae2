"""Retention: proofs are destroyed once the choice has expired and the site's `proof_retention` is over.

GDPR article 5(1)(e) asks that data be kept no longer than necessary; EDPB Guidelines 05/2020, paragraph 107, that the
proof of a consent outlive the processing only as far as a legal obligation or a claim needs it. How long that is, and
why, is the site's own `proof_retention`, as published last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import orjson

from temoin.clock import Period, SystemClock, add_period, parse_period, parse_rfc3339
from temoin.proof.entry import LoggedEntry
from temoin.proof.erasure import Account, account_of

REASON = "retention period over"

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Rule:
    """What is over at `now`. `shortest` is the shortest validity that any published version gave a choice."""

    retention: Period
    shortest: Period
    now: datetime

    def over(self, expires_at: str) -> bool:
        """Whether a record that expires then is to be destroyed."""
        return add_period(parse_rfc3339(expires_at), self.retention) <= self.now

    def none_from(self, recorded_at: str) -> bool:
        """Whether no record made then, or later, can be over yet."""
        expires = add_period(parse_rfc3339(recorded_at), self.shortest)
        return add_period(expires, self.retention) > self.now


@dataclass(frozen=True, slots=True)
class Destroyed:
    """One step: how many records, the entry that says so (None for no record), and whether there may be more."""

    count: int
    entry: LoggedEntry | None
    more: bool


class RetentionStore(Protocol):
    """`destroy_over` destroys a bounded number of a site's records whose retention is over, oldest first, together with
    the log entry that says so, in one durable step: hot records one by one, archived ones by whole segments."""

    async def published_sites(self) -> list[str]:
        """Sites that were ever published, by id."""
        ...

    async def site_configs(self, site: str) -> list[bytes]:
        """Every version ever published, the one that visitors get first; empty for an unknown or unpublished site."""
        ...

    async def destroy_over(self, site: str, rule: Rule, account: Account) -> Destroyed: ...


async def retain(
    store: RetentionStore, site: str, actor: str, clock: SystemClock, progress: Progress | None = None
) -> int:
    """Destroys all of the site's records whose retention is over; how many they were. `progress` is told after each
    step."""
    configs = [orjson.loads(body) for body in await store.site_configs(site)]
    if not configs:
        return 0
    now = clock.now()
    validities = [parse_period(config["choice_validity"]) for config in configs]
    shortest = min(validities, key=lambda period: add_period(now, period))
    # Three days less: which of P1M and P30D is the shorter depends on the day that it begins on.
    safe = Period(shortest.months, shortest.days - 3)
    rule = Rule(parse_period(configs[0]["proof_retention"]["period"]), safe, now)
    account = account_of(site, REASON, actor, clock)
    total = 0
    while True:
        step = await store.destroy_over(site, rule, account)
        total += step.count
        if progress is not None:
            progress(total)
        if not step.more:
            return total
