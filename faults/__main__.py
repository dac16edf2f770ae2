"""Breaks Témoin on purpose, under load, and counts what was lost: `make test-faults`.

    python -m faults                      a few of each fault, for every change (a few minutes)
    python -m faults --long               more than a thousand kills
    python -m faults --minutes 10 --only kill --out faults/measured.json
                                          as many as fit, added to what the file has counted

Ends with 1 at the first promise that is not kept, and leaves the folder of that run.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from faults import disturbed, kills, stores
from faults.counts import add, publish
from faults.stage import Outcome, Scenario

_PER_RUN = 20


@dataclass(frozen=True)
class Fault:
    """`short` and `long` are how often it is done. After 20 everything is checked, and begins anew."""

    name: str
    scenario: Scenario
    short: int
    long: int
    needs_root: bool = False


FAULTS = (
    Fault("kill the service", kills.service, 4, 300),
    Fault("kill a worker", kills.worker, 3, 150),
    Fault("kill the sealer", kills.sealer, 3, 150),
    Fault("kill Redis", kills.redis, 5, 350),
    Fault("kill a cluster's master", kills.master, 3, 150),
    Fault("disk full, embedded store", stores.disk_full, 2, 40),
    Fault("disk full, Redis", stores.redis_disk_full, 2, 40, needs_root=True),
    Fault("Redis out of memory", stores.out_of_memory, 2, 40),
    Fault("Redis slow", stores.slow, 2, 40),
    Fault("Redis cut off", stores.cut, 3, 40),
    Fault("Redis silent", stores.silent, 2, 40),
    Fault("one of two services cut off from Redis", stores.partition, 2, 40),
    Fault("planned takeover by a replica", stores.takeover, 2, 40),
    Fault("the clock jumps", disturbed.clock, 4, 80),
    Fault("two sealers, embedded store", disturbed.frozen_worker, 3, 60),
    Fault("two sealers, Redis", disturbed.frozen_service, 3, 60),
    Fault("torn write in SQLite's log", disturbed.torn_wal, 3, 60),
    Fault("torn write in Redis's log", disturbed.torn_aof, 3, 60),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--times", type=int, help="how often each fault is done")
    parser.add_argument("--minutes", type=float, help="begin no run after so many minutes")
    parser.add_argument("--only", default="", help="faults whose name has this in it")
    parser.add_argument("--out", type=Path, help="a JSON file of counts, which this run is added to")
    parser.add_argument("--publish", action="store_true", help="write the counts of --out into docs/faults.md")
    given = parser.parse_args()
    end = time.monotonic() + 60 * given.minutes if given.minutes else float("inf")
    if not given.publish:
        for fault in (fault for fault in FAULTS if given.only in fault.name):
            if not _do(fault, given.times or (fault.long if given.long else fault.short), end, given.out):
                return 1
    elif given.out:
        publish(given.out)
    return 0


def _do(fault: Fault, wanted: int, end: float, out: Path | None) -> bool:
    if fault.needs_root and os.geteuid() != 0:
        print(f"{fault.name}: left out, it mounts a small file system and that needs root")
        return True
    done = 0
    while done < wanted and time.monotonic() < end:
        folder = Path(tempfile.mkdtemp(prefix="temoin-faults-"))
        outcome = Outcome()
        try:
            fault.scenario(folder, min(_PER_RUN, wanted - done), outcome)
        except AssertionError as error:
            print(f"{fault.name}: NOT KEPT after {outcome.faults} faults: {error}\nThe run's files: {folder}")
            if out:
                add(out, fault.name, outcome)
            return False
        shutil.rmtree(folder)
        done += outcome.faults
        print(json.dumps({"fault": fault.name, **asdict(outcome)}), flush=True)
        if out:
            add(out, fault.name, outcome)
    return True


if __name__ == "__main__":
    sys.exit(main())
