"""`temoin backup` beside a running service, and `temoin restore`: what comes back is proven, or nothing comes back."""

from __future__ import annotations

import json
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from temoin.storage.sqlite.store import FILE
from tests.made import ORIGIN, decision, site_config
from tests.service_process import Service
from tests.storage.places import InBucket
from tests.web import get


def _elsewhere(tmp_path: Path) -> Service:
    return Service(tmp_path / "restored")


def _restored(file: Path, tmp_path: Path) -> Service:
    service = _elsewhere(tmp_path)
    service.must("restore", str(file))
    return service


def _jsonl(service: Service, out: Path) -> bytes:
    service.must("export", "boutique", "--format", "jsonl", "--out", str(out))
    return out.read_bytes()


def _left(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.glob(".*"))


def test_a_backup_of_a_running_service_comes_back_with_every_decision_and_takes_new_ones(
    own_service: Service, tmp_path: Path
) -> None:
    service = own_service.start()
    version = service.publish(site_config())
    receipts = [service.post("boutique", decision(version), origin=ORIGIN).json for _ in range(20)]
    facts = json.loads(service.must("--json", "backup", str(tmp_path / "copy")))
    assert [(log["site"], log["destroyed"]) for log in facts["logs"]] == [("boutique", 0)]
    assert facts["logs"][0]["entries"] >= 21
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o600  # it holds the log's signing key
    later = service.post("boutique", decision(version), origin=ORIGIN).json
    service.stop()

    other = _restored(tmp_path / "copy", tmp_path)
    assert _left(tmp_path) == _left(other.data) == []
    other.start()
    try:
        for receipt in receipts:
            known = get(f"{other.url}/v1/sites/boutique/subjects/{receipt['subject']}").json["history"]
            assert [line["commitment"] for line in known] == [receipt["commitment"]]
        assert get(f"{other.url}/v1/sites/boutique/subjects/{later['subject']}").status == 404
        assert other.post("boutique", decision(version), origin=ORIGIN).status == 201
        other.must("export", "boutique", "--format", "bundle", "--out", str(tmp_path / "p.zip"))
        key = json.loads(other.must("--json", "site", "show", "boutique"))["log_key"]
        assert other.run("verify", str(tmp_path / "p.zip"), "--key", key).returncode == 0
    finally:
        other.kill()


def test_archived_records_come_back_into_the_archive(aged: Service, tmp_path: Path) -> None:
    service, before = aged, _jsonl(aged, tmp_path / "before")
    service.must("backup", str(tmp_path / "copy"))
    other = _restored(tmp_path / "copy", tmp_path)
    assert _jsonl(other, tmp_path / "after") == before
    files = {file.name: file.read_bytes() for file in (service.data / "archive").glob("*/*")}
    assert {file.name: file.read_bytes() for file in (other.data / "archive").glob("*/*")} == files != {}


def test_archived_records_come_back_into_a_bucket(
    aged: Service, tmp_path: Path, s3: str, s3_credentials: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, before = aged, _jsonl(aged, tmp_path / "before")
    service.must("backup", str(tmp_path / "copy"))
    bucket = InBucket(s3, tmp_path)
    monkeypatch.setenv("TEMOIN_ARCHIVE", bucket.url)
    monkeypatch.setenv("TEMOIN_ARCHIVE_ENDPOINT", s3)
    other = _restored(tmp_path / "copy", tmp_path)
    assert _jsonl(other, tmp_path / "after") == before
    assert len(bucket.names()) == 1
    other.must("backup", str(tmp_path / "again"))
    with tarfile.open(tmp_path / "again") as again, tarfile.open(tmp_path / "copy") as copy:
        assert again.getnames() == copy.getnames()


def test_a_store_or_an_archive_that_is_there_is_never_replaced(
    aged: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = aged
    service.must("backup", str(tmp_path / "copy"))
    before = (service.data / FILE).read_bytes()
    done = service.run("restore", str(tmp_path / "copy"))
    assert (done.returncode, "There is a store" in done.stderr) == (2, True)
    assert (service.data / FILE).read_bytes() == before

    monkeypatch.setenv("TEMOIN_ARCHIVE", str(tmp_path / "taken"))
    newer = tmp_path / "taken" / "boutique" / "000000000900-000000000999-0a0b0c0d.parquet"
    newer.parent.mkdir(parents=True)
    newer.write_bytes(b"a segment of after the backup")
    done = _elsewhere(tmp_path).run("restore", str(tmp_path / "copy"))
    assert (done.returncode, "not in the backup" in done.stderr) == (2, True)
    assert not (tmp_path / "restored" / FILE).exists()
    assert newer.exists()


def test_one_changed_byte_anywhere_in_a_backup_is_refused_and_leaves_no_store(aged: Service, tmp_path: Path) -> None:
    service = aged
    service.must("backup", str(tmp_path / "copy"))
    whole = (tmp_path / "copy").read_bytes()
    with tarfile.open(tmp_path / "copy") as tar:
        places = {member.name: (member.offset_data, member.size) for member in tar}
    store, (segment,) = places[FILE], [place for name, place in places.items() if name.startswith("archive/")]
    for place in (
        places["backup.json"][0] + 30,
        store[0] + store[1] // 2,
        store[0] + 100,
        segment[0] + 200,
        segment[0] + segment[1] - 20,
    ):
        changed = bytearray(whole)
        changed[place] ^= 1
        (tmp_path / "changed").write_bytes(changed)
        done = _elsewhere(tmp_path).run("restore", str(tmp_path / "changed"))
        assert done.returncode in (1, 2, 3), (place, done.stdout, done.stderr)
        assert done.stderr.startswith("Error: ")
        assert not (tmp_path / "restored" / FILE).exists()


@pytest.mark.parametrize("cut", [0, 100, 5_000, -30_000])
def test_a_truncated_backup_is_refused(aged: Service, tmp_path: Path, cut: int) -> None:
    service = aged
    service.must("backup", str(tmp_path / "copy"))
    (tmp_path / "cut").write_bytes((tmp_path / "copy").read_bytes()[:cut])
    done = _elsewhere(tmp_path).run("restore", str(tmp_path / "cut"))
    assert (done.returncode, "no whole backup" in done.stderr) == (2, True), done.stderr
    assert not (tmp_path / "restored" / FILE).exists()


def test_a_damaged_log_is_not_backed_up_as_if_it_were_whole(aged: Service, tmp_path: Path) -> None:
    service = aged
    with closing(sqlite3.connect(service.data / FILE)) as connection, connection:
        connection.execute("UPDATE tile SET data = zeroblob(length(data)) WHERE path LIKE 'tile/0/%'")
    done = service.run("backup", str(tmp_path / "copy"))
    assert (done.returncode, "does not prove" in done.stderr) == (1, True)
    assert sorted(file.name for file in tmp_path.glob("*copy*")) == []


def test_a_backup_wants_a_store_and_a_folder_to_write_to(own_service: Service, tmp_path: Path) -> None:
    assert own_service.run("backup", str(tmp_path / "copy")).returncode == 2
    own_service.publish(site_config())
    assert own_service.run("backup", str(tmp_path / "nowhere" / "copy")).returncode == 2
    assert _elsewhere(tmp_path).run("restore", str(tmp_path / "nowhere")).returncode == 2
