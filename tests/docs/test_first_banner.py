"""The five minutes of README.md, as written there: its file, its commands, in their order, on a real service."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from temoin.banner.texts import text_keys
from temoin.compliance.engine import lint
from temoin.site import parse_site
from tests.docs.sources import blocks, text
from tests.made import decision
from tests.service_process import Service


def _configuration() -> dict[str, Any]:
    (block,) = blocks(text("README.md"), "json")
    loaded: dict[str, Any] = json.loads(block)
    return loaded


def test_the_configuration_in_the_readme_has_no_finding() -> None:
    config = parse_site(json.dumps(_configuration()).encode(), "site.json")
    assert lint(config, text_keys()) == []


def test_the_page_in_the_readme_uses_the_purposes_of_its_configuration() -> None:
    (page,) = blocks(text("README.md"), "html")
    used = {purpose for each in re.findall(r'data-purpose="([^"]+)"', page) for purpose in each.split()}
    assert used == {purpose["id"] for purpose in _configuration()["purposes"]}


def test_the_steps_of_the_readme_lead_to_a_verified_bundle(own_service: Service, tmp_path: Path) -> None:
    config = _configuration()
    site, file, bundle = config["site"], tmp_path / "site.json", tmp_path / "proof.zip"
    file.write_text(json.dumps(config))
    assert own_service.must("lint", str(file)) == f"{site}: no findings.\n"
    own_service.must("site", "put", str(file))
    version = json.loads(own_service.must("--json", "publish", site, "--without-evidence"))["version"]
    own_service.start()
    origin = config["origins"][0]
    choices = {purpose["id"]: True for purpose in config["purposes"]}
    body = decision(version, action="accept_all", choices=choices, page=f"{origin}/")
    assert own_service.post(site, body, origin=origin).status == 201
    assert "1 records" in own_service.must("export", site, "--format", "bundle", "--out", str(bundle))
    assert own_service.must("verify", str(bundle)).endswith("VERIFIED\n")


@pytest.mark.browser
def test_the_page_of_the_readme_runs_its_script_after_accepting(
    own_service: Service, chromium: Browser, tmp_path: Path
) -> None:
    config = _configuration()
    with _folder_served(tmp_path / "pages") as origin:
        own_service.start()
        own_service.publish(config | {"origins": [origin]})
        (page,) = blocks(text("README.md"), "html")
        (tmp_path / "pages/index.html").write_text(page.replace("http://localhost:8080", own_service.url))
        context = chromium.new_context(locale="fr-FR")
        tab = context.new_page()
        tab.goto(f"{origin}/")
        tab.locator("temoin-banner [data-t=refuse]").first.wait_for()
        expect(tab.locator("#state")).to_have_text("Nothing has run.")
        tab.locator("temoin-banner [data-t=banner] [data-t=accept]").click()
        expect(tab.locator("#state")).to_have_text("Audience measurement runs.")
        context.close()


@contextmanager
def _folder_served(folder: Path) -> Iterator[str]:
    """`python3 -m http.server` on a folder; its origin."""
    folder.mkdir()
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
