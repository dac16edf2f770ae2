"""Whose an address is: however it is written, and however many third parties are known."""

from __future__ import annotations

import pytest

from tests.sdk.conftest import Opener
from tests.sdk.world import ADS_HOST, PAGE_HOST, TRACKER_HOST, World

pytestmark = pytest.mark.browser

# One host, as a browser reads it and as nobody writes it.
DISGUISES = {
    "upper case": "http://T.Tracker.TEST:{port}/x",
    "a dot at the end": "http://t.tracker.test.:{port}/x",
    "a name before it": "http://me@t.tracker.test:{port}/x",
    "percent signs": "http://t.%74racker.test:{port}/x",
    "full width": "http://t.ｔracker.test:{port}/x",
    "backslashes": "http:\\\\t.tracker.test:{port}\\x",
    "one slash": "http:/t.tracker.test:{port}/x",
    "no slash": "http:t.tracker.test:{port}/x",
    "a tab inside": "http://t.tra\tcker.test:{port}/x",
    "a line break between the slashes": "/\n/t.tracker.test:{port}/x",
}
REFERENCES = ["http:&sol;&sol;t&period;tracker&period;test:{port}/x", "//t.tra&Tab;cker.test:{port}/x"]


def test_a_disguised_address_is_its_trackers_all_the_same(visit: Opener, world: World) -> None:
    opened = visit()
    urls = [each.format(port=world.port) for each in DISGUISES.values()]
    markup = [each.format(port=world.port) for each in (*DISGUISES.values(), *REFERENCES)]
    do = """([urls, markup]) => {
      for (const url of urls) { fetch(url, {mode: "no-cors"}).catch(() => {}); new Image().src = url; }
      for (const url of markup) document.createElement("div").innerHTML = `<img src="${url}">`;
    }"""
    opened.js(do, [urls, markup])
    opened.settled()
    seen = [each for each in world.received if each.path.startswith("/x")]
    assert seen == []
    opened.accept()
    world.wait_for("/x")
    opened.settled()
    assert set(world.trackers()) == {"GET /x"}


def test_a_path_of_the_pages_own_host_is_held_in_markup_too(visit: Opener, world: World) -> None:
    world.config["trackers"][0]["match"].append(f"{PAGE_HOST}/aside/*")
    opened = visit()
    opened.js("() => { document.createElement('div').innerHTML = '<img src=/aside/a><img src=/own>' }")
    opened.settled()
    assert world.at(PAGE_HOST)[1:] == ["GET /own"]
    opened.accept()
    world.wait_for("/aside/a", host=PAGE_HOST)


def test_third_parties_known_of_the_web_wait_for_their_category(visit: Opener, world: World) -> None:
    hosts = [f"*.known-{number}.test" for number in range(2_000)]
    known = {
        "id": "*ad",
        "purposes": ["ads"],
        "match": [*hosts, "*.tracker.test"],
        "cookies": [],
        "storage": [],
        "known": 1,
    }
    world.config["trackers"] = [*world.config["trackers"], known]
    opened = visit()
    send = """(host) => {
      for (const at of ["cdn.known-7.test", "unknown.test", host])
        fetch(`http://${at}:${location.port}/f`).catch(() => {});
      document.createElement("div").innerHTML = `<img src="http://known-1999.test:${location.port}/i">`;
    }"""
    opened.js(send, TRACKER_HOST)
    opened.settled()
    assert [(each.host, each.path) for each in world.received if each.path in ("/f", "/i")] == [("unknown.test", "/f")]
    opened.choose("audience")
    opened.js(send, TRACKER_HOST)
    world.wait_for("/f")
    assert world.at("known-1999.test", "cdn.known-7.test", ADS_HOST) == [], "the site's own tracker goes before"
    opened.choose("audience", "ads")
    opened.js(send, TRACKER_HOST)
    world.wait_for("/i", host="known-1999.test")  # once or more: the browser may take one picture for all
    world.wait_for("/f", host="cdn.known-7.test")
