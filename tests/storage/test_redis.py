"""Redis as it really is: killed, set up carelessly, away for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from temoin.clock import SystemClock
from temoin.errors import NotFound, Unavailable
from temoin.proof.append import Appended
from temoin.storage.archive.folder import Folder
from temoin.storage.redis.store import RedisStore
from tests import aio
from tests.redis_servers import RedisServer
from tests.storage.note import Note


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    """A durable Redis of the test's own, which it may kill."""
    server = RedisServer(tmp_path / "redis").start()
    yield server
    server.kill()


def _open(server: RedisServer, tmp_path: Path, *, loss_accepted: bool = False) -> RedisStore:
    return RedisStore(server.address, Folder(tmp_path / "archive"), SystemClock(), loss_accepted=loss_accepted)


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("appendonly", "no", "appendonly no"),
        ("appendfsync", "everysec", "appendfsync everysec"),
        ("maxmemory-policy", "allkeys-lru", "allkeys-lru"),
    ],
)
def test_a_redis_that_may_lose_proofs_is_refused_with_what_to_set(
    server: RedisServer, tmp_path: Path, setting: str, value: str, said: str
) -> None:
    async def becomes_unfit() -> None:
        store = _open(server, tmp_path)
        await store.ready()
        with server.client() as client:
            client.config_set(setting, value)
        with pytest.raises(Unavailable):
            await store.ready()
        await store.close()

    aio.run(becomes_unfit())
    with pytest.raises(Unavailable, match=said) as refused:
        _open(server, tmp_path)
    assert refused.value.code == "store_not_durable"
    assert "appendfsync always" in refused.value.hint or "noeviction" in refused.value.hint


def test_loss_can_be_accepted_but_never_eviction(server: RedisServer, tmp_path: Path) -> None:
    with server.client() as client:
        client.config_set("appendfsync", "everysec")
        _open(server, tmp_path, loss_accepted=True)
        client.config_set("maxmemory-policy", "allkeys-random")
    with pytest.raises(Unavailable, match="allkeys-random"):
        _open(server, tmp_path, loss_accepted=True)


def test_what_was_acknowledged_survives_a_kill_of_redis_and_the_store_comes_back_by_itself(
    server: RedisServer, tmp_path: Path
) -> None:
    async def work() -> None:
        store = _open(server, tmp_path)
        await store.sites.put_site("boutique", b"{}", "host/boutique", b"k" * 32)
        drafts = [Note(str(number), subject=f"{number:022d}") for number in range(600)]
        tasks = [asyncio.create_task(store.append(draft)) for draft in drafts]
        await tasks[0]
        server.kill()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(outcome, Appended | Unavailable) for outcome in outcomes)
        server.start()
        acknowledged = [outcome.entry for outcome in outcomes if isinstance(outcome, Appended)]
        again = await asyncio.gather(*(store.append(draft) for draft in drafts))  # what browsers do
        found = {entry.id: entry async for entry in store.log.entries("boutique", 10_000)}
        assert sorted(entry.index for entry in found.values()) == list(range(600))
        assert {appended.entry.id for appended in again} == set(found)
        assert all(found[entry.id] == entry for entry in acknowledged)
        assert acknowledged
        await store.close()

    aio.run(work())


def test_a_store_whose_redis_is_full_refuses_and_keeps_what_it_has(server: RedisServer, tmp_path: Path) -> None:
    async def work() -> None:
        store = _open(server, tmp_path)
        await store.sites.put_site("boutique", b"{}", "host/boutique", b"k" * 32)
        kept = (await store.append(Note("kept"))).entry
        with server.client() as client:
            client.config_set("maxmemory", 1)
            with pytest.raises(Unavailable):
                await store.append(Note("too much"))
            with pytest.raises(Unavailable):
                await store.ready()
            client.config_set("maxmemory", 0)
        assert (await store.append(Note("again"))).entry.index == 1
        assert await store.log.entry("boutique", kept.id) == kept
        await store.close()

    aio.run(work())


def test_erased_bytes_are_gone_from_the_files_of_redis(server: RedisServer, tmp_path: Path) -> None:
    async def work() -> None:
        store = _open(server, tmp_path)
        await store.sites.put_site("boutique", b"{}", "host/boutique", b"k" * 32)
        await store.append(Note("a-word-to-find", subject="s" * 22))
        assert _holding(server, b"a-word-to-find")
        done = await store.erasure.erase_subject("boutique", "s" * 22, lambda _: Note("erased", subject=None))
        assert done is not None
        assert done.traceless
        assert not _holding(server, b"a-word-to-find")
        assert not _holding(server, b"s" * 22)
        await store.close()

    aio.run(work())


def _holding(server: RedisServer, data: bytes) -> list[Path]:
    return [file for file in server.folder.rglob("*") if file.is_file() and data in file.read_bytes()]


def test_an_interrupted_publication_is_heard_of_all_the_same(server: RedisServer, tmp_path: Path) -> None:
    async def work() -> None:
        store = _open(server, tmp_path)
        await store.sites.put_site("boutique", b"{}", "host/boutique", b"k" * 32)
        generation, _ = await store.sites.changes(0)
        with server.client() as client:  # what a crash between the two steps leaves, long ago
            client.hset("temoin:{*}:publishing", "boutique", "1000")
        assert await store.sites.changes(generation) == (generation + 1, ["boutique"])
        assert await store.sites.changes(generation + 1) == (generation + 1, [])
        with pytest.raises(NotFound):
            await store.append(Note("a", site="nowhere"))
        await store.close()

    aio.run(work())
