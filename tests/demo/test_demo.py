"""`temoin demo` as somebody runs it: the shop is visited, and its owner sees the visit in the admin."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from temoin.demo.hosts import TRACKER_HOSTS
from tests.analytics.sending import FIREFOX
from tests.conftest import launched
from tests.waiting import until


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The addresses and the account that a real `temoin demo` prints."""
    command = [sys.executable, "-m", "temoin", "--data", str(tmp_path / "data"), "--json", "demo"]
    process = subprocess.Popen(
        [*command, "--port", str(free_ports())], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert process.stdout is not None
        lines: list[bytes] = []
        while not lines or lines[-1].rstrip() != b"}":
            lines.append(process.stdout.readline())
            assert lines[-1], "the demo ended before it said anything"
        yield json.loads(b"".join(lines))
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def free_ports() -> int:
    """The first of a run of ports that are all free; apart for each worker of the tests."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    needed = 3 + len(TRACKER_HOSTS)
    first = 20_000 + 1_000 * worker
    return next(port for port in range(first, first + 1_000, needed) if all(map(is_free, range(port, port + needed))))


def is_free(port: int) -> bool:
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@pytest.mark.browser
def test_a_visit_of_the_demos_shop_stands_in_the_demos_dashboard(demo: dict[str, str], chromium: Browser) -> None:
    browser = launched(chromium.browser_type, f"--user-agent={FIREFOX}")
    try:
        visitor = browser.new_context(locale="fr").new_page()
        visitor.goto(demo["shop"])
        visitor.locator("#banner-refuse").click()
        visitor.locator("a[href='/article']").first.click()
        visitor.wait_for_url("**/article")
        owner = browser.new_context(locale="en").new_page()
        owner.goto(demo["admin"])
        owner.locator("[name=name]").fill(demo["account"])
        owner.locator("[name=password]").fill(demo["password"])
        owner.locator("main button").click()
        owner.wait_for_url("**/admin/")
        address = f"{demo['admin'].partition('/admin')[0]}/admin/sites/boutique/audience"

        def counted() -> bool:
            owner.goto(address)
            return owner.locator(".cuts th", has_text="/article").count() == 1

        until(counted)
        expect(owner.locator(".kpis")).to_contain_text("Visits\n1", use_inner_text=True)
        expect(owner.locator(".kpis")).to_contain_text("Views\n2", use_inner_text=True)
    finally:
        browser.close()
