"""Before a choice nothing gated runs, nothing is written, and only a click on a button is a choice (R14, R15, R20)."""

from __future__ import annotations

import pytest

from tests.sdk.conftest import Opener
from tests.sdk.world import Page, World

pytestmark = pytest.mark.browser

EVERYTHING = """
<script type="text/plain" data-purpose="audience" data-src="http://t.tracker.test:{port}/a.js"></script>
<script type="text/plain" data-purpose="audience">(window.ran = window.ran || []).push("inline")</script>
<script type="text/plain" data-type="module" data-purpose="audience" data-src="http://t.tracker.test:{port}/m.js"></script>
<iframe data-purpose="ads" data-src="http://px.ads.test:{port}/frame" width="320" height="180"></iframe>
<img data-purpose="ads" data-src="http://px.ads.test:{port}/img" alt="">
<template data-purpose="audience"><script src="http://t.tracker.test:{port}/t.js"></script></template>
<script>
  const tracker = "http://t.tracker.test:{port}";
  const script = document.createElement("script");
  script.src = tracker + "/injected.js";
  document.head.append(script);
  const image = new Image();
  image.setAttribute("src", tracker + "/pixel");
  const frame = document.createElement("iframe");
  frame.src = tracker + "/frame";
  document.body.append(frame);
  fetch(tracker + "/fetch").catch(() => {});
  navigator.sendBeacon(tracker + "/beacon", "x");
  const request = new XMLHttpRequest();
  request.open("POST", tracker + "/xhr");
  request.send();
  new WebSocket(tracker.replace("http", "ws") + "/socket");
  new EventSource(tracker + "/events");
  document.cookie = "_meter=1; path=/";
  localStorage.setItem("m_id", "1");
  sessionStorage.setItem("m_session", "1");
</script>
"""

STORED = """async () => ({
  cookies: document.cookie, local: Object.keys(localStorage), session: Object.keys(sessionStorage),
  databases: (await indexedDB.databases()).length, caches: 'caches' in window ? (await caches.keys()).length : 0,
})"""
NOTHING = {"cookies": "", "local": [], "session": [], "databases": 0, "caches": 0}


def test_without_the_tag_the_same_page_reaches_its_trackers(visit: Opener, world: World) -> None:
    """The control of all tests below: they would prove nothing on a page whose trackers do not fire."""
    opened = visit(html="<!doctype html><body>" + EVERYTHING)
    world.wait_for("/injected.js", "/pixel", "/frame", "/fetch", "/beacon", "/xhr", "/socket", "/events")
    assert "_meter" in opened.cookies()


def test_nothing_is_sent_or_written_before_a_choice(visit: Opener, world: World) -> None:
    opened = visit(EVERYTHING)
    opened.asks()
    opened.settled()
    assert world.trackers() == []
    assert opened.ran() == []
    assert opened.js(STORED) == NOTHING
    assert opened.choices() == {}
    assert [path for path in world.at("consent.service.test") if path != "GET /s/boutique.js"] == []


FIRST_FRAME = """
<p>text</p>
<script>
  const seen = window.seen = [];
  const look = () => !seen.includes("banner") && document.querySelector("temoin-banner") && seen.push("banner");
  look();
  new MutationObserver(look).observe(document.documentElement, { childList: true });
  requestAnimationFrame(() => seen.push("frame"));
</script>
"""


def test_the_page_is_seen_before_its_banner(visit: Opener) -> None:
    opened = visit(FIRST_FRAME)
    opened.asks()
    assert opened.js("window.seen") == ["frame", "banner"]


def test_scrolling_clicking_escape_waiting_and_reloading_grant_nothing(visit: Opener, world: World) -> None:
    opened = visit("<p id='text'>text</p><a id='link' href='/next'>next</a>" + EVERYTHING)
    opened.asks()
    opened.tab.mouse.wheel(0, 2000)
    opened.tab.locator("#text").click()
    opened.tab.keyboard.press("Escape")
    opened.tab.reload()
    opened.asks()
    world.pages["/next"] = Page(world.pages["/"].html)
    opened.tab.locator("#link").click()
    opened.tab.wait_for_url("**/next")
    opened.asks()
    opened.settled()
    assert world.trackers() == []
    assert world.decisions() == []
    assert opened.js(STORED) == NOTHING


def test_escape_backdrop_and_close_of_the_preferences_grant_nothing(visit: Opener, world: World) -> None:
    opened = visit(EVERYTHING)
    for leave in ("escape", "backdrop", "close"):
        opened.press("banner-choose")
        assert not opened.tab.locator("#switch-audience").is_checked()
        opened.tab.locator("#switch-audience").check()
        if leave == "escape":
            opened.tab.keyboard.press("Escape")
        elif leave == "backdrop":
            opened.tab.mouse.click(2, 2)
            opened.tab.keyboard.press("Escape")
        else:
            opened.press("preferences-close")
        opened.asks()
    assert world.trackers() == []
    assert world.decisions() == []
    assert opened.js(STORED) == NOTHING


def test_gpc_is_a_refusal_that_asks_nothing_and_writes_nothing(visit: Opener, world: World) -> None:
    visit.context.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})")
    opened = visit(EVERYTHING)
    opened.asks_nothing()
    opened.settled()
    assert world.trackers() == []
    assert opened.js(STORED) == NOTHING
    opened.choose("audience")
    assert opened.choices() == {"audience": True, "ads": False}
    assert world.decisions()[0]["signals"] == {"gpc": True}


def test_gpc_ignored_asks_as_usual(visit: Opener, world: World) -> None:
    world.config["gpc"] = "ignore"
    visit.context.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})")
    visit().asks()
