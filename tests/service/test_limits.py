"""How often one network may ask something of one site: what is counted, for how long, and what is kept of it."""

from __future__ import annotations

import json
import tracemalloc
from dataclasses import dataclass
from typing import Any

import pytest

from temoin.clock import SystemClock
from temoin.errors import TooMany
from temoin.limits import RateLimit
from tests.made import ORIGIN, decision, site_config
from tests.service_process import Service
from tests.web import request


@dataclass
class SetClock(SystemClock):
    seconds: float = 0.0

    def monotonic(self) -> float:
        return self.seconds


def asked(address: str) -> dict[str, Any]:
    return {"headers": [(b"x-real-ip", address.encode())], "client": ("127.0.0.1", 1)}


def taken(limit: RateLimit, address: str, site: str = "boutique") -> bool:
    try:
        limit.count(asked(address), site)
    except TooMany:
        return False
    return True


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ("198.51.100.7", "198.51.100.200", True),
        ("198.51.100.7", "198.51.101.7", False),
        ("2001:db8:1:2::3", "2001:db8:1:ffff::4", True),
        ("2001:db8:1:2::3", "2001:db8:2:2::3", False),
        ("198.51.100.7", "::ffff:198.51.100.9", True),
        ("no address", "", True),
    ],
)
def test_addresses_of_one_network_count_together(first: str, second: str, together: bool) -> None:
    limit = RateLimit(1, "X-Real-IP", SetClock())
    assert taken(limit, first)
    assert taken(limit, second) is not together


def test_another_site_and_the_next_minute_count_anew() -> None:
    clock = SetClock(50.0)
    limit = RateLimit(1, "X-Real-IP", clock)
    assert taken(limit, "198.51.100.7")
    with pytest.raises(TooMany) as refused:
        limit.count(asked("198.51.100.7"), "boutique")
    assert refused.value.retry_after == 10
    assert taken(limit, "198.51.100.7", "another")
    clock.seconds = 60.0
    assert taken(limit, "198.51.100.7")


def test_a_flood_of_made_up_addresses_takes_no_memory_and_refuses_nobody_else() -> None:
    limit = RateLimit(20, "X-Real-IP", SetClock())
    assert taken(limit, "198.51.100.7")
    tracemalloc.start()
    try:
        for number in range(20_000):
            taken(limit, f"2001:db8:{number:x}::1")
        assert tracemalloc.get_traced_memory()[0] < 100_000
    finally:
        tracemalloc.stop()
    assert taken(limit, "198.51.100.7")


def test_a_private_connection_is_a_proxys_and_not_counted() -> None:
    limit = RateLimit(1, "", SetClock())
    for _ in range(3):
        limit.count({"headers": [], "client": ("127.0.0.1", 1)}, "boutique")
    limit.count({"headers": [], "client": ("8.8.8.8", 1)}, "boutique")
    with pytest.raises(TooMany):
        limit.count({"headers": [], "client": ("8.8.8.8", 1)}, "boutique")


def test_a_network_past_its_share_is_refused_and_another_is_not(own_service: Service) -> None:
    own_service.extra = {"TEMOIN_ADDRESS_HEADER": "X-Real-IP", "TEMOIN_DECISION_RATE": "3"}
    own_service.start()
    version = own_service.publish(site_config())
    url = f"{own_service.url}/v1/sites/boutique/consents"

    def send(address: str) -> tuple[int, str, str]:
        headers = {"Origin": ORIGIN, "Content-Type": "application/json", "X-Real-IP": address}
        answer = request("POST", url, json.dumps(decision(version)).encode(), headers)
        return answer.status, answer.headers.get("retry-after", ""), answer.headers["access-control-allow-origin"]

    answers = [send(f"203.0.113.{number}") for number in range(7)]  # two minutes at most, so four fall into one
    refused = [answer for answer in answers if answer[0] == 429]
    assert refused
    assert all(1 <= int(after) <= 60 and origin == ORIGIN for _, after, origin in refused)
    assert {status for status, _, _ in answers} == {201, 429}
    assert send("198.51.100.1")[0] == 201
