"""What every store must do with whole records over their life: archived, erased, destroyed, a key replaced."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from temoin.clock import SystemClock
from temoin.errors import Conflict
from temoin.proof.erasure import erase
from temoin.proof.exports import Order
from temoin.proof.log import proof_text
from temoin.proof.ports import EntryFilter
from temoin.proof.retention import retain
from temoin.proof.rotation import rotate_key
from tests import aio
from tests.proof.logs import ORIGIN, SEED, SITE, Site, new_subject
from tests.storage.archived import MADE, archived, bodies, everything, fill, verified
from tests.storage.conftest import Open

OnSite = Callable[[Callable[[Site], Awaitable[None]]], None]


class MovedClock(SystemClock):
    """Stands still where it was put."""

    def __init__(self, now: datetime) -> None:
        self._moment = now

    def now(self) -> datetime:
        return self._moment


@pytest.fixture
def on_site(opened: Open) -> OnSite:
    """Runs a coroutine on a published site's log in each store."""

    def run(work: Callable[[Site], Awaitable[None]]) -> None:
        async def main() -> None:
            store = opened()
            try:
                await store.sites.put_site(SITE, b"{}", ORIGIN, SEED)
                site = Site(store)
                await work(site)
                await site.sealer.stop()
            finally:
                await store.close()

        aio.run(main())

    return run


def test_archived_records_read_and_are_followed_like_hot_ones(on_site: OnSite, tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        subject = new_subject()
        made = await fill(site, 30, [subject, new_subject(), subject])
        before = await everything(site)
        assert await archived(site) == 30
        assert await everything(site) == before
        assert await site.log.entry(SITE, made[7].id) == made[7]
        young = await site.decide(await site.publish(evidence=False), subject=subject)
        assert f'"previous":"{made[6].id}"'.encode() in (young.body or b"")
        history = [entry.id async for entry in site.log.entries(SITE, 999, subject)]
        assert history == [made[0].id, made[6].id, young.id]
        assert await archived(site) == 0
        await site.seal()
        assert f"index {made[7].index}" in await proof_text(site.log, SITE, made[7].index)
        assert await verified(site, tmp_path / "bundle.zip") == 31

    on_site(work)


def test_erasing_reaches_the_archive_and_keeps_what_stood_beside(on_site: OnSite, tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        subject = new_subject()
        made = await fill(site, 30, [subject, new_subject(), subject])
        await archived(site)
        hot = await site.decide(await site.publish(evidence=False), subject=subject)
        done = await erase(site.store.erasure, SITE, subject, "asked for", "test", SystemClock())
        assert done.ids == (made[0].id, made[6].id, hot.id)
        assert done.traceless
        entries = await everything(site)
        assert {entry.id for entry in entries if entry.body is None} == set(done.ids)
        assert bodies(entries) == 28
        assert await verified(site, tmp_path / "bundle.zip") == 28

    on_site(work)


def test_retention_destroys_archived_and_hot_records_alike(on_site: OnSite, tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        await fill(site, 10)
        assert await archived(site) == 10
        subject = new_subject()
        frozen = await site.publish(evidence=False)
        first, second = [await site.decide(frozen, subject=subject, at=MADE + timedelta(days=n)) for n in (1, 2)]
        young = await site.decide(frozen, subject=subject)
        over = MovedClock(datetime(2024, 1, 1, tzinfo=UTC))
        assert await retain(site.store.erasure, SITE, "test", over) == 12
        assert await retain(site.store.erasure, SITE, "test", over) == 0
        entries = await everything(site)
        assert [entry.id for entry in entries if entry.kind == "consent" and entry.body is not None] == [young.id]
        assert [entry.id async for entry in site.log.entries(SITE, 999, subject)] == [young.id]
        assert (await site.log.entry(SITE, second.id) or first).body is None
        assert await verified(site, tmp_path / "bundle.zip") == 1

    on_site(work)


def test_a_key_is_replaced_once_and_the_next_seal_is_by_both(on_site: OnSite, tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        await fill(site, 3)
        await rotate_key(site.log, site.log, SITE, "test", SystemClock())
        keys = await site.log.log_keys(SITE)
        assert keys is not None
        assert (len(keys.past), keys.retiring) == (1, SEED)
        with pytest.raises(Conflict):
            await rotate_key(site.log, site.log, SITE, "test", SystemClock())
        await site.seal()
        sealed = await site.log.log_keys(SITE)
        assert sealed is not None
        assert (sealed.present, sealed.retiring) == (keys.present, None)
        assert sealed.past[0].checkpoint is not None
        assert await verified(site, tmp_path / "bundle.zip") == 3

    on_site(work)


def test_the_register_of_exports_knows_the_newest_file_of_each_path(on_site: OnSite, tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        exports = site.store.exports
        order = Order(SITE, "csv", tmp_path / "a.csv", EntryFilter(purpose="ads"))
        old = await exports.begin_export(order, 3)
        await exports.finish_export(old, "00", 3)
        new = await exports.begin_export(order, 4)
        assert [(each.no, each.sha256) for each in await exports.exports(SITE)] == [(old, "00"), (new, None)]
        await exports.finish_export(new, "11", 5)
        await exports.mark_exports_due([new])
        (found,) = await exports.exports(SITE)
        assert (found.no, found.order, found.log_size, found.sha256, found.due) == (new, order, 5, "11", True)
        await exports.forget_export(new)
        assert await exports.exports(SITE) == []

    on_site(work)
