"""With nothing in their way the trackers do fire: without this, a counter at zero would prove nothing.

Real Chromium, no script of Témoin anywhere. What each tracker leaves on the device is measured and compared with what
the seeded configuration declares, in both directions, so that deletion lists are true.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from temoin.clock import add_period, parse_period
from temoin.demo.hosts import TRACKER_HOSTS
from temoin.demo.servers import DemoServers
from temoin.demo.shop import PAGES
from tests.demo.deliveries import delivered, events, trackers_on

pytestmark = pytest.mark.browser

# Notes every key that is written, since some are removed again before they could be seen.
_NOTE_WRITES = """
    window.written = [];
    const set = Storage.prototype.setItem;
    Storage.prototype.setItem = function (key, value) { written.push(key); return set.call(this, key, value); };
"""
_LEFT = """async () => [
    ...Object.keys(localStorage), ...Object.keys(sessionStorage),
    ...(await indexedDB.databases()).map(({ name }) => name),
]"""


def _open(page: Page, demo: DemoServers, path: str, hosts: list[str]) -> None:
    """Opens a page with an empty ledger and waits until each of `hosts` was told about it."""
    demo.ledger.reset()
    page.goto(demo.shop_url + path)
    assert demo.ledger.wait_for(lambda ledger: delivered(ledger, hosts)), {
        host: len(events(demo.ledger, host)) for host in hosts
    }


def _only(page: Page, demo: DemoServers, host: str) -> None:
    """Blocks every tracker host but one inside the browser."""
    others = [f"{origin}/*" for host_id, origin in demo.tracker_urls.items() if host_id != host]
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setBlockedURLs", {"urls": others})


@pytest.mark.parametrize("path", PAGES)
def test_every_tracker_of_an_ungated_page_reports_the_visit_to_its_host_and_to_no_other(
    path: str, bare_demo: DemoServers, visitor: BrowserContext
) -> None:
    asked: set[str] = set()
    page = visitor.new_page()
    page.on("request", lambda request: asked.add("/".join(request.url.split("/")[:3])))
    _open(page, bare_demo, path, trackers_on(path))
    page.reload()  # leaving sends what was still queued, and by then every request has been noted
    known = {bare_demo.shop_url, *bare_demo.tracker_urls.values()}
    assert asked <= known
    assert ("video" in trackers_on(path)) == bool(bare_demo.ledger.hits("video"))


def test_a_click_in_the_shop_is_reported_as_an_event(bare_demo: DemoServers, visitor: BrowserContext) -> None:
    page = visitor.new_page()
    _open(page, bare_demo, "/produit", trackers_on("/produit"))
    page.get_by_role("button", name="Ajouter au panier").click()
    assert bare_demo.ledger.wait_for(lambda ledger: any(hit.path == "/v1/t" for hit in ledger.hits("segment")))


def test_the_frame_and_the_pixel_set_third_party_cookies(bare_demo: DemoServers, visitor: BrowserContext) -> None:
    page = visitor.new_page()
    _open(page, bare_demo, "/article", ["pixel", "video"])
    _open(page, bare_demo, "/article", ["pixel", "video"])
    assert all(hit.cookie for hit in events(bare_demo.ledger, "pixel"))
    assert all(hit.cookie for hit in events(bare_demo.ledger, "video"))


@pytest.mark.parametrize("host", [host.id for host in TRACKER_HOSTS])
def test_what_a_tracker_leaves_on_the_device_is_what_the_seed_declares(
    host: str, bare_demo: DemoServers, visitor: BrowserContext
) -> None:
    page = visitor.new_page()
    page.add_init_script(_NOTE_WRITES)
    _only(page, bare_demo, host)
    written: set[str] = set()
    for path in ("/article", "/article") if host == "video" else ("/", "/produit"):
        _open(page, bare_demo, path, [host])
        written |= set(page.evaluate("written"))
    left = set(page.evaluate(_LEFT))
    declared = next(tracker for tracker in bare_demo.config()["trackers"] if tracker["id"] == host)
    keys = [kept["name"] for kept in declared["storage"]]
    assert [key for key in left if not any(fnmatchcase(key, pattern) for pattern in keys)] == []
    assert [pattern for pattern in keys if not any(fnmatchcase(key, pattern) for key in left | written)] == []
    _check_cookies(visitor.cookies(), declared["cookies"])


def _check_cookies(found: list[Any], declared: list[dict[str, str]]) -> None:
    """Each cookie found is declared, each declared is found, and it lasts as long as declared, to the day."""
    names = [kept["name"] for kept in declared]
    assert [cookie["name"] for cookie in found if not any(fnmatchcase(cookie["name"], name) for name in names)] == []
    now = datetime.now(UTC)
    for kept in declared:
        ends = [cookie["expires"] for cookie in found if fnmatchcase(cookie["name"], kept["name"])]
        assert ends, kept["name"]
        declared_end = add_period(now, parse_period(kept["max_age"]))
        for end in ends:
            assert abs(datetime.fromtimestamp(end, UTC) - declared_end) <= timedelta(days=1)
