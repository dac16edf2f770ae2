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
from temoin.storage.sqlite.store import FILE
from tests.proof.logs import SITE, Site
from tests.storage.archived import (
    Broken,
    FailingStep,
    archived,
    bodies,
    everything,
    fill,
    on_site,
    verified,
)
from tests.storage.places import InBucket, NewPlace

ERASED = f"{'S' * 21}A"


@pytest.mark.parametrize("after", [False, True])
def test_a_stop_at_any_step_of_the_move_loses_nothing_and_doubles_nothing(
    tmp_path: Path, new_place: NewPlace, after: bool
) -> None:
    _at_every_step(tmp_path, new_place, after, archived, left=12)


@pytest.mark.parametrize("after", [False, True])
def test_a_stop_at_any_step_of_an_erasure_leaves_it_done_or_not_begun(
    tmp_path: Path, new_place: NewPlace, after: bool
) -> None:
    async def erased(site: Site) -> None:
        await erase(site.store.erasure, SITE, ERASED, "asked for", "test", SystemClock())

    _at_every_step(tmp_path, new_place, after, erased, left=10)


def _at_every_step(
    tmp_path: Path, new_place: NewPlace, after: bool, work: Callable[[Site], Awaitable[object]], *, left: int
) -> None:
    """Stops `work` on 12 records at the place's first, second … change; opening the store anew must repair all.

    `left` is how many records there are once the work is done; where it is an erasure, they are archived before.
    """
    step = 0
    while _stopped_at(step, tmp_path / str(step), new_place, after, work, left):
        step += 1
    assert step >= 3


def _stopped_at(
    step: int, folder: Path, new_place: NewPlace, after: bool, work: Callable[[Site], Awaitable[object]], left: int
) -> bool:
    folder.mkdir()
    place = new_place(folder)
    failing = FailingStep(step, after=after)

    async def prepare(site: Site) -> None:
        await fill(site, 12, [ERASED] * 2)
        if left < 12:
            assert await archived(site) == 12

    async def stopped(site: Site) -> None:
        with suppress(Broken):
            await work(site)

    async def check(site: Site) -> None:
        assert bodies(await everything(site)) in (12, left)
        with suppress(NotFound):  # where the erasure had been done
            await work(site)
        with closing(sqlite3.connect(folder / FILE)) as connection:
            named = [row[0] for row in connection.execute("SELECT file FROM segment")]
        assert place.names() == named  # nothing is left over
        assert bodies(await everything(site)) == left
        assert await verified(site, folder / "p") == left

    on_site(folder, prepare, place.archive())
    with suppress(Broken):  # where opening the store is stopped already
        on_site(folder, stopped, place.archive(failing))
    on_site(folder, check, place.archive())
    return failing.stopped


_CHILD = """
import os, signal, sys
from pathlib import Path
from temoin.clock import SystemClock
from temoin.storage.sqlite.store import SqliteStore
from tests.aio import run
from tests.proof.logs import Site
from tests.storage.archived import FailingStep, archived
from tests.storage.places import InBucket, InFolder
folder, step, url, endpoint = Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]
place = InBucket(endpoint, folder, url) if url else InFolder(folder / "archive")
failing = FailingStep(step, after=True, how=lambda: os.kill(os.getpid(), signal.SIGKILL))
async def main():
    await archived(Site(SqliteStore(folder, SystemClock(), place.archive(failing))))
run(main())
"""


def test_a_process_killed_in_the_middle_of_a_move_loses_nothing(tmp_path: Path, new_place: NewPlace) -> None:
    steps = 0
    while _killed_at(steps, tmp_path / str(steps), new_place):
        steps += 1
    assert steps >= 2


def _killed_at(step: int, folder: Path, new_place: NewPlace) -> bool:
    folder.mkdir()
    place = new_place(folder)
    on_site(folder, lambda site: _filled(site, 12), place.archive())
    where = (place.url, place.endpoint) if isinstance(place, InBucket) else ("", "")
    done = subprocess.run([sys.executable, "-c", _CHILD, str(folder), str(step), *where], check=False)
    assert done.returncode in (-signal.SIGKILL, 0)

    async def check(site: Site) -> None:
        assert bodies(await everything(site)) == 12
        assert await archived(site) in (0, 12)
        assert len(place.names()) == 1
        assert await verified(site, folder / "p") == 12

    on_site(folder, check, place.archive())
    return done.returncode != 0


async def _filled(site: Site, count: int) -> None:
    await fill(site, count)
