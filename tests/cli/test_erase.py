"""`temoin erase` beside a running service: what the visitor, the auditor and the disk see afterwards."""

from __future__ import annotations

import json
import secrets
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from tests.made import ORIGIN, decision, site_config
from tests.service_process import Service
from tests.web import get

REASON = "demande n° 12, répondue par lettre"


def on_disk(service: Service) -> bytes:
    """All bytes of the data folder."""
    return b"".join(file.read_bytes() for file in sorted(service.data.rglob("*")) if file.is_file())


def salts_of(service: Service, subject: str) -> list[str]:
    with closing(sqlite3.connect(service.data / "temoin.sqlite3")) as connection:
        rows = connection.execute("SELECT body FROM entry WHERE subject = ?", (subject,)).fetchall()
    return [json.loads(row[0])["salt"] for row in rows]


def test_an_erased_subject_is_gone_from_the_service_and_the_disk_and_the_log_verifies(
    own_service: Service, tmp_path: Path
) -> None:
    service = own_service.start()
    version = service.publish(site_config())
    others = [service.post("boutique", decision(version), origin=ORIGIN).json for _ in range(20)]
    first = decision(version)
    subject = first["subject"]
    second = decision(version, subject=subject, choices={"audience": False, "ads": False})
    receipts = [service.post("boutique", body, origin=ORIGIN).json for body in (first, second)]
    others += [service.post("boutique", decision(version), origin=ORIGIN).json for _ in range(20)]
    traces = [subject, *salts_of(service, subject)]
    assert len(traces) == 3
    assert all(trace.encode() in on_disk(service) for trace in traces)

    done = json.loads(service.must("--json", "erase", "boutique", subject, "--reason", REASON))
    assert (done["erased"], done["ids"], done["traceless"]) == (2, [first["id"], second["id"]], True)
    assert not any(trace.encode() in on_disk(service) for trace in traces)

    assert get(f"{service.url}/v1/sites/boutique/subjects/{subject}").error == "unknown_subject"
    for body in (first, second, first | {"control": "banner-accept"}):
        answer = service.post("boutique", body, origin=ORIGIN)
        assert (answer.status, answer.error) == (409, "erased")
    assert not any(trace.encode() in on_disk(service) for trace in traces)
    for receipt in others:
        assert get(f"{service.url}/v1/sites/boutique/subjects/{receipt['subject']}").status == 200

    bundle = tmp_path / "p"
    service.must("export", "boutique", "--format", "bundle", "--out", str(bundle))
    assert service.run("verify", str(bundle)).returncode == 0
    with zipfile.ZipFile(bundle) as archive:
        names = archive.namelist()
        for receipt in receipts:
            (name,) = [name for name in names if name.startswith("erased/") and receipt["id"] in name]
            assert archive.read(name).decode().strip() == receipt["commitment"]
            assert f"proofs/{receipt['id']}.tlog-proof" in names
        (name,) = [name for name in names if name.startswith("erasures/")]
        account = json.loads(archive.read(name))
        assert (account["erased"], account["reason"]) == (done["ids"], REASON)
        assert subject.encode() not in b"".join(archive.read(name) for name in names)


def test_a_visitor_who_comes_back_after_an_erasure_begins_anew(own_service: Service) -> None:
    service = own_service.start()
    version = service.publish(site_config())
    before = decision(version)
    service.post("boutique", before, origin=ORIGIN)
    service.must("erase", "boutique", before["subject"], "--reason", REASON)
    after = decision(version, subject=before["subject"])
    assert service.post("boutique", after, origin=ORIGIN).status == 201
    (line,) = get(f"{service.url}/v1/sites/boutique/subjects/{before['subject']}").json["history"]
    assert (line["id"], line["event"]) == (after["id"], "given")


def test_what_cannot_be_erased_exits_with_2_and_changes_nothing(own_service: Service) -> None:
    service = own_service.start()
    version = service.publish(site_config())
    receipt = service.post("boutique", decision(version), origin=ORIGIN).json
    subject = receipt["subject"]
    for arguments, hint in (
        (["boutique", "A" * 22, "--reason", REASON], "unknown_subject"),
        (["boutique", "", "--reason", REASON], "unknown_subject"),
        (["nowhere", subject, "--reason", REASON], "unknown_site"),
        (["boutique", subject, "--reason", " "], "bad_reason"),
        (["boutique", subject, "--reason", "x" * 501], "bad_reason"),
        (["boutique", subject, "--reason", f"asked by {subject}"], "reason_names_subject"),
    ):
        done = service.run("--json", "erase", *arguments)
        assert done.returncode == 2, arguments
        assert json.loads(done.stderr)["error"]["code"] == hint
    assert service.run("erase", "boutique", subject).returncode == 2
    assert get(f"{service.url}/v1/sites/boutique/subjects/{subject}").status == 200


def test_the_text_says_what_was_destroyed_and_what_stays(own_service: Service) -> None:
    service = own_service.start()
    version = service.publish(site_config())
    receipt = service.post("boutique", decision(version), origin=ORIGIN).json
    text = service.must("erase", "boutique", receipt["subject"], "--reason", REASON)
    assert "boutique: 1 record destroyed." in text
    assert f"Entry 2 of the log says so: {REASON}" in text
    assert "No trace of the subject" in text
    assert receipt["subject"] not in text


def test_retain_wants_a_site_or_all(own_service: Service) -> None:
    service = own_service
    service.publish(site_config())
    assert service.run("retain").returncode == 2
    assert service.run("retain", "boutique", "--all").returncode == 2
    assert service.run("retain", "nowhere").returncode == 2
    assert json.loads(service.must("--json", "retain", "--all")) == [
        {"site": "boutique", "destroyed": 0, "exports": []}
    ]
    assert service.must("retain", "boutique") == "boutique: nothing is due.\n"


@pytest.mark.parametrize("begin", ["-q", "-h", "--"])
def test_a_subject_that_begins_like_an_option_is_a_subject(own_service: Service, tmp_path: Path, begin: str) -> None:
    service = own_service.start()
    version = service.publish(site_config())
    subject = (begin + secrets.token_urlsafe(16))[:22]
    assert service.post("boutique", decision(version, subject=subject), origin=ORIGIN).status == 201
    held = tmp_path / "held.json"
    service.must("access", "boutique", subject, "--out", str(held))
    assert json.loads(held.read_text())["subject"] == subject
    service.must("erase", "boutique", subject, "--reason", REASON)
    assert get(f"{service.url}/v1/sites/boutique/subjects/{subject}").status == 404
