"""A move or an erasure that is stopped at any step: opening the store anew repairs all, and nothing is lost."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from temoin.clock import SystemClock
from temoin.errors import NotFound
from temoin.proof.erasure import erase
from temoin.storage.archive.folder import Archive
from temoin.storage.sqlite.store import FILE
from tests.proof.logs import SITE, Site
from tests.storage.archived import (
    Broken,
    FailingDisk,
    archived,
    bodies,
    everything,
    files,
    fill,
    on_site,
    verified,
)

ERASED = f"{'S' * 21}A"


@pytest.mark.parametrize("after", [False, True])
def test_a_stop_at_any_step_of_the_move_loses_nothing_and_doubles_nothing(tmp_path: Path, after: bool) -> None:
    _at_every_step(tmp_path, after, archived, left=12)


@pytest.mark.parametrize("after", [False, True])
def test_a_stop_at_any_step_of_an_erasure_leaves_it_done_or_not_begun(tmp_path: Path, after: bool) -> None:
    async def erased(site: Site) -> None:
        await erase(site.store.erasure, SITE, ERASED, "asked for", "test", SystemClock())

    _at_every_step(tmp_path, after, erased, left=10)


def _at_every_step(tmp_path: Path, after: bool, work: Callable[[Site], Awaitable[object]], *, left: int) -> None:
    """Stops `work` on 12 records at the disk's first, second … operation; opening the store anew must repair all.

    `left` is how many records there are once the work is done; where it is an erasure, they are archived before.
    """
    step = 0
    while _stopped_at(step, tmp_path / str(step), after, work, left):
        step += 1
    assert step >= 4


def _stopped_at(step: int, folder: Path, after: bool, work: Callable[[Site], Awaitable[object]], left: int) -> bool:
    disk = FailingDisk(step, after=after)

    async def prepare(site: Site) -> None:
        await fill(site, 12, [ERASED] * 2)
        if left < 12:
            assert await archived(site) == 12

    async def stopped(site: Site) -> None:
        with suppress(Broken):
            await work(site)

    async def check(site: Site) -> None:
        assert bodies(await everything(site)) in (12, left)
        with closing(sqlite3.connect(folder / FILE)) as connection:
            named = [row[0] for row in connection.execute("SELECT file FROM segment")]
        assert [str(file.relative_to(folder / "archive")) for file in files(folder)] == named
        with suppress(NotFound):  # where the erasure had been done
            await work(site)
        assert bodies(await everything(site)) == left
        assert await verified(site, folder / "p") == left

    on_site(folder, prepare)
    on_site(folder, stopped, Archive(folder / "archive", disk))
    on_site(folder, check)
    return disk.stopped


_CHILD = """
import os, signal, sqlite3, sys
from pathlib import Path
from temoin.clock import SystemClock
from temoin.storage.archive.folder import Archive
from tests.aio import run
from tests.made import uuid7
from tests.proof.logs import Site
from temoin.storage.sqlite.store import SqliteStore
from tests.storage.archived import FailingDisk, archived
folder, step, after = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "after"
disk = FailingDisk(step, after=after, how=lambda: os.kill(os.getpid(), signal.SIGKILL))
async def main():
    await archived(Site(SqliteStore(folder, SystemClock(), Archive(folder / "archive", disk))))
run(main())
"""


@pytest.mark.parametrize("step", [2, 3])  # the temporary file is written; it gets its name
def test_a_process_killed_in_the_middle_of_a_move_loses_nothing(tmp_path: Path, step: int) -> None:
    on_site(tmp_path, lambda site: _filled(site, 12))
    done = subprocess.run([sys.executable, "-c", _CHILD, str(tmp_path), str(step), "after"], check=False)
    assert done.returncode == -signal.SIGKILL

    async def check(site: Site) -> None:
        assert files(tmp_path) == []
        assert bodies(await everything(site)) == 12
        assert await archived(site) == 12
        assert await verified(site, tmp_path / "p") == 12

    on_site(tmp_path, check)


async def _filled(site: Site, count: int) -> None:
    await fill(site, count)
