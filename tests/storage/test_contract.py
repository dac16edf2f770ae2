"""What every store must do with a log, as the ports say it: one suite, run over each adapter."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable

import pytest

from temoin.errors import Conflict, NotFound
from temoin.proof.append import Appended
from temoin.proof.ports import Seal
from temoin.storage.ports import Store
from tests.storage.note import Note, Work


def test_concurrent_appends_get_dense_indices_and_survive_reopening(on_store: Callable[[Work], None]) -> None:
    stored: list[Appended] = []

    async def write(store: Store) -> None:
        drafts = [Note(str(number), subject=f"{number:022d}") for number in range(300)]
        stored.extend(await asyncio.gather(*(store.append(draft) for draft in drafts)))

    async def read(store: Store) -> None:
        entries = [entry async for entry in store.log.entries("boutique", 1000)]
        assert [entry.index for entry in entries] == list(range(300))
        assert {entry.commitment for entry in entries} == {appended.entry.commitment for appended in stored}
        assert all(hashlib.sha256(entry.body or b"").digest() == entry.commitment for entry in entries)

    on_store(write)
    on_store(read)
    assert sorted(appended.entry.index for appended in stored) == list(range(300))


def test_entries_are_read_from_any_place_on(on_store: Callable[[Work], None]) -> None:
    async def work(store: Store) -> None:
        for number in range(6):
            await store.append(Note(str(number), subject=f"{number % 2:022d}"))
        for start, below, subject, expected in (
            (0, 9, None, [0, 1, 2, 3, 4, 5]),
            (2, 4, None, [2, 3]),
            (5, 9, None, [5]),
            (6, 9, None, []),
            (2, 9, f"{0:022d}", [2, 4]),
        ):
            entries = store.log.entries("boutique", below, subject, start)
            assert [entry.index async for entry in entries] == expected

    on_store(work)


def test_a_repeat_finds_the_first_entry_and_another_body_is_a_conflict(on_store: Callable[[Work], None]) -> None:
    async def work(store: Store) -> None:
        draft = Note("a")
        first, same_batch = await asyncio.gather(store.append(draft), store.append(draft))
        later = await store.append(Note("a", id=draft.id))
        assert (first.repeated, same_batch.repeated, later.repeated) == (False, True, True)
        assert first.entry == same_batch.entry == later.entry
        with pytest.raises(Conflict):
            await store.append(Note("b", id=draft.id))
        assert (await store.append(Note("c"))).entry.index == 1

    on_store(work)


def test_one_bad_draft_in_a_batch_harms_nobody_else(on_store: Callable[[Work], None]) -> None:
    async def work(store: Store) -> None:
        results = await asyncio.gather(
            *(store.append(Note("good")), store.append(Note("lost", site="nowhere")), store.append(Note("fine"))),
            return_exceptions=True,
        )
        assert isinstance(results[1], NotFound)
        assert [result.entry.index for result in results if isinstance(result, Appended)] == [0, 1]

    on_store(work)


def test_each_entry_follows_the_newest_of_its_subject(on_store: Callable[[Work], None]) -> None:
    async def work(store: Store) -> None:
        drafts = [Note(str(number)) for number in range(5)]
        await asyncio.gather(*(store.append(draft) for draft in drafts[:3]))
        for draft in drafts[3:]:
            await store.append(draft)
        chain = [entry async for entry in store.log.entries("boutique", 10, "s" * 22)]
        before = [""] + [entry.id for entry in chain[:-1]]
        assert [entry.body and entry.body.split(b'"previous":"')[1][:-2].decode() for entry in chain] == before

    on_store(work)


def test_a_seal_is_refused_from_an_older_fence_or_another_size(on_store: Callable[[Work], None]) -> None:
    async def work(store: Store) -> None:
        await asyncio.gather(*(store.append(Note(str(number))) for number in range(3)))
        log = store.log
        fence = await log.acquire_seal_lease("a", 60)
        assert fence is not None
        assert await log.acquire_seal_lease("b", 60) is None
        assert await log.acquire_seal_lease("a", 0) == fence
        newer = await log.acquire_seal_lease("b", 60)
        assert newer is not None
        assert newer > fence
        seal = Seal("boutique", 0, 3, {"tile/0/000.p/3": b"x" * 96}, (), "checkpoint 3")
        assert not await log.seal(seal, fence)
        assert await log.tile("boutique", "tile/0/000.p/3") is None
        assert await log.seal(seal, newer)
        assert not await log.seal(seal, newer)
        state = await log.log_state("boutique")
        assert state is not None
        assert (state.appended, state.sealed, state.checkpoint) == (3, 3, "checkpoint 3")
        assert await log.unsealed_sites() == []
        assert await log.tile("boutique", "tile/0/000.p/3") == b"x" * 96

    on_store(work)


def test_commitments_come_in_order_from_any_place(on_store: Callable[[Work], None]) -> None:
    async def work(store: Store) -> None:
        await store.sites.put_site("other", b"{}", "host/other", b"k" * 32)
        for number in range(6):
            await store.append(Note(str(number)))
            await store.append(Note(str(number), site="other"))
        every = [entry.commitment async for entry in store.log.entries("boutique", 100)]
        assert await store.log.commitments("boutique", 2, 3) == every[2:5]
        assert await store.log.commitments("boutique", 4, 100) == every[4:]
        assert await store.log.unsealed_sites() == ["boutique", "other"]

    on_store(work)
