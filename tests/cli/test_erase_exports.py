"""`temoin erase` reaches what `temoin export` and `temoin access` wrote before: what is on the disk afterwards."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

from temoin.storage.sqlite.store import FILE
from tests.made import decision, site_config
from tests.service_process import Service
from tests.storage.aged import decide_long_ago
from tests.web import get

REASON = "asked for"
FORMATS = ("csv", "jsonl", "xml", "parquet", "bundle", "pdf")


@pytest.fixture
def exported(own_service: Service, tmp_path: Path) -> tuple[Service, list[str], Path]:
    """A service with four decisions, its subjects, and a folder with an export in every format."""
    service = own_service
    version = service.publish(site_config())
    subjects = [str(entry.subject) for entry in decide_long_ago(service.data, version, 4)]
    folder = tmp_path / "exports"
    folder.mkdir()
    for form in FORMATS:
        service.must("export", "boutique", "--format", form, "--out", str(folder / f"all.{form}"))
    return service, subjects, folder


def _erase(service: Service, subject: str) -> dict[str, Any]:
    done = json.loads(service.must("--json", "erase", "boutique", subject, "--reason", REASON))
    return {Path(each["path"]).name: each["fate"] for each in done["exports"]} | {"erased": done["erased"]}


def _registered(service: Service) -> int:
    with closing(sqlite3.connect(service.data / FILE)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM export").fetchone()
    return int(count)


def test_an_erased_subject_is_gone_from_every_file_that_was_exported_before(
    exported: tuple[Service, list[str], Path],
) -> None:
    service, (subject, *others), folder = exported
    before = {form: (folder / f"all.{form}").read_bytes() for form in FORMATS}
    assert _erase(service, subject) == {f"all.{form}": "rewritten" for form in FORMATS} | {"erased": 1}
    for form in ("csv", "jsonl", "xml", "bundle"):
        data = (folder / f"all.{form}").read_bytes()
        assert subject.encode() in before[form]
        assert subject.encode() not in data
        assert all(other.encode() in data for other in others)
    rows = duckdb.connect().execute(f"SELECT subject FROM '{folder / 'all.parquet'}'").fetchall()
    assert sorted(row[0] for row in rows) == sorted(others)
    assert (folder / "all.pdf").read_bytes() != before["pdf"]
    assert service.run("verify", str(folder / "all.bundle")).returncode == 0
    assert sorted(file.name for file in folder.iterdir()) == sorted(f"all.{form}" for form in FORMATS)
    assert _registered(service) == len(FORMATS)


def test_files_about_the_subject_alone_are_removed_and_those_of_others_left(
    exported: tuple[Service, list[str], Path],
) -> None:
    service, (subject, other, *_), folder = exported
    for who, name in ((subject, "theirs"), (other, "others")):
        service.must(
            "export", "boutique", "--subject", who, "--format", "jsonl", "--out", str(folder / f"{name}.jsonl")
        )
        service.must("export", "boutique", "--subject", who, "--format", "pdf", "--out", str(folder / f"{name}.pdf"))
        service.must("access", "boutique", who, "--out", str(folder / f"{name}.json"))
    (kept,) = [file.read_bytes() for file in folder.glob("others.jsonl")]
    reached = _erase(service, subject)
    assert {name: fate for name, fate in reached.items() if name.startswith(("theirs", "others"))} == {
        "theirs.jsonl": "removed",
        "theirs.pdf": "removed",
        "theirs.json": "removed",
    }
    assert sorted(file.name for file in folder.glob("theirs*")) == []
    assert (folder / "others.jsonl").read_bytes() == kept
    assert (folder / "others.json").exists()


def test_an_export_that_cannot_hold_the_subject_is_not_touched(own_service: Service, tmp_path: Path) -> None:
    service = own_service.start()
    version = service.publish(site_config())
    service.post("boutique", decision(version), origin="http://shop.test:8000")
    service.must("export", "boutique", "--format", "jsonl", "--out", str(tmp_path / "earlier"))
    later = decision(version)
    service.post("boutique", later, origin="http://shop.test:8000")
    refused = ("--event", "refused")
    service.must("export", "boutique", *refused, "--format", "jsonl", "--out", str(tmp_path / "refused"))
    assert get(f"{service.url}/v1/sites/boutique/subjects/{later['subject']}").status == 200
    stamps = [(tmp_path / name).stat().st_mtime_ns for name in ("earlier", "refused")]
    assert _erase(service, later["subject"]) == {"erased": 1}
    assert [(tmp_path / name).stat().st_mtime_ns for name in ("earlier", "refused")] == stamps


def test_a_file_with_nothing_left_in_it_is_removed(own_service: Service, tmp_path: Path) -> None:
    version = own_service.publish(site_config())
    (entry,) = decide_long_ago(own_service.data, version, 1)
    own_service.must("export", "boutique", "--format", "csv", "--out", str(tmp_path / "all.csv"))
    assert _erase(own_service, str(entry.subject)) == {"all.csv": "removed", "erased": 1}
    assert not (tmp_path / "all.csv").exists()
    assert _registered(own_service) == 0


def test_files_that_were_changed_moved_or_replaced_are_told_and_left(
    exported: tuple[Service, list[str], Path], tmp_path: Path
) -> None:
    service, (subject, second, *_), folder = exported
    (folder / "all.csv").write_text("opened, and saved by a spreadsheet")
    (folder / "all.jsonl").rename(tmp_path / "moved")
    service.must("export", "boutique", "--subject", second, "--format", "xml", "--out", str(folder / "all.xml"))
    reached = _erase(service, subject)
    assert (reached["all.csv"], reached["all.jsonl"], reached.get("all.xml")) == ("changed", "missing", None)
    assert (folder / "all.csv").read_text() == "opened, and saved by a spreadsheet"
    again = _erase(service, second)
    assert (again["all.csv"], again.get("all.jsonl"), again["all.xml"]) == ("changed", None, "removed")


def test_a_bad_reason_touches_no_file(exported: tuple[Service, list[str], Path]) -> None:
    service, (subject, *_), folder = exported
    service.must("access", "boutique", subject, "--out", str(folder / "theirs.json"))
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    assert service.run("erase", "boutique", subject, "--reason", f"erase {subject}").returncode == 2
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_what_an_interrupted_erasure_left_in_files_goes_with_the_next(
    exported: tuple[Service, list[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    service, (subject, *_), folder = exported
    monkeypatch.setenv("TEMOIN_CHROMIUM", "/nowhere/chromium")
    assert _erase(service, subject)["all.pdf"] == "failed"
    held = (folder / "all.pdf").read_bytes()
    monkeypatch.delenv("TEMOIN_CHROMIUM")
    assert _erase(service, subject) == {"all.pdf": "rewritten", "erased": 0}
    assert (folder / "all.pdf").read_bytes() != held
    assert service.run("erase", "boutique", subject, "--reason", REASON).returncode == 2  # nothing is left to do


def test_a_failed_export_leaves_no_row(exported: tuple[Service, list[str], Path]) -> None:
    service, _, folder = exported
    before = _registered(service)
    assert service.run("export", "boutique", "--format", "csv", "--out", str(folder / "no" / "where")).returncode == 2
    assert service.run("access", "boutique", "A" * 22, "--out", str(folder / "x")).returncode == 2
    assert _registered(service) == before
