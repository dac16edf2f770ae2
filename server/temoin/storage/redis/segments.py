"""The archive as several machines share it: a file is announced before it is written, and named in one step after.

Leftovers of a crash are files that no site names or announces. Whoever removes them lists the files first and asks
Redis second, so that a file which another machine is about to name is never among them.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Iterable
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from temoin.storage.archive.archive import Archive
from temoin.storage.archive.place import Place
from temoin.storage.redis.layout import service_key, site_keys
from temoin.storage.redis.link import Link
from temoin.storage.redis.record_scripts import ANNOUNCE, SEGMENTS

T = TypeVar("T")

_ABANDONED_SECONDS = 86_400
_PART = ".part"


class AnnouncingPlace:
    """A `Place` that tells Redis of every file before it is written."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self.announce: Callable[[str], None] = lambda _: None

    def lock(self, *, wait: bool) -> AbstractContextManager[bool]:
        return self._place.lock(wait=wait)

    def claim(self, owner: str) -> str:
        return self._place.claim(owner)

    def names(self) -> Iterable[str]:
        return self._place.names()

    def write(self, name: str, data: bytes) -> None:
        self.announce(name)
        self._place.write(name, data)

    def read(self, name: str) -> bytes:
        return self._place.read(name)

    def remove(self, name: str) -> None:
        self._place.remove(name)


class Segments:
    """Long work on the archive: in a thread, which asks Redis through the event loop."""

    def __init__(self, link: Link, place: Place) -> None:
        self._link = link
        self._place = AnnouncingPlace(place)
        self.archive = Archive(self._place)

    async def change(self, work: Callable[[Ask], T]) -> T:
        """Runs `work` while nobody on this machine changes the archive; begins with removing leftovers."""
        ask = Ask(asyncio.get_running_loop())
        owner = await self._owner()

        def run() -> T:
            self._place.announce = lambda name: ask(self._announce(name))
            with self.archive.changing(owner, lambda: ask(self.known())):
                return work(ask)

        return await asyncio.to_thread(run)

    async def known(self) -> list[str]:
        """The files that sites name, or that somebody announced within a day."""
        sites = [site.decode() for site in await self._link.do("SMEMBERS", service_key("sites"))]
        files: list[str] = []
        for answer in await self._link.calls(SEGMENTS, [(site_keys(site), [_ABANDONED_SECONDS]) for site in sites]):
            if isinstance(answer, Exception):
                raise answer
            files += [file.decode() for file in answer]
        return files + [f"{file.rpartition('.')[0]}{_PART}" for file in files]

    async def _announce(self, name: str) -> None:
        await self._link.call(ANNOUNCE, site_keys(name.partition("/")[0]), [name])

    async def _owner(self) -> str:
        """Whose segments these are: a random name that the store was given once."""
        await self._link.do("HSETNX", service_key("meta"), "store_id", secrets.token_hex(16))
        found: bytes = await self._link.do("HGET", service_key("meta"), "store_id")
        return found.decode()


class Ask:
    """Runs a coroutine in the event loop for a thread, and waits for it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def __call__(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
