"""Decisions a second on a store that holds ten million, beside one that holds ten thousand.

    .venv/bin/python -m loadtests.many_decisions [--stored 10000000] [--folder FOLDER] [--publish]

What is stored before is filled in directly: copies of one real record, each under an id and a subject of its own and
with the commitment of its own bytes; the product's sealer then seals all of it. In turn the service runs on a copy of
the small store and on the large one, pinned to one core, 64 connections from the other, a durable commit each batch.
After each round every acknowledged decision is looked up by its id and the indices are dense; at the end `temoin
doctor` proves both logs. The stores stay in FOLDER where one is named, and what stands there is used again: to fill in
ten million takes some ten minutes, and 8 GB. `--publish` writes the table into docs/throughput.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import msgspec
from loadtests.service.machine import Row, cleanest, observed, wrk
from tests.made import ORIGIN, decision, site_config
from tests.service_process import Service

from temoin.clock import SystemClock
from temoin.consent.decision import Decision
from temoin.consent.record import ConsentDraft
from temoin.proof.entry import Entry, id_bytes
from temoin.proof.sealer import Sealer
from temoin.proof.uuid7 import uuid7
from temoin.storage.sqlite.schema import INDEX_BITS, subject_key
from temoin.storage.sqlite.store import FILE, SqliteStore

SITE = "boutique"
FEW = 10_000
PAGE = Path(__file__).parent.parent / "docs/throughput.md"
MARKS = "<!-- many decisions -->", "<!-- end of many decisions -->"
_COLUMNS = "key, site_no, id, kind, subject, body, commitment, digest, subject_key"


def prepare(folder: Path, stored: int) -> tuple[Service, str]:
    """A stopped service with one published site and that many sealed decisions, if not more; and the site's version."""
    service = Service(folder / "data")
    if folder.exists():
        return service, str(json.loads(service.must("--json", "site", "show", SITE))["version"])
    folder.mkdir(parents=True)
    service.start()
    version = service.publish(site_config())
    service.stop()
    fill(service.data / FILE, stored, version)
    asyncio.run(_seal(service.data))
    return service, version


async def _seal(data: Path) -> None:
    clock = SystemClock()
    store = SqliteStore(data, clock)
    await Sealer(store.log, store.log, store.log, clock).seal_all()
    await store.close()


def fill(database: Path, stored: int, version: str) -> None:
    """Without waiting for the disk, and the indexes made anew afterwards: these only stand for what came before."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        no, first = connection.execute("SELECT no, appended FROM site WHERE id = ?", (SITE,)).fetchone()
        indexes = connection.execute(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'entry' AND sql NOT NULL"
        ).fetchall()
        connection.execute("BEGIN")
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        marks = ", ".join("?" * len(_COLUMNS.split(", ")))
        insert = f"INSERT INTO entry ({_COLUMNS}) VALUES ({marks})"
        connection.executemany(insert, _rows(no, range(first, first + stored), version))
        for _, made in indexes:
            connection.execute(made)
        connection.execute("UPDATE site SET appended = ? WHERE no = ?", (first + stored, no))
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")


def _rows(no: int, indices: range, version: str) -> Iterator[tuple[object, ...]]:
    moment = datetime.now(UTC)
    draft = ConsentDraft(SITE, msgspec.convert(decision(version), Decision), "P6M", moment)
    body, own_id, own_subject = draft.follow(None).body, draft.id.encode(), draft.subject.encode()
    for index in indices:
        name, subject = uuid7(moment), secrets.token_urlsafe(16)
        record = body.replace(own_id, name.encode()).replace(own_subject, subject.encode())
        entry = Entry(name, "consent", subject, record)
        key = (no << INDEX_BITS) | index
        yield (
            *(key, no, id_bytes(name), entry.kind, subject, record),
            *(entry.commitment, draft.digest, subject_key(subject)),
        )


def loaded(service: Service, version: str, seconds: int) -> Row:
    """One round, and the proof that nothing of it is missing."""
    service.start()
    assert service.process is not None
    pid = service.process.pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(task.name), {0})
    out = service.data.parent / "acknowledged"
    out.write_bytes(b"")
    url = f"{service.url}/v1/sites/{SITE}/consents"
    given = {"ORIGIN": ORIGIN, "CONFIG": version, "ACKNOWLEDGED": str(out)}
    try:
        wrk(url, "decide.lua", 2, **given)
        row = observed([pid], lambda: wrk(url, "decide.lua", seconds, **given))
    finally:
        service.stop()
    with closing(sqlite3.connect(service.data / FILE)) as connection:
        find = "SELECT 1 FROM entry WHERE site_no = ? AND id = ?"
        (no,) = connection.execute("SELECT no FROM site WHERE id = ?", (SITE,)).fetchone()
        told = out.read_text().split()
        missing = sum(connection.execute(find, (no, id_bytes(one))).fetchone() is None for one in told)
        ends = "SELECT max(key) - min(key) + 1, count(*) FROM entry WHERE site_no = ?"
        span, count = connection.execute(ends, (no,)).fetchone()
    assert not missing, f"{missing} acknowledged decisions are missing"
    assert span == count, f"{count} entries have {span} indices"
    return {**row, "acknowledged": len(told)}


def small_copy(small: Service) -> Service:
    """So that the small store is small in every round."""
    folder = small.data.parent / "copy"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(small.data, folder / "data")
    return Service(folder / "data")


def proven(service: Service) -> None:
    subprocess.run([sys.executable, "-m", "temoin", "doctor"], env=service.environment, check=True, timeout=3600)


def table(stored: int, few: list[Row], many: list[Row], megabytes: float) -> str:
    def of(rows: list[Row], key: str) -> float:
        return median(float(row[key]) for row in rows)

    lines = ["| decisions stored before | a second | CPU ms each | p50 ms | p99 ms |", "|---|---:|---:|---:|---:|"]
    for count, rows in ((FEW, few), (stored, many)):
        figures = f"{of(rows, 'per_s'):,.0f} | {of(rows, 'cpu_ms'):.3f} | {of(rows, 'p50'):.1f} | {of(rows, 'p99'):.1f}"
        lines.append(f"| {count:,} | {figures} |")
    rate, cpu = of(many, "per_s") / of(few, "per_s"), of(few, "cpu_ms") / of(many, "cpu_ms")
    acknowledged = sum(row["acknowledged"] for row in [*few, *many])
    return "\n".join(
        [
            *lines,
            "",
            f"Many stored against few: {rate:.2f} by rate, {cpu:.2f} by CPU, 0.9 wanted. The large store is a file of",
            f"{megabytes:,.0f} MB. Of {acknowledged:,} acknowledged decisions none is missing, and both logs verify.",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stored", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--publish", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as passing:
        folder = given.folder or Path(passing)
        small, small_version = prepare(folder / "few", FEW)
        large, large_version = prepare(folder / "many", given.stored)
        few: list[Row] = []
        many: list[Row] = []
        for _ in range(given.rounds):
            few.append(cleanest(lambda: loaded(small_copy(small), small_version, given.seconds)))
            many.append(cleanest(lambda: loaded(large, large_version, given.seconds)))
            print(few[-1], many[-1], sep="\n", flush=True)
        proven(Service(small.data.parent / "copy" / "data"))
        proven(large)
        text = table(given.stored, few, many, (large.data / FILE).stat().st_size / 1e6)
    print(text)
    if given.publish:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(MARKS[0])
        after = rest.partition(MARKS[1])[2]
        PAGE.write_text(f"{before}{MARKS[0]}\n{text}\n{MARKS[1]}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
