"""The commands about a log's key, its growth and who endorsed it, run as an operator and an auditor would."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from temoin.storage.sqlite.store import FILE
from tests.made import site_config
from tests.proof.outsiders import TestAuthority, TestWitness, served
from tests.service_process import Service


def _export(service: Service, out: Path) -> Path:
    service.must("export", "boutique", "--format", "bundle", "--out", str(out))
    return out


def _endorsements(service: Service) -> int:
    with closing(sqlite3.connect(service.data / FILE)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM endorsement").fetchone()
        return int(count)


def test_a_key_is_replaced_and_an_auditor_who_knows_the_old_one_can_follow(
    own_service: Service, tmp_path: Path
) -> None:
    service = own_service
    service.publish(site_config())
    before = json.loads(service.must("site", "show", "boutique"))
    assert before["previous_keys"] == []
    old_bundle = _export(service, tmp_path / "old")
    done = json.loads(service.must("--json", "site", "rotate-key", "boutique"))
    assert (done["previous_key"], done["log_index"]) == (before["log_key"], 1)
    after = json.loads(service.must("site", "show", "boutique"))
    assert after["log_key"] == done["log_key"]
    assert after["previous_keys"] == [{"key": before["log_key"], "until": 1}]
    new_bundle = _export(service, tmp_path / "new")
    for bundle, key in (
        (old_bundle, before["log_key"]),
        (new_bundle, before["log_key"]),
        (new_bundle, done["log_key"]),
    ):
        assert service.run("verify", str(bundle), "--key", key).stdout.endswith("VERIFIED\n")
    assert service.run("verify", str(old_bundle), "--key", done["log_key"]).returncode == 1
    assert service.run("site", "rotate-key", "nowhere").returncode == 2


def test_a_kept_checkpoint_is_compared_with_a_proof_from_the_log(own_service: Service, tmp_path: Path) -> None:
    service = own_service
    service.publish(site_config())
    with zipfile.ZipFile(_export(service, tmp_path / "old")) as archive:
        (tmp_path / "kept").write_bytes(archive.read("checkpoint"))
    service.publish(site_config(choice_validity="P6M"))
    bundle = str(_export(service, tmp_path / "new"))
    kept = ("--checkpoint", str(tmp_path / "kept"))
    refused = service.run("verify", bundle, *kept)
    assert refused.returncode == 1
    assert "temoin log consistency SITE 1 2" in refused.stdout
    proof = tmp_path / "proof"
    service.must("log", "consistency", "boutique", "1", "2", "--out", str(proof))
    assert "one history" in service.must("verify", bundle, *kept, "--consistency", str(proof))
    assert service.run("log", "consistency", "boutique", "2", "9", "--out", str(proof)).returncode == 2
    assert service.run("verify", bundle, "--checkpoint", str(tmp_path / "missing")).returncode == 2
    (tmp_path / "kept").write_bytes(b"\xff\xfe")
    assert service.run("verify", bundle, *kept).returncode == 1


def test_a_service_with_a_witness_and_an_authority_has_its_checkpoints_endorsed(
    own_service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = own_service
    witness, authority = TestWitness(), TestAuthority(tmp_path / "tsa")
    service.publish(site_config())
    witness.keys.append(json.loads(service.must("site", "show", "boutique"))["log_key"])
    with served(witness.respond) as one, served(authority.respond) as other:
        nobody = TestWitness(name="nobody.example", seed=b"n" * 32)
        monkeypatch.setenv("TEMOIN_WITNESSES", f"{witness.vkey}={one} {nobody.vkey}=http://127.0.0.1:1")
        monkeypatch.setenv("TEMOIN_TSA_URL", other)
        monkeypatch.setenv("TEMOIN_ENDORSE_SECONDS", "1")
        service.start()
        while _endorsements(service) < 2:
            service.must("site", "list")
        service.stop()
    bundle = str(_export(service, tmp_path / "p"))
    pins = ("--witness", witness.vkey, "--tsa-certificate", str(tmp_path / "tsa" / "ca.pem"))
    assert "it leads to the certificate that you gave" in service.must("verify", bundle, *pins)
    assert service.run("verify", bundle, "--witness", nobody.vkey).returncode == 1
    assert "nobody.example" in service.log()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TEMOIN_WITNESSES", "x"),
        ("TEMOIN_TSA_URL", "ftp://x"),
        ("TEMOIN_ENDORSE_SECONDS", "0"),
        ("TEMOIN_ENDORSE_SECONDS", "soon"),
    ],
)
def test_settings_that_name_nobody_stop_the_service_before_it_starts(
    own_service: Service, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    done = own_service.run("serve", "--port", str(own_service.port))
    assert done.returncode == 2
    assert name in done.stderr
