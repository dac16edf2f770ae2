"""A store in trouble: a full disk, a Redis without memory, a bad network, a partition, a takeover."""

from __future__ import annotations

import os
import random
import resource
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.redis_servers import RedisServer, add_replica, one_redis, redis_cluster
from tests.service_process import Service

from faults.load import SITE
from faults.proxy import Mood, Proxy
from faults.stage import Outcome, stage
from temoin.storage.redis.address import CLUSTER

_DISK = "96m"
_PIECE = bytes(64 * 1024)


@contextmanager
def _small_disk(folder: Path) -> Iterator[None]:
    """A file system of 96 MB on `folder`, in memory; needs root."""
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_DISK},mode=0700", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _fill(folder: Path) -> Path:
    """A file that leaves no room."""
    filler = folder / "filler"
    with filler.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(_PIECE)
    return filler


def disk_full(folder: Path, times: int, outcome: Outcome) -> None:
    """The embedded store's disk has no room, and has again: the process is never started anew. Without root, no file of
    the process may grow (RLIMIT_FSIZE)."""
    if os.geteuid() != 0:
        _no_file_may_grow(folder, times, outcome)
        return
    service = Service(folder / "data")
    with _small_disk(service.data), stage(folder, [service], outcome) as made:
        for _ in range(times):
            made.some_work()
            with made.fault():
                refused = made.load.ledger.answers["refused with 503"]
                filler = _fill(service.data)
                made.load.refused_since(refused)
                time.sleep(random.uniform(0.0, 1.0))
                filler.unlink()


def _no_file_may_grow(folder: Path, times: int, outcome: Outcome) -> None:
    service = Service(folder / "data")
    with stage(folder, [service], outcome) as made:
        assert service.process is not None
        _, most = resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE)
        for _ in range(times):
            made.some_work()
            with made.fault():
                refused = made.load.ledger.answers["refused with 503"]
                resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (4096, most))
                made.load.refused_since(refused)
                resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (most, most))


def redis_disk_full(folder: Path, times: int, outcome: Outcome) -> None:
    """Redis ends by itself where it cannot write its log (`appendfsync always`), and is started when there is room."""
    with (
        _small_disk(folder / "redis"),
        one_redis(folder / "redis") as server,
        stage(folder, [Service(folder / "data", store=server.address)], outcome) as made,
    ):
        for _ in range(times):
            made.some_work()
            with made.fault():
                filler = _fill(folder / "redis")
                assert server.process is not None
                server.process.wait(60)
                filler.unlink()
                server.start()


def out_of_memory(folder: Path, times: int, outcome: Outcome) -> None:
    """Redis may take no more memory than it has, and then may again."""
    with (
        one_redis(folder / "redis") as server,
        stage(folder, [Service(folder / "data", store=server.address)], outcome) as made,
        server.client() as client,
    ):
        for _ in range(times):
            made.some_work()
            with made.fault():
                refused = made.load.ledger.answers["refused with 503"]
                client.config_set("maxmemory", "1mb")
                made.load.refused_since(refused)
                time.sleep(random.uniform(0.0, 1.0))
                client.config_set("maxmemory", "0")


def slow(folder: Path, times: int, outcome: Outcome) -> None:
    """Each piece of what Redis is told and answers takes 0.3 s longer."""
    _network(folder, times, outcome, "slow")


def cut(folder: Path, times: int, outcome: Outcome) -> None:
    """Connections to Redis are reset, and so are new ones."""
    _network(folder, times, outcome, "cut")


def silent(folder: Path, times: int, outcome: Outcome) -> None:
    """What is sent to Redis arrives nowhere and nobody says so, for longer than anybody waits for an answer, or not."""
    _network(folder, times, outcome, "silent")


def _network(folder: Path, times: int, outcome: Outcome, mood: Mood) -> None:
    with one_redis(folder / "redis") as server:
        proxy = Proxy(server.port)
        with stage(folder, [Service(folder / "data", store=proxy.address)], outcome) as made:
            for _ in range(times):
                made.some_work()
                with made.fault():
                    proxy.become(mood)
                    time.sleep(random.uniform(0.2, 7.0 if mood == "silent" else 2.0))
                    proxy.become("well")
        proxy.close()


def partition(folder: Path, times: int, outcome: Outcome) -> None:
    """Of two services on one Redis, one cannot reach it, whether it seals or not; the other goes on alone."""
    with one_redis(folder / "redis") as server:
        proxies = [Proxy(server.port), Proxy(server.port)]
        services = [Service(folder / name, store=proxy.address) for name, proxy in zip("ab", proxies, strict=True)]
        with stage(folder, services, outcome) as made:
            for _ in range(times):
                made.some_work()
                with made.fault():
                    proxy = random.choice(proxies)
                    proxy.become(random.choice(["cut", "silent"]))
                    made.load.acknowledged_since(time.monotonic())  # by the other
                    time.sleep(random.uniform(1.0, 7.0))
                    proxy.become("well")
        for proxy in proxies:
            proxy.close()


def takeover(folder: Path, times: int, outcome: Outcome) -> None:
    """A replica takes over from the site's master as planned (`CLUSTER FAILOVER`, which waits until it has everything),
    and back."""
    with redis_cluster(folder / "redis") as servers:
        with servers[0].client() as client:
            slot = int(client.execute_command("CLUSTER", "KEYSLOT", f"{{{SITE}}}"))
        master = servers[slot // -(-16384 // len(servers))]
        with add_replica(folder / "replica", master) as replica:
            address = f"{CLUSTER}127.0.0.1:{servers[0].port}"
            pair = [master, replica]
            with stage(folder, [Service(folder / "data", store=address)], outcome) as made:
                for _ in range(times):
                    made.some_work()
                    with made.fault():
                        pair.reverse()
                        _take_over(pair[0])


def _take_over(server: RedisServer) -> None:
    deadline = time.monotonic() + 60
    with server.client() as client:
        while client.role()[0] not in (b"master", "master"):
            assert time.monotonic() < deadline, "the replica did not take over"
            with suppress(Exception):  # until the link to the master is up again
                client.execute_command("CLUSTER", "FAILOVER")
            time.sleep(0.2)
