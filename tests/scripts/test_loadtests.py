"""Each benchmark still runs, on a few records: what it measures is for a quiet machine, not for a test."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

LOADTESTS = Path(__file__).parents[2] / "loadtests"


def _run(name: str, *arguments: str) -> str:
    command = [sys.executable, str(LOADTESTS / name), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=150).stdout


def test_a_visit_on_a_slow_phone_is_measured(tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    command = [
        sys.executable,
        "-m",
        "loadtests.browser",
        "--alone",
        "--rounds",
        "1",
        "--tries",
        "1",
        "--json",
        str(out),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=150, cwd=LOADTESTS.parent)
    figures = json.loads(out.read_text())
    plain, deferred = figures["gating"]
    for name in (plain, deferred):
        (visit,) = figures["visits"][name]
        assert (visit["requests"], visit["requests_again"], visit["shift"]) == (1, 0, 0)
        assert 5_000 < visit["bytes"] < 15_000
        assert min(visit[each] for each in ("painted", "fcp", "script", "inp", "gone")) > 0
        assert figures["examined"][name] == {"axe": 0, "rules": [], "later": 0}
    assert deferred == f"{plain}, deferred"


def test_the_growth_of_a_log_is_measured() -> None:
    small, large = map(json.loads, _run("log_growth.py", "--sizes", "300,600").splitlines())
    assert (small["size"], large["size"]) == (300, 600)
    assert small["log_bytes_per_entry"] <= 70


def test_every_export_is_measured() -> None:
    measured = json.loads(_run("export_million.py", "--records", "300").splitlines()[-1])
    assert [row["format"] for row in measured["formats"]] == ["csv", "jsonl", "xml", "parquet", "bundle"]


def test_the_size_of_the_archive_is_measured() -> None:
    assert _run("archive_size.py", "33000").startswith("33000 records: ")


def test_decisions_are_measured_and_proven(tmp_path: Path) -> None:
    out = tmp_path / "measured.json"
    command = [sys.executable, "-m", "loadtests.service", "--only", "POST consents, SQLite", "--out", str(out)]
    subprocess.run([*command, "--rounds", "1", "--seconds", "1"], cwd=LOADTESTS.parent, check=True, timeout=150)
    (row,) = json.loads(out.read_text())["rows"]["POST consents, SQLite"]
    assert row["acknowledged"] > 0
    assert (row["missing"], row["failed"]) == (0, 0)


def test_hits_are_measured_and_counted(tmp_path: Path) -> None:
    out = tmp_path / "measured.json"
    command = [sys.executable, "-m", "loadtests.service", "--only", "POST hits", "--out", str(out)]
    subprocess.run([*command, "--rounds", "1", "--seconds", "1"], cwd=LOADTESTS.parent, check=True, timeout=150)
    (row,) = json.loads(out.read_text())["rows"]["POST hits"]
    assert (row["failed"], row["requests"] > 0) == (0, True)


def test_decisions_on_a_full_store_are_measured_and_proven() -> None:
    command = [sys.executable, "-m", "loadtests.many_decisions", "--stored", "20000", "--rounds", "1", "--seconds", "1"]
    done = subprocess.run(command, cwd=LOADTESTS.parent, check=True, capture_output=True, text=True, timeout=170)
    assert "| 20,000 | " in done.stdout
    assert "none is missing, and both logs verify." in done.stdout


def test_a_year_of_measurement_is_measured() -> None:
    measured = json.loads(_run("audience_year.py", "--pages", "50", "--days", "3", "--visitors", "2000"))
    assert measured["rows"] > 0
    assert set(measured["reports_ms"]) == {"a year", "30 days"}
    assert measured["error_percent"]["worst"] < 4
