"""The counter page in real Chromium: it follows what arrives without being reloaded, and can be set back."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from temoin.demo.servers import DemoServers

pytestmark = pytest.mark.browser


@pytest.fixture
def demo() -> Iterator[DemoServers]:
    with DemoServers().in_thread() as demo:
        yield demo


def _send(demo: DemoServers, host: str) -> None:
    urllib.request.urlopen(f"{demo.tracker_urls[host]}/probe", data=b"x").close()


def test_the_counter_follows_what_arrives_and_is_reset(demo: DemoServers, visitor: BrowserContext) -> None:
    page = visitor.new_page()
    page.goto(demo.counter_url)
    expect(page.get_by_text("Aucune requête n'a atteint un traceur.")).to_be_visible()
    _send(demo, "mixpanel")
    expect(page.locator("[data-host=mixpanel] [data-number]")).to_have_text("1")
    expect(page.locator("[data-host=posthog] [data-number]")).to_have_text("0")
    expect(page.locator("[data-recent] tr")).to_have_count(1)
    expect(page.locator("[data-recent]")).to_contain_text("/probe")
    page.get_by_role("button", name="Remettre à zéro").click()
    expect(page.locator("[data-host=mixpanel] [data-number]")).to_have_text("0")
    assert demo.ledger.as_dict()["total"] == 0


def test_the_counter_speaks_english_too(demo: DemoServers, visitor: BrowserContext) -> None:
    page = visitor.new_page()
    page.goto(demo.counter_url)
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What the trackers received")
    assert page.locator("html").get_attribute("lang") == "en"


def test_the_counter_is_right_without_script(demo: DemoServers, visitor: BrowserContext) -> None:
    _send(demo, "gtag")
    browser = visitor.browser
    assert browser is not None
    plain = browser.new_context(java_script_enabled=False)
    page = plain.new_page()
    page.goto(demo.counter_url + "/?lang=en")
    expect(page.locator("[data-total]")).to_have_text("1 request reached a tracker")
    page.get_by_role("button", name="Reset").click()
    expect(page.locator("[data-total]")).to_contain_text("No request has reached a tracker.")
    assert page.url.endswith("/?lang=en")
    plain.close()
