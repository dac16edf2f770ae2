"""`temoin export` to every format of records and documents, with the real evidence of a real publish."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.made import ORIGIN, decision, site_config
from tests.service_process import Service


@pytest.mark.browser
def test_every_format_of_a_served_site_is_written(own_service: Service, tmp_path: Path) -> None:
    service = own_service.start()
    service.put(site_config())
    version = json.loads(service.must("--json", "publish", "boutique"))["version"]
    mine = decision(version)
    for body in (mine, decision(version, viewport="mobile", layer=1)):
        assert service.post("boutique", body, origin=ORIGIN).status == 201
    begins = {"csv": b"index,", "jsonl": b"{", "xml": b"<?xml ", "parquet": b"PAR1", "pdf": b"%PDF-", "bundle": b"PK"}
    for name, magic in begins.items():
        out = tmp_path / f"out.{name}"
        facts = json.loads(service.must("--json", "export", "boutique", "--format", name, "--out", str(out)))
        assert facts["records"] == 2
        assert out.read_bytes().startswith(magic)
    report = (tmp_path / "out.pdf").read_bytes()
    command = ("--format", "pdf", "--out", str(tmp_path / "out.pdf"))
    assert "1 records as pdf" in service.must("export", "boutique", f"--subject={mine['subject']}", *command)
    assert (tmp_path / "out.pdf").read_bytes() != report


def test_what_a_pdf_needs_is_said(own_service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own_service.publish(site_config())
    monkeypatch.setenv("TEMOIN_CHROMIUM", str(tmp_path / "no-browser-here"))
    command = ("export", "boutique", "--out", str(tmp_path / "out"), "--format")
    done = own_service.run(*command, "pdf")
    assert done.returncode == 3
    assert "TEMOIN_CHROMIUM" in done.stderr
    done = own_service.run(*command, "pdf", "--subject", "AAAAAAAAAAAAAAAAAAAAAA")
    assert done.returncode == 2
    assert "No decision" in done.stderr
    done = own_service.run(*command, "csv", "--language", "fr")
    assert done.returncode == 2
    assert not (tmp_path / "out").exists()
