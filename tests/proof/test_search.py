"""Finding records by what they say, newest first, in steps that carry on from each other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from temoin.clock import rfc3339
from temoin.errors import Malformed
from temoin.proof.erasure import account_of
from temoin.proof.ports import EntryFilter
from temoin.proof.search import search
from tests.aio import run
from tests.proof.logs import SITE, Site, new_subject, open_site


def on_site(folder: Path, work: Callable[[Site], Awaitable[None]]) -> None:
    async def main() -> None:
        async with open_site(folder / "store") as site:
            await work(site)

    run(main())


async def found(site: Site, version: str | None = None, *, page: int = 50, **wanted: str) -> list[int]:
    """The indices of all hits, from as many searches as it takes."""
    indices: list[int] = []
    below: int | None = None
    while True:
        results = await search(site.log, SITE, EntryFilter(**wanted), version, below, page=page, most_read=4)
        assert len(results.hits) <= page
        indices += [hit.index for hit in results.hits]
        if results.below is None:
            return indices
        assert below is None or results.below < below
        below = results.below


def test_records_come_newest_first_and_pages_carry_on_without_gap_or_repeat(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        frozen = await site.publish()
        made = []
        for _ in range(11):
            made.append((await site.decide(frozen)).index)
            await site.act()
        assert await found(site, page=3) == made[::-1]
        assert await found(site, page=11) == made[::-1]
        subject = new_subject()
        mine = [(await site.decide(frozen, subject=subject)).index for _ in range(5)]
        assert await found(site, page=2, subject=subject) == mine[::-1]
        assert await found(site, subject=new_subject()) == []

    on_site(tmp_path, work)


def test_a_search_by_event_version_and_purpose_finds_those_alone(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        first = await site.publish()
        subject = new_subject()
        given = await site.decide(first, subject=subject)
        second = await site.publish(choice_validity="P3M")
        nothing = {"audience": False, "ads": False}
        withdrawn = await site.decide(second, subject=subject, action="refuse_all", choices=nothing)
        assert await found(site, event="withdrawn") == [withdrawn.index]
        assert await found(site, first.version) == [given.index]
        assert await found(site, second.version, event="given") == []
        assert await found(site, purpose="ads") == [withdrawn.index, given.index]
        assert await found(site, purpose="nothing") == []

    on_site(tmp_path, work)


def test_a_period_includes_its_begin_and_not_its_end_in_a_log_with_erased_records(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        frozen = await site.publish()
        begin = site.clock.now() + timedelta(days=1)
        gone = new_subject()
        made = [
            await site.decide(frozen, subject=gone if day % 3 == 0 else None, at=begin + timedelta(days=day))
            for day in range(300)
        ]
        await site.store.erasure.erase_subject(SITE, gone, account_of(SITE, "asked", "test", site.clock))
        for since, until in ((0, 300), (10, 11), (100, 200), (299, 300), (0, 0), (50, 51)):
            times = {"since": rfc3339(begin + timedelta(days=since)), "until": rfc3339(begin + timedelta(days=until))}
            kept = [made[day].index for day in range(since, until) if day % 3]
            assert await found(site, page=40, **times) == kept[::-1]

    on_site(tmp_path, work)


def test_a_search_reads_a_bounded_part_of_the_log_and_says_where_it_stopped(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        frozen = await site.publish()
        for _ in range(2100):
            await site.act()
        await site.decide(frozen)
        results = await search(site.log, SITE, EntryFilter(event="refused"), most_read=1)
        assert (list(results.hits), results.below, results.read) == ([], 102, 2000)

    on_site(tmp_path, work)


def test_an_unknown_event_or_time_is_refused(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        for wanted in (EntryFilter(event="liked"), EntryFilter(since="yesterday")):
            with pytest.raises(Malformed):
                await search(site.log, SITE, wanted)

    on_site(tmp_path, work)
