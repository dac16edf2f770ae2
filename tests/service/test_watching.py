"""What an operator sees: metrics that say how it goes, and log lines that machines read. Neither names a visitor."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from tests.analytics.sending import measured, send
from tests.made import ORIGIN, decision
from tests.service_process import Service
from tests.waiting import until
from tests.web import get, request

SECRETS = ("Very-Rare-Browser", "mail=jane@shop.test", "203.0.113.77")


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    extra = {"TEMOIN_LOG_FORMAT": "json", "TEMOIN_LOG_LEVEL": "debug", "TEMOIN_ADDRESS_HEADER": "X-Real-IP"}
    service = Service(tmp_path_factory.mktemp("watched") / "data", extra=extra).start()
    yield service
    service.kill()


def _metrics(service: Service) -> dict[str, float]:
    text = get(f"{service.url}/metrics").body.decode()
    return {name: float(value) for name, value in re.findall(r"(?m)^(temoin_\S+?) (\S+)$", text)}


def test_metrics_tell_latencies_batches_refusals_and_how_far_sealing_is(watched: Service) -> None:
    version = watched.publish(measured())
    for _ in range(3):
        assert watched.post("boutique", decision(version), origin=ORIGIN).status == 201
    assert watched.post("boutique", decision(version), origin="https://evil.test").status == 403
    assert send(watched, {"type": "view", "page": "/", "entry": True}).status == 204
    assert send(watched, {"type": "nonsense"}).status == 422
    get(f"{watched.url}/s/boutique.js")
    until(lambda: _metrics(watched)["temoin_unsealed_entries"] == 0)
    found = _metrics(watched)
    assert found['temoin_decisions_total{outcome="recorded"}'] == 3
    assert found['temoin_decisions_total{outcome="origin_not_allowed"}'] == 1
    assert found['temoin_hits_total{outcome="taken"}'] == 1
    assert found['temoin_hits_total{outcome="bad_hit"}'] == 1
    for plane, count in (("decisions", 4), ("hits", 2), ("script", 1)):
        assert found[f'temoin_request_seconds_count{{plane="{plane}"}}'] == count
        assert found[f'temoin_request_seconds_bucket{{le="+Inf",plane="{plane}"}}'] == count
        assert 0 < found[f'temoin_request_seconds_sum{{plane="{plane}"}}'] < 60
    assert found["temoin_commit_entries_sum"] >= 3
    assert found["temoin_sealed_entries_total"] >= 3
    assert found["temoin_waiting_entries"] == 0
    assert found["temoin_seal_failures_total"] == 0
    until(lambda: _metrics(watched)["temoin_seal_behind_seconds"] < 2)


def test_log_lines_are_objects_and_hold_nothing_of_a_visitor(watched: Service) -> None:
    version = watched.publish(measured())
    body = decision(version)
    headers = {"User-Agent": SECRETS[0], "X-Real-IP": SECRETS[2], "Content-Type": "application/json", "Origin": ORIGIN}
    data = json.dumps(body).encode()
    assert request("POST", f"{watched.url}/v1/sites/boutique/consents?{SECRETS[1]}", data, headers).status == 201
    request("GET", f"{watched.url}/v1/sites/boutique/subjects/{body['subject']}?{SECRETS[1]}", headers=headers)
    request("POST", f"{watched.url}/v1/sites/boutique/hits?{SECRETS[1]}", b"{", headers)
    request("GET", f"{watched.url}/nowhere/{body['subject']}", headers=headers)
    until(lambda: '"message"' in watched.log())
    lines = [json.loads(line) for line in watched.log().splitlines() if line.startswith("{")]
    assert lines
    for line in lines:
        assert {"time", "level", "logger", "message"} <= set(line)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
    for secret in (*SECRETS, body["subject"], body["id"]):
        assert secret not in watched.log()


def test_an_unknown_format_of_the_log_stops_the_start(own_service: Service) -> None:
    own_service.extra = {"TEMOIN_LOG_FORMAT": "yaml"}
    done = own_service.run("serve", "--port", str(own_service.port))
    assert done.returncode != 0
    assert "TEMOIN_LOG_FORMAT" in done.stderr
