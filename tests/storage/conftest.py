"""Every adapter that the contract suite runs over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from temoin.clock import SystemClock
from temoin.storage.sqlite.store import SqliteStore
from tests import aio
from tests.storage.note import Work


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
