"""What every store must do with aggregates of the audience: one suite, run over each adapter."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from temoin.analytics import ports
from temoin.analytics.ports import OTHER, Asked, Row, SiteFold
from temoin.analytics.sketch import Sketch
from temoin.storage.ports import Store
from tests.storage.note import Work

HOUR = 2026112609


def fold_of(*pages: str, hour: int = HOUR, visitors: range = range(0)) -> SiteFold:
    """One view of each page, and visitors of that day."""
    fold = SiteFold()
    for page in pages:
        for kind, value in (("total", ""), ("page", page)):
            counts = fold.counts.setdefault((hour, kind, value, 0), [0, 0, 0, 0, 0, 0])
            counts[0] += 1
            counts[5] += 1
    sketch = Sketch()
    for visitor in visitors:
        sketch.add(visitor * 0x9E3779B97F4A7C15 % 2**64)
    fold.visitors[hour // 100, 0] = sketch
    fold.minutes[hour] = [len(pages), 1, 0, 0, 0, 0]
    return fold


def views(rows: list[Row]) -> dict[str, int]:
    return {row.value: row.counts[0] for row in rows}


def test_counts_of_several_flushes_add_up(on_store: Callable[[Work], None]) -> None:
    async def work(store: Store) -> None:
        await store.audience.add_audience({"boutique": fold_of("/", "/a", "/a", visitors=range(50))})
        await store.audience.add_audience({"boutique": fold_of("/a", visitors=range(30, 80)), "gone": fold_of("/")})
        rows = await store.audience.audience_rows("boutique", "page", 20261126, 20261126, 10)
        assert [(row.value, row.counts[0]) for row in rows] == [("/a", 3), ("/", 1)]
        assert views(await store.audience.audience_rows("boutique", "page", 20261126, 20261126, 1)) == {"/a": 3}
        (hour,) = await store.audience.audience_hours("boutique", 20261126, 20261126)
        assert (hour.period, hour.counts[0]) == (HOUR, 4)
        ((day, series, count),) = await store.audience.audience_visitors("boutique", 20261126, 20261126)
        assert (day, series) == (20261126, 0)
        assert abs(count - 80) <= 1
        assert await store.audience.audience_minutes("boutique", HOUR) == [(HOUR, 4, 2)]
        assert await store.audience.audience_rows("gone", "page", 20261126, 20261126, 10) == []

    on_store(work)


def test_all_flushes_at_once_lose_nothing(on_store: Callable[[Work], None]) -> None:
    async def work(store: Store) -> None:
        folds = [store.audience.add_audience({"boutique": fold_of("/")}) for _ in range(25)]
        await asyncio.gather(*folds)
        assert views(await store.audience.audience_rows("boutique", "page", 20261126, 20261126, 10)) == {"/": 25}

    on_store(work)


@pytest.mark.parametrize(
    ("since", "until", "count"),
    [
        (20260101, 20261231, 5),
        (20260115, 20261115, 3),
        (20260215, 20260228, 1),
        (20260201, 20260228, 2),
        (20260101, 20260131, 1),
        (20261202, 20261231, 0),
        (20251231, 20260215, 3),
    ],
)
def test_any_period_counts_each_of_its_days_once(
    on_store: Callable[[Work], None], since: int, until: int, count: int
) -> None:
    async def work(store: Store) -> None:
        for day in (20260101, 20260201, 20260215, 20261031, 20261201):
            await store.audience.add_audience({"boutique": fold_of("/", hour=day * 100 + 9)})
        rows = await store.audience.audience_rows("boutique", "page", since, until, 10)
        assert sum(row.counts[0] for row in rows) == count

    on_store(work)


def test_pages_over_the_limit_are_counted_together(
    on_store: Callable[[Work], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "DISTINCT_PAGES", 20)

    async def work(store: Store) -> None:
        await store.audience.add_audience({"boutique": fold_of("/a", "/b")})
        for start in (0, 15, 30):
            await store.audience.add_audience({"boutique": fold_of(*(f"/{no}" for no in range(start, start + 30)))})
        await store.audience.add_audience({"boutique": fold_of("/a", "/late")})
        found = views(await store.audience.audience_rows("boutique", "page", 20261126, 20261126, 1000))
        assert len(found) == 21
        assert found["/a"] == 2
        assert sum(found.values()) == 94
        assert found[OTHER] == 94 - sum(count for page, count in found.items() if page != OTHER)

    on_store(work)


def test_a_days_salt_is_one_for_all_and_gone_the_day_after(on_store: Callable[[Work], None]) -> None:
    async def work(store: Store) -> None:
        salts = await asyncio.gather(*(store.audience.salt(20261126) for _ in range(5)))
        assert len(set(salts)) == 1
        assert len(salts[0]) == 32
        await store.audience.add_audience({"boutique": fold_of("/", visitors=range(9))})
        assert await store.audience.salt(20261127) != salts[0]
        assert await store.audience.audience_visitors("boutique", 20261126, 20261126) == [(20261126, 0, 9)]
        await store.audience.add_audience({"boutique": fold_of("/", visitors=range(100, 200))})
        assert await store.audience.audience_visitors("boutique", 20261126, 20261126) == [(20261126, 0, 9)]
        assert await store.audience.salt(20261126) != salts[0]

    on_store(work)


def test_what_is_over_is_destroyed_and_the_rest_stays(on_store: Callable[[Work], None]) -> None:
    async def work(store: Store) -> None:
        for day in (20240930, 20241010, 20241027, 20241115):
            await store.audience.add_audience({"boutique": fold_of(f"/{day}", hour=day * 100, visitors=range(3))})
        assert await store.audience.forget_audience(20241027) > 0
        for kind in ("page", "total"):
            rows = await store.audience.audience_rows("boutique", kind, 20241002, 20241231, 10)
            assert sum(row.counts[0] for row in rows) == 2
        assert [row.period for row in await store.audience.audience_hours("boutique", 20240101, 20241231)] == [
            *(2024102700, 2024111500)
        ]
        assert [row[0] for row in await store.audience.audience_visitors("boutique", 20240101, 20241231)] == [
            *(20241027, 20241115)
        ]
        assert await store.audience.forget_audience(20241027) == 0

    on_store(work)


def asked(day: int, what: str, version: str = "v1", language: str = "fr") -> Asked:
    return Asked(day, version, language, "mobile", what)


def test_banners_and_answers_add_up_by_all_that_they_are_about(on_store: Callable[[Work], None]) -> None:
    async def work(store: Store) -> None:
        first = {asked(20261126, "shown"): 3, asked(20261126, "+ads"): 1, asked(20261126, "shown", "v2"): 5}
        second = {asked(20261126, "shown"): 4, asked(20261126, "shown", "v1", "pt-BR"): 1, asked(20261201, "shown"): 7}
        await store.audience.add_audience({"boutique": SiteFold(asked=dict(first)), "gone": SiteFold(asked=first)})
        await store.audience.add_audience({"boutique": SiteFold(asked=dict(second))})
        november = await store.audience.asked_counts("boutique", 20261101, 20261130)
        assert november == {
            asked(20261126, "shown"): 7,
            asked(20261126, "+ads"): 1,
            asked(20261126, "shown", "v2"): 5,
            asked(20261126, "shown", "v1", "pt-BR"): 1,
        }
        assert await store.audience.asked_counts("boutique", 20261127, 20261231) == {asked(20261201, "shown"): 7}
        assert await store.audience.asked_counts("gone", 20261101, 20261231) == {}

    on_store(work)


def test_banners_and_answers_that_are_over_are_destroyed(on_store: Callable[[Work], None]) -> None:
    async def work(store: Store) -> None:
        counts = {asked(day, "shown"): 1 for day in (20240930, 20241115)}
        await store.audience.add_audience({"boutique": SiteFold(asked=counts)})
        await store.audience.forget_audience(20241027)
        assert await store.audience.asked_counts("boutique", 20240101, 20241231) == {asked(20241115, "shown"): 1}

    on_store(work)
