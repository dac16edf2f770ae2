"""`temoin archive` beside a running service, its settings, and exports that see hot and archived records as one."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path

import pyarrow.parquet
import pytest

from tests.made import ORIGIN, decision, site_config
from tests.service_process import Service
from tests.storage.aged import decide_long_ago
from tests.storage.places import InBucket
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
    for place, endpoint in [
        ("https://bucket.test/proofs", ""),
        ("s3://", ""),
        ("s3://Not A Bucket", ""),
        ("", "http://s3.test"),
        ("s3://bucket/proofs", "s3.test"),
        ("s3://bucket/proofs", "http://name:secret@s3.test"),
    ]:
        monkeypatch.setenv("TEMOIN_ARCHIVE", place)
        monkeypatch.setenv("TEMOIN_ARCHIVE_ENDPOINT", endpoint)
        done = service.run("site", "list")
        assert done.returncode == 2, (place, endpoint)
        assert "TEMOIN_ARCHIVE" in done.stderr


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


def test_the_service_archives_to_a_bucket_and_still_answers_for_its_records(
    own_service: Service, tmp_path: Path, s3: str, s3_credentials: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = own_service
    bucket = InBucket(s3, tmp_path)
    version = service.publish(site_config())
    made = decide_long_ago(service.data, version, 30)
    monkeypatch.setenv("TEMOIN_ARCHIVE", bucket.url)
    monkeypatch.setenv("TEMOIN_ARCHIVE_ENDPOINT", s3)
    service.must("export", "boutique", "--format", "jsonl", "--out", str(tmp_path / "before"))  # and seals them
    assert service.must("archive", "boutique", "--after", "P6M") == "boutique: 30 records archived.\n"
    assert len(bucket.names()) == 1
    assert not (service.data / "archive").exists()
    service.start()
    line = get(f"{service.url}/v1/sites/boutique/subjects/{made[5].subject}").json["history"][0]
    assert (line["id"], line["commitment"]) == (made[5].id, made[5].commitment.hex())
    service.must("export", "boutique", "--format", "jsonl", "--out", str(tmp_path / "after"))
    assert (tmp_path / "after").read_bytes() == (tmp_path / "before").read_bytes()
    service.must("erase", "boutique", str(made[5].subject), "--reason", "asked for")
    kept = bucket.read(bucket.names()[0])
    assert len(bucket.names()) == 1
    assert pyarrow.parquet.read_table(io.BytesIO(kept)).num_rows == 29
    service.must("export", "boutique", "--format", "bundle", "--out", str(tmp_path / "p"))
    assert service.run("verify", str(tmp_path / "p")).returncode == 0
