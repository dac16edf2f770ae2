"""A year of a site with 10,000 pages: its size on the disk, how long reports take, and how well a million are counted.

    PYTHONPATH=server python loadtests/audience_year.py [--pages 10000] [--days 365] [--visitors 1000000] [--publish]

Each page is viewed every day, which is more than any real site has; beside them come what visitors are and do, as
measurement keeps it. Reports are timed on the store as it then is, medians of five. Visitors are counted as the service
counts them: a keyed hash each, into one sketch, ten times with other keys. Goals: 200 MB, 200 ms, 2 %. `--publish`
writes the figures into docs/measurement.md. Exits 1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import secrets
import sqlite3
import statistics
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from temoin.analytics.ports import SiteFold
from temoin.analytics.report import Span, number_of, report
from temoin.analytics.sketch import Sketch
from temoin.analytics.visitor import visitor
from temoin.clock import SystemClock
from temoin.storage.sqlite.store import FILE, SqliteStore

SITE = "boutique"
FIRST = date(2026, 1, 1)
GOALS = {"megabytes": 200.0, "report_ms": 200.0, "error_percent": 2.0}
_DOCUMENT = Path(__file__).parent.parent / "docs/measurement.md"
_MARKS = ("<!-- measured -->", "<!-- end of measured -->")
_CUTS = {"referrer": 200, "country": 60, "device": 3, "browser": 40, "system": 20, "language": 30, "event": 10}
_CUTS |= {"outbound": 100, "download": 50, "search": 200, "missing": 100}


def day_of_year(day: date, pages: int, draw: random.Random) -> SiteFold:
    """What a process gathered of one day: every page, in both series, and twenty-four hours of totals."""
    fold = SiteFold()
    number = number_of(day)
    for series in (0, 1):
        for hour in range(24):
            fold.counts[(number * 100 + hour, "total", "", series)] = [draw.randrange(1, 9000)] * 6
        for page in range(pages if series == 0 else pages // 2):
            views = 1 + int(draw.paretovariate(1.1)) % 5000
            fold.counts[(number * 100 + 12, "page", f"/{page % 37}/article-{page}", series)] = [views] * 6
        for kind, values in _CUTS.items():
            for value in range(values):
                fold.counts[(number * 100 + 12, kind, f"{kind}-{value}", series)] = [draw.randrange(1, 500)] * 6
        sketch = Sketch()
        for _ in range(200):
            sketch.add(draw.getrandbits(64))
        fold.visitors[(number, series)] = sketch
    return fold


async def year(folder: Path, pages: int, days: int) -> dict[str, Any]:
    store = SqliteStore(folder, SystemClock())
    draw = random.Random(20_261_126)
    try:
        await store.sites.put_site(SITE, b"{}", f"host/{SITE}", secrets.token_bytes(32))
        began = time.perf_counter()
        for number in range(days):
            await store.audience.add_audience({SITE: day_of_year(FIRST + timedelta(days=number), pages, draw)})
        written = time.perf_counter() - began
        last = FIRST + timedelta(days=days - 1)
        now = datetime(last.year, last.month, last.day, 12, tzinfo=UTC)
        spans = {"a year": Span(FIRST, last), "30 days": Span(max(FIRST, last - timedelta(days=29)), last)}
        reports = {name: await _timed(store, span, now) for name, span in spans.items()}
    finally:
        await store.close()
    with closing(sqlite3.connect(folder / FILE)) as connection:
        (size,) = connection.execute(
            "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
        ).fetchone()
        (rows,) = connection.execute("SELECT count(*) FROM audience").fetchone()
    return {
        "megabytes": round(size / 1e6, 1),
        "rows": rows,
        "written_seconds": round(written, 1),
        "reports_ms": reports,
    }


async def _timed(store: SqliteStore, span: Span, now: datetime) -> float:
    times = []
    for _ in range(5):
        began = time.perf_counter()
        made = await report(store.audience, SITE, span, now)
        times.append(1000 * (time.perf_counter() - began))
        assert made["totals"]["exempt"]["views"] > 0
    return round(statistics.median(times), 1)


def counted(visitors: int, rounds: int = 10) -> dict[str, float]:
    """The error of a day's distinct visitors, in percent: the mean and the worst of some days."""
    errors = []
    for _ in range(rounds):
        key, sketch = secrets.token_bytes(32), Sketch()
        for number in range(visitors):
            agent = b"Mozilla/5.0 (X11; Linux x86_64; rv:%d.0)" % (number >> 24)
            network = bytes([*(number & 0xFFFFFF).to_bytes(3, "big"), 0])
            sketch.add(visitor(key, SITE, network, agent))
        errors.append(100 * abs(sketch.count() - visitors) / visitors)
    return {"mean": round(statistics.mean(errors), 2), "worst": round(max(errors), 2)}


def table(figures: dict[str, Any]) -> str:
    size = figures["megabytes"]
    rows = [
        ("figure", "measured", "goal"),
        ("---", "---:", "---:"),
        (f"{figures['days']} days of {figures['pages']:,} pages, each viewed daily", f"{size} MB", "200 MB"),
        *((f"report on {name}", f"{took:g} ms", "200 ms") for name, took in figures["reports_ms"].items()),
        (
            f"error at {figures['visitors']:,} visitors of a day, mean and worst of ten days",
            f"{figures['error_percent']['mean']} %, {figures['error_percent']['worst']} %",
            "2 %",
        ),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def publish(figures: dict[str, Any]) -> None:
    text = _DOCUMENT.read_text(encoding="utf-8")
    head, _, rest = text.partition(_MARKS[0])
    _, _, tail = rest.partition(_MARKS[1])
    _DOCUMENT.write_text(f"{head}{_MARKS[0]}\n{table(figures)}\n{_MARKS[1]}{tail}", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--visitors", type=int, default=1_000_000)
    parser.add_argument("--publish", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(year(Path(folder), options.pages, options.days))
    figures |= {"pages": options.pages, "days": options.days, "visitors": options.visitors}
    figures["error_percent"] = counted(options.visitors)
    print(json.dumps(figures))
    if options.publish:
        publish(figures)
    slowest = max(figures["reports_ms"].values())
    reached = (
        figures["megabytes"] <= GOALS["megabytes"],
        slowest <= GOALS["report_ms"],
        figures["error_percent"]["worst"] <= GOALS["error_percent"],
    )
    return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main())
