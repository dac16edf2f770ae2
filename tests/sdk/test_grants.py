"""After a grant, what was held runs once and in document order; what was not granted still does not run."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.sdk.conftest import Opener
from tests.sdk.test_before_a_choice import EVERYTHING
from tests.sdk.world import ADS_HOST, TRACKER_HOST, World

pytestmark = pytest.mark.browser

ORDERED = """
<script type="text/plain" data-purpose="audience" data-src="http://t.tracker.test:{port}/1.js"></script>
<script type="text/plain" data-purpose="audience">window.ran.push("2")</script>
<template data-purpose="audience">
  <p id="from-template">here</p>
  <script src="http://t.tracker.test:{port}/3.js"></script>
  <script>window.ran.push("4")</script>
</template>
<script type="text/plain" data-type="module" data-purpose="audience" data-src="http://t.tracker.test:{port}/5.js"></script>
<script type="text/plain" data-tracker="meter">window.ran.push("6")</script>
<script type="text/plain" data-purpose="audience ads">window.ran.push("both")</script>
<script type="text/plain" data-tracker="both">window.ran.push("tracker of both")</script>
<script type="text/plain" data-tracker="unheard-of">window.ran.push("unknown")</script>
<script type="text/plain" data-purpose="unheard-of">window.ran.push("unknown")</script>
<script type="text/plain" data-purpose="">window.ran.push("unnamed")</script>
"""
IN_ORDER = ("/1.js", "2", "/3.js", "4", "/5.js", "6")


def test_gated_scripts_run_once_and_in_document_order(visit: Opener, world: World) -> None:
    opened = visit(ORDERED)
    opened.choose("audience")
    opened.has_run(*IN_ORDER)
    opened.accept() if opened.banner.is_visible() else opened.choose("audience", "ads")
    opened.has_run(*IN_ORDER, "both", "tracker of both")
    assert world.at(TRACKER_HOST) == ["GET /1.js", "GET /3.js", "GET /5.js"]
    expect(opened.tab.locator("#from-template")).to_have_count(1)


def test_a_return_visitor_is_asked_nothing_and_scripts_run_as_the_page_is_read(visit: Opener, world: World) -> None:
    opened = visit(ORDERED)
    opened.accept()
    cookie, sent = opened.temoin(), len(world.decisions())
    opened.goto("/")
    # Met by the parser, a module waits for the end of the page, gated or not.
    opened.has_run("/1.js", "2", "/3.js", "4", "6", "both", "tracker of both", "/5.js")
    opened.asks_nothing()
    opened.settled()
    assert opened.temoin() == cookie
    assert len(world.decisions()) == sent
    assert world.at("consent.service.test")[-1] == "GET /s/boutique.js"


def test_accepting_lets_everything_held_go_once(visit: Opener, world: World) -> None:
    opened = visit(EVERYTHING)
    opened.accept()
    world.wait_for("/a.js", "/m.js", "/t.js", "/injected.js", "/pixel", "/frame")
    world.wait_for("/frame", "/img", host=ADS_HOST)
    opened.settled()
    seen = world.trackers()
    # What failed as a broken network would is the tracker's to try again; elements were held and went once.
    expected = ["/a.js", "/m.js", "/t.js", "/injected.js", "/pixel", "/frame", "/frame", "/img"]
    assert sorted(seen) == sorted(f"GET {path}" for path in expected)


def test_one_purpose_only_leaves_the_others_closed(visit: Opener, world: World) -> None:
    opened = visit(EVERYTHING)
    opened.choose("audience")
    world.wait_for("/a.js", "/pixel")
    opened.settled()
    assert world.at(ADS_HOST) == []
    assert opened.choices() == {"audience": True, "ads": False}
    assert opened.js("() => [temoin.has('audience'), temoin.has('ads'), temoin.has('cart'), temoin.has('x')]") == [
        True,
        False,
        True,
        False,
    ]


def test_refusing_runs_nothing_and_is_kept(visit: Opener, world: World) -> None:
    opened = visit(EVERYTHING)
    opened.refuse()
    opened.asks_nothing()
    opened.goto("/")
    opened.asks_nothing()
    opened.settled()
    assert world.trackers() == []
    assert [each["action"] for each in world.decisions()] == ["refuse_all"]
    assert opened.choices() == {"audience": False, "ads": False}


def test_attributes_of_gated_scripts_are_kept(visit: Opener) -> None:
    opened = visit(
        """<script type="text/plain" data-purpose="audience" data-src="http://t.tracker.test:{port}/k.js" id="kept"
        async defer crossorigin="anonymous" referrerpolicy="no-referrer" data-x="1"
        fetchpriority="low"></script>
        <script type="text/plain" data-purpose="audience" data-src="http://t.tracker.test:{port}/bad.js"
        integrity="sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC" crossorigin></script>
        <script type="text/plain" data-purpose="audience">(window.ran = window.ran || []).push("after")</script>"""
    )
    opened.accept()
    opened.tab.wait_for_function("() => (window.ran || []).includes('after')")
    assert "/bad.js" not in opened.ran()
    kept = opened.js(
        """() => { const s = document.getElementById('kept');
        return [s.async, s.defer, s.crossOrigin, s.referrerPolicy, s.dataset.x,
          s.getAttribute('fetchpriority'), s.type] }"""
    )
    assert kept == [True, True, "anonymous", "no-referrer", "1", "low", ""]


def test_a_deferred_script_waits_for_the_end_of_the_page(visit: Opener) -> None:
    body = """<script type="text/plain" data-purpose="audience" defer data-src="http://t.tracker.test:{port}/late.js">
    </script><script>(window.ran = window.ran || []).push("parsed")</script>"""
    opened = visit(body)
    opened.accept()
    opened.goto("/")
    opened.has_run("parsed", "/late.js")


def test_a_placeholder_stands_for_a_frame_and_leads_to_its_choice(visit: Opener, world: World) -> None:
    opened = visit(
        '<iframe data-purpose="ads" data-src="http://px.ads.test:{port}/frame" width="320" height="180"></iframe>'
    )
    placeholder = opened.tab.locator("temoin-placeholder")
    expect(placeholder.get_by_text("Ce contenu de px.ads.test:")).to_be_visible()
    box = placeholder.bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (320, 180)
    expect(opened.tab.locator("iframe")).to_be_hidden()
    placeholder.get_by_role("button").click()
    expect(opened.preferences).to_be_visible()
    expect(opened.tab.locator("#switch-ads")).to_be_focused()
    opened.press("preferences-save")
    opened.acknowledged()
    assert opened.choices() == {"audience": False, "ads": False}
    opened.choose("ads")
    world.wait_for("/frame", host=ADS_HOST)
    expect(opened.tab.locator("iframe")).to_be_visible()
    expect(placeholder).to_have_count(0)
    assert opened.choices() == {"audience": False, "ads": True}


def test_content_added_later_is_gated(visit: Opener, world: World) -> None:
    # Each time under addresses of their own: a document shows an image that it has already without asking again.
    add = """(time) => {
      const part = document.createElement('div');
      part.innerHTML = `<iframe data-purpose="ads" data-src="http://px.ads.test:${location.port}/frame${time}"></iframe>
        <script type="text/plain" data-purpose="audience" data-src="http://t.tracker.test:${location.port}/spa.js">
        <\\/script><img data-purpose="ads" data-src="http://px.ads.test:${location.port}/img${time}">`;
      document.body.append(part);
    }"""
    opened = visit()
    opened.js(add, 1)
    expect(opened.tab.locator("temoin-placeholder")).to_have_count(1)
    assert world.trackers() == []
    opened.accept()
    opened.has_run("/spa.js")
    world.wait_for("/frame1", "/img1", host=ADS_HOST)
    opened.js(add, 2)
    opened.has_run("/spa.js", "/spa.js")
    world.wait_for("/frame2", "/img2", host=ADS_HOST)


def test_the_pages_own_requests_are_never_touched(visit: Opener, world: World) -> None:
    world.files["/own"] = ("text/javascript", b"'own'")
    opened = visit(
        "<script>const s = document.createElement('script'); s.src = '/own'; document.head.append(s)</script>"
    )
    assert (
        opened.js(
            """async () => {
      const viaXhr = await new Promise((resolve) => {
        const request = new XMLHttpRequest();
        request.onload = () => resolve(request.responseText);
        request.open('GET', '/own?x=%20é'); request.send();
      });
      localStorage.setItem('mine', '1'); document.cookie = 'mine=1';
      const answers = [await (await fetch('/own')).text(), await (await fetch(new Request('/own'))).text(),
        await (await fetch(new URL('/own', location.href))).text(), viaXhr, navigator.sendBeacon('/own', 'x'),
        localStorage.getItem('mine'), document.cookie];
      return answers.join();
    }"""
        )
        == "'own','own','own','own',true,1,mine=1"
    )


def test_what_only_names_a_tracker_and_loads_nothing_is_left_alone(visit: Opener) -> None:
    opened = visit()
    address = f"http://{ADS_HOST}/deep/"
    assert (
        opened.js(
            """(address) => ['base', 'a', 'area'].map((name) => {
          const element = document.createElement(name);
          element.href = address;
          return element.getAttribute('href');
        })""",
            address,
        )
        == [address] * 3
    )


SPELLINGS = """() => {
  const port = location.port;
  const forms = [`http://T.Tracker.TEST:${port}/1`, `//t.tracker.test:${port}/2`,
    `http:\\\\\\\\t.tracker.test:${port}/3`,
    `ht\ntp://t.trac\tker.test:${port}/4`, `http://%74.tracker.test:${port}/5`, `http://x:y@t.tracker.test:${port}/6`,
    ` /\t/t.tracker.test:${port}/7`, `http://ｔ.tracker.test:${port}/8`, `http:///t.tracker.test:${port}/9`,
    new URL(`http://t.tracker.test:${port}/10`), new Request(`http://t.tracker.test:${port}/11`),
    {toString: () => `http://t.tracker.test:${port}/12`}];
  return Promise.all(forms.map((form) => fetch(form).then(() => "sent", (error) => error.message)));
}"""


def test_a_trackers_address_is_known_however_it_is_spelled(visit: Opener, world: World) -> None:
    opened = visit()
    assert opened.js(SPELLINGS) == ["Failed to fetch"] * 12
    assert world.trackers() == []
    opened.accept()
    # Credentials in an address are the browser's own to refuse.
    assert len([each for each in opened.js(SPELLINGS) if each != "sent"]) == 1
    assert len(world.trackers()) == 11
