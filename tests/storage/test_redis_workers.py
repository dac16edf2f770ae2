"""Several workers on a Redis that is, or becomes, unfit to keep proofs."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.redis_servers import RedisServer
from tests.service_process import Service
from tests.waiting import until


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    """A durable Redis of the test's own, which it may set up carelessly."""
    server = RedisServer(tmp_path / "redis").start()
    yield server
    server.kill()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_service_refuses_to_start_on_an_unfit_redis_and_says_so_once(
    server: RedisServer, tmp_path: Path, workers: str
) -> None:
    with server.client() as client:
        client.config_set("appendonly", "no")
    done = Service(tmp_path / "data", store=server.address).run("serve", "--port", "0", "--workers", workers)
    assert done.returncode == 3, done.stderr
    assert done.stderr.count("appendonly no") == 1
    assert "Traceback" not in done.stderr


def test_a_worker_that_comes_later_says_why_it_cannot_start_and_does_once_it_can(
    server: RedisServer, tmp_path: Path
) -> None:
    service = Service(tmp_path / "data", store=server.address).start("--workers", "2")
    try:
        until(lambda: _started(service) == 2)
        with server.client() as client:
            client.config_set("appendonly", "no")
            os.kill(_workers(service)[0], signal.SIGKILL)
            until(lambda: "A worker cannot start" in service.log())
            client.config_set("appendonly", "yes")
        until(lambda: _started(service) == 3)
        assert "Traceback" not in service.log()
    finally:
        service.kill()


def _started(service: Service) -> int:
    """How many workers have begun to answer so far."""
    return service.log().count("Application startup complete")


def _workers(service: Service) -> list[int]:
    """Processes below the supervisor that answer requests: Python's own tracker of resources is none."""
    assert service.process is not None
    found = Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children").read_text().split()
    return [int(pid) for pid in found if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]
