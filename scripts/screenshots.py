"""Takes the pictures of docs/images anew: the real demo, in a data folder of its own, seen in a real Chromium.

`.venv/bin/python scripts/screenshots.py` after `make install`. Writes PNG files of at most 300 kB each and stops where
one is larger, so that a page that outgrew its picture is noticed. Nothing but the loopback address is spoken to.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from temoin.demo.hosts import TRACKER_HOSTS
from temoin.settings import load_settings

IMAGES = Path(__file__).resolve().parent.parent / "docs/images"
LARGEST = 300_000
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]
# Headless browsers are bots to the measurement; who takes these pictures is not.
FLAGS += ["--user-agent=Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"]
_DESKTOP = {"width": 1280, "height": 800}
_MOBILE = {"width": 390, "height": 844}
_BANNER = "temoin-banner [data-t=banner]"
_PREFERENCES = "temoin-banner dialog[data-t=preferences]"


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, demo(folder) as urls, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=load_settings().chromium, args=FLAGS)
        banner(browser, urls, "banner-mobile", _MOBILE)
        banner(browser, urls, "banner-desktop", _DESKTOP)
        preferences_and_counter(browser, urls)
        admin(browser, urls)
        browser.close()


@contextmanager
def demo(folder: str) -> Iterator[dict[str, str]]:
    """`temoin demo` on free ports; the addresses, the account and the password that it prints."""
    command = [
        sys.executable,
        "-m",
        "temoin",
        "--data",
        f"{folder}/data",
        "--json",
        "demo",
        "--port",
        str(_free_port()),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    try:
        assert process.stdout is not None
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line)
            if line.rstrip() == "}":
                break
        urls: dict[str, str] = json.loads("".join(lines))
        yield urls
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)


def banner(browser: Browser, urls: dict[str, str], name: str, size: dict[str, int]) -> None:
    """The first layer over the shop's home, as a first visit shows it."""
    page = _visit(browser, urls["shop"], size)
    page.locator(_BANNER).wait_for()
    _shoot(page, name)


def preferences_and_counter(browser: Browser, urls: dict[str, str]) -> None:
    """The second layer with one purpose switched on, then what the tracker hosts have received after saving it."""
    counter = _visit(browser, urls["counter"], _DESKTOP)
    page = _visit(browser, urls["shop"], _DESKTOP)
    page.locator(f"{_BANNER} [data-t=choose]").click()
    box = page.locator(_PREFERENCES)
    box.locator("input[data-purpose=audience]").check()
    box.locator("summary").first.click()
    _shoot(page, "preferences")
    with page.expect_response(lambda response: response.url.endswith("/consents")):
        box.locator("[data-t=save]").click()
    page.locator("a[href='/article']").first.click()
    page.wait_for_url("**/article")
    page.wait_for_load_state("networkidle")
    # The counter is live: the count of each measuring host is on it as soon as the host has answered.
    counter.wait_for_function("document.querySelectorAll('[data-host]:not([data-count=\"0\"])').length === 4")
    _shoot(counter, "counter")


def admin(browser: Browser, urls: dict[str, str]) -> None:
    page = _visit(browser, urls["admin"], _DESKTOP)
    page.locator("[name=name]").fill(urls["account"])
    page.locator("[name=password]").fill(urls["password"])
    page.locator("main button").click()
    page.locator("a[href*='/sites/boutique']").first.click()
    _shoot(page, "admin")
    page.locator("nav a[href$='/look']").click()
    page.locator("[id='theme.text']").fill("#c9ced8")
    page.locator("[id='theme.background']").fill("#ffffff")
    page.locator("#theme button:not([type])").click()
    page.locator("[id='theme.text-notes']").wait_for()
    _shoot(page, "admin-look")
    page.goto(f"{urls['admin'].partition('/admin')[0]}/admin/sites/boutique/records")
    page.locator("table.data tbody th a").first.click()
    page.locator(".checks .yes").first.wait_for()
    _shoot(page, "admin-record")
    page.locator("nav a[href$='/audience']").click()
    page.locator("figure.chart canvas").wait_for()
    page.set_viewport_size({"width": 1280, "height": 1400})
    _shoot(page, "admin-audience")


def _visit(browser: Browser, address: str, size: dict[str, int]) -> Page:
    """A fresh profile on `address`."""
    options = {"viewport": size, "locale": "fr-FR", "timezone_id": "Europe/Paris", "reduced_motion": "reduce"}
    page = browser.new_context(**options).new_page()  # type: ignore[arg-type]  # Playwright's own dictionaries
    page.goto(address)
    return page


def _shoot(page: Page, name: str) -> None:
    path = IMAGES / f"{name}.png"
    data = page.screenshot(animations="disabled")
    if len(data) > LARGEST:
        raise SystemExit(f"{path.name} would take {len(data)} bytes, {LARGEST} are allowed")
    path.write_bytes(data)
    print(f"docs/images/{path.name}: {len(data)} bytes")


def _free_port() -> int:
    """The first of a run of ports that are all free: the service's, the shop's, the counter's and the trackers'."""
    needed = 3 + len(TRACKER_HOSTS)
    return next(first for first in range(8080, 65_000, 20) if all(map(_free, range(first, first + needed))))


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


if __name__ == "__main__":
    main()
