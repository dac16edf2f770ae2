"""What was acknowledged is on the disk: the service is killed in the middle of its work and started again."""

from __future__ import annotations

import json
import threading
import time
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from tests.made import ORIGIN, decision, site_config
from tests.service_process import Service
from tests.web import get

WRITERS = 64


class Writer(threading.Thread):
    """Sends decisions over one connection until the service dies, and remembers what was acknowledged."""

    def __init__(self, service: Service, version: str, enough: threading.Event) -> None:
        super().__init__(daemon=True)
        self.acknowledged: list[dict[str, Any]] = []
        self.unanswered: dict[str, Any] | None = None
        self._service = service
        self._version = version
        self._enough = enough

    def run(self) -> None:
        with closing(HTTPConnection("127.0.0.1", self._service.port, timeout=30)) as connection:
            self._write(connection)

    def _write(self, connection: HTTPConnection) -> None:
        headers = {"Origin": ORIGIN, "Content-Type": "application/json"}
        while True:
            body = decision(self._version)
            self.unanswered = body
            try:
                connection.request("POST", "/v1/sites/boutique/consents", json.dumps(body), headers)
                answer = connection.getresponse()
                receipt = json.loads(answer.read())
            except (OSError, HTTPException, ValueError):
                return
            assert answer.status == 201, receipt
            self.acknowledged.append(receipt)
            self.unanswered = None
            if len(self.acknowledged) >= 10:
                self._enough.set()


def test_killing_the_service_under_64_writers_loses_no_acknowledged_decision(
    own_service: Service, tmp_path: Path
) -> None:
    service = own_service.start()
    version = service.publish(site_config())
    enough = threading.Event()
    writers = [Writer(service, version, enough) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    assert enough.wait(60)
    service.kill()
    for writer in writers:
        writer.join(30)

    service.start()
    acknowledged = [receipt for writer in writers for receipt in writer.acknowledged]
    assert len(acknowledged) > WRITERS
    for receipt in acknowledged:
        known = get(f"{service.url}/v1/sites/boutique/subjects/{receipt['subject']}").json["history"]
        assert [(line["id"], line["commitment"]) for line in known] == [(receipt["id"], receipt["commitment"])]

    # Whoever heard nothing repeats, and ends with exactly one record whether or not the first try had been stored.
    for body in (writer.unanswered for writer in writers if writer.unanswered):
        repeat = service.post("boutique", body, origin=ORIGIN)
        assert repeat.status in (200, 201)
        assert len(get(f"{service.url}/v1/sites/boutique/subjects/{body['subject']}").json["history"]) == 1

    bundle = tmp_path / "proof.zip"
    service.must("export", "boutique", "--format", "bundle", "--out", str(bundle))
    assert service.run("verify", str(bundle)).returncode == 0
    exported = tmp_path / "records.jsonl"
    service.must("export", "boutique", "--format", "jsonl", "--out", str(exported))
    records = [json.loads(line) for line in exported.read_text().splitlines()]
    assert {receipt["id"] for receipt in acknowledged} <= {record["id"] for record in records}
    assert len({record["id"] for record in records}) == len(records)


def test_a_stopped_service_finishes_what_it_took_on_and_starts_again(own_service: Service) -> None:
    service = own_service.start()
    version = service.publish(site_config())
    receipt = service.post("boutique", decision(version), origin=ORIGIN).json
    service.stop()
    service.start()
    history = get(f"{service.url}/v1/sites/boutique/subjects/{receipt['subject']}").json["history"]
    assert [line["commitment"] for line in history] == [receipt["commitment"]]


def test_two_workers_share_one_log_without_gaps(own_service: Service, tmp_path: Path) -> None:
    service = own_service.start("--workers", "2")
    version = service.publish(site_config())
    receipts: list[dict[str, Any]] = []

    def write() -> None:
        for _ in range(20):
            answer = service.post("boutique", decision(version), origin=ORIGIN)
            assert answer.status == 201, answer.body
            receipts.append(answer.json)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(receipts) == 160
    bundle = tmp_path / "proof.zip"
    facts = json.loads(service.must("--json", "export", "boutique", "--format", "bundle", "--out", str(bundle)))
    assert facts["records"] == 160
    assert facts["log_size"] == 161  # and the publication
    assert service.run("verify", str(bundle)).returncode == 0


def test_workers_end_when_their_supervisor_is_killed_and_the_port_is_free_again(own_service: Service) -> None:
    service = own_service.start("--workers", "2")
    version = service.publish(site_config())
    receipt = service.post("boutique", decision(version), origin=ORIGIN).json
    service.kill()
    deadline = time.monotonic() + 60
    while answers(service):
        assert time.monotonic() < deadline, "a worker outlived its supervisor"
    service.start("--workers", "2")
    history = get(f"{service.url}/v1/sites/boutique/subjects/{receipt['subject']}").json["history"]
    assert [line["commitment"] for line in history] == [receipt["commitment"]]


def answers(service: Service) -> bool:
    """Whether somebody still listens: a connection that is reset was taken by a worker on its way out."""
    try:
        return get(f"{service.url}/healthz").status == 200
    except ConnectionRefusedError:
        return False
    except OSError:
        return True
