"""How the log behaves as it grows: appending, sealing, proving, and bytes on disk at 10,000 to 10,000,000 entries.

    .venv/bin/python loadtests/log_growth.py [--sizes 10000,100000,1000000,10000000] [--out FILE]

The log between two measured sizes is filled directly, as erased entries (id and commitment, no document); what is
measured goes the product's own way: `store.append` with 64 writers and a durable commit each batch, without the sealer
and beside it, the sealer, and `proof_text`. Every proof is checked before its time counts. Bytes are those of the pages
that hold the tiles.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
import sqlite3
import tempfile
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import msgspec

from temoin.clock import SystemClock
from temoin.consent.decision import Decision
from temoin.consent.record import ConsentDraft
from temoin.proof.log import proof_text
from temoin.proof.sealer import Sealer
from temoin.proof.uuid7 import uuid7
from temoin.storage.sqlite.schema import INDEX_BITS
from temoin.storage.sqlite.store import FILE, SqliteStore

SITE = "growth"
WRITERS = 64
APPENDS = 12_800
PROOFS = 200


def fill(database: Path, size: int) -> None:
    """Entries up to `size`, committed without waiting for the disk: they only stand for what came before."""
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN")
    no, start = connection.execute("SELECT no, appended FROM site WHERE id = ?", (SITE,)).fetchone()
    moment = datetime.now(UTC)
    rows = (
        ((no << INDEX_BITS) | index, no, uuid.UUID(uuid7(moment)).bytes, "consent", os.urandom(32), b"")
        for index in range(start, size)
    )
    connection.executemany(
        "INSERT INTO entry (key, site_no, id, kind, commitment, digest) VALUES (?, ?, ?, ?, ?, ?)", rows
    )
    connection.execute("UPDATE site SET appended = max(appended, ?) WHERE no = ?", (size, no))
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def a_decision() -> Decision:
    body = {
        "id": uuid7(datetime.now(UTC)),
        "subject": secrets.token_urlsafe(16),
        "config": "0123456789abcdef",
        "action": "save",
        "choices": {"audience": True, "ads": False, "personalisation": False},
        "language": "fr",
        "layer": 2,
        "control": "preferences-save",
        "page": "https://www.boutique.example/produit/theiere",
        "viewport": "mobile",
        "client_time": "2026-11-21T08:15:30.000Z",
    }
    return msgspec.convert(body, Decision)


async def appends(store: SqliteStore) -> float:
    """Appends a second, all of them acknowledged, 64 at a time."""
    clock = SystemClock()
    drafts = [ConsentDraft(SITE, a_decision(), "P13M", clock.now()) for _ in range(APPENDS)]

    async def writer(own: list[ConsentDraft]) -> None:
        for draft in own:
            await store.append(draft)

    began = time.perf_counter()
    await asyncio.gather(*(writer(drafts[place::WRITERS]) for place in range(WRITERS)))
    return APPENDS / (time.perf_counter() - began)


async def keeping_up(store: SqliteStore, sealer: Sealer) -> tuple[float, float]:
    """Appends a second while the sealer works in the same process, as in the service; then how many seconds it takes
    after the last of them until all are sealed (the sealer looks four times a second)."""
    running = asyncio.create_task(sealer.run())
    rate = await appends(store)
    began = time.perf_counter()
    while await store.log.unsealed():  # noqa: ASYNC110  # the store says so, whoever seals
        await asyncio.sleep(0.01)
    behind = time.perf_counter() - began
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return rate, behind


async def proofs(store: SqliteStore) -> float:
    """Milliseconds a proof, median; `proof_text` checks each against the checkpoint's root by itself."""
    state = await store.log.log_state(SITE)
    assert state is not None
    took = []
    for _ in range(PROOFS):
        began = time.perf_counter()
        await proof_text(store.log, SITE, secrets.randbelow(state.sealed))
        took.append((time.perf_counter() - began) * 1000)
    return median(took)


async def measure(folder: Path, size: int) -> dict[str, float]:
    clock = SystemClock()
    database = folder / FILE
    store = SqliteStore(folder, clock)
    await store.sites.put_site(SITE, b"{}", f"bench.example/{SITE}", secrets.token_bytes(32))
    fill(database, size)
    sealer = Sealer(store.log, store.log, store.log, clock)
    began = time.perf_counter()
    sealed = await sealer.seal_all()
    seal_rate = sealed / (time.perf_counter() - began)
    append_rate = await appends(store)
    await sealer.seal_all()
    proof_ms = await proofs(store)
    await sealer.stop()
    both_rate, behind = await keeping_up(store, Sealer(store.log, store.log, store.log, clock))
    await store.close()
    connection = sqlite3.connect(database)
    (pages,) = connection.execute(
        "SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'tile%' OR name LIKE '%tile%'"
    ).fetchone()
    (total,) = connection.execute("SELECT sealed FROM site").fetchone()
    connection.close()
    return {
        "size": size,
        "appends_per_s": round(append_rate),
        "sealed_per_s": round(seal_rate),
        "appends_per_s_while_sealing": round(both_rate),
        "sealed_s_after_the_last": round(behind, 2),
        "proof_ms": round(proof_ms, 2),
        "log_bytes_per_entry": round(pages / total, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10000,100000,1000000,10000000")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for size in sorted(int(text) for text in given.sizes.split(",")):
            rows.append(asyncio.run(measure(Path(folder), size)))
            print(json.dumps(rows[-1]), flush=True)
    if given.out:
        given.out.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
