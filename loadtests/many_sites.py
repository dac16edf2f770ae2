"""Ten thousand sites in five languages: what a worker holds of them, how soon it starts, what a cold one costs.

    .venv/bin/python -m loadtests.many_sites [--sites 10000] [--publish]

One site is published in earnest; the others are copies of its rows under names of their own, for what a worker reads of
a site is the same. `--publish` writes the table into docs/throughput.md.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path

from tests.made import site_config
from tests.service_process import Service
from tests.web import request

from temoin.site import version_of
from temoin.storage.sqlite.store import FILE

PAGE = Path(__file__).parent.parent / "docs/throughput.md"
MARKS = "<!-- many sites -->", "<!-- end of many sites -->"
LANGUAGES = ["fr", "en", "de", "es", "it"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=10_000)
    parser.add_argument("--publish", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        service = Service(Path(name) / "data")
        service.start()
        service.publish(_config())
        service.stop()
        _copy(service.data / FILE, given.sites)
        began = time.monotonic()
        service.start()
        started = time.monotonic() - began
        try:
            names = [f"site-{number}" for number in range(given.sites - 1)]
            random.Random(1).shuffle(names)
            empty = _memory(service)
            cold = [_milliseconds(service, site) for site in names]
            full = _memory(service)
            hot = [_milliseconds(service, site) for site in names[-500:]]
        finally:
            service.kill()
    rows = [
        f"| start with {given.sites:,} sites | ≤ 3 s | {started:.1f} s |",
        f"| memory of a worker, no site asked for yet | | {empty:.0f} MB |",
        f"| memory after each was asked for, 1,000 kept | ≤ 400 MB | {full:.0f} MB |",
        f"| a site that is not in memory, median (p99) | < 5 ms | {_spread(cold)} |",
        f"| a site that is, median (p99) | | {_spread(hot)} |",
    ]
    table = "\n".join(["| ten thousand sites, five languages each | wanted | measured |", "|---|---:|---:|", *rows])
    print(table)
    if given.publish:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(MARKS[0])
        after = rest.partition(MARKS[1])[2]
        PAGE.write_text(f"{before}{MARKS[0]}\n{table}\n{MARKS[1]}{after}", encoding="utf-8")


def _config() -> dict[str, object]:
    config = site_config(languages=LANGUAGES)
    config["controller"]["policy_url"] = dict.fromkeys(LANGUAGES, "https://shop.test/privacy")
    return config


def _copy(file: Path, sites: int) -> None:
    """Rows of `site` and `config` under other names; their files are the first one's."""
    with sqlite3.connect(file) as connection:
        *first, body = connection.execute(
            "SELECT draft, site.published_at, script, files, signing_key, body FROM site JOIN config ON site_no = no"
        ).fetchone()
        draft, published_at, script, files, key = first
        for number in range(sites - 1):
            name = f"site-{number}"
            own = body.replace(b'"site":"boutique"', f'"site":"{name}"'.encode())
            version = version_of(own)
            place = connection.execute(
                "INSERT INTO site (id, draft, version, published_at, script, files, generation, origin, signing_key)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (name, draft, version, published_at, script, files, number + 2, f"host/{name}", key),
            ).lastrowid
            connection.execute(
                "INSERT INTO config (site_no, version, body, published_at) VALUES (?, ?, ?, ?)",
                (place, version, own, published_at),
            )
    connection.close()


def _milliseconds(service: Service, site: str) -> float:
    began = time.perf_counter()
    answer = request("GET", f"{service.url}/s/{site}.js", headers={"Accept-Encoding": "br"})
    assert answer.status == 200, answer.body
    return (time.perf_counter() - began) * 1000


def _memory(service: Service) -> float:
    assert service.process is not None
    return int(Path(f"/proc/{service.process.pid}/statm").read_text().split()[1]) * 4096 / 1e6


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):.1f} ms ({statistics.quantiles(values, n=100)[98]:.1f} ms)"


if __name__ == "__main__":
    main()
