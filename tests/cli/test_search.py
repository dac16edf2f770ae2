"""`temoin search` and `temoin inspect` beside a running service."""

from __future__ import annotations

import json

from tests.made import ORIGIN, decision, uuid7
from tests.proof.logs import new_subject
from tests.service_process import Service


def test_a_visitors_records_are_found_and_one_is_shown_with_its_proof_checked(service: Service, version: str) -> None:
    mine = decision(version, subject=new_subject().replace("-", "x"))
    for body in (mine, decision(version)):
        assert service.post("boutique", body, origin=ORIGIN).status == 201
    found = json.loads(service.must("--json", "search", "boutique", "--subject", mine["subject"]))
    assert [each["record"]["id"] for each in found["records"]] == [mine["id"]]
    assert mine["id"] in service.must("search", "boutique", "--version", version, "--event", "given")
    assert service.must("search", "boutique", "--event", "withdrawn") == "No records.\n"
    service.must("export", "boutique", "--format", "jsonl", "--out", str(service.data / "sealed"))
    shown = json.loads(service.must("--json", "inspect", "boutique", mine["id"]))
    assert (shown["record"], shown["commitment"]) == (found["records"][0]["record"], found["records"][0]["commitment"])
    checks = {check["name"]: check["ok"] for check in shown["checks"]}
    assert checks == {"commitment": True, "inclusion": True, "signature": True, "version": True, "screens": None}
    assert "ok  the commitment stands in the log" in service.must("inspect", "boutique", mine["id"])


def test_an_unknown_site_or_record_is_bad_input(service: Service, version: str) -> None:
    assert version
    for words in (("search", "nowhere"), ("inspect", "nowhere", uuid7()), ("inspect", "boutique", uuid7())):
        done = service.run(*words)
        assert (done.returncode, done.stderr.startswith("Error: ")) == (2, True)
