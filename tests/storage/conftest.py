"""Every adapter that the contract suite runs over, and every place that an archive can have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from temoin.clock import SystemClock
from temoin.storage.sqlite.store import SqliteStore
from tests import aio
from tests.storage.note import Work
from tests.storage.places import ArchivePlace, InBucket, InFolder, NewPlace


@pytest.fixture(params=["sqlite"])
def on_store(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Work], None]:
    """Runs a coroutine on a store that has one site; opening again sees what was stored before."""

    def run(work: Work) -> None:
        async def main() -> None:
            store = SqliteStore(tmp_path / "data", SystemClock())
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
