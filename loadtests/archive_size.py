"""Bytes a record in the archive, on realistic records: at most 60, ids, subjects and salts included.

    PYTHONPATH=server python loadtests/archive_size.py [RECORDS]

Records are what a shop with four purposes gets: 20,000 decisions a day, two thousand pages visited as pages are (few
often, most rarely), one decision in twelve by a subject who decided before, clocks of browsers a second or two off.
42 of their bytes are random in any form (74 bits of the id, 128 each of subject and salt). Every record is read back
and held against its SHA-256. Exits 1 where the goal is missed.

Then moves 20,000 of them in a store, and says what each leaves in SQLite, indices included.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import os
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from temoin.canonical import canonical_trusted
from temoin.clock import SystemClock, add_period, parse_period, rfc3339
from temoin.proof.archiving import archive as move
from temoin.proof.document import new_salt
from temoin.proof.entry import Entry, LoggedEntry
from temoin.proof.sealer import Sealer
from temoin.proof.uuid7 import uuid7
from temoin.storage.archive.archive import Archive
from temoin.storage.archive.folder import Folder
from temoin.storage.sqlite.store import FILE, SqliteStore

GOAL = 60.0
SEGMENT = 32_768
SITE = "boutique"
A_DAY = 20_000
PAGES = 2000
MOVED = 20_000


def records(count: int) -> Iterator[tuple[int, bytes]]:
    """Places and canonical bytes."""
    draw = random.Random(20_261_121)
    validity = parse_period("P13M")
    pages = [f"https://www.boutique.example/{draw.choice(('pieces', 'journal'))}/{new_salt()}" for _ in range(PAGES)]
    weights = list(itertools.accumulate(1 / (rank + 1) for rank in range(PAGES)))
    known: list[tuple[str, str]] = []
    now = datetime(2026, 1, 1, tzinfo=UTC)
    for index in range(count):
        now += timedelta(milliseconds=1 + int(draw.expovariate(A_DAY / 86_400_000)))
        client = now - timedelta(milliseconds=int(draw.lognormvariate(5, 1) + draw.gauss(0, 1500)))
        subject, previous = draw.choice(known) if known and draw.random() < 1 / 12 else (new_salt(), None)
        answer = draw.choices(("accept", "refuse", "save"), (45, 40, 15))[0]
        choices = dict.fromkeys(("ads", "audience", "personalisation", "video"), answer == "accept")
        if answer == "save":
            choices |= {"audience": draw.random() < 0.7, "video": draw.random() < 0.4}
        entry_id = uuid7(client)
        if len(known) < 50_000:
            known.append((subject, entry_id))
        record = {
            "schema": "temoin.consent/1",
            "id": entry_id,
            "site": SITE,
            "subject": subject,
            "event": "given" if any(choices.values()) else "refused",
            "choices": choices,
            "config": f"{0x1234567890ABCDEF ^ index // 300_000:016x}",
            "language": draw.choices(("fr", "en"), (8, 2))[0],
            "layer": 2 if answer == "save" else 1,
            "control": "preferences-save" if answer == "save" else f"banner-{answer}",
            "page": draw.choices(pages, cum_weights=weights)[0],
            "viewport": draw.choices(("mobile", "desktop"), (7, 3))[0],
            "signals": {"gpc": True} if draw.random() < 0.03 else {},
            "client_time": rfc3339(client),
            "recorded_at": rfc3339(now),
            "expires_at": rfc3339(add_period(now, validity)),
            "previous": previous,
            "salt": new_salt(),
        }
        yield index, canonical_trusted(record)


@dataclass(frozen=True, slots=True)
class Made:
    """A record as a draft. See `temoin.proof.append.Draft`."""

    id: str
    subject: str
    body: bytes
    site: str = SITE

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(self.body).digest()[:16]

    def follow(self, previous: LoggedEntry | None) -> Entry:  # noqa: ARG002  # the record names its own
        return Entry(self.id, "consent", self.subject, self.body)


class Years(SystemClock):
    """Ten years on: all that was made is old."""

    def now(self) -> datetime:
        return add_period(super().now(), parse_period("P10Y"))


async def left_behind(folder: Path) -> float:
    """Bytes that an archived record leaves in SQLite: its row and its places in two indices."""
    store = SqliteStore(folder, SystemClock())
    await store.sites.put_site(SITE, b"{}", f"host/{SITE}", os.urandom(32))
    drafts = (Made(made["id"], made["subject"], body) for _, body in records(MOVED) if (made := orjson.loads(body)))
    while batch := list(itertools.islice(drafts, 2000)):
        await asyncio.gather(*map(store.append, batch))
    sealer = Sealer(store.log, store.log, store.log, SystemClock())
    await sealer.seal_all()
    await sealer.stop()
    moved = await move(store.archiving, SITE, parse_period("P1D"), Years())
    await store.close()
    assert moved == MOVED
    with closing(sqlite3.connect(folder / FILE)) as connection:
        (size,) = connection.execute("SELECT sum(pgsize) FROM dbstat WHERE name GLOB 'entry*'").fetchone()
    return float(size) / MOVED


def main(count: int) -> int:
    source = records(count)
    raw = size = 0
    writing = reading = 0.0
    with tempfile.TemporaryDirectory() as folder:
        archive = Archive(Folder(Path(folder)))
        while batch := list(itertools.islice(source, SEGMENT)):
            digests = {index: hashlib.sha256(body).digest() for index, body in batch}
            raw += sum(len(body) for _, body in batch)
            began = time.perf_counter()
            stored = archive.store(SITE, batch)
            assert stored is not None
            assert stored.held == list(digests)
            written = time.perf_counter()
            back = archive.records(stored.file)
            reading += time.perf_counter() - written
            writing += written - began
            assert {index: hashlib.sha256(body).digest() for index, body in back.items()} == digests
            size += (Path(folder) / stored.file).stat().st_size
    print(f"{count} records: {size / count:.2f} bytes a record in the archive, {raw / count:.0f} as JSON; goal {GOAL}")
    print(f"written {count / writing:,.0f}/s, read back {count / reading:,.0f}/s")
    with tempfile.TemporaryDirectory() as folder:
        print(f"{asyncio.run(left_behind(Path(folder))):.0f} bytes a record left in SQLite")
    return 0 if size / count <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
