"""What users of other tools complain of, in how the script works (docs/complaints.md has the whole list)."""

from __future__ import annotations

import threading

import pytest
from playwright.sync_api import expect

from tests.sdk.conftest import Opener
from tests.sdk.test_before_a_choice import EVERYTHING, NOTHING, STORED
from tests.sdk.visit import Visit
from tests.sdk.world import ADS_HOST, SERVICE_HOST, Page, World

pytestmark = pytest.mark.browser


def test_a_script_that_is_slow_to_arrive_is_still_the_first_to_run(visit: Opener, world: World) -> None:
    """With nothing in any cache, and as late as the network likes: the parser waits."""
    go = threading.Event()
    world.serving_script = lambda: go.wait(30)
    opened = Visit(world, visit.tab())
    world.pages["/"] = Page(PAGE_OF_TRACKERS)
    opened.tab.goto(world.url("/"), wait_until="commit")
    assert world.wait_until(lambda: "GET /s/boutique.js" in world.at(SERVICE_HOST))
    assert opened.js("() => window.started") is None
    assert world.trackers() == []
    go.set()
    opened.asks()
    opened.settled()
    assert opened.js("() => window.started") is True
    assert world.trackers() == []
    assert opened.js(STORED) == NOTHING


PAGE_OF_TRACKERS = (
    "<!doctype html><html lang='fr'><head><script src='http://consent.service.test:{port}/s/boutique.js'></script>"
    "<link rel='icon' href='data:,'></head><body><script>window.started = true</script>" + EVERYTHING
)

# A page of a single-page application: its address changes without a load, its content comes by `fetch`.
GO_TO = """async (path) => {
  history.pushState({}, "", path);
  document.querySelector("main").innerHTML = await (await fetch("/parts" + path)).text();
}"""


def test_an_embed_that_an_application_fetches_is_gated_and_works_after_the_choice(visit: Opener, world: World) -> None:
    for page in ("films", "clips"):
        frame = f'<iframe data-purpose="ads" data-src="http://px.ads.test:{{port}}/frame/{page}"></iframe>'
        world.pages[f"/parts/{page}"] = Page(frame)
    opened = visit("<main></main>")
    opened.refuse()
    opened.js(GO_TO, "/films")
    placeholder = opened.tab.locator("temoin-placeholder")
    expect(placeholder).to_be_visible()
    opened.settled()
    assert world.trackers() == []
    placeholder.get_by_role("button").click()
    opened.tab.locator("#switch-ads").check()
    opened.press("preferences-save")
    world.wait_for("/frame/films", host=ADS_HOST)
    expect(placeholder).to_have_count(0)
    opened.js(GO_TO, "/clips")
    world.wait_for("/frame/clips", host=ADS_HOST)
    opened.withdraw()
    expect(placeholder).to_be_visible()


def test_the_click_itself_only_closes_the_banner(visit: Opener, world: World) -> None:
    """Nothing that was held runs within the click: it cannot make the click slow, however heavy it is."""
    opened = visit(EVERYTHING)
    opened.asks()
    after_the_click = opened.js(
        """() => {
          document.querySelector("temoin-banner").shadowRoot.getElementById("banner-accept").click();
          const banner = document.querySelector("temoin-banner").shadowRoot.querySelector("[data-t=banner]");
          const awake = "script[src*='t.tracker.test'], iframe[src*='px.ads.test'], img[src*='px.ads.test']";
          return [banner.hidden, document.querySelectorAll(awake).length, window.ran ?? []];
        }"""
    )
    assert after_the_click == [True, 0, []]
    world.wait_for("/a.js", "/injected.js")


# Every way to make a browser lay the page out now. Of those that our script calls, what is noted is whether the banner
# had already been closed by then: before, the layout stands and the answer costs nothing.
MEASURING = """
window.measured = [];
const closed = () => document.querySelector("temoin-banner")?.shadowRoot.querySelector("[data-t=banner]").hidden;
const noting = (owner, name) => {
  const known = Object.getOwnPropertyDescriptor(owner, name);
  if (!known) return;
  const key = known.get ? "get" : "value";
  const original = known[key];
  Object.defineProperty(owner, name, {...known, [key]: function (...given) {
    if (new Error().stack.includes("/s/boutique.js")) window.measured.push([name, closed()]);
    return original.apply(this, given);
  }});
};
for (const side of ["Width", "Height", "Top", "Left"]) {
  for (const kind of ["client", "scroll", "offset"]) {
    noting(Element.prototype, kind + side);
    noting(HTMLElement.prototype, kind + side);
  }
}
for (const name of ["innerWidth", "innerHeight", "scrollX", "scrollY", "getComputedStyle"]) noting(window, name);
for (const name of ["getBoundingClientRect", "getClientRects", "scrollIntoView"]) noting(Element.prototype, name);
noting(HTMLElement.prototype, "innerText");
noting(HTMLElement.prototype, "offsetParent");
"""


def test_showing_and_closing_the_banner_forces_no_layout(visit: Opener) -> None:
    """A size that is asked for after a change forces the layout that would otherwise come once, with the next frame."""
    visit.context.add_init_script(MEASURING)
    opened = visit("<main>" + "<p>text</p>" * 200 + "</main>")
    opened.asks()
    opened.press("banner-choose")
    expect(opened.preferences).to_be_visible()
    opened.press("preferences-close")
    opened.refuse()
    opened.asks_nothing()
    assert opened.js("() => window.measured") == [["innerWidth", False]], "the window's class, for the record"


def test_with_a_signal_of_refusal_no_moment_is_left_in_which_a_tracker_could_start(visit: Opener, world: World) -> None:
    """The state is there for the first script after the tag, not with a later event."""
    visit.context.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})")
    world.signals = ["google"]
    opened = visit(
        """<script>
          window.first = [temoin.has("audience"), temoin.has("ads"), window.dataLayer.map((each) => each[1])];
        </script>"""
        + EVERYTHING
    )
    opened.asks_nothing()
    opened.settled()
    assert opened.js("() => window.first") == [False, False, ["default", "ads_data_redaction", "url_passthrough"]]
    assert opened.js("() => window.dataLayer.some((each) => each[1] === 'update')") is False
    assert world.trackers() == []
