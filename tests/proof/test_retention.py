"""Retention under a moved clock: what is over is destroyed and said so, everything else stays and verifies."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from temoin.clock import SystemClock
from temoin.proof.bundle import write_bundle
from temoin.proof.entry import LoggedEntry
from temoin.proof.ports import EntryFilter
from temoin.proof.retention import REASON, retain
from temoin.proof.upkeep import Upkeep
from temoin.proof.verify.bundle import verify_bundle
from tests.aio import run
from tests.proof.logs import SITE, Site, open_site

MADE = datetime(2016, 1, 31, 10, tzinfo=UTC)


class MovedClock(SystemClock):
    """Stands still where it was put."""

    def __init__(self, now: datetime) -> None:
        self.moment = now

    def now(self) -> datetime:
        return self.moment


def on_site(folder: Path, work: Callable[[Site], Awaitable[None]]) -> None:
    async def main() -> None:
        async with open_site(folder) as site:
            await work(site)

    run(main())


async def retained(site: Site, now: datetime) -> int:
    return await retain(site.store.erasure, SITE, "test", MovedClock(now))


async def consents(site: Site) -> list[LoggedEntry]:
    return [entry async for entry in site.log.entries(SITE, 1000) if entry.kind == "consent"]


def test_a_record_goes_at_the_moment_that_its_retention_is_over_and_not_before(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        frozen = await site.publish(choice_validity="P13M", proof_retention={"period": "P5Y", "reason": "Claims."})
        gone = await site.decide(frozen, at=MADE)
        kept = await site.decide(frozen, at=MADE + timedelta(days=2))
        over = datetime(2022, 2, 28, 10, tzinfo=UTC)  # 31 January 2016 + 13 months, + 5 years
        assert await retained(site, over - timedelta(milliseconds=1)) == 0
        assert await retained(site, over) == 1
        assert await retained(site, over) == 0
        entries = await consents(site)
        assert [(entry.id, entry.body is None, entry.subject is None) for entry in entries] == [
            (gone.id, True, True),
            (kept.id, False, False),
        ]
        assert entries[0].commitment == gone.commitment
        (account,) = [entry async for entry in site.log.entries(SITE, 1000) if entry.kind == "erasure"]
        document = orjson.loads(account.body or b"")
        assert (document["erased"], document["reason"]) == ([gone.id], REASON)
        await site.seal()
        assert (await write_bundle(site.log, SITE, EntryFilter(), tmp_path / "p", site.clock.now())).erased == 1
        report = verify_bundle(tmp_path / "p")
        assert report.ok, "\n".join(report.lines())

    on_site(tmp_path / "store", work)


def test_a_shorter_validity_published_later_is_not_hidden_behind_longer_ones(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        long = await site.publish(choice_validity="P13M")
        first = await site.decide(long, at=MADE)
        short = await site.publish(choice_validity="P1M", proof_retention={"period": "P1Y", "reason": "Claims."})
        second = await site.decide(short, at=MADE + timedelta(days=1))
        third = await site.decide(long, at=MADE + timedelta(days=2))  # a banner that stood open since before
        assert await retained(site, datetime(2017, 6, 1, tzinfo=UTC)) == 1
        assert [entry.id for entry in await consents(site) if entry.body is None] == [second.id]
        assert await retained(site, datetime(2018, 6, 1, tzinfo=UTC)) == 2
        assert {entry.id for entry in await consents(site) if entry.body is None} == {first.id, second.id, third.id}

    on_site(tmp_path, work)


def test_more_than_one_step_is_destroyed_in_one_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("temoin.storage.sqlite.retention._STEP", 4)

    async def work(site: Site) -> None:
        frozen = await site.publish()
        for number in range(10):
            await site.decide(frozen, at=MADE + timedelta(days=number))
        assert await retained(site, datetime(2040, 1, 1, tzinfo=UTC)) == 10
        assert all(entry.body is None for entry in await consents(site))

    on_site(tmp_path, work)


def test_the_daily_upkeep_runs_once_a_day_whoever_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(site: Site) -> None:
        frozen = await site.publish()
        clock = MovedClock(datetime(2040, 1, 1, tzinfo=UTC))
        monkeypatch.setattr(site.store.erasure, "_clock", clock)
        workers = [Upkeep(site.store.erasure, site.store.erasure, site.store.archiving, None, clock) for _ in range(2)]
        await site.decide(frozen, at=MADE)
        assert [await worker.run_once() for worker in workers] == [True, False]
        await site.decide(frozen, at=MADE)
        clock.moment += timedelta(hours=23)
        assert [await worker.run_once() for worker in workers] == [False, False]
        assert [entry.body is None for entry in await consents(site)] == [True, False]
        clock.moment += timedelta(hours=1, seconds=1)
        assert [await worker.run_once() for worker in reversed(workers)] == [True, False]
        assert [entry.body is None for entry in await consents(site)] == [True, True]

    on_site(tmp_path, work)
