"""`temoin stats --assessment`: each condition of the exemption, and whether the configuration in force keeps it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.analytics.sending import measured
from tests.service_process import Service


def assessed(service: Service, *options: str) -> str:
    return service.must("stats", "boutique", "--assessment", *options)


def test_what_visitors_have_is_assessed_and_not_the_draft(own_service: Service) -> None:
    own_service.put(measured(consent_purpose="nowhere"))
    before = json.loads(assessed(own_service, "--format", "json"))
    assert (before["version"], before["met"], before["measured"]) == (None, 13, True)
    (failed,) = [each for each in before["criteria"] if not each["met"]]
    assert (failed["id"], failed["findings"][0]["rule"]) == ("campaigns", "ANA-008")
    assert "NOT MET" in assessed(own_service)
    version = own_service.publish(measured())
    own_service.put(measured(consent_purpose="nowhere"))
    after = json.loads(assessed(own_service, "--format", "json"))
    assert (after["version"], after["met"]) == (version, 14)


def test_it_is_a_document_in_french_and_in_english(own_service: Service, tmp_path: Path) -> None:
    config = measured()
    config["controller"] |= {"name": "<Lampe & Cie>"}
    own_service.put(config)
    page = assessed(own_service, "--format", "html", "--language", "fr")
    assert "14 critères remplis sur 14" in page
    assert "&lt;Lampe &amp; Cie&gt;" in page
    assert "14 of 14 criteria met" in assessed(own_service, "--format", "html")
    out = tmp_path / "assessment.pdf"
    assessed(own_service, "--format", "pdf", "--out", str(out))
    printed = out.read_bytes()
    assert printed.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in printed, "tagged, for whoever has it read aloud"


def test_a_form_that_is_none_is_bad_usage(own_service: Service) -> None:
    own_service.put(measured())
    for wrong in (
        ["--assessment", "--format", "csv"],
        ["--assessment", "--format", "pdf"],
        ["--format", "html"],
    ):
        assert own_service.run("stats", "boutique", *wrong).returncode == 2, wrong
