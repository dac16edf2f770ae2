"""`temoin archive` beside a running service, its settings, and exports that see hot and archived records as one."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.made import ORIGIN, decision, site_config
from tests.service_process import Service
from tests.storage.aged import decide_long_ago
from tests.web import get


def test_archive_wants_an_age_and_a_site_or_all(own_service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    service = own_service
    service.publish(site_config())
    assert service.run("archive", "boutique").returncode == 2
    assert service.run("archive", "--after", "P6M").returncode == 2
    assert service.run("archive", "nowhere", "--after", "P6M").returncode == 2
    assert service.run("archive", "boutique", "--after", "six months").returncode == 2
    assert service.must("archive", "boutique", "--after", "P6M") == "boutique: nothing is old enough.\n"
    monkeypatch.setenv("TEMOIN_ARCHIVE_AFTER", "P6M")
    assert json.loads(service.must("--json", "archive", "--all")) == [{"site": "boutique", "archived": 0}]
    monkeypatch.setenv("TEMOIN_ARCHIVE_AFTER", "sometimes")
    assert service.run("site", "list").returncode == 2
    monkeypatch.setenv("TEMOIN_ARCHIVE_AFTER", "")
    monkeypatch.setenv("TEMOIN_ARCHIVE", "s3://bucket/proofs")
    done = service.run("site", "list")
    assert done.returncode == 2
    assert "folder" in done.stderr


def test_the_service_archives_old_records_at_its_start_and_still_answers_for_them(
    own_service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = own_service
    version = service.publish(site_config())
    made = decide_long_ago(service.data, version, 1200)
    monkeypatch.setenv("TEMOIN_ARCHIVE_AFTER", "P6M")
    monkeypatch.setenv("TEMOIN_ARCHIVE", str(tmp_path / "elsewhere"))
    service.must("export", "boutique", "--format", "jsonl", "--out", str(tmp_path / "before"))  # and seals them
    service.start()
    deadline = time.monotonic() + 30
    while not list((tmp_path / "elsewhere" / "boutique").glob("*.parquet")):
        assert time.monotonic() < deadline, service.log()
    service.must("export", "boutique", "--format", "jsonl", "--out", str(tmp_path / "after"))
    assert (tmp_path / "after").read_bytes() == (tmp_path / "before").read_bytes()
    line = get(f"{service.url}/v1/sites/boutique/subjects/{made[5].subject}").json["history"][0]
    assert (line["id"], line["commitment"]) == (made[5].id, made[5].commitment.hex())
    withdrawn = decision(version, subject=made[5].subject, choices={"audience": False, "ads": False})
    assert service.post("boutique", withdrawn, origin=ORIGIN).status == 201
    service.must("export", "boutique", "--format", "bundle", "--out", str(tmp_path / "p"))
    assert service.run("verify", str(tmp_path / "p")).returncode == 0
