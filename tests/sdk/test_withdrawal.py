"""Withdrawing works at once, without a reload: a running tracker is cut off, what it kept is deleted (R16, R26)."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.sdk.conftest import Opener
from tests.sdk.visit import Visit
from tests.sdk.world import ADS_HOST, PAGE_HOST, Page, World
from tests.waiting import until

pytestmark = pytest.mark.browser

# A tracker that kept its own references to the browser's functions, as real ones do.
RUNNING = """<script type="text/plain" data-purpose="audience">
  const tracker = "http://t.tracker.test:{port}";
  const send = window.fetch, Picture = window.Image, Request_ = window.XMLHttpRequest;
  window.outcome = [];
  window.beat = async (name) => {
    await send(tracker + "/fetch" + name).catch((error) => outcome.push(error.name));
    navigator.sendBeacon(tracker + "/beacon" + name, "x");
    const picture = new Picture();
    picture.onerror = () => outcome.push("image");
    picture.src = tracker + "/image" + name;
    const request = new Request_();
    request.onerror = () => outcome.push("xhr " + request.readyState + " " + request.status);
    request.open("GET", tracker + "/xhr" + name);
    request.send();
    document.cookie = "_meter=" + name + "; path=/";
    document.cookie = "_mparent=" + name + "; path=/; domain=boutique.test";
    localStorage.setItem("m_id", name);
    sessionStorage.setItem("m_tab", name);
  };
  window.opened = new XMLHttpRequest();
  opened.open("GET", tracker + "/opened-before");
  beat("1");
</script>"""


def test_withdrawing_silences_a_running_tracker_and_deletes_what_it_kept(visit: Opener, world: World) -> None:
    opened = visit(RUNNING)
    opened.accept()
    world.wait_for("/fetch1", "/beacon1", "/image1", "/xhr1")
    assert {"_meter", "_mparent"} <= opened.cookies().keys()
    opened.withdraw()
    assert opened.cookies().keys() == {"temoin"}
    before = len(world.trackers())
    opened.js("() => { outcome.length = 0; beat('2'); window.opened.send() }")
    opened.tab.wait_for_function("() => outcome.includes('image') && outcome.some((each) => each.startsWith('xhr'))")
    opened.settled()
    assert world.trackers()[before:] == []
    assert opened.js("() => outcome.slice().sort()") == ["TypeError", "image", "xhr 4 0"]
    assert opened.cookies().keys() == {"temoin"}
    assert opened.js("() => [Object.keys(localStorage), Object.keys(sessionStorage)]") == [[], []]
    opened.choose("audience")
    opened.js("() => beat('3')")
    world.wait_for("/fetch3", "/beacon3", "/image3", "/xhr3")
    assert not [path for path in world.trackers() if path.endswith("2")]


def test_what_is_in_force_stops_within_the_click(visit: Opener) -> None:
    opened = visit()
    opened.accept()
    assert opened.js("""() => {
      const before = temoin.has("audience");
      document.querySelector("temoin-banner").shadowRoot.getElementById("control-withdraw").click();
      return [before, temoin.has("audience")];
    }""") == [True, False]


def test_withdrawing_takes_one_click_as_accepting_does(visit: Opener, world: World) -> None:
    opened = visit()
    out = opened.tab.locator("#control-withdraw")
    expect(out).to_be_hidden()
    opened.accept()
    expect(out).to_be_visible()
    out.focus()
    opened.tab.keyboard.press("Enter")
    expect(out).to_be_hidden()
    expect(opened.tab.locator("#temoin-open")).to_be_focused()
    expect(opened.tab.locator("[data-t=status]")).to_have_text("Votre consentement est retiré.")
    assert opened.choices() == {"audience": False, "ads": False}
    assert [(each["action"], each["layer"], each["control"]) for each in world.decisions()[1:]] == [
        ("withdraw", 1, "control-withdraw")
    ]


def test_withdrawing_is_offered_only_while_something_is_granted(visit: Opener, world: World) -> None:
    opened = visit()
    out = opened.tab.locator("#control-withdraw")
    opened.refuse()
    expect(out).to_be_hidden()
    opened.press("temoin-open")
    expect(opened.tab.locator("#preferences-withdraw")).to_be_hidden()
    opened.press("preferences-close")
    opened.choose("ads")
    expect(out).to_be_visible()
    opened.goto("/")
    expect(out).to_be_visible()
    world.config["purposes"][1]["scope"] = "00ff00ff"
    opened.goto("/")
    opened.asks()
    expect(out).to_be_hidden()


def test_any_element_of_the_page_can_withdraw(visit: Opener, world: World) -> None:
    opened = visit("<a id='mine' href='/elsewhere' data-temoin='withdraw'>plus de cookies</a>")
    opened.accept()
    opened.press("mine")
    opened.tab.wait_for_function("() => temoin.choices().ads === false && temoin.receipt()")
    assert opened.tab.url.endswith("/")
    assert world.decisions()[1]["action"] == "withdraw"


def test_withdrawal_from_the_preferences_is_recorded_and_kept(visit: Opener, world: World) -> None:
    opened = visit(RUNNING)
    opened.accept()
    opened.press("temoin-open")
    opened.press("preferences-withdraw")
    opened.acknowledged()
    opened.goto("/")
    opened.asks_nothing()
    sent = [(each["action"], each["layer"], each["control"]) for each in world.decisions()]
    assert sent == [("accept_all", 1, "banner-accept"), ("withdraw", 2, "preferences-withdraw")]
    assert len({each["subject"] for each in world.decisions()}) == 1
    assert opened.choices() == {"audience": False, "ads": False}


def test_cookies_are_deleted_on_every_domain_and_path_in_reach_also_at_load(visit: Opener, world: World) -> None:
    first = visit()
    first.set_cookie("_m1", "1")
    first.set_cookie("_m2", "1", domain=".boutique.test")
    first.set_cookie("_m3", "1", path="/shop")
    first.set_cookie("_m4", "1", path="/shop/a/", domain=".boutique.test")
    first.set_cookie("_ad", "1")
    first.set_cookie("own", "1")
    world.pages["/shop/a/b"] = Page(world.pages["/"].html)
    first.goto("/shop/a/b")
    until(lambda: first.cookies().keys() == {"own"})


LEAVE_KEYS = "() => { localStorage.m_left = '1'; sessionStorage.ad_left = '1' }"
KEYS = "() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)]"


def test_keys_that_were_left_go_with_a_choice_and_when_the_page_is_left(visit: Opener) -> None:
    opened = visit()
    opened.js(LEAVE_KEYS)
    opened.goto("/")
    assert opened.js(KEYS) == []
    opened.js(LEAVE_KEYS)
    opened.refuse()
    assert opened.js(KEYS) == []


def test_a_granted_tracker_keeps_its_cookies_when_another_is_refused(visit: Opener) -> None:
    opened = visit()
    opened.accept()
    opened.js("() => { document.cookie = '_m=1'; document.cookie = '_ad=1'; localStorage.setItem('ad_x', '1') }")
    opened.choose("audience")
    assert opened.cookies().keys() == {"_m", "temoin"}
    assert opened.js("() => Object.keys(localStorage)") == []


OPEN = """(name) => new Promise((resolve) => {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => request.result.createObjectStore("kept");
  request.onsuccess = () => { (window.kept ||= []).push(request.result); resolve("open") };
  request.onerror = (event) => resolve([event.target === request, request.error.constructor.name, request.readyState]);
})"""
REFUSED = [True, "DOMException", "done"]
NO_DATABASE = "async (names) => (await indexedDB.databases()).every(({ name }) => !names.includes(name))"


def test_databases_of_a_tracker_are_refused_closed_and_deleted_by_name(visit: Opener, world: World) -> None:
    opened = visit()
    assert opened.tab.evaluate(OPEN, "m_events") == REFUSED
    assert opened.tab.evaluate(OPEN, "own") == "open"
    opened.accept()
    for name in ("m_events", "ad_events"):
        assert opened.tab.evaluate(OPEN, name) == "open"
    opened.choose("audience")
    opened.tab.wait_for_function(NO_DATABASE, arg=["ad_events"])
    assert sorted(opened.js("async () => (await indexedDB.databases()).map(({name}) => name)")) == ["m_events", "own"]
    assert opened.tab.evaluate(OPEN, "ad_events") == REFUSED
    opened.withdraw()
    opened.tab.wait_for_function(NO_DATABASE, arg=["m_events"])
    assert opened.tab.evaluate(OPEN, "m_events") == REFUSED
    assert opened.js("async () => (await indexedDB.databases()).map(({name}) => name)") == ["own"]


def test_databases_of_a_tracker_are_deleted_at_load(visit: Opener, world: World) -> None:
    opened = visit(path="/without", html="<!doctype html>")
    assert opened.tab.evaluate(OPEN, "m_events") == "open"
    opened = visit()
    opened.tab.wait_for_function(NO_DATABASE, arg=["m_events"])


def test_frames_go_back_behind_their_placeholder_and_dynamic_ones_are_emptied(visit: Opener, world: World) -> None:
    opened = visit(
        """<iframe id="gated" data-purpose="ads" data-src="http://px.ads.test:{port}/frame"></iframe>
        <script>const frame = document.createElement('iframe'); frame.src = 'http://px.ads.test:{port}/frame2';
        document.body.append(frame)</script>"""
    )
    opened.accept()
    world.wait_for("/frame", "/frame2", host=ADS_HOST)
    opened.tab.wait_for_function("() => frames.length === 2")
    opened.settled()
    opened.withdraw()
    opened.tab.wait_for_function("() => [...document.querySelectorAll('iframe')].every((each) => each.contentDocument)")
    expect(opened.tab.locator("temoin-placeholder")).to_be_visible()
    opened.choose("ads")
    world.wait_for("/frame", "/frame2", host=ADS_HOST, times=2)
    expect(opened.tab.locator("temoin-placeholder")).to_have_count(0)


def test_open_event_streams_end_with_the_grant(visit: Opener, world: World) -> None:
    opened = visit()
    opened.accept()
    opened.js("() => { window.stream = new EventSource(`http://t.tracker.test:${location.port}/events`) }")
    world.wait_for("/events")
    opened.withdraw()
    assert opened.js("() => stream.readyState") == 2
    closed = """() => new Promise((resolve) => {
      const seen = []; const socket = new WebSocket(`ws://t.tracker.test:${location.port}/socket`);
      socket.onerror = () => seen.push('error'); socket.onclose = () => resolve([...seen, socket.readyState]);
    })"""
    assert opened.js(closed) == ["error", 3]
    assert "GET /socket" not in world.trackers()


def test_a_choice_made_in_another_tab_is_picked_up(visit: Opener, world: World) -> None:
    first = visit(RUNNING)
    first.accept()
    world.wait_for("/fetch1")
    second = Visit(world, visit.tab())
    second.goto("/")
    second.withdraw()
    first.tab.bring_to_front()
    first.js("() => dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    assert first.choices() == {"audience": False, "ads": False}
    before = len(world.trackers())
    first.js("() => { outcome.length = 0; beat('2') }")
    first.tab.wait_for_function("() => outcome.includes('image')")
    assert world.trackers()[before:] == []


def test_only_the_page_host_is_named_in_the_record(visit: Opener, world: World) -> None:
    opened = visit()
    opened.goto("/?utm_source=x#part")
    opened.refuse()
    assert world.decisions()[0]["page"] == f"http://{PAGE_HOST}:{world.port}/"
