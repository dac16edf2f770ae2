"""Exports of many records: how much memory each format takes at its peak, and how fast it is.

    python loadtests/export_million.py [--records 1000000] [--formats csv,jsonl,xml,parquet,bundle] [--folder DIR]

Makes a store with that many realistic records (a year of visitors, one in six coming back to change their mind), then
runs `temoin export` in a process of its own for each format. Prints a table, then the same as JSON. Nothing is kept
unless --folder names where. The store is made in another process too: a child's peak counts from its parent's size.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SITE = "boutique"
ORIGIN = "https://www.boutique.example"
BATCH = 10_000
YEAR = 365 * 24 * 3600
PAGES = [f"{ORIGIN}/", f"{ORIGIN}/panier", *(f"{ORIGIN}/produits/{number}-piece-en-bois" for number in range(300))]
FORMATS = "csv,jsonl,xml,parquet,bundle"


def main() -> None:
    options = _options()
    if options.make:
        asyncio.run(_make(Path(options.make), options.records))
        return
    with tempfile.TemporaryDirectory(prefix="temoin-export-") as folder:
        results = _measure(Path(options.folder or folder), options.records, options.formats.split(","))
    print(f"{'format':<10}{'peak RSS':>12}{'seconds':>10}{'records/s':>12}{'bytes/record':>14}")
    for row in results:
        print(
            f"{row['format']:<10}{row['peak_rss_mb']:>9.1f} MB{row['seconds']:>10.1f}{row['records_per_second']:>12,}"
            f"{row['bytes_per_record']:>14.1f}"
        )
    print(json.dumps({"records": options.records, "formats": results}))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--formats", default=FORMATS)
    parser.add_argument("--folder", help="where to make (or find) the store and leave the exports")
    parser.add_argument("--make", help=argparse.SUPPRESS)
    return parser.parse_args()


def _measure(folder: Path, records: int, formats: list[str]) -> list[dict[str, Any]]:
    if not (folder / "data").exists():
        began = time.monotonic()
        command = [sys.executable, __file__, "--make", str(folder / "data"), "--records", str(records)]
        subprocess.run(command, check=True)
        print(f"made {records:,} records in {time.monotonic() - began:.0f} s", file=sys.stderr)
    return [_export(folder, records, name) for name in formats]


def _export(folder: Path, records: int, name: str) -> dict[str, Any]:
    out = folder / f"export.{name}"
    command = [sys.executable, "-m", "temoin", "--data", str(folder / "data"), "--json"]
    command += ["export", SITE, "--format", name, "--out", str(out)]
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        facts = json.loads(process.stdout.read() if process.stdout else b"")
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - began
    assert process.returncode == 0
    assert facts["records"] == records
    print(f"{name}: {seconds:.0f} s", file=sys.stderr)
    return {
        "format": name,
        "peak_rss_mb": round(usage.ru_maxrss * 1024 / 1e6, 1),
        "seconds": round(seconds, 1),
        "records_per_second": round(records / seconds),
        "bytes_per_record": round(out.stat().st_size / records, 1),
    }


async def _make(folder: Path, records: int) -> None:
    """A published site and its sealed log. Rows go to the store directly: exporting is measured here, not appending."""
    from temoin.admin.publish import publish
    from temoin.cli.site import overrides_of
    from temoin.clock import SystemClock
    from temoin.proof.sealer import Sealer
    from temoin.storage.sqlite.connection import connect
    from temoin.storage.sqlite.store import FILE, SqliteStore

    clock = SystemClock()
    store = SqliteStore(folder, clock)
    draft = json.dumps(_config()).encode()
    await store.sites.put_site(SITE, draft, f"consent.example.org/{SITE}", os.urandom(32))
    done = await publish(
        store.sites,
        SITE,
        overrides_of(store),
        base="https://consent.example.org",
        actor="loadtest",
        chromium=None,
        clock=clock,
    )
    connection = connect(folder / FILE)
    connection.execute("PRAGMA synchronous = OFF")
    _fill(connection, done.version, records)
    connection.close()
    await Sealer(store.log, store.log, store.log, clock).seal_all()
    await store.close()


def _fill(connection: Any, version: str, records: int) -> None:
    from temoin.storage.sqlite.schema import INDEX_BITS

    no, first = connection.execute("SELECT no, appended FROM site WHERE id = ?", (SITE,)).fetchone()
    rows = _rows(version, records, no, (no << INDEX_BITS) + first)
    for start in range(0, records, BATCH):
        connection.execute("BEGIN")
        batch = [next(rows) for _ in range(min(BATCH, records - start))]
        connection.executemany(
            "INSERT INTO entry (key, site_no, id, kind, subject, body, commitment, digest, subject_key)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            batch,
        )
        connection.execute("UPDATE site SET appended = appended + ? WHERE no = ?", (len(batch), no))
        connection.execute("COMMIT")


def _rows(version: str, records: int, no: int, key: int) -> Any:
    """Rows of the table `entry`, by the same code that makes records of visitors' decisions."""
    import base64
    import uuid
    from datetime import UTC, datetime, timedelta

    from temoin.consent.decision import Decision
    from temoin.consent.record import ConsentDraft
    from temoin.proof.entry import LoggedEntry
    from temoin.proof.uuid7 import uuid7
    from temoin.storage.sqlite.schema import subject_key

    chance = random.Random(20261121)
    begin = datetime.now(UTC) - timedelta(seconds=YEAR)
    earlier: list[LoggedEntry] = []
    for index in range(records):
        now = begin + timedelta(seconds=YEAR * index / records)
        before = earlier.pop(chance.randrange(len(earlier))) if earlier and chance.random() < 1 / 6 else None
        subject = before.subject if before else base64.urlsafe_b64encode(chance.randbytes(16)).rstrip(b"=").decode()
        action, choices, control = _choice(chance)
        made = Decision(
            id=uuid7(now),
            subject=subject or "",
            config=version,
            action=action,
            choices=choices,
            language=chance.choice(["fr", "fr", "fr", "en"]),
            layer=2 if action == "save" or before else 1,
            control=control,
            page=chance.choice(PAGES),
            viewport=chance.choice(["mobile", "mobile", "desktop"]),
            client_time=now - timedelta(milliseconds=chance.randrange(40, 900)),
            signals={"gpc": chance.random() < 0.05},
        )
        draft = ConsentDraft(SITE, made, "P13M", now)
        entry = draft.follow(before)
        row = (key + index, no, uuid.UUID(entry.id).bytes, "consent", subject, entry.body, entry.commitment)
        yield (*row, draft.digest, subject_key(subject))
        if len(earlier) < 5000:
            earlier.append(LoggedEntry(index, entry.id, "consent", subject, entry.body, entry.commitment))


def _choice(chance: random.Random) -> tuple[Any, dict[str, bool], str]:
    picked = chance.random()
    if picked < 0.45:
        return "accept_all", {"audience": True, "ads": True, "video": True}, "banner-accept"
    if picked < 0.9:
        return "refuse_all", {"audience": False, "ads": False, "video": False}, "banner-refuse"
    return "save", {"audience": True, "ads": False, "video": chance.random() < 0.5}, "preferences-save"


def _config() -> dict[str, Any]:
    tracker = {
        "name": "Stats",
        "controller": "Stats SAS",
        "role": "processor",
        "agreement": "DPA-2026-01",
        "cookies": [{"name": "_stats*", "max_age": "P6M"}],
        "policy_url": "https://stats.example/privacy",
    }
    return {
        "site": SITE,
        "origins": [ORIGIN],
        "languages": ["fr", "en"],
        "controller": {
            "name": "Boutique SAS",
            "address": "1 rue de la Paix, 75002 Paris",
            "contact": "dpo@boutique.example",
            "policy_url": {"fr": f"{ORIGIN}/confidentialite", "en": f"{ORIGIN}/privacy"},
        },
        "purposes": [{"id": "audience"}, {"id": "ads"}, {"id": "video"}],
        "trackers": [
            tracker | {"id": purpose, "purposes": [purpose], "match": [f"{purpose}.example/*"]}
            for purpose in ("audience", "ads", "video")
        ],
    }


if __name__ == "__main__":
    main()
