"""A master that sentinels replace: what was acknowledged is with the next one, and nothing is acknowledged alone."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from temoin.errors import Malformed
from temoin.storage.redis.address import read_sentinels
from tests.made import ORIGIN, decision, site_config
from tests.redis_servers import Watched, redis_watched
from tests.service_process import Service
from tests.waiting import until


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    with redis_watched(tmp_path / "redis") as servers:
        yield servers


@pytest.fixture
def service(watched: Watched, tmp_path: Path) -> Iterator[Service]:
    """On that master, one replica having each write; not started yet."""
    running = Service(tmp_path / "data", store=watched.address, extra={"TEMOIN_STORE_REPLICAS": "1"})
    yield running
    running.kill()


class Visitors(threading.Thread):
    """Decides again and again until told to stop; `acknowledged` are the ids that were answered 201."""

    def __init__(self, service: Service, version: str) -> None:
        super().__init__()
        self._service = service
        self._version = version
        self._done = threading.Event()
        self.acknowledged: list[str] = []

    def run(self) -> None:
        while not self._done.is_set():
            body = decision(self._version)
            try:
                if self._service.post("boutique", body, origin=ORIGIN).status == 201:
                    self.acknowledged.append(body["id"])
            except OSError:
                continue

    def stop(self) -> None:
        self._done.set()
        self.join()


def test_nothing_acknowledged_is_lost_when_sentinels_promote_a_replica_under_load(
    watched: Watched, service: Service, tmp_path: Path
) -> None:
    service.start()
    version = service.publish(site_config())
    crowd = [Visitors(service, version) for _ in range(8)]
    for each in crowd:
        each.start()
    until(lambda: sum(len(each.acknowledged) for each in crowd) > 200)
    gone = watched.master()
    gone.kill()
    until(lambda: watched.master() is not gone and watched.in_step(1))
    before = sum(len(each.acknowledged) for each in crowd)
    until(lambda: sum(len(each.acknowledged) for each in crowd) > before + 100)
    for each in crowd:
        each.stop()
    out = tmp_path / "records.jsonl"
    service.must("export", "boutique", "--format", "jsonl", "--out", str(out))
    kept = [json.loads(line)["id"] for line in out.read_text().splitlines()]
    acknowledged = {record for each in crowd for record in each.acknowledged}
    assert acknowledged - set(kept) == set()
    assert len(kept) == len(set(kept))
    service.must("doctor")


def test_a_decision_that_no_replica_has_is_not_acknowledged_and_its_repeat_is_kept_once(
    watched: Watched, service: Service
) -> None:
    service.start()
    version = service.publish(site_config())
    master = watched.master()
    replicas = [server for server in watched.servers if server is not master]
    for sentinel in watched.sentinels:
        sentinel.kill()
    for replica in replicas:
        replica.kill()
    body = decision(version)
    answer = service.post("boutique", body, origin=ORIGIN)
    assert (answer.status, answer.error) == (503, "store_unavailable")
    for replica in replicas:
        replica.start()

    def repeated() -> bool:
        return service.post("boutique", body, origin=ORIGIN).status in (200, 201)

    until(repeated)
    assert service.post("boutique", body, origin=ORIGIN).status == 200


def test_a_master_that_may_be_replaced_is_refused_without_replicas_to_wait_for(
    watched: Watched, service: Service
) -> None:
    service.extra = {"TEMOIN_STORE_REPLICAS": "0"}
    done = service.run("serve", "--port", str(service.port))
    assert done.returncode == 3
    assert "TEMOIN_STORE_REPLICAS" in done.stderr
    service.extra = {"TEMOIN_STORE_REPLICAS": "3"}
    done = service.run("serve", "--port", str(service.port))
    assert done.returncode == 3
    assert "2 replicas in step" in done.stderr


@pytest.mark.parametrize(
    "address",
    [
        "redis+sentinel://127.0.0.1:26379",
        "redis+sentinel://127.0.0.1/proofs",
        "redis+sentinel:///proofs",
        "redis+sentinel://127.0.0.1:x/proofs",
        "redis+sentinel://127.0.0.1:1/proofs/x",
    ],
)
def test_an_address_that_names_no_sentinels_and_master_is_refused(address: str) -> None:
    with pytest.raises(Malformed):
        read_sentinels(address)


def test_an_address_names_sentinels_master_login_and_database() -> None:
    read = read_sentinels("redis+sentinel://ada:secret@a.test:26379,b.test:26380/proofs/2")
    assert read.hosts == [("a.test", 26379), ("b.test", 26380)]
    assert (read.name, read.login) == ("proofs", {"db": 2, "username": "ada", "password": "secret"})
    assert "secret" not in repr(read)
