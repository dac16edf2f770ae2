"""A clock that jumps, two sealers at once, files whose last write was torn."""

from __future__ import annotations

import os
import random
import signal
import struct
import time
from pathlib import Path

from tests.redis_servers import one_redis
from tests.service_process import Service

from faults.kills import workers
from faults.stage import Outcome, stage
from temoin.storage.sqlite.store import FILE

_FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
_JUMPS = ("-2h", "+3h", "-1d", "+20d", "-20d", "+0s", "-5s", "+5s")
_AFTER_ALL = "+21d"
_LONGER_THAN_THE_LEASE = (1.6, 2.5)


def clock(folder: Path, times: int, outcome: Outcome) -> None:
    """The wall clock of a service with two workers jumps, back and forward, by seconds to weeks (libfaketime)."""
    if not Path(_FAKETIME).exists():
        raise AssertionError("libfaketime is missing: apt-get install faketime")
    offset = folder / "offset"
    offset.write_text("+0s")
    fake = {
        "LD_PRELOAD": _FAKETIME,
        "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }
    with stage(folder, [Service(folder / "data", extra=fake)], outcome, "--workers", "2") as made:
        for number in range(times):
            made.some_work()
            with made.fault():
                _jump(offset, _JUMPS[number % len(_JUMPS)])
                time.sleep(random.uniform(0.0, 1.0))
        _jump(offset, _AFTER_ALL)  # `temoin verify` rightly refuses records from after the moment of the export


def _jump(offset: Path, by: str) -> None:
    following = offset.with_name("next")
    following.write_text(by)
    following.replace(offset)


def frozen_worker(folder: Path, times: int, outcome: Outcome) -> None:
    """One of two workers on the embedded store stands still for longer than a lease lasts, and goes on where it was."""
    with stage(folder, [Service(folder / "data")], outcome, "--workers", "2") as made:
        for _ in range(times):
            made.some_work()
            with made.fault():
                _freeze(random.choice(workers(made.services[0])))


def frozen_service(folder: Path, times: int, outcome: Outcome) -> None:
    """The same for one of two services on one Redis."""
    with one_redis(folder / "redis") as redis:
        services = [Service(folder / name, store=redis.address) for name in ("one", "two")]
        with stage(folder, services, outcome) as made:
            for _ in range(times):
                made.some_work()
                with made.fault():
                    process = random.choice(services).process
                    assert process is not None
                    _freeze(process.pid)


def _freeze(pid: int) -> None:
    """Where it seals, it wakes up holding a lease that another has taken since: two sealers."""
    os.kill(pid, signal.SIGSTOP)
    time.sleep(random.uniform(*_LONGER_THAN_THE_LEASE))
    os.kill(pid, signal.SIGCONT)


def torn_wal(folder: Path, times: int, outcome: Outcome) -> None:
    """The service is killed and the write of its next transaction was torn: behind the last commit of SQLite's log
    stands a part of one, with the right salts or not."""
    service = Service(folder / "data")
    with stage(folder, [service], outcome) as made:
        for _ in range(times):
            made.some_work()
            with made.fault():
                service.kill()
                _tear(service.data / f"{FILE}-wal")
                service.start()


def _tear(wal: Path) -> None:
    """See www.sqlite.org/fileformat2.html, section 4: a header of 32 bytes, frames of 24 bytes and a page."""
    if not wal.exists():
        return
    data = wal.read_bytes()
    end, salts, frame = 0, b"", 24 + 4096
    if len(data) >= 32:
        (page,) = struct.unpack(">I", data[8:12])
        salts, frame = data[16:24], 24 + page
        end = _after_the_last_commit(data, salts, frame)
    torn = os.urandom(random.randrange(1, 3 * frame))
    if salts and random.random() < 0.5:  # looks like a frame of this log, and its checksum does not fit
        head = struct.pack(">II", random.randrange(1, 1000), random.randrange(0, 1000)) + salts
        torn = head + torn[len(head) :]
    with wal.open("r+b") as file:
        file.seek(end)
        file.write(torn)


def _after_the_last_commit(data: bytes, salts: bytes, frame: int) -> int:
    """Frames of this round carry the header's salts; those that end a transaction the size of the database."""
    end = place = 32
    while place + frame <= len(data) and data[place + 8 : place + 16] == salts:
        place += frame
        if struct.unpack(">I", data[place - frame + 4 : place - frame + 8])[0]:
            end = place
    return end


def torn_aof(folder: Path, times: int, outcome: Outcome) -> None:
    """Redis is killed and the last write to its log was torn: a part of a command stands at its end."""
    with (
        one_redis(folder / "redis") as server,
        stage(folder, [Service(folder / "data", store=server.address)], outcome) as made,
    ):
        for _ in range(times):
            made.some_work()
            with made.fault():
                server.kill()
                log = max((folder / "redis/appendonlydir").glob("*.incr.aof"))
                command = b"*3\r\n$3\r\nSET\r\n$6\r\ntemoin\r\n$5\r\ntorn!\r\n"
                with log.open("ab") as file:
                    file.write(command[: random.randrange(1, len(command))])
                server.start()
