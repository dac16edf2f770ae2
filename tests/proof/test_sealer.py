"""The sealer on the embedded store: batches, crashes, faults of one site, two sealers at once."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import pytest

from temoin.errors import Unavailable
from temoin.proof.checkpoint import open_checkpoint
from temoin.proof.log import consistency_proof, inclusion_proof, tree_hash
from temoin.proof.merkle import leaf_hash, tree_root, verify_consistency, verify_inclusion
from temoin.proof.note import parse_vkey
from temoin.proof.ports import LogKeys, LogState, Seal
from temoin.proof.sealer import Sealer
from temoin.proof.tile import right_edge
from temoin.proof.tlog_proof import parse_proof
from temoin.storage.sqlite.store import FILE
from tests.aio import run
from tests.proof.logs import SITE, VKEY, Site, open_site

VERIFIER = parse_vkey(VKEY)
T = TypeVar("T")


class Faulty:
    """A site's store (tiles, lease and keys too) whose `at`-th call fails: before it was carried out, or after."""

    def __init__(self, site: Site, *, at: int, after: bool) -> None:
        self._log = site.log
        self._at = at
        self._after = after
        self._calls = 0

    @property
    def failed(self) -> bool:
        return self._calls > self._at

    async def _call(self, call: Callable[[], Awaitable[T]]) -> T:
        self._calls += 1
        if self._calls != self._at + 1:
            return await call()
        if self._after:
            await call()
        raise Unavailable("broken", "The disk went away.", "Bring it back.")

    async def tile(self, site: str, path: str) -> bytes | None:
        return await self._call(lambda: self._log.tile(site, path))

    async def unsealed_sites(self) -> list[str]:
        return await self._call(self._log.unsealed_sites)

    async def log_state(self, site: str) -> LogState | None:
        return await self._call(lambda: self._log.log_state(site))

    async def commitments(self, site: str, start: int, limit: int) -> list[bytes]:
        return await self._call(lambda: self._log.commitments(site, start, limit))

    async def seal(self, seal: Seal, fence: int) -> bool:
        return await self._call(lambda: self._log.seal(seal, fence))

    async def acquire_seal_lease(self, holder: str, seconds: float) -> int | None:
        return await self._call(lambda: self._log.acquire_seal_lease(holder, seconds))

    async def log_keys(self, site: str) -> LogKeys | None:
        return await self._call(lambda: self._log.log_keys(site))


async def check_log(site: Site) -> int:
    """Proves the whole log anew from what is stored, and returns its sealed size."""
    state = await site.log.log_state(site.name)
    assert state is not None
    if state.checkpoint is None:
        assert state.sealed == 0
        return 0
    checkpoint = open_checkpoint(state.checkpoint, VERIFIER)
    commitments = await site.log.commitments(site.name, 0, state.sealed)
    assert (checkpoint.size, checkpoint.root) == (state.sealed, tree_root(map(leaf_hash, commitments)))
    for index in {0, state.sealed // 2, state.sealed - 1}:
        proof = parse_proof(await inclusion_proof(site.log, site.name, index, state.checkpoint))
        leaf = leaf_hash(commitments[index])
        assert verify_inclusion(leaf, index, checkpoint.size, proof.path, checkpoint.root)
    for ref in right_edge(state.sealed):
        assert await site.log.tile(site.name, ref.path) is not None
    return state.sealed


def on_site(folder: Path, work: Callable[[Site], Awaitable[None]], *others: str) -> None:
    async def main() -> None:
        async with open_site(folder, *others) as site:
            await work(site)

    run(main())


def sealer(site: Site, store: Faulty | None = None, *, batch: int = 65_536) -> Sealer:
    if store is not None:
        return Sealer(store, store, store, site.clock, batch=batch)
    return Sealer(site.log, site.log, site.log, site.clock, batch=batch)


async def append(site: Site, count: int) -> None:
    await asyncio.gather(*[site.act() for _ in range(count)])


def test_one_pass_seals_what_was_appended_under_one_checkpoint(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        await append(site, 300)
        assert await site.sealer.seal_once() == 300
        assert await check_log(site) == 300
        assert await site.sealer.seal_once() == 0

    on_site(tmp_path, work)


@pytest.mark.parametrize("batch", [1, 7, 256])
def test_batches_of_any_length_lead_to_the_same_log(tmp_path: Path, batch: int) -> None:
    async def work(site: Site) -> None:
        await append(site, 260)
        assert await sealer(site, batch=batch).seal_all() == 260
        assert await check_log(site) == 260

    on_site(tmp_path, work)


def test_any_two_checkpoints_are_consistent(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        sizes = []
        for count in (1, 3, 252, 1, 40):
            await append(site, count)
            await site.seal()
            sizes.append(await check_log(site))
        assert sizes == [1, 4, 256, 257, 297]
        for old in sizes:
            for new in sizes[sizes.index(old) :]:
                proof = await consistency_proof(site.log, SITE, old, new)
                roots = [await tree_hash(site.log, SITE, size) for size in (old, new)]
                assert verify_consistency(old, roots[0], new, roots[1], proof)

    on_site(tmp_path, work)


def test_what_other_processes_append_is_found_and_a_stop_gives_up_the_lease(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        first = sealer(site)
        running = asyncio.create_task(first.run())
        await append(site, 5)  # nobody wakes the sealer
        while await check_log(site) < 5:
            pass
        await first.stop()
        await running
        await append(site, 1)
        assert await sealer(site).seal_once() == 1  # another holder, at once
        assert await check_log(site) == 6

    on_site(tmp_path, work)


def test_while_one_holds_the_lease_another_seals_nothing(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        await append(site, 1)
        assert await sealer(site).seal_once() == 1
        await append(site, 1)
        assert await sealer(site).seal_once() == 0
        assert await check_log(site) == 1

    on_site(tmp_path, work)


def test_a_step_with_an_old_fence_changes_nothing_and_the_log_never_forks(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        slow, quick = sealer(site), sealer(site)
        await append(site, 10)
        assert await slow.seal_once() == 10
        await site.log.acquire_seal_lease(slow._holder, 0)  # its lease runs out while it believes to hold it
        await append(site, 1)
        assert await quick.seal_once() == 1
        await append(site, 1)
        assert await slow.seal_once() == 0
        assert await check_log(site) == 11
        assert await quick.seal_once() == 1
        assert await check_log(site) == 12

    on_site(tmp_path, work)


@pytest.mark.parametrize("after", [False, True])
def test_whichever_call_fails_the_next_pass_goes_on_from_what_is_stored(tmp_path: Path, after: bool) -> None:
    async def work(site: Site) -> None:
        await append(site, 300)
        await site.seal()
        await site.sealer.stop()
        total, calls = 300, 0
        while True:
            await append(site, 3)
            total += 3
            store = Faulty(site, at=calls, after=after)
            failing = sealer(site, store)
            with suppress(Unavailable):
                await failing.seal_once()
            assert await check_log(site) in (total - 3, total)
            await failing.stop()
            await site.log.acquire_seal_lease(failing._holder, 0)  # where it crashed holding the lease, that runs out
            following = sealer(site)
            await following.seal_all()
            await following.stop()
            assert await check_log(site) == total
            if not store.failed:
                break
            calls += 1
        assert calls >= 8

    on_site(tmp_path, work)


def test_a_cancelled_sealer_finishes_its_step_and_gives_up_the_lease(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        total = 0
        for steps in range(0, 60, 5):
            await append(site, 40)
            total += 40
            task = asyncio.create_task(sealer(site).run())
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            assert await check_log(site) <= total
        await sealer(site).seal_all()
        assert await check_log(site) == total

    on_site(tmp_path, work)


def test_a_damaged_tile_stops_that_log_and_no_other(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def work(site: Site) -> None:
        neighbour = Site(site.store, "voisin")
        await append(site, 300)
        await append(neighbour, 3)
        await site.seal()
        with sqlite3.connect(tmp_path / FILE) as connection:
            data = bytearray(connection.execute("SELECT data FROM tile WHERE path = 'tile/0/001.p/44'").fetchone()[0])
            data[100] ^= 1
            connection.execute("UPDATE tile SET data = ? WHERE path = 'tile/0/001.p/44'", (bytes(data),))
        connection.close()
        await site.sealer.stop()
        await append(site, 1)
        await append(neighbour, 1)
        assert await sealer(site).seal_once() == 1
        states = [await site.log.log_state(name) for name in (SITE, "voisin")]
        assert [state.sealed for state in states if state] == [300, 4]
        with pytest.raises(Unavailable, match="do not lead to the checkpoint's root"):
            await inclusion_proof(site.log, SITE, 290, states[0].checkpoint)  # type: ignore[union-attr, arg-type]  # it was sealed

    on_site(tmp_path, work, "voisin")
    assert "The log of boutique is damaged: its tiles do not lead to the root of its last checkpoint." in caplog.text
