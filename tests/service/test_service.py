"""The service as its operator and other programs see it: errors of one shape, health, metrics, its description."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from tests.made import ORIGIN, decision
from tests.service_process import Service
from tests.web import get, request


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/nothing/here", 404),
        ("GET", "/v1/sites/nowhere/config/0000000000000000", 404),
        ("GET", "/v1/sites/nowhere/subjects/AAAAAAAAAAAAAAAAAAAAAA", 404),
        ("GET", "/v1/sites/nowhere/consents/x/proof", 404),
        ("GET", "/log/nowhere/checkpoint", 404),
        ("GET", "/log/boutique/checkpoint", 401),
        ("GET", "/log/boutique/tile/0/000", 401),
        ("PUT", "/healthz", 405),
        ("POST", "/s/boutique.js", 405),
        ("DELETE", "/v1/sites/boutique/config/x", 405),
        ("GET", "/s/%00.js", 404),
        ("GET", "/v1/sites/%F0%9F%8D%AA/config/x", 404),
    ],
)
def test_every_error_has_the_one_shape(service: Service, version: str, method: str, path: str, status: int) -> None:
    answer = request(method, service.url + path)
    assert answer.status == status
    assert answer.error
    assert answer.headers["content-type"].startswith("application/json")


def test_health_and_readiness(service: Service) -> None:
    assert get(f"{service.url}/healthz").json == {"status": "ok"}
    assert get(f"{service.url}/readyz").json == {"status": "ready"}


def test_metrics_count_decisions_by_outcome_and_name_nobody(service: Service, version: str) -> None:
    body = decision(version)
    for expected in (201, 200):
        assert service.post("boutique", body, origin=ORIGIN).status == expected
    service.post("boutique", body, origin="https://evil.test")
    text = get(f"{service.url}/metrics").body.decode()
    counted = dict(re.findall(r'temoin_decisions_total{outcome="(\w+)"} ([\d.]+)', text))
    assert {"recorded", "repeated", "origin_not_allowed"} <= set(counted)
    assert body["subject"] not in text


def test_the_description_is_valid_openapi_and_names_every_public_route(service: Service) -> None:
    document = get(f"{service.url}/openapi.json").json
    validate(document)
    assert {
        *("/s/{site}.js", "/v1/sites/{site}/consents", "/v1/sites/{site}/subjects/{subject}"),
        *("/v1/sites/{site}/consents/{id}/proof", "/v1/sites/{site}/config/{version}", "/log/{site}/checkpoint"),
        *("/healthz", "/readyz", "/metrics"),
    } <= set(document["paths"])


def test_nothing_that_the_service_wrote_names_the_visitors_address_or_browser(service: Service, version: str) -> None:
    body = decision(version, page=f"{ORIGIN}/?mail=someone@example.org#secret")
    headers = {"Origin": ORIGIN, "Content-Type": "application/json", "User-Agent": "Very-Rare-Browser/1.0"}
    url = f"{service.url}/v1/sites/boutique/consents"
    assert request("POST", url, json.dumps(body).encode(), headers).status == 201
    written = b"".join(file.read_bytes() for file in service.data.rglob("*") if file.is_file()) + service.log().encode()
    assert body["subject"].encode() in written
    for personal in (b"Very-Rare-Browser", b"someone@example.org", b"#secret", b"127.0.0.1:"):
        assert personal not in written.replace(service.url.encode(), b"").replace(
            f"127.0.0.1:{service.port}".encode(), b""
        )


def test_a_port_that_is_taken_stops_the_start_with_3(service: Service) -> None:
    done = service.run("serve", "--port", str(service.port))
    assert done.returncode == 3
    assert "cannot be listened on" in done.stderr


def test_visitors_get_the_very_script_that_the_log_names(service: Service, version: str, tmp_path: Path) -> None:
    bundle = tmp_path / "p"
    service.must("export", "boutique", "--format", "bundle", "--out", str(bundle))
    with zipfile.ZipFile(bundle) as archive:
        names = [name for name in archive.namelist() if name.startswith("publications/")]
        document = json.loads(archive.read(sorted(names)[-1]))
    served = get(f"{service.url}/s/boutique.js").body
    assert hashlib.sha256(served).hexdigest() == document["sdk"]
