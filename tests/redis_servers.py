"""Real Redis servers on free ports, each with a folder of its own: one alone, and a cluster of three masters."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

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

    @property
    def address(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def client(self) -> Redis:
        return Redis(port=self.port)

    def start(self) -> RedisServer:
        self.folder.mkdir(parents=True, exist_ok=True)
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
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


def _until(there: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not there():
        if time.monotonic() > deadline:
            raise AssertionError("the replica did not follow its master")
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
