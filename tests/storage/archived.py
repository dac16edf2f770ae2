"""What the tests of the archive share: sites with records to archive, a disk that fails, and reading it all back."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from temoin.clock import SystemClock, parse_period
from temoin.proof.archiving import archive
from temoin.proof.bundle import write_bundle
from temoin.proof.entry import LoggedEntry
from temoin.proof.ports import EntryFilter
from temoin.proof.verify.bundle import verify_bundle
from temoin.storage.archive.archive import Archive
from temoin.storage.sqlite.store import SqliteStore
from tests.aio import run
from tests.proof.logs import ORIGIN, SEED, SITE, Site, new_subject

MADE = datetime(2016, 1, 5, 10, tzinfo=UTC)
AGE = parse_period("P6M")


Work = Callable[[Site], Awaitable[None]]


class Broken(Exception):
    """The machine stopped here."""


class FailingStep:
    """Stops at the `at`-th change that an archive makes to its place: before it was carried out, or after."""

    def __init__(self, at: int, *, after: bool, how: Callable[[], None] | None = None) -> None:
        self._at = at
        self._after = after
        self._how = how
        self.calls = 0

    @property
    def stopped(self) -> bool:
        return self.calls > self._at

    def __call__(self, _name: str, change: Callable[[], None]) -> None:
        self.calls += 1
        if self.calls != self._at + 1:
            change()
            return
        if self._after:
            change()
        if self._how is not None:
            self._how()
        raise Broken


async def fill(site: Site, count: int, subjects: Sequence[str] = ()) -> list[LoggedEntry]:
    """A published version and `count` old, sealed decisions; every third is the next one of `subjects`."""
    frozen = await site.publish(evidence=False)
    given = iter(subjects)
    made = []
    for number in range(count):
        subject = next(given, None) if number % 3 == 0 else None
        made.append(await site.decide(frozen, subject=subject or new_subject(), at=MADE + timedelta(hours=number)))
    await site.seal()
    return made


async def archived(site: Site) -> int:
    return await archive(site.store.archiving, SITE, AGE, SystemClock())


async def everything(site: Site) -> list[LoggedEntry]:
    """All entries, each body held against its commitment."""
    entries = [entry async for entry in site.log.entries(SITE, 1_000_000)]
    assert [entry.index for entry in entries] == list(range(len(entries)))
    assert all(entry.body is None or hashlib.sha256(entry.body).digest() == entry.commitment for entry in entries)
    return entries


async def verified(site: Site, out: Path) -> int:
    """Writes the whole log's bundle, verifies it, and returns how many records it holds."""
    await site.seal()
    counts = await write_bundle(site.log, SITE, EntryFilter(), out, SystemClock().now())
    report = verify_bundle(out)
    assert report.ok, "\n".join(report.lines())
    return counts.records


def on_site(folder: Path, work: Work, archive: Archive) -> None:
    async def main() -> None:
        store = SqliteStore(folder, SystemClock(), archive)
        await store.sites.put_site(SITE, b"{}", ORIGIN, SEED)
        site = Site(store)
        try:
            await work(site)
            await site.sealer.stop()  # gives up the lease, so that the next opening can seal at once
        finally:
            await store.close()

    run(main())


def bodies(entries: list[LoggedEntry]) -> int:
    """How many consent records among the entries are not erased."""
    return sum(entry.kind == "consent" and entry.body is not None for entry in entries)
