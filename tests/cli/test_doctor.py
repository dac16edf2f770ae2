"""`temoin doctor` on whole and on damaged installations."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from temoin.storage.sqlite.store import FILE
from tests.service_process import Service


def _findings(service: Service, *options: str) -> tuple[int, dict[str, Any]]:
    done = service.run("--json", "doctor", *options)
    found = json.loads(done.stdout)
    return done.returncode, {line["check"]: line for line in found if line["state"] != "ok"}


def _change(service: Service, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(service.data / FILE)) as connection, connection:
        assert connection.execute(statement, values).rowcount


def test_a_whole_installation_has_nothing_wrong(aged: Service) -> None:
    code, found = _findings(aged)
    assert code == 0
    assert set(found) == {"public URL"}  # plain http on this machine
    text = aged.must("doctor")
    assert "log of boutique: 32 entries, 1 of their documents destroyed, 32 under its checkpoint." in text
    assert "1 segments" in text


def test_a_store_that_is_not_there_is_said_and_not_made(own_service: Service) -> None:
    code, found = _findings(own_service)
    assert (code, found["store"]["state"]) == (0, "note")
    assert not own_service.data.exists()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE entry SET body = CAST(replace(body, 'actor', 'Actor') AS BLOB) WHERE body IS NOT NULL", "entry 0"),
        ("UPDATE config SET body = CAST(body || ' ' AS BLOB)", "version"),
        ("UPDATE tile SET data = zeroblob(length(data)) WHERE path LIKE 'tile/entries/%'", "tile/entries/000"),
        ("DELETE FROM tile WHERE path LIKE 'tile/0/%'", "tile/0/000"),
        ("DELETE FROM entry WHERE kind = 'publication'", "entry 0 is missing"),
        ("UPDATE site SET checkpoint = replace(checkpoint, char(10) || '32' || char(10), char(10) || '30' || char(10))",
         "not signed"),
        ("UPDATE site SET signing_key = zeroblob(32)", "not signed"),
    ],
)  # fmt: skip
def test_a_change_anywhere_in_a_log_is_found(aged: Service, statement: str, said: str) -> None:
    _change(aged, statement)
    code, found = _findings(aged)
    assert code == 1
    assert found["log of boutique"]["state"] == "wrong"
    assert said in found["log of boutique"]["message"]


def test_a_missing_segment_and_a_changed_one_are_found(aged: Service) -> None:
    (segment,) = (aged.data / "archive").glob("*/*")
    data = segment.read_bytes()
    segment.write_bytes(data[:400] + bytes([data[400] ^ 1]) + data[401:])
    assert _findings(aged)[0] == 1
    segment.unlink()
    assert _findings(aged, "--quick")[0] == 0  # which leaves the logs out
    code, found = _findings(aged)
    assert code == 1
    assert segment.name in found["log of boutique"]["message"]


def test_open_permissions_a_missing_browser_and_a_damaged_file_are_found(
    aged: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    aged.data.chmod(0o755)
    monkeypatch.setenv("TEMOIN_CHROMIUM", "/nowhere/chromium")
    code, found = _findings(aged, "--quick")
    assert (code, found["permissions"]["hint"]) == (1, f"chmod 700 {aged.data}")
    assert "TEMOIN_CHROMIUM" in found["browser"]["hint"]


def test_a_witness_that_never_answered_is_noted(aged: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMOIN_TSA_URL", "http://tsa.test/query")
    code, found = _findings(aged, "--quick")
    assert code == 0
    assert "Not endorsed by tsa ever" in found["log of boutique"]["message"]
