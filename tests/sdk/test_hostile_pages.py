"""Pages that make it hard: nothing is ever thrown into them, and what cannot work stays closed.

The `visit` fixture fails a test when a page saw an exception.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.sdk import configs
from tests.sdk.conftest import Opener
from tests.sdk.world import Page, World

pytestmark = pytest.mark.browser

GATED = """
<script type="text/plain" data-purpose="audience" data-src="http://t.tracker.test:{port}/a.js" nonce="n0nce"></script>
<script type="text/plain" data-purpose="audience" nonce="n0nce">(window.ran = window.ran || []).push("inline")</script>
"""
HEAD = "<script{attributes} src='http://consent.service.test:{port}/s/boutique.js'></script>"


def tagged(before: str = "", attributes: str = "", after: str = "", body: str = GATED) -> str:
    """A page with the tag somewhere else than usual; `{port}` is left for the page server."""
    tag = HEAD.replace("{attributes}", attributes)
    return f"<!doctype html><html lang='fr'><head>{before}{tag}{after}</head><body>{body}</body></html>"


def test_a_strict_csp_with_nonces_and_trusted_types(visit: Opener, world: World) -> None:
    policy = (
        f"default-src 'none'; script-src 'nonce-n0nce'; connect-src http://consent.service.test:{world.port}; "
        "require-trusted-types-for 'script'; trusted-types temoin"
    )
    violations = """<script nonce='n0nce'>addEventListener('securitypolicyviolation',
        (event) => (window.bad ||= []).push(event.violatedDirective))</script>"""
    html = tagged(before=violations, attributes=" nonce='n0nce'").replace(
        "</head>", "<link rel=icon href='data:,'></head>"
    )
    opened = visit(html=html, headers={"Content-Security-Policy": policy})
    opened.asks()
    box = opened.banner.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] == 800, "the banner's own style sheet is in force"
    opened.accept()
    opened.has_run("/a.js", "inline")
    assert set(opened.js("() => window.bad || []")) <= {"img-src"}


def test_a_csp_that_allows_no_policy_keeps_scripts_held(visit: Opener, world: World) -> None:
    policy = "require-trusted-types-for 'script'; trusted-types 'none'"
    opened = visit(html=tagged(), headers={"Content-Security-Policy": policy})
    opened.accept()
    opened.settled()
    assert world.trackers() == []


def test_two_copies_of_the_tag_run_once(visit: Opener, world: World) -> None:
    opened = visit(html=tagged(after=HEAD.replace("{attributes}", "")))
    opened.asks()
    expect(opened.tab.locator("temoin-banner")).to_have_count(1)
    opened.accept()
    opened.has_run("/a.js", "inline")
    assert len(world.decisions()) == 1


@pytest.mark.parametrize("attributes", [" defer", " async", ' type="module" crossorigin'])
def test_a_deferred_tag_still_gates_markup(visit: Opener, world: World, attributes: str) -> None:
    opened = visit(html=tagged(attributes=attributes))
    opened.asks()
    assert world.trackers() == []
    opened.accept()
    opened.has_run("/a.js", "inline")


def test_the_tag_at_the_end_of_the_body(visit: Opener) -> None:
    opened = visit(html="<!doctype html><html lang='fr'><body>" + GATED + HEAD.replace("{attributes}", ""))
    opened.accept()
    opened.has_run("/a.js", "inline")


BROKEN = {
    "cookies disabled": """Object.defineProperty(Document.prototype, 'cookie', {configurable: true,
        get: () => '', set: () => {}}); Object.defineProperty(navigator, 'cookieEnabled', {value: false});""",
    "cookies throw": """Object.defineProperty(Document.prototype, 'cookie', {configurable: true,
        get() { throw new DOMException('no', 'SecurityError') }, set() { throw new DOMException('no') }});""",
    "storage throws": """for (const area of ['localStorage', 'sessionStorage'])
        Object.defineProperty(window, area, {get() { throw new DOMException('no', 'SecurityError') }});""",
    "polluted prototypes": """Object.prototype.get = 'x'; Object.prototype.value = 1; Object.prototype.q = [];
        Array.prototype.extra = () => 1; Object.prototype.purposes = 'x';""",
    "frozen functions": """for (const each of [XMLHttpRequest.prototype, Storage.prototype, Document.prototype,
        HTMLScriptElement.prototype]) Object.freeze(each);""",
    "no newer platform": """delete window.EventSource; delete window.WebSocket; delete window.cookieStore;
        delete window.CookieStore; delete navigator.__proto__.languages;""",
    "queues that are none": "for (const each of 'dataLayer uetq clarity fbq ttq _paq'.split(' ')) self[each] = 7;",
    "a page's own temoin": "Object.defineProperty(window, 'temoin', {value: 'mine', writable: true});",
}


@pytest.mark.parametrize("harm", BROKEN.values(), ids=BROKEN)
def test_a_broken_browser_still_asks_and_grants_after_an_answer(visit: Opener, world: World, harm: str) -> None:
    visit.context.add_init_script(harm)
    world.signals = ["google", "uet", "clarity", "meta", "tiktok", "matomo"]
    opened = visit(GATED)
    opened.asks()
    assert world.trackers() == []
    opened.press("banner-accept")
    opened.has_run("/a.js", "inline")


def test_without_cookies_the_choice_lives_as_long_as_the_page(visit: Opener) -> None:
    visit.context.add_init_script(BROKEN["cookies disabled"])
    opened = visit(GATED)
    opened.refuse()
    opened.asks_nothing()
    opened.goto("/")
    opened.asks()


def test_without_crypto_nothing_is_granted(visit: Opener, world: World) -> None:
    visit.context.add_init_script("Object.defineProperty(window, 'crypto', {value: undefined});")
    opened = visit(GATED)
    opened.press("banner-accept")
    expect(opened.banner).to_be_hidden()
    opened.settled()
    assert world.trackers() == []
    assert opened.choices() == {}


def test_a_sandboxed_frame_without_an_origin(visit: Opener, world: World) -> None:
    world.pages["/inner"] = Page(configs.page(GATED))
    opened = visit('<iframe sandbox="allow-scripts" src="/inner" width="900" height="600"></iframe>')
    opened.asks()
    inner = opened.tab.frame_locator("iframe")
    expect(inner.locator("[data-t=banner]")).to_be_visible()
    assert world.trackers() == []


def test_a_page_that_throws_in_its_listeners_does_not_stop_the_others(visit: Opener) -> None:
    opened = visit(
        """<script>temoin.on("change", () => { throw new Error("mine") });
        temoin.on("change", ({choices}) => { window.heard = choices });</script>"""
    )
    opened.refuse()
    assert opened.js("() => window.heard") == {"audience": False, "ads": False}


def test_styles_of_the_page_do_not_reach_the_banner(visit: Opener) -> None:
    opened = visit("<style>button, section, dialog { display: none !important; font-size: 90px }</style>")
    opened.asks()
    assert opened.tab.locator("#banner-refuse").is_visible()
