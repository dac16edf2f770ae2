"""Evidence out of a real Chromium: the real script and banner, every language, device and layer, no network."""

from __future__ import annotations

import struct
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser

from temoin.banner import script, version
from temoin.errors import Unavailable
from temoin.proof.evidence import VIEWPORTS, Captured, capture
from temoin.site import SiteConfig
from tests.aio import run
from tests.made import site_config

pytestmark = pytest.mark.browser
CHROMIUM = "/usr/bin/chromium"


def captured(
    base: str = "https://consent.example.org", before: bytes = b"", languages: Sequence[str] = ("fr", "en")
) -> list[Captured]:
    config = msgspec.convert(site_config(), SiteConfig)
    frozen = version.load("boutique", version.freeze(config), datetime.now(UTC))
    files = {language: script.language_file(frozen, language) for language in config.languages}
    return run(
        capture(
            before + script.bundle(frozen, base), files, base, "boutique", config.origins[0], list(languages), CHROMIUM
        )
    )


@pytest.fixture(scope="module")
def screens() -> list[Captured]:
    return captured()


@pytest.fixture
def sink() -> Iterator[tuple[str, list[str]]]:
    """A server that notes every request: its address, and what it was asked for."""
    heard: list[str] = []

    class Sink(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            self.send_response(204)
            self.end_headers()

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Sink) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", heard
        server.shutdown()
        thread.join()


def test_every_language_device_and_layer_is_captured(screens: list[Captured]) -> None:
    assert [(screen.language, screen.viewport, screen.layer) for screen in screens] == [
        (language, viewport, layer)
        for language in ("fr", "en")
        for viewport in ("mobile", "desktop")
        for layer in (1, 2)
    ]


def test_pictures_have_the_size_of_their_device_and_differ(screens: list[Captured]) -> None:
    for screen in screens:
        assert screen.png.startswith(b"\x89PNG\r\n\x1a\n")
        size = VIEWPORTS[screen.viewport]
        assert struct.unpack(">II", screen.png[16:24]) == (size["width"], size["height"])
    assert len({screen.png for screen in screens}) == len(screens)


def test_the_html_is_what_was_shown_and_shows_again_by_itself(screens: list[Captured], chromium: Browser) -> None:
    page = chromium.new_page()
    for screen in screens:
        page.set_content(screen.html.decode())
        banner, preferences = page.locator("[data-t=banner]"), page.locator("dialog[data-t=preferences]")
        shown = preferences if screen.layer == 2 else banner
        assert shown.is_visible()
        assert preferences.is_visible() == (screen.layer == 2)
        assert ("refuser" in shown.inner_text().lower()) == (screen.language == "fr")
        assert page.locator("input[type=checkbox]:checked").count() == 0
    page.close()


def test_the_same_version_gives_the_same_html(screens: list[Captured]) -> None:
    assert [screen.html for screen in captured(languages=["fr"])] == [screen.html for screen in screens[:4]]


def test_nothing_leaves_the_browser(sink: tuple[str, list[str]]) -> None:
    address, heard = sink
    chatty = f"""
        fetch('{address}/fetch').catch(() => 0); new Image().src = '{address}/image';
        navigator.sendBeacon('{address}/beacon', 'x');
    """
    assert len(captured(base=address, before=chatty.encode(), languages=["en"])) == 4
    assert heard == []


def test_without_a_browser_it_says_how_to_get_one(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\nexit 1\n", "utf-8")
    broken.chmod(0o755)
    for path, words in ((tmp_path / "missing", "There is no browser"), (broken, "did not start")):
        with pytest.raises(Unavailable, match=words) as failure:
            run(capture(b"", {}, "https://c.example", "b", "https://b.example", ["fr"], str(path)))
        assert "chromium" in failure.value.hint
        assert failure.value.exit_code == 3


def test_a_script_that_shows_no_banner_is_no_evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("temoin.proof.evidence._PATIENCE_MS", 5_000)
    with pytest.raises(Unavailable, match=r"mobile could not be captured: .*broken"):
        run(capture(b"throw 'broken'", {}, "https://c.example", "b", "https://b.example", ["fr"], CHROMIUM))
