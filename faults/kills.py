"""SIGKILL at random moments under load: of the service, of a worker, of the sealer, of Redis, of a cluster's master."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

from tests.redis_servers import one_redis, redis_cluster
from tests.service_process import Service

from faults.load import SITE
from faults.stage import Outcome, Stage, stage
from temoin.storage.redis.address import CLUSTER


def service(folder: Path, times: int, outcome: Outcome) -> None:
    """The only service of an embedded store, started again each time."""
    with stage(folder, [Service(folder / "data")], outcome) as made:
        for _ in range(times):
            made.some_work()
            with made.fault():
                made.services[0].kill()
                made.services[0].start()


def worker(folder: Path, times: int, outcome: Outcome) -> None:
    """One of two workers, which their supervisor replaces by itself."""
    with stage(folder, [Service(folder / "data")], outcome, "--workers", "2") as made:
        for _ in range(times):
            made.some_work()
            with made.fault():
                victim = random.choice(workers(made.services[0]))
                os.kill(victim, signal.SIGKILL)
                _until_replaced(made.services[0], victim)


def workers(service: Service) -> list[int]:
    """The worker processes: not the helpers of `multiprocessing`."""
    assert service.process is not None
    parent = service.process.pid
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


def _until_replaced(service: Service, victim: int) -> None:
    deadline = time.monotonic() + 60
    while victim in (there := workers(service)) or len(there) < 2:
        assert time.monotonic() < deadline, "the supervisor did not replace its worker"
        time.sleep(0.02)


def sealer(folder: Path, times: int, outcome: Outcome) -> None:
    """Of two services on one Redis, the one that seals. The other has taken over when it is back, and is next."""
    with one_redis(folder / "redis") as redis:
        services = [Service(folder / name, store=redis.address) for name in ("one", "two")]
        with stage(folder, services, outcome) as made:
            made.services[1].kill()  # so that the first is the one that seals
            _sealed_further(made)
            made.services[1].start()
            for _ in range(times):
                made.some_work()
                with made.fault():
                    made.services[0].kill()
                    made.services.reverse()
                    _sealed_further(made)
                    made.services[1].start()


def _sealed_further(made: Stage) -> None:
    size = len(made.mirror.entries)
    deadline = time.monotonic() + 60
    while len(made.mirror.entries) == size:
        assert time.monotonic() < deadline, "nobody took over sealing"
        made.mirror.follow(made.url)
        time.sleep(0.05)


def redis(folder: Path, times: int, outcome: Outcome) -> None:
    """The Redis of one service, started again on its folder; the service stays as it is."""
    with (
        one_redis(folder / "redis") as server,
        stage(folder, [Service(folder / "data", store=server.address)], outcome) as made,
    ):
        for _ in range(times):
            made.some_work()
            with made.fault():
                server.kill()
                time.sleep(random.uniform(0.0, 0.3))
                server.start()


def master(folder: Path, times: int, outcome: Outcome) -> None:
    """A master of a cluster of three: two times of three the one that has the site, else another."""
    with redis_cluster(folder / "redis") as servers:
        address = f"{CLUSTER}127.0.0.1:{servers[0].port}"
        with stage(folder, [Service(folder / "data", store=address)], outcome) as made:
            with servers[0].client() as client:
                slot = int(client.execute_command("CLUSTER", "KEYSLOT", f"{{{SITE}}}"))
            home = slot // -(-16384 // len(servers))
            for number in range(times):
                made.some_work()
                with made.fault():
                    victim = servers[home if number % 3 else (home + 1) % len(servers)]
                    victim.kill()
                    time.sleep(random.uniform(0.0, 0.3))
                    victim.start()
