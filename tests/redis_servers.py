"""Real Redis servers on free ports, each with a folder of its own: one alone, and a cluster of three masters."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from tests.service_process import free_port

_START_SECONDS = 20
_SLOTS = 16384
DURABLE = ("--appendonly", "yes", "--appendfsync", "always", "--save", "")


@dataclass
class RedisServer:
    """Started by `start`, ended by `kill` (SIGKILL); the same folder serves the next start."""

    folder: Path
    options: tuple[str, ...] = DURABLE
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    program: tuple[str, ...] = ("redis-server",)

    @property
    def address(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def client(self) -> Redis:
        return Redis(port=self.port)

    def start(self) -> RedisServer:
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [*self.program, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        self.process = subprocess.Popen([*command, *self.options], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError("redis-server did not start")
        return self

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except RedisError:
            return False

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(timeout=30)
            self.process = None


@contextmanager
def one_redis(folder: Path) -> Iterator[RedisServer]:
    server = RedisServer(folder).start()
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def redis_cluster(folder: Path) -> Iterator[list[RedisServer]]:
    """Three masters that share the slots."""
    options = (*DURABLE, "--cluster-enabled", "yes", "--cluster-node-timeout", "2000")
    servers: list[RedisServer] = []
    try:
        for number in range(3):
            server = RedisServer(folder / str(number), options, port=_low_port())
            servers.append(server.start())
        _join(servers)
        yield servers
    finally:
        for server in servers:
            server.kill()


@contextmanager
def add_replica(folder: Path, master: RedisServer) -> Iterator[RedisServer]:
    """A replica of one master of a cluster, in step with it."""
    options = (*DURABLE, "--cluster-enabled", "yes", "--cluster-node-timeout", "2000")
    replica = RedisServer(folder, options, port=_low_port()).start()
    try:
        with replica.client() as client, master.client() as above:
            name = above.execute_command("CLUSTER", "MYID")
            client.execute_command("CLUSTER", "MEET", "127.0.0.1", master.port)
            _until(lambda: name in client.execute_command("CLUSTER", "NODES"))
            client.execute_command("CLUSTER", "REPLICATE", name)
            _until(lambda: client.info("replication").get("master_link_status") == "up")
        yield replica
    finally:
        replica.kill()


@dataclass
class Watched:
    """A master, its replicas, and the sentinels that choose another master when it is gone."""

    servers: list[RedisServer]
    sentinels: list[RedisServer]

    @property
    def address(self) -> str:
        return f"redis+sentinel://{','.join(f'127.0.0.1:{each.port}' for each in self.sentinels)}/proofs"

    def master(self) -> RedisServer:
        """As the first sentinel has it."""
        with self.sentinels[0].client() as client:
            _, port = client.sentinel_get_master_addr_by_name("proofs")
        return next(server for server in self.servers if server.port == int(port))

    def in_step(self, replicas: int) -> bool:
        """Whether the master has that many replicas that follow it."""
        try:
            with self.master().client() as client:
                about: Any = client.info("replication")
        except RedisError:
            return False
        following = [about[f"slave{number}"]["state"] for number in range(about["connected_slaves"])]
        return about["role"] == "master" and following.count("online") >= replicas


@contextmanager
def redis_watched(folder: Path, replicas: int = 2) -> Iterator[Watched]:
    """One master with replicas, and three sentinels that give it up after half a second of silence."""
    master = RedisServer(folder / "0").start()
    servers, sentinels = [master], []
    try:
        for number in range(replicas):
            options = (*DURABLE, "--replicaof", "127.0.0.1", str(master.port))
            servers.append(RedisServer(folder / f"{number + 1}", options).start())
        for number in range(3):
            sentinels.append(_sentinel(folder / f"s{number}", master).start())
        watched = Watched(servers, sentinels)
        _until(lambda: watched.in_step(replicas) and all(_knows(each, replicas) for each in sentinels))
        yield watched
    finally:
        for each in (*sentinels, *servers):
            each.kill()


def _sentinel(folder: Path, master: RedisServer) -> RedisServer:
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "sentinel.conf"
    config.write_text(
        f"sentinel monitor proofs 127.0.0.1 {master.port} 2\nsentinel down-after-milliseconds proofs 500\n"
        "sentinel failover-timeout proofs 3000\nsentinel parallel-syncs proofs 2\n"
    )
    return RedisServer(folder, (), program=("redis-server", str(config), "--sentinel"))


def _knows(sentinel: RedisServer, replicas: int) -> bool:
    with sentinel.client() as client:
        state = client.sentinel_master("proofs")
    return int(state["num-slaves"]) == replicas and int(state["num-other-sentinels"]) == 2


def _until(there: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not there():
        if time.monotonic() > deadline:
            raise AssertionError("the servers did not come together")
        time.sleep(0.05)


def _low_port() -> int:
    """A free port whose neighbour 10,000 above, the cluster bus, is one too."""
    while (port := free_port()) > 55_535:
        pass
    return port


def _join(servers: list[RedisServer]) -> None:
    step = -(-_SLOTS // len(servers))
    for number, server in enumerate(servers):
        with server.client() as client:
            last = min((number + 1) * step, _SLOTS) - 1
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", number * step, last)
            client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            client.execute_command("CLUSTER", "MEET", "127.0.0.1", servers[0].port)
    deadline = time.monotonic() + _START_SECONDS
    while not all(_whole(server, len(servers)) for server in servers):
        if time.monotonic() > deadline:
            raise AssertionError("the cluster did not come together")


def _whole(server: RedisServer, size: int) -> bool:
    with server.client() as client:
        state = client.execute_command("CLUSTER", "INFO")
        text = state if isinstance(state, str) else state.decode() if isinstance(state, bytes) else str(state)
    return ("cluster_state:ok" in text or "'cluster_state': 'ok'" in text) and (
        f"cluster_size:{size}" in text or f"'cluster_size': '{size}'" in text
    )
