"""`temoin site`, `lint`, `publish`: exit codes, errors that name the field, and nothing written by bad input."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import brotli
import pytest

from tests.made import site_config
from tests.service_process import Service
from tests.web import get


def _written(folder: Path, config: dict[str, Any]) -> str:
    file = folder / "site.json"
    file.write_text(json.dumps(config))
    return str(file)


def test_a_site_goes_from_file_to_published_version(own_service: Service, tmp_path: Path) -> None:
    service = own_service
    assert service.run("site", "list").stdout.startswith("No sites yet")
    service.must("site", "put", _written(tmp_path, site_config()))
    before = json.loads(service.must("site", "show", "boutique"))
    assert (before["version"], before["published_at"]) == (None, None)
    assert before["log_key"].startswith(f"127.0.0.1:{service.port}/boutique+")
    assert service.run("lint", "boutique").returncode == 0
    done = json.loads(service.must("--json", "publish", "boutique", "--without-evidence"))
    after = json.loads(service.must("site", "show", "boutique"))
    assert after["version"] == done["version"]
    assert after["log_key"] == before["log_key"]
    assert after["draft"]["controller"]["name"] == "Boutique de démonstration"
    (row,) = json.loads(service.must("--json", "site", "list"))
    assert row == {"site": "boutique", "version": done["version"], "published_at": after["published_at"]}


def test_reading_commands_make_no_store_where_there_is_none(own_service: Service, tmp_path: Path) -> None:
    for command in (["site", "list"], ["site", "show", "x"], ["token", "list"], ["publish", "x"], ["lint", "x"]):
        own_service.run("--data", str(tmp_path / "mistyped"), *command)
    assert not (tmp_path / "mistyped").exists()


def test_the_log_takes_its_name_from_the_public_url_at_the_first_publish(own_service: Service, tmp_path: Path) -> None:
    file = _written(tmp_path, site_config())
    put = own_service.run("site", "put", file)
    assert put.returncode == 0
    own_service.publish(site_config())
    name = json.loads(own_service.must("site", "show", "boutique"))["log_key"].split("+")[0]
    assert name == f"127.0.0.1:{own_service.port}/boutique"
    own_service.port += 1
    own_service.publish(site_config(choice_validity="P6M"))
    assert json.loads(own_service.must("site", "show", "boutique"))["log_key"].split("+")[0] == name


def test_an_unpublished_site_has_nothing_to_export(own_service: Service, tmp_path: Path) -> None:
    own_service.put(site_config())
    done = own_service.run("export", "boutique", "--format", "csv", "--out", str(tmp_path / "x"))
    assert done.returncode == 2
    assert "temoin publish boutique" in done.stderr


def test_the_same_draft_makes_the_same_version_and_another_draft_another(own_service: Service, tmp_path: Path) -> None:
    first = own_service.publish(site_config())
    assert own_service.publish(site_config()) == first
    assert own_service.publish(site_config(choice_validity="P6M")) != first


def test_publishing_captures_what_visitors_see(own_service: Service, tmp_path: Path) -> None:
    own_service.must("site", "put", _written(tmp_path, site_config()))
    done = json.loads(own_service.must("--json", "publish", "boutique"))
    assert done["screens"] == 8  # two languages × mobile and desktop × two layers
    bundle = tmp_path / "p"
    own_service.must("export", "boutique", "--format", "bundle", "--out", str(bundle))
    assert own_service.run("verify", str(bundle)).returncode == 0


def test_without_a_browser_publish_stops_unless_told_to_go_on(
    own_service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_service.must("site", "put", _written(tmp_path, site_config()))
    monkeypatch.setenv("TEMOIN_CHROMIUM", str(tmp_path / "no-browser-here"))
    done = own_service.run("publish", "boutique")
    assert done.returncode == 3
    assert "without evidence" in done.stderr
    assert json.loads(own_service.must("site", "show", "boutique"))["version"] is None
    own_service.must("publish", "boutique", "--without-evidence")


def test_a_draft_with_errors_is_not_published(own_service: Service, tmp_path: Path) -> None:
    file = _written(tmp_path, site_config(choice_validity="P14M"))
    own_service.must("site", "put", file)
    for command in (["lint", "boutique"], ["lint", file], ["publish", "boutique", "--without-evidence"]):
        done = own_service.run(*command)
        assert done.returncode == 1
        assert "DUR-004 $.choice_validity" in done.stdout + done.stderr
    assert json.loads(own_service.must("site", "show", "boutique"))["version"] is None


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"site": "Big Site"}, "$.site"),
        ({"origins": []}, "$.origins"),
        ({"origins": ["https://shop.test/"]}, "$.origins[0]"),
        ({"languages": ["français"]}, "$.languages[0]"),
        ({"controller": {"name": "x"}}, "$.controller"),
        ({"choice_validity": "13 months"}, "$.choice_validity"),
        ({"purposes": [{"id": "audience", "basis": "legitimate_interest"}]}, "$.purposes[0].basis"),
        ({"trackers": [{"id": "x"}]}, "$.trackers[0]"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_written(
    own_service: Service, tmp_path: Path, change: dict[str, Any], path: str
) -> None:
    done = own_service.run("site", "put", _written(tmp_path, site_config() | change))
    assert done.returncode == 2
    assert path in done.stderr
    assert own_service.run("site", "list").stdout.startswith("No sites yet")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[1]"])
def test_a_file_that_is_no_configuration_is_refused(own_service: Service, tmp_path: Path, content: bytes) -> None:
    for name in ("site.json", "site.toml"):
        (tmp_path / name).write_bytes(content)
        done = own_service.run("site", "put", str(tmp_path / name))
        assert done.returncode == 2
        assert name in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ["site", "put", "missing.json"],
        ["site", "show", "nowhere"],
        ["--data", "no-such-folder", "export", "boutique", "--format", "csv", "--out", "x"],
        ["publish", "nowhere"],
        ["lint", "nowhere"],
        ["export", "nowhere", "--format", "csv", "--out", "x"],
        ["export", "boutique", "--format", "spreadsheet", "--out", "x"],
        ["verify", "missing"],
        ["token", "add", "nowhere"],
        ["token", "revoke", "nothing"],
        ["dance"],
        ["--store", "ftp://x", "site", "list"],
    ],
)
def test_bad_usage_exits_with_2_and_says_what_to_do(own_service: Service, command: list[str]) -> None:
    done = own_service.run(*command)
    assert done.returncode == 2
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_a_data_folder_that_cannot_be_used_exits_with_3(own_service: Service, tmp_path: Path) -> None:
    (tmp_path / "occupied").write_text("a file, not a folder")
    done = own_service.run("--data", str(tmp_path / "occupied"), "site", "list")
    assert done.returncode == 3
    assert "cannot be used" in done.stderr


def test_a_sites_files_are_the_bytes_that_the_service_answers(own_service: Service, tmp_path: Path) -> None:
    own_service.publish(site_config())
    written = json.loads(own_service.must("--json", "site", "files", "boutique", "--out", str(tmp_path / "public")))
    own_service.start()
    assert "s/boutique.js" in written["files"]
    assert len(written["files"]) == 3  # the script and two languages
    for path in written["files"]:
        file = tmp_path / "public" / path
        assert file.read_bytes() == get(f"{own_service.url}/{path}").body
        assert brotli.decompress(file.with_name(f"{file.name}.br").read_bytes()) == file.read_bytes()
        assert gzip.decompress(file.with_name(f"{file.name}.gz").read_bytes()) == file.read_bytes()


def test_a_site_that_is_not_published_has_no_files(own_service: Service, tmp_path: Path) -> None:
    own_service.put(site_config())
    done = own_service.run("site", "files", "boutique", "--out", str(tmp_path / "public"))
    assert done.returncode == 2
    assert "temoin publish boutique" in done.stderr
    assert not (tmp_path / "public").exists()
