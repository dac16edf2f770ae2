"""Several services on one Redis, as processes: what one publishes all serve, and one of them seals, whoever is left."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from temoin.proof.verify.bundle import verify_bundle
from temoin.storage.redis.address import CLUSTER
from tests.made import ORIGIN, decision, site_config
from tests.redis_servers import RedisServer
from tests.service_process import Service
from tests.storage.conftest import emptied
from tests.waiting import until
from tests.web import get

Pair = tuple[Service, Service]


def _pair(servers: list[RedisServer], scheme: str, tmp_path: Path) -> Iterator[Pair]:
    emptied(servers)
    address = f"{scheme}127.0.0.1:{servers[0].port}"
    services = Service(tmp_path / "one", store=address), Service(tmp_path / "two", store=address)
    yield services
    for service in services:
        service.kill()


@pytest.fixture
def single_pair(single: RedisServer, tmp_path: Path) -> Iterator[Pair]:
    """Two services on one Redis, not started yet."""
    yield from _pair([single], "redis://", tmp_path)


@pytest.fixture
def cluster_pair(cluster: list[RedisServer], tmp_path: Path) -> Iterator[Pair]:
    """Two services on a cluster, not started yet."""
    yield from _pair(cluster, CLUSTER, tmp_path)


def test_the_log_stays_dense_and_verifies_when_a_sealing_service_is_killed_under_load(
    cluster_pair: Pair, tmp_path: Path
) -> None:
    one, two = (service.start() for service in cluster_pair)
    version = one.publish(site_config())
    bodies = [decision(version) for _ in range(240)]

    def send(number: int) -> str | None:
        """The id that was acknowledged: by either, and after a failure by the one that is left, as browsers repeat."""
        if number == 120:
            one.kill()
        for service in (one, two) if number % 2 else (two, two):
            try:
                answer = service.post("boutique", bodies[number], origin=ORIGIN)
            except OSError:
                continue
            if answer.status in (200, 201):
                return str(answer.json["id"])
        return None

    with ThreadPoolExecutor(16) as pool:
        acknowledged = list(pool.map(send, range(len(bodies))))
    assert acknowledged == [body["id"] for body in bodies]
    until(lambda: _all_sealed(two))
    out = tmp_path / "bundle.zip"
    facts = json.loads(two.must("--json", "export", "boutique", "--format", "bundle", "--out", str(out)))
    assert facts["records"] == len(bodies)
    report = verify_bundle(out)
    assert report.ok, "\n".join(report.lines())


def _all_sealed(service: Service) -> bool:
    return b"temoin_unsealed_entries 0.0" in get(f"{service.url}/metrics").body


def test_one_publish_reaches_both_services_and_one_that_ends_answers_what_it_took(single_pair: Pair) -> None:
    one, two = (service.start() for service in single_pair)
    version = one.publish(site_config())
    script = get(f"{two.url}/s/boutique.js").body
    version = one.publish(site_config(choice_validity="P3M"))
    until(lambda: get(f"{two.url}/s/boutique.js").body != script)
    bodies = [decision(version) for _ in range(60)]
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(one.post, "boutique", body, origin=ORIGIN) for body in bodies]
        answers[0].result()
        one.stop()
    statuses = [answer.result().status for answer in answers if answer.exception() is None]
    assert set(statuses) == {201}
    known = [two.post("boutique", body, origin=ORIGIN).status for body in bodies]
    assert known.count(200) >= len(statuses)
    until(lambda: _all_sealed(two))
