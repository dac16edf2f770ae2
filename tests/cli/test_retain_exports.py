"""`temoin retain` reaches what was exported before, as `temoin erase` does: what is on the disk afterwards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from temoin.clock import SystemClock
from temoin.proof.retention import retain
from temoin.storage.sqlite.store import SqliteStore
from tests.aio import run
from tests.made import site_config
from tests.service_process import Service
from tests.storage.aged import decide_long_ago

OVER = 3650  # days: more than thirteen months and five years
FORMATS = ("csv", "parquet", "bundle")  # the others go the same way: test_erase_exports


@pytest.fixture
def aging(own_service: Service) -> tuple[Service, list[str], list[str]]:
    """A service, the subjects of two decisions whose retention is over, and of two that are kept."""
    version = own_service.publish(site_config())
    over = [str(entry.subject) for entry in decide_long_ago(own_service.data, version, 2, days=OVER)]
    kept = [str(entry.subject) for entry in decide_long_ago(own_service.data, version, 2)]
    return own_service, over, kept


def _export(service: Service, out: Path, *options: str, form: str = "jsonl") -> Path:
    service.must("export", "boutique", *options, "--format", form, "--out", str(out))
    return out


def _retain(service: Service) -> dict[str, Any]:
    (done,) = json.loads(service.must("--json", "retain", "boutique"))
    return {Path(each["path"]).name: each["fate"] for each in done["exports"]} | {"destroyed": done["destroyed"]}


def test_records_that_are_over_go_from_every_file_that_was_exported_before(
    aging: tuple[Service, list[str], list[str]], tmp_path: Path
) -> None:
    service, over, kept = aging
    files = {form: _export(service, tmp_path / f"all.{form}", form=form) for form in FORMATS}
    before = {form: file.read_bytes() for form, file in files.items()}
    assert _retain(service) == {f"all.{form}": "rewritten" for form in FORMATS} | {"destroyed": 2}
    for form in ("csv", "bundle"):
        assert all(subject.encode() in before[form] for subject in (*over, *kept))
        assert [subject for subject in (*over, *kept) if subject.encode() in files[form].read_bytes()] == kept
    rows = duckdb.connect().execute(f"SELECT subject FROM '{files['parquet']}'").fetchall()
    assert sorted(row[0] for row in rows) == sorted(kept)
    assert service.run("verify", str(files["bundle"])).returncode == 0
    assert _retain(service) == {"destroyed": 0}


def test_files_about_one_subject_lose_what_is_over_and_go_when_that_is_all(
    own_service: Service, tmp_path: Path
) -> None:
    version = own_service.publish(site_config())
    (first, gone) = decide_long_ago(own_service.data, version, 2, days=OVER)
    subject = str(first.subject)
    (second,) = decide_long_ago(own_service.data, version, 1, subject=subject)
    for who, name in ((subject, "part"), (str(gone.subject), "whole")):
        own_service.must("access", "boutique", "--out", str(tmp_path / f"{name}.json"), "--", who)
        _export(own_service, tmp_path / f"{name}.jsonl", f"--subject={who}")
    _export(own_service, tmp_path / "whole.pdf", f"--subject={gone.subject}", form="pdf")
    fates = {"part.json": "rewritten", "part.jsonl": "rewritten"}
    fates |= {f"whole.{form}": "removed" for form in ("json", "jsonl", "pdf")}
    assert _retain(own_service) == fates | {"destroyed": 2}
    assert sorted(file.name for file in tmp_path.glob("part.*")) == ["part.json", "part.jsonl"]
    assert not list(tmp_path.glob("whole.*"))
    told = json.loads((tmp_path / "part.json").read_bytes())
    assert [record["record"]["id"] for record in told["records"]] == [second.id]
    lines = (tmp_path / "part.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == [second.id]


def test_archived_records_that_are_over_go_from_the_files_that_held_them_and_no_others(
    aging: tuple[Service, list[str], list[str]], tmp_path: Path
) -> None:
    service, over, kept = aging
    held = _export(service, tmp_path / "held")
    others = [
        _export(service, tmp_path / "refused", "--event", "refused"),
        _export(service, tmp_path / "since", "--from", "2020-01-01"),
        _export(service, tmp_path / "other", f"--subject={kept[0]}"),
    ]
    stamps = [file.stat().st_mtime_ns for file in others]
    service.must("archive", "boutique", "--after", "P5Y")
    assert _retain(service) == {"held": "rewritten", "destroyed": 2}
    assert not any(subject in held.read_text() for subject in over)
    assert all(subject in held.read_text() for subject in kept)
    assert [file.stat().st_mtime_ns for file in others] == stamps


def test_a_segment_that_is_lost_goes_all_the_same_and_every_file_is_written_anew(
    aging: tuple[Service, list[str], list[str]], tmp_path: Path
) -> None:
    service, _, kept = aging
    _export(service, tmp_path / "all")
    _export(service, tmp_path / "other", f"--subject={kept[0]}")
    service.must("archive", "boutique", "--after", "P5Y")
    (segment,) = (service.data / "archive" / "boutique").glob("*.parquet")
    segment.unlink()
    assert _retain(service) == {"all": "rewritten", "other": "rewritten", "destroyed": 2}


def test_what_the_service_destroyed_by_itself_is_told_by_the_doctor_until_it_is_gone_from_files(
    aging: tuple[Service, list[str], list[str]], tmp_path: Path
) -> None:
    service, over, _ = aging
    file = _export(service, tmp_path / "all")

    async def daily() -> None:
        store = SqliteStore(service.data, SystemClock())
        try:
            assert await retain(store.erasure, "boutique", "service", SystemClock()) == 2
        finally:
            await store.close()

    run(daily())
    assert over[0] in file.read_text()
    assert f"destroyed since are in {file}" in service.must("doctor", "--quick")
    assert service.must("retain", "boutique").splitlines() == [
        "boutique: nothing is due.",
        f"Exported before, written anew from what is left: {file}",
    ]
    assert over[0] not in file.read_text()
    assert "destroyed since" not in service.must("doctor", "--quick")
