"""The service on one core, 64 connections from the other, beside bare applications under the same uvicorn and a peer.

    .venv/bin/python -m loadtests.service [--rounds 3] [--seconds 8] [--only WORD] [--out FILE] [--publish]

Every target is started afresh in each round, and rounds go through all targets in turn, so that what the machine does
to one it does to its neighbours. After each round of decisions the store is asked: every acknowledged decision is
there, and `temoin doctor` proves the log again. `--publish` writes the file's medians and its chart into
docs/throughput.md.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loadtests.service.machine import Row, cleanest, memory_mb, observed, server, wrk
from loadtests.service.published import publish, read
from tests.analytics.sending import measured
from tests.made import ORIGIN, site_config
from tests.redis_servers import RedisServer
from tests.service_process import Service, free_port
from tests.web import get

SITE = "boutique"
PEERS = Path(__file__).parent / "peers"
_UVICORN = [sys.executable, "-m", "uvicorn", "--loop", "uvloop", "--http", "httptools", "--lifespan", "off"]
_QUIET = ["--no-access-log", "--log-level", "warning", "--no-server-header", "--ws", "none"]


@dataclass
class Round:
    folder: Path
    seconds: int
    stack: ExitStack
    peak: float = 0.0

    def redis(self) -> tuple[str, int]:
        """Its address and process; on the load's core, as another machine would be."""
        made = RedisServer(self.folder / "redis").start()
        assert made.process is not None
        os.sched_setaffinity(made.process.pid, {1})
        self.stack.callback(made.kill)
        return made.address, made.process.pid

    def bare(self, name: str, **environment: str) -> tuple[int, str]:
        port = free_port()
        command = [*_UVICORN, *_QUIET, "--port", str(port), f"loadtests.service.bare:{name}"]
        pid = self.stack.enter_context(server(command, port, **environment))
        return pid, f"http://127.0.0.1:{port}/"

    def temoin(
        self, *options: str, core: str = "0", store: str = "", config: dict[str, Any] | None = None
    ) -> tuple[Service, int, str]:
        """A service with one published site; its process and the site's version."""
        service = Service(self.folder / "data", store=store)
        service.start(*options)
        assert service.process is not None
        self.stack.callback(service.kill)
        version = service.publish(config or site_config())
        cores = {int(one) for one in core.split(",")}
        for task in _all_tasks(service.process.pid):
            os.sched_setaffinity(task, cores)
        return service, service.process.pid, version


def _all_tasks(pid: int) -> list[int]:
    found = [int(task.name) for task in Path(f"/proc/{pid}/task").iterdir()]
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in file.read_text().split():
            found += _all_tasks(int(child))
    return found


def hello(made: Round) -> Row:
    pid, url = made.bare("hello")
    return _loaded(made, [pid], url, "plain.lua")


def same_bytes(made: Round) -> Row:
    """The script's answer to the byte, its headers too; the date is uvicorn's."""
    service, _, _ = made.temoin()
    answer = get(f"{service.url}/s/{SITE}.js", Accept_Encoding="br")
    file = made.folder / "script.br"
    file.write_bytes(answer.body)
    headers = [(name, value) for name, value in answer.headers.items() if name != "date"]
    service.kill()
    pid, url = made.bare("same", SAME=str(file), HEADERS=json.dumps(headers))
    return _loaded(made, [pid], url, "plain.lua")


def script(made: Round) -> Row:
    service, pid, _ = made.temoin()
    return _loaded(made, [pid], f"{service.url}/s/{SITE}.js", "plain.lua", ENCODING="br")


def not_modified(made: Round) -> Row:
    service, pid, _ = made.temoin()
    tag = get(f"{service.url}/s/{SITE}.js", Accept_Encoding="br").headers["etag"]
    return _loaded(made, [pid], f"{service.url}/s/{SITE}.js", "plain.lua", ENCODING="br", ETAG=tag)


def hits(made: Round) -> Row:
    """Views of one page; what was counted afterwards is what was sent, the warming up included."""
    service, pid, _ = made.temoin(config=measured())
    body = json.dumps({"type": "view", "page": "/produit", "entry": True})
    row = _loaded(made, [pid], f"{service.url}/v1/sites/{SITE}/hits", "plain.lua", BODY=body, ORIGIN=ORIGIN)
    service.stop()
    counted = json.loads(service.must("--json", "stats", SITE))["totals"]["exempt"]["views"]
    assert not row["failed"], f"{row['failed']} hits were refused"
    assert counted >= row["requests"], f"{counted} views were counted of {row['requests']}"
    return row


def batched(made: Round) -> Row:
    address, redis = made.redis()
    pid, url = made.bare("batched", REDIS=address)
    body = json.dumps(
        {"id": "0" * 36, "subject": "A" * 22, "choices": {"audience": True, "ads": False}, "page": "x" * 200}
    )
    return _loaded(made, [pid, redis], url, "plain.lua", BODY=body)


def consents(made: Round) -> Row:
    return _decisions(made, *made.temoin())


def c15t(made: Round) -> Row:
    """The nearest peer with a service of its own, on SQLite that flushes each commit; which of its consents are there
    afterwards is not asked."""
    if not (PEERS / "node_modules").exists():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=PEERS, check=True)
    port = free_port()
    command = ["node", str(PEERS / "c15t.mjs"), str(made.folder / "c15t.sqlite"), str(port)]
    pid = made.stack.enter_context(server(command, port, NODE_ENV="production"))
    row = _loaded(made, [pid], f"http://127.0.0.1:{port}/api/c15t/subjects", "subject.lua", ORIGIN=ORIGIN)
    assert not row["failed"], f"{row['failed']} consents were refused"
    return row


def consents_redis(made: Round) -> Row:
    address, redis = made.redis()
    return _decisions(made, *made.temoin(store=address), redis)


def one_worker_free(made: Round) -> Row:
    """On both cores, as the next: beside it, not beside the pinned ones."""
    return _decisions(made, *made.temoin(core="0,1"))


def two_workers(made: Round) -> Row:
    return _decisions(made, *made.temoin("--workers", "2", core="0,1"))


def open_loop(made: Round) -> Row:
    """At half of the peak that the rounds of `consents` have reached so far."""
    service, pid, version = made.temoin()
    out = made.folder / "acknowledged"
    rate = made.peak / 2
    command = ["taskset", "-c", "1", sys.executable, "-m", "loadtests.service.pace", str(service.port), version]

    def load() -> Row:
        done = subprocess.run(
            [*command, str(rate), str(made.seconds), str(out)], capture_output=True, text=True, check=True
        )
        row: Row = json.loads(done.stdout.partition("JSON ")[2])
        return row

    row = observed([pid], load)
    return {**row, **_proven(made, service, out)}


def _loaded(made: Round, pids: list[int], url: str, script: str, **environment: str) -> Row:
    wrk(url, script, 2, **environment)
    row = observed(pids, lambda: wrk(url, script, made.seconds, **environment))
    return {**row, "memory_mb": round(memory_mb(pids[0]), 1)}


def _decisions(made: Round, service: Service, pid: int, version: str, *more: int) -> Row:
    out = made.folder / "acknowledged"
    url = f"{service.url}/v1/sites/{SITE}/consents"
    row = _loaded(made, [pid, *more], url, "decide.lua", ORIGIN=ORIGIN, CONFIG=version, ACKNOWLEDGED=str(out))
    return {**row, **_proven(made, service, out)}


def _proven(made: Round, service: Service, out: Path) -> Row:
    """That nothing acknowledged is missing, nothing is there twice, and the log verifies; fails where not."""
    exported = made.folder / "records.jsonl"
    service.must("export", SITE, "--format", "jsonl", "--out", str(exported))
    with exported.open() as file:
        kept = [json.loads(line)["id"] for line in file]
    told = out.read_text().split()
    missing = len(set(told) - set(kept))
    service.must("doctor")
    assert not missing, f"{missing} acknowledged decisions are missing"
    assert len(set(kept)) == len(kept), "a decision is there twice"
    return {"acknowledged": len(told), "missing": missing}


TARGETS: dict[str, Callable[[Round], Row]] = {
    "bare uvicorn, hello": hello,
    "bare uvicorn, the script's bytes": same_bytes,
    "GET script, brotli": script,
    "GET script, 304": not_modified,
    "POST consents, SQLite": consents,
    "c15t 2.2.1, POST subjects, SQLite": c15t,
    "bare ASGI, coalesced XADD": batched,
    "POST consents, Redis": consents_redis,
    "POST hits": hits,
    "POST consents, one worker on two cores": one_worker_free,
    "POST consents, two workers on two cores": two_workers,
    "POST consents, open loop at half the peak": open_loop,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--only", default="", help="targets whose name has this in it")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "measured.json")
    parser.add_argument("--publish", action="store_true")
    given = parser.parse_args()
    if given.publish:
        publish(given.out)
        return
    rows: dict[str, list[Row]] = read(given.out)[1] if given.only and given.out.exists() else {}
    chosen = [name for name in TARGETS if given.only in name]
    rows |= {name: [] for name in chosen}
    for _ in range(given.rounds):
        for name in chosen:
            peak = max((row["per_s"] for row in rows.get("POST consents, SQLite", [])), default=2000.0)
            row = cleanest(lambda name=name, peak=peak: _round(name, given.seconds, peak))  # type: ignore[misc]
            rows[name].append(row)
            print(name, json.dumps(row), flush=True)
            given.out.write_text(json.dumps({"python": sys.version, "rows": rows}, indent=1) + "\n")


def _round(name: str, seconds: int, peak: float) -> Row:
    folder = Path(tempfile.mkdtemp(prefix="temoin-load-"))
    try:
        with ExitStack() as stack:
            return TARGETS[name](Round(folder, seconds, stack, peak))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
