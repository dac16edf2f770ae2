"""Exempt measurement as a visitor's device sees it: what is sent, that nothing is kept, and that one click ends it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.analytics.sending import FIREFOX, cut, stats
from tests.browser.shop import NOTHING, Shop, World
from tests.conftest import launched
from tests.waiting import until
from tests.web import get

pytestmark = pytest.mark.browser


class Hits(list[dict[str, Any]]):
    """What the page sent to `…/hits`, as it was sent."""

    def __init__(self, shop: Shop) -> None:
        super().__init__()
        self.banners: list[dict[str, Any]] = []  # kept apart: each page that asks says so too
        self.cookies: list[str] = []
        shop.context.on("request", lambda request: self._note(request) if request.url.endswith("/hits") else None)

    def _note(self, request: Any) -> None:
        hit = json.loads(request.post_data)
        (self.banners if hit["type"] == "shown" else self).append(hit)
        self.cookies += [value for name, value in request.all_headers().items() if name == "cookie"]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [hit for hit in self if hit["type"] == kind]


@pytest.fixture(scope="module")
def people(chromium: Browser) -> Iterator[Browser]:
    """A browser that does not call itself headless: by a flag, as a context's own name goes with its page."""
    browser = launched(chromium.browser_type, f"--user-agent={FIREFOX}")
    yield browser
    browser.close()


@pytest.fixture
def visitor(world: World, people: Browser) -> Iterator[Shop]:
    with Shop.entered(people, world) as shop:
        yield shop


def test_a_visit_is_told_and_the_device_stays_as_it_was(visitor: Shop) -> None:
    hits = Hits(visitor)
    visitor.open("/?utm_source=lettre&utm_campaign=printemps&gclid=abc")
    visitor.page.evaluate("history.pushState({}, '', '/ailleurs?email=jane@shop.test')")
    visitor.page.evaluate("history.pushState({}, '', '/?retour')")
    visitor.open("/produit")
    told = [(hit["type"], hit["page"]) for hit in hits]
    assert told[:5] == [("view", "/"), ("leave", "/"), ("view", "/ailleurs"), ("leave", "/ailleurs"), ("view", "/")]
    assert told[-1] == ("view", "/produit")
    assert [hit["entry"] for hit in hits.of("view")] == [True, False, False, True]
    assert [hit["next"] for hit in hits.of("leave")][:2] == [True, True]
    assert not any(secret in str(hits) for secret in ("lettre", "gclid", "jane", "retour"))
    assert hits.cookies == []
    assert visitor.cookies() == {}
    assert visitor.device() == NOTHING
    visitor.page.reload()
    visitor.settled()
    assert hits[-1] == {"type": "view", "page": "/produit", "entry": False}
    assert visitor.device() == NOTHING


def test_links_out_downloads_events_and_searches_are_told(visitor: Shop) -> None:
    hits = Hits(visitor)
    visitor.open("/")
    visitor.page.evaluate("""() => {
        document.body.insertAdjacentHTML("beforeend", `<div id=t><a id=out href="https://lwn.net/a?b">o</a>
          <a id=file href="/tarif.pdf?x=1">f</a>
          <b id=ev data-temoin-event=signup>e</b></div>`);
        document.getElementById("t").addEventListener("click", (event) => event.preventDefault());
    }""")
    for name in ("out", "file", "ev"):
        visitor.page.evaluate("(name) => document.getElementById(name).click()", name)
    visitor.page.evaluate("document.dispatchEvent(new CustomEvent('temoin:event', {detail: 'basket'}))")
    visitor.open("/produit?q=lampe")
    assert [hit["value"] for hit in hits.of("outbound")] == ["lwn.net"]
    assert [hit["value"] for hit in hits.of("download")] == ["/tarif.pdf"]
    assert [hit["value"] for hit in hits.of("event")] == ["signup", "basket"]
    assert [hit["value"] for hit in hits.of("search")] == ["lampe"]


def test_a_campaign_waits_for_consent_and_is_then_told_of_the_same_view(visitor: Shop) -> None:
    hits = Hits(visitor)
    visitor.open("/?utm_source=lettre&utm_medium=email&utm_campaign=printemps")
    visitor.choose("audience")
    visitor.page.wait_for_function("temoin.has('audience')")
    visitor.settled()
    assert [hit["type"] for hit in hits] == ["view", "consent"]
    campaign = {"source": "lettre", "medium": "email", "name": "printemps"}
    assert hits[1] == {"type": "consent", "page": "/", "entry": True, "consented": True, "campaign": campaign}
    assert hits.cookies == []


def test_a_page_that_asks_says_so_once_and_tells_nobody_apart(visitor: Shop) -> None:
    hits = Hits(visitor)
    visitor.open("/?utm_source=lettre")
    visitor.page.evaluate("history.pushState({}, '', '/ailleurs')")
    visitor.page.locator("[data-t=choose]").click()
    visitor.preferences.locator("[data-t=close]").click()
    visitor.settled()
    visitor.page.reload()
    visitor.settled()
    assert [hit["entry"] for hit in hits.banners] == [True, False]
    visitor.banner.locator("[data-t=refuse]").click()
    visitor.page.wait_for_function("temoin.receipt() !== null")
    assert hits.banners[0] == {
        "type": "shown",
        "page": "/",
        "entry": True,
        "config": visitor.page.evaluate("temoin.receipt()")["config"],
        "language": "fr",
        "viewport": "desktop",
    }
    visitor.open("/produit")
    assert len(hits.banners) == 2, "nobody is asked any more"
    assert hits.cookies == []


def test_one_click_says_no_for_good_and_nothing_is_sent_after_it(visitor: Shop) -> None:
    hits = Hits(visitor)
    visitor.open("/")
    visitor.page.evaluate("""document.body.insertAdjacentHTML("afterbegin",
        '<button data-temoin="measure" id="no">Ne pas me compter</button>')""")
    before = len(hits)
    visitor.page.evaluate("document.getElementById('no').click()")
    expect(visitor.page.locator("#no")).to_have_attribute("aria-pressed", "true")
    visitor.open("/produit")
    visitor.open("/")
    visitor.page.evaluate("history.pushState({}, '', '/ailleurs')")
    assert len(hits) == before
    assert visitor.device() == {**NOTHING, "local": ["temoin-measure"]}
    assert visitor.page.evaluate("localStorage['temoin-measure']") == "off"
    assert visitor.cookies() == {}


def test_the_script_without_a_banner_measures_alone(world: World, visitor: Shop) -> None:
    script = get(f"{world.service.url}/s/boutique.measure.js")
    assert script.status == 200
    hits = Hits(visitor)
    visitor.context.route(
        "**/s/boutique.js", lambda route: route.fulfill(body=script.body, content_type="text/javascript")
    )
    visitor.open("/")
    assert [hit["type"] for hit in hits] == ["view"]
    expect(visitor.banner).to_have_count(0)
    assert visitor.device() == NOTHING


def test_what_visitors_did_is_in_the_report(world: World, visitor: Shop) -> None:
    """A page that is left for another of the site by a link is no exit; one that is left for nothing is one."""
    visitor.open("/privacy")
    visitor.page.evaluate("""document.body.insertAdjacentHTML("afterbegin", '<a id="on" href="/merci">on</a>')""")
    visitor.page.locator("#on").click()
    visitor.page.wait_for_url("**/merci")
    visitor.settled()
    visitor.page.goto("about:blank")
    until(lambda: cut(stats(world.service), "page", "exits").get("/merci", 0) == 1)
    report = stats(world.service)
    assert cut(report, "page", "exits")["/privacy"] == 0
    assert cut(report, "page", "visits")["/privacy"] == 1
    assert cut(report, "page", "visits")["/merci"] == 0
