"""Traces reach a collector that speaks OTLP, and say which route was slow, never whose request it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from temoin.tracing import route_of
from tests.made import ORIGIN, decision, site_config
from tests.proof.outsiders import served
from tests.service_process import Service
from tests.waiting import until
from tests.web import get


@dataclass
class Collector:
    """What was sent to it, as protobuf."""

    bodies: list[bytes] = field(default_factory=list)

    def respond(self, path: str, media: str, body: bytes) -> tuple[int, str, bytes]:
        assert (path, media) == ("/v1/traces", "application/x-protobuf")
        self.bodies.append(body)
        return 200, media, b""

    def spans(self) -> list[tuple[str, dict[str, str]]]:
        found = []
        for body in self.bodies:
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                for scope in resource.scope_spans:
                    for span in scope.spans:
                        values = {each.key: str(each.value).strip() for each in span.attributes}
                        found.append((span.name, values))
        return found


@pytest.fixture
def collector(own_service: Service) -> Iterator[Collector]:
    running = Collector()
    with served(running.respond) as address:
        own_service.extra = {"TEMOIN_TRACE_URL": address}
        yield running
        own_service.stop()


def test_a_request_its_commit_and_the_seal_are_told_and_nothing_of_the_visitor(
    own_service: Service, collector: Collector
) -> None:
    own_service.start()
    version = own_service.publish(site_config())
    body = decision(version)
    assert own_service.post("boutique", body, origin=ORIGIN).status == 201
    get(f"{own_service.url}/v1/sites/boutique/subjects/{body['subject']}?mail=jane@shop.test", User_Agent="Rare/1")
    until(lambda: b"\ntemoin_unsealed_entries 0.0" in get(f"{own_service.url}/metrics").body)
    own_service.stop()
    spans = collector.spans()
    names = [name for name, _ in spans]
    assert "POST /v1/sites/{}/consents" in names
    assert "GET /v1/sites/{}/subjects/{}" in names
    assert {"append", "seal"} <= set(names)
    (posted,) = [values for name, values in spans if name.startswith("POST")]
    assert posted["http.response.status_code"] == "int_value: 201"
    assert sum(int(values["temoin.entries"].split()[1]) for name, values in spans if name == "seal") == 2
    for secret in (body["subject"], body["id"], "boutique", "jane", "Rare", "127.0.0.1"):
        assert secret.encode() not in b"".join(collector.bodies), secret


def test_without_a_collector_nothing_of_it_is_loaded(service: Service) -> None:
    assert service.process is not None
    assert b"protobuf" not in Path(f"/proc/{service.process.pid}/maps").read_bytes()


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/s/boutique.js", "/s/{}"),
        ("/log/boutique/tile/0/x001/234", "/log/{}/tile/{}/{}/{}"),
        ("/admin/sites/boutique/records/0192", "/admin"),
        ("/jane@shop.test/x", "/{}"),
        ("/", "/"),
    ],
)
def test_routes_hold_no_names(path: str, route: str) -> None:
    assert route_of(path) == route
