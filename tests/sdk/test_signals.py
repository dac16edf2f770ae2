"""What others are told, in the shapes that their own snippets make: denied before any tag, one update a choice."""

from __future__ import annotations

import pytest

from tests.sdk.conftest import Opener
from tests.sdk.world import World

pytestmark = pytest.mark.browser

QUEUE = "() => dataLayer.map((each) => each.event ? each : Array.from(each))"


def test_google_is_denied_before_any_tag_and_updated_once_a_choice(visit: Opener, world: World) -> None:
    world.signals = ["google", "uet"]
    denied = dict.fromkeys(("ad_storage", "ad_user_data", "ad_personalization", "analytics_storage"), "denied")
    opened = visit("<script>window.first = dataLayer.length</script>")
    start = [
        ["consent", "default", {**denied, "wait_for_update": 500}],
        ["set", "ads_data_redaction", True],
        ["set", "url_passthrough", False],
    ]
    assert opened.js(QUEUE) == start
    assert opened.js("() => window.first") == 3
    assert opened.js("() => Object.prototype.toString.call(dataLayer[0])") == "[object Arguments]"
    opened.choose("audience")
    told = {"event": "temoin", "temoin": {"choices": {"audience": True, "ads": False}}}
    audience = ["consent", "update", {**denied, "analytics_storage": "granted"}]
    assert opened.js(QUEUE) == [*start, audience, told]
    assert opened.js("() => uetq") == [
        *("consent", "default", {"ad_storage": "denied"}),
        *("consent", "update", {"ad_storage": "denied"}),
    ]
    opened.goto("/")
    assert opened.js(QUEUE) == [*start, audience, told]
    opened.withdraw()
    assert opened.js(QUEUE)[5:] == [
        ["consent", "update", denied],
        {"event": "temoin", "temoin": {"choices": {"audience": False, "ads": False}}},
    ]


GTAG = """<script>window.dataLayer = window.dataLayer || []; function gtag() { dataLayer.push(arguments) }
gtag("js", new Date(0)); gtag("config", "G-TEST");</script>
<script type="text/plain" data-purpose="audience">
window.found = dataLayer.map((each) => each[1] ?? each.event);</script>"""


def test_the_tag_finds_the_default_first_and_the_update_before_it_runs(visit: Opener, world: World) -> None:
    world.signals = ["google"]
    opened = visit(head=GTAG)
    opened.accept()
    denied_first = ["default", "ads_data_redaction", "url_passthrough"]
    commands = "() => window.found.map((each) => typeof each === 'string' ? each : 'js')"
    opened.tab.wait_for_function("() => window.found")
    assert opened.js(commands) == [*denied_first, "js", "G-TEST", "update", "temoin"]
    opened.goto("/")
    opened.tab.wait_for_function("() => window.found")
    # A stored choice is told before anything of the page is.
    assert opened.js(commands) == [*denied_first, "update", "temoin", "js", "G-TEST"]


CLARITY = """<script type="text/plain" data-purpose="audience">
(function (c, a) { c[a] = c[a] || function () { (c[a].q = c[a].q || []).push(arguments) } })(window, "clarity");
clarity("set", "page", "1"); window.found = clarity.q.map((each) => [...each]);</script>"""


def test_clarity_is_told_before_its_tag_runs_and_at_every_change(visit: Opener, world: World) -> None:
    world.signals = ["clarity"]
    opened = visit(CLARITY)
    denied = {"ad_Storage": "denied", "analytics_Storage": "denied"}
    assert opened.js("() => clarity.q.map((each) => [...each])") == [["consentv2", denied]]
    opened.choose("audience")
    opened.tab.wait_for_function("() => window.found")
    told = [["consentv2", denied], ["consentv2", {**denied, "analytics_Storage": "granted"}], ["set", "page", "1"]]
    assert opened.js("() => window.found") == told
    opened.withdraw()
    assert opened.js("() => [...clarity.q].at(-1)[1]") == denied


def test_without_signals_nothing_is_in_the_queue_before_a_choice(visit: Opener) -> None:
    assert visit().js("() => [window.dataLayer, window.uetq, window.clarity]") == [None, None, None]


# Meta's base code as its documentation gives it; its script is a tracker here, which records what it finds.
META = """<script>
!function(f,b,e,v,n,t,s){if(f.fbq)return;n=f.fbq=function(){n.callMethod?n.callMethod.apply(n,arguments):n.queue.push(arguments)};
if(!f._fbq)f._fbq=n;n.push=n;n.loaded=!0;n.version='2.0';n.queue=[];t=b.createElement(e);t.async=!0;t.src=v;
s=b.getElementsByTagName(e)[0];s.parentNode.insertBefore(t,s)}(window,document,'script','http://px.ads.test:{port}/fbevents.js');
fbq('init', '1'); fbq('track', 'PageView');</script>"""
FBQ = "() => fbq.queue.map((each) => [...each].join(' '))"


def test_metas_pixel_is_revoked_before_its_init_and_told_of_each_change(visit: Opener, world: World) -> None:
    world.signals = ["meta"]
    opened = visit(META)
    assert opened.js(FBQ) == ["consent revoke", "init 1", "track PageView"]
    assert world.trackers() == []
    opened.accept()
    opened.has_run("/fbevents.js")
    assert opened.js(FBQ)[3:] == ["consent grant"]
    opened.goto("/")
    opened.has_run("/fbevents.js")
    assert opened.js(FBQ) == ["consent grant", "init 1", "track PageView"], "a stored grant comes before its init"
    opened.withdraw()
    assert opened.js(FBQ)[3:] == ["consent revoke"]
    # Once its script runs, its own function takes the calls; a page that asks before the snippet finds none.
    assert visit("<script>window.early = window.fbq</script>").js("() => [window.early, 'fbq' in window]") == [
        None,
        True,
    ]


# The queue of TikTok's base code (its methods, and how it puts their calls off), and its load.
TIKTOK = """<script>
!function (w, d, t) {
  w.TiktokAnalyticsObject=t;var ttq=w[t]=w[t]||[];
  ttq.methods=["page","track","identify","instances","debug","on","off","once","ready","alias","group","enableCookie",
    "disableCookie","holdConsent","revokeConsent","grantConsent"];
  ttq.setAndDefer=function(t,e){t[e]=function(){t.push([e].concat(Array.prototype.slice.call(arguments,0)))}};
  for(var i=0;i<ttq.methods.length;i++)ttq.setAndDefer(ttq,ttq.methods[i]);
  ttq.load=function(e){var n=d.createElement("script");n.async=!0;n.src="http://px.ads.test:{port}/events.js?sdkid="+e;
    var s=d.getElementsByTagName("script")[0];s.parentNode.insertBefore(n,s)};
  ttq.load('T'); ttq.page();
}(window, document, 'ttq');</script>"""
TTQ = "() => [...ttq].map((each) => each.join(' '))"


def test_tiktoks_pixel_is_held_before_its_load_and_told_of_each_change(visit: Opener, world: World) -> None:
    world.signals = ["tiktok"]
    opened = visit(TIKTOK)
    assert opened.js(TTQ) == ["holdConsent", "page"]
    opened.accept()
    opened.has_run("/events.js")
    assert opened.js(TTQ)[2:] == ["grantConsent"]
    opened.js("""() => { window.told = []; window.ttq = {revokeConsent() { told.push(this === ttq) }} }""")
    opened.withdraw()
    assert opened.js("() => told") == [True], "the loaded script has methods, and is no queue any more"
    opened.goto("/")
    assert opened.js(TTQ) == ["holdConsent", "revokeConsent", "page"]


MATOMO = "<script>var _paq = window._paq = window._paq || []; _paq.push(['trackPageView']);</script>"


@pytest.mark.parametrize(("signal", "kind"), [("matomo", ""), ("matomo_cookies", "Cookie")])
def test_matomo_waits_for_consent_to_all_or_to_its_cookies(visit: Opener, world: World, signal: str, kind: str) -> None:
    world.signals = [signal]
    opened = visit(MATOMO)
    paq = "() => _paq.map((each) => each.join(' '))"
    assert opened.js(paq) == [f"require{kind}Consent", "trackPageView"]
    opened.choose("audience")
    assert opened.js(paq)[2:] == [f"set{kind}ConsentGiven"]
    opened.goto("/")
    assert opened.js(paq) == [f"require{kind}Consent", f"set{kind}ConsentGiven", "trackPageView"]
    opened.withdraw()
    assert opened.js(paq)[3:] == [f"forget{kind}ConsentGiven"]
