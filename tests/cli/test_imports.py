"""Configurations of other consent tools, as sites have them, become drafts that can be linted and published."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from temoin.admin.imports.carry import pattern_of
from temoin.admin.imports.onto import imported
from temoin.cli.site import read_draft
from temoin.errors import Malformed
from temoin.settings import Settings
from tests.aio import run
from tests.made import site_config
from tests.service_process import Service

SOURCES = Path(__file__).parent / "imports"


@pytest.fixture
def onto(tmp_path: Path) -> Path:
    """The site that an import is made onto."""
    file = tmp_path / "site.json"
    file.write_text(json.dumps(site_config(choice_validity="P6M")))
    return file


def carried(service: Service, source: Path, onto: Path) -> tuple[dict[str, Any], str]:
    """The draft, and all that was said of it."""
    out = onto.with_name("draft.json")
    said = json.loads(service.must("--json", "site", "import", str(source), "--onto", str(onto), "--out", str(out)))
    return json.loads(out.read_bytes()), "\n".join(said["notes"])


def test_klaro_is_carried_over(own_service: Service, onto: Path) -> None:
    draft, said = carried(own_service, SOURCES / "klaro.js", onto)
    purposes = {purpose["id"]: purpose for purpose in draft["purposes"]}
    assert list(purposes) == ["audience", "support", "cart"]  # the last is the site's own, and exempt
    assert purposes["audience"]["title"] == {"fr": "Statistiques", "en": "Statistics"}
    assert purposes["audience"]["description"] == {"fr": "Compter les visites."}
    matomo, guichet = draft["trackers"]
    assert (matomo["name"], matomo["controller"], matomo["purposes"]) == ("Matomo", "InnoCraft", ["audience"])
    assert [cookie["name"] for cookie in matomo["cookies"]] == ["_pk_*", "piwik_ignore"]
    assert "*.matomo.cloud/*" in matomo["match"]
    assert (guichet["name"], guichet["match"], guichet["purposes"]) == ("Le Guichet", [], ["support"])
    assert (draft["languages"], draft["choice_validity"], draft["banner"]["template"]) == (
        ["fr", "en"],
        "P13M",
        "modal",
    )
    assert draft["controller"] == site_config()["controller"]
    for told in ("730 days", "/^(a|b)+$/", "'tlh'", "on before a choice", "Le Guichet: which company", "ran without"):
        assert told in said


def test_cookieconsent_is_carried_over(own_service: Service, onto: Path) -> None:
    draft, said = carried(own_service, SOURCES / "cookieconsent.js", onto)
    assert [purpose["id"] for purpose in draft["purposes"]] == ["audience", "ads", "cart"]
    analytics, marketing = draft["trackers"]
    assert (analytics["name"], analytics["controller"]) == ("Google Analytics", "Google")
    assert [cookie["name"] for cookie in analytics["cookies"]] == ["_ga*", "_gid"]
    assert (marketing["purposes"], marketing["cookies"][0]["name"]) == (["ads"], "_fbp")
    assert draft["purposes"][0]["description"] == {"fr": "Savoir ce qui est lu."}
    assert (draft["languages"], draft["choice_validity"], draft["banner"]["template"]) == (["fr"], "P182D", "box")
    for told in ("'necessary' is left out", "'de'", "opt-out", "analytics: it was on before a choice"):
        assert told in said


def test_tarteaucitron_is_carried_over_by_what_its_keys_stand_for(own_service: Service, onto: Path) -> None:
    draft, said = carried(own_service, SOURCES / "tarteaucitron.js", onto)
    assert [purpose["id"] for purpose in draft["purposes"]] == ["audience", "video", "cart"]
    google, youtube = draft["trackers"]
    assert google["name"] == "Google Analytics (GA4)"
    assert {"_ga", "_gid", "_ga_*"} <= {cookie["name"] for cookie in google["cookies"]}
    assert google["policy_url"].startswith("https://policies.google.com/")
    assert youtube["controller"] == "YouTube"
    assert (draft["signals"]["google_consent_mode"], draft["signals"]["uet"]) == ("basic", True)
    for told in ("'notreservice'", "Browsing on counted", "no button to refuse"):
        assert told in said


@pytest.mark.parametrize("name", ["klaro.js", "cookieconsent.js", "tarteaucitron.js"])
def test_what_is_carried_over_can_be_put_and_linted_without_an_error_of_form(
    own_service: Service, onto: Path, name: str
) -> None:
    carried(own_service, SOURCES / name, onto)
    draft = str(onto.with_name("draft.json"))
    own_service.must("site", "put", draft)
    linted = json.loads(own_service.run("lint", draft, "--format", "json").stdout)
    assert all(finding["rule"][:3] != "STR" or finding["severity"] == "warning" for finding in linted)


def test_an_import_onto_a_stored_site_prints_the_draft_and_changes_nothing(own_service: Service, onto: Path) -> None:
    own_service.must("site", "put", str(onto))
    before = own_service.must("site", "show", "boutique")
    done = own_service.run("site", "import", str(SOURCES / "klaro.js"), "--onto", "boutique")
    assert json.loads(done.stdout)["site"] == "boutique"
    assert "Klaro: 3 purposes, 2 trackers." in done.stderr
    assert own_service.must("site", "show", "boutique") == before


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "configures none of them"),
        ("\x00\x01", "Invalid or unexpected token"),
        ("klaroConfig = {", "Unexpected end of input"),
        ("throw new Error('early')", "early"),
        ('{"a": 1}', "the configuration of none of them"),
        ("[]", "the configuration of none of them"),
        ("var klaroConfig = {services: 3}", "names no purpose and no tracker"),
        ("var klaroConfig = {services: [null, 3, {}, {name: ''}]}", "names no purpose and no tracker"),
        ("tarteaucitron.init({jobs: 3})", "names no purpose and no tracker"),
        ("CookieConsent.run({categories: 3, language: 'x'})", "names no purpose and no tracker"),
        ("CookieConsent.run(null)", "names no purpose and no tracker"),
    ],
)
def test_what_is_no_configuration_is_refused_in_words(onto: Path, text: str, why: str) -> None:
    source = onto.with_name("other.js")
    source.write_text(text)
    with pytest.raises(Malformed, match=why) as refused:
        run(imported(source, read_draft(onto), Settings().chromium))
    assert refused.value.code == "bad_import"


def test_a_refused_import_writes_nothing(own_service: Service, onto: Path) -> None:
    out = onto.with_name("none.json")
    source = onto.with_name("other.json")
    source.write_text("[]")
    done = own_service.run("site", "import", str(source), "--onto", str(onto), "--out", str(out))
    assert (done.returncode, out.exists()) == (2, False)
    assert "holds the configuration of none of them" in done.stderr


def test_a_configuration_that_runs_reaches_no_host(own_service: Service, onto: Path) -> None:
    reached: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            reached.append(self.path)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        place = f"http://127.0.0.1:{server.server_port}"
        source = onto.with_name("spy.js")
        source.write_text(
            f"new Image().src = '{place}/image'; fetch('{place}/fetch').catch(() => {{}});"
            f"navigator.sendBeacon('{place}/beacon');"
            "var klaroConfig = {services: [{name: 'x', purposes: ['analytics']}]};"
        )
        assert carried(own_service, source, onto)[0]["trackers"][0]["name"] == "x"
    finally:
        server.shutdown()
        server.server_close()
    assert reached == []


@pytest.mark.parametrize(
    ("regex", "pattern"),
    [
        ("^_ga", "_ga*"),
        ("^_ga$", "_ga"),
        (r"^_pk_.*$", "_pk_*"),
        (r"_hj\w+", "*_hj*"),
        (r"^amp_[a-z0-9]+$", "amp_*"),
        (r"^a\.b$", "a.b"),
        (r"^a.b$", "a*b"),
        ("^(a|b)$", None),
        ("^a?b$", None),
        (".*", None),
        ("", None),
    ],
)
def test_a_regular_expression_becomes_a_pattern_that_covers_no_less_or_nothing(regex: str, pattern: str | None) -> None:
    assert pattern_of(regex) == pattern
