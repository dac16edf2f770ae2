"""Every adapter that the contract suite runs over, and every place that an archive can have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from temoin.clock import SystemClock
from temoin.storage.archive.folder import Folder
from temoin.storage.ports import Store
from temoin.storage.redis.address import CLUSTER
from temoin.storage.redis.store import RedisStore
from temoin.storage.sqlite.store import SqliteStore
from tests import aio
from tests.redis_servers import RedisServer, one_redis, redis_cluster
from tests.storage.note import Work
from tests.storage.places import ArchivePlace, InBucket, InFolder, NewPlace

Open = Callable[[], Store]


@pytest.fixture(scope="session")
def single(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with one_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[RedisServer]]:
    with redis_cluster(tmp_path_factory.mktemp("cluster")) as servers:
        yield servers


def emptied(servers: list[RedisServer]) -> None:
    for server in servers:
        with server.client() as client:
            client.flushall()


@pytest.fixture(params=["sqlite", "redis", "cluster"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Opens the same store again and again; empty at first."""
    if request.param == "sqlite":
        return lambda: SqliteStore(tmp_path / "data", SystemClock())
    servers = [request.getfixturevalue("single")] if request.param == "redis" else request.getfixturevalue("cluster")
    emptied(servers)
    address = servers[0].address if request.param == "redis" else f"{CLUSTER}127.0.0.1:{servers[0].port}"
    return lambda: RedisStore(address, Folder(tmp_path / "data" / "archive"), SystemClock())


@pytest.fixture
def on_store(opened: Open) -> Callable[[Work], None]:
    """Runs a coroutine on a store that has one site; opening again sees what was stored before."""

    def run(work: Work) -> None:
        async def main() -> None:
            store = opened()
            try:
                await store.sites.put_site("boutique", b"{}", "host/boutique", b"k" * 32)
                await work(store)
            finally:
                await store.close()

        aio.run(main())

    return run


@pytest.fixture(params=["folder", "bucket"])
def new_place(request: pytest.FixtureRequest) -> NewPlace:
    """Makes a new archive's place for a store in that folder."""
    if request.param == "folder":
        return lambda folder: InFolder(folder / "archive")
    request.getfixturevalue("s3_credentials")
    endpoint = request.getfixturevalue("s3")
    return lambda folder: InBucket(endpoint, folder)


@pytest.fixture
def place(new_place: NewPlace, tmp_path: Path) -> ArchivePlace:
    """A new archive's place for a store in `tmp_path`."""
    return new_place(tmp_path)
