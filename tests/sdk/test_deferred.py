"""The deferred form: what the inline half holds until the script is there, and what becomes of it then."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from temoin.banner.deferred import inline
from temoin.site import SiteConfig, parse_site
from tests.made import site_config
from tests.sdk import configs
from tests.sdk.conftest import Opener
from tests.sdk.test_ways_out import ASIDE, DO, WAYS, act, counts
from tests.sdk.visit import Visit
from tests.sdk.world import ADS_HOST, PAGE_HOST, SECURE_HOST, SERVICE_HOST, TRACKER_HOST, World
from tests.waiting import until

pytestmark = pytest.mark.browser

# What only the script itself holds: docs/limits.md says so.
LEFT = {
    *("setHTMLUnsafe", "declarative shadow root", "shadow root", "innerHTML character references"),
    *("attribute node", "attribute value", "named item"),
    *("video poster", "video source", "object", "embed", "input image"),
    *("style element", "form into a frame", "form requested into a frame"),
}
# Refused at once, as by a server that is down, and not done again.
REFUSED = {"Audio", "event source", "worker", "shared worker"}


def site(world: World) -> SiteConfig:
    """The world's trackers, as the service knows them."""
    made = site_config(origins=[world.url(""), world.url("", SECURE_HOST)])
    for tracker, told in zip(made["trackers"], world.config["trackers"], strict=False):
        tracker["match"] = told["match"]
        tracker["cookies"] = [{"name": name, "max_age": "P6M"} for name in told["cookies"]]
        tracker["storage"] = [{"name": name, "max_age": "P6M"} for name in told["storage"]]
    return parse_site(json.dumps(made).encode(), "boutique.json")


def page(world: World, body: str = "", head: str = "") -> str:
    stub = inline(site(world), f"http://{SERVICE_HOST}:{world.port}")
    tag = configs.TAG.replace("<script", "<script async")
    return configs.page(body, head).replace(configs.TAG, f"<script>{stub}</script>{tag}")


@pytest.fixture
def arriving(world: World) -> Iterator[threading.Event]:
    """The script is on its way until this is set."""
    event = threading.Event()
    world.serving_script = lambda: event.wait(30)
    yield event
    event.set()


def nothing_more_leaves(shop: Visit) -> None:
    """As `settled`, on a page whose loading has not ended."""
    for number in range(3):
        shop.js(f"() => fetch({shop.world.url(f'/{number}', 'sentinel.test')!r}, {{mode: 'no-cors'}}).then(() => 1)")


def opened(visit: Opener, world: World, *page_parts: str, host: str = PAGE_HOST) -> Visit:
    made = visit(path="/deferred", html="<!doctype html><link rel=icon href='data:,'>")
    world.pages["/deferred"].html = page(world, *page_parts)
    made.tab.goto(world.url("/deferred", host), wait_until="domcontentloaded")
    return made


def test_each_way_out_waits_for_the_script_and_then_for_the_choice(
    visit: Opener, world: World, arriving: threading.Event
) -> None:
    meter = world.config["trackers"][0]
    meter["match"] = [*meter["match"], f"{SECURE_HOST}{ASIDE}*"]
    to, aside = f"http://{TRACKER_HOST}:{world.port}", f"http://{SECURE_HOST}:{world.port}{ASIDE}x"
    ways = [way for way in WAYS if way.name not in LEFT]
    shop = opened(visit, world, host=SECURE_HOST)
    shop.tab.evaluate(DO, act(ways, to, aside))
    nothing_more_leaves(shop)
    assert {name: times for name, times in counts(world).items() if times} == {}, "before the script"
    arriving.set()
    shop.asks()
    shop.settled()
    assert {name: times for name, times in counts(world).items() if times} == {}, "before a choice"
    shop.accept()
    wanted = {way.name for way in ways if way.held} - REFUSED
    world.wait_until(lambda: all(counts(world)[name] for name in wanted))
    shop.settled()
    assert {name: counts(world)[name] for name in wanted if counts(world)[name] != 1} == {}, "after the grant"


def test_what_was_held_runs_once_at_once_where_it_was_granted_before(
    visit: Opener, world: World, arriving: threading.Event
) -> None:
    arriving.set()
    shop = opened(visit, world)
    shop.accept()
    arriving.clear()
    shop.tab.reload(wait_until="domcontentloaded")
    address = f"http://{TRACKER_HOST}:{world.port}"
    asked = shop.js(
        """(to) => { window.asked = fetch(to + '/asked', {mode: 'no-cors'}).then(() => 'answered');
        const request = new XMLHttpRequest();
        request.open('POST', to + '/request');
        request.setRequestHeader('Content-Type', 'text/plain');
        request.send('body');
        document.body.append(Object.assign(document.createElement('script'), {src: to + '/first.js'}));
        document.cookie = '_m=1'; localStorage.m_1 = 1; localStorage.setItem('m_2', '1');
        const sent = !!navigator.sendBeacon(to + '/beacon');
        return [sent, document.cookie.includes('_m='), 'm_2' in localStorage]; }""",
        address,
    )
    assert asked == [True, False, False]
    nothing_more_leaves(shop)
    assert world.trackers() == []
    arriving.set()
    world.wait_for("/asked", "/request", "/first.js", "/beacon")
    assert shop.js("() => window.asked") == "answered"
    until(lambda: "_m" in shop.cookies())
    assert shop.js("() => localStorage.m_2") == "1"
    shop.settled()
    assert len(world.trackers()) == 4


def test_the_pages_own_requests_never_wait(visit: Opener, world: World, arriving: threading.Event) -> None:
    shop = opened(visit, world, "<div id=place></div>")
    own: list[Any] = shop.js(
        """async () => {
        const image = new Image(); image.src = '/own-image';
        place.innerHTML = '<p title="t.tracker.testing">own</p><img src="/own-inner">';
        document.cookie = 'own=1'; localStorage.setItem('own', '1');
        const link = document.createElement('a'); link.setAttribute('href', 'http://px.ads.test/');
        const request = new XMLHttpRequest(); request.open('GET', '/own-request'); request.send();
        return [(await fetch('/own-fetch')).status, place.textContent, document.cookie, localStorage.own, link.host];
        }"""
    )
    assert own == [404, "own", "own=1", "1", "px.ads.test"]
    world.wait_until(lambda: len({each for each in world.at(PAGE_HOST) if "/own-" in each}) == 4)
    arriving.set()
    shop.asks()


def test_without_the_script_nothing_that_was_held_ever_happens(visit: Opener, world: World) -> None:
    shop = visit(path="/deferred", html="<!doctype html><link rel=icon href='data:,'>")
    world.pages["/deferred"].html = page(world).replace(configs.TAG.replace("<script", "<script async"), "")
    shop.goto("/deferred")
    shop.js("(to) => { new Image().src = to; fetch(to); }", f"http://{ADS_HOST}:{world.port}/pixel")
    shop.settled()
    assert world.trackers() == []


def test_marked_up_elements_and_the_banner_are_as_with_the_plain_tag(visit: Opener, world: World) -> None:
    marked = """<script type="text/plain" data-purpose="audience"
      data-src="http://t.tracker.test:{port}/marked.js"></script>"""
    shop = opened(visit, world, marked)
    expect(shop.banner).to_be_visible()
    shop.settled()
    assert world.trackers() == []
    shop.accept()
    world.wait_for("/marked.js")
    expect(shop.banner).to_be_hidden()
