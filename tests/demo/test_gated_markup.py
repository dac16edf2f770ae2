"""Gated markup is inert by itself: without the script that opens it, nothing runs, is asked for or is written."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext

from temoin.demo.hosts import TRACKER_HOSTS
from temoin.demo.servers import DemoServers
from temoin.demo.shop import PAGES

pytestmark = pytest.mark.browser

_EVERY_PAGE = {
    "script[type='text/plain'][data-purpose][data-src]:not([data-type])": 5,
    "script[type='text/plain'][data-type=module][data-purpose][data-src]": 1,
    "script[type='text/plain'][data-purpose]:not([data-src])": 1,
    "script[type='text/plain'][data-tracker=pixel]:not([data-src])": 1,
}
_ALSO = {
    "/": {"template[data-purpose=personalisation]": 1},
    "/produit": {"template[data-purpose=personalisation]": 1, "img[data-purpose=ads][data-src]:not([src])": 1},
    "/article": {"iframe[data-purpose=video][data-src]:not([src])": 1},
    "/commande": {"img[data-purpose=ads][data-src]:not([src])": 1},
}
_ASK = "(origins) => Promise.all(origins.map((origin) => fetch(`${origin}/marker`, { mode: 'no-cors' })))"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_carries_every_form_of_gated_markup_that_it_should(
    path: str, gated_demo: DemoServers, visitor: BrowserContext
) -> None:
    page = visitor.new_page()
    page.goto(gated_demo.shop_url + path)
    forms = {**_EVERY_PAGE, **_ALSO[path]}
    assert {form: page.locator(form).count() for form in forms} == forms


def test_gated_pages_without_the_script_send_and_write_nothing(
    gated_demo: DemoServers, visitor: BrowserContext
) -> None:
    page = visitor.new_page()
    gated_demo.ledger.reset()
    for path in PAGES:
        page.goto(gated_demo.shop_url + path, wait_until="networkidle")
        page.locator("h1").click()
        page.mouse.wheel(0, 2000)
    # A request of our own to each host, after all that the pages could have sent: only it has arrived.
    page.evaluate(_ASK, list(gated_demo.tracker_urls.values()))
    for host in TRACKER_HOSTS:
        assert [hit.path for hit in gated_demo.ledger.hits(host.id)] == ["/marker"]
    assert visitor.cookies() == []
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert page.evaluate("indexedDB.databases()") == []
