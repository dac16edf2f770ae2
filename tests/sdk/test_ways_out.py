"""Every dynamic way out × (no choice, granted, withdrawn), against servers that write down what they receive.

`held`: done once before the choice, it happens by itself after the grant. Otherwise it failed, as in a network that is
down, and is done again. In both cases the tracker receives it once, and nothing more after the withdrawal.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from tests.sdk.conftest import Opener
from tests.sdk.world import SECURE_HOST, World

pytestmark = pytest.mark.browser


@dataclass(frozen=True, slots=True)
class Way:
    """A function body with `u`, the tracker's address of this way, and `o`, the same address on the page's own host."""

    name: str
    script: str
    held: bool = True
    own: bool = True


IMAGE = '`<p><img src="${u}"></p>`'
FRAME = '`<div><iframe src="${u}"></iframe></div>`'
LINK = '`<link rel="stylesheet" href="${u}">`'
PARTS = "const add = (tag, more) => document.body.appendChild(Object.assign(document.createElement(tag), more));"
TEMPLATE = f"const t = document.createElement('template'); t.innerHTML = {IMAGE};"

WAYS = [
    Way("innerHTML", f"add('div').innerHTML = {IMAGE}"),
    Way("innerHTML frame", f"add('div').innerHTML = {FRAME}"),
    Way("innerHTML style sheet", f"add('div').innerHTML = {LINK}"),
    Way("innerHTML style attribute", """add('div').innerHTML = `<p style="background:url(${u})">x</p>`"""),
    Way("innerHTML character references", f"add('div').innerHTML = {IMAGE}.replace('tracker', '&#116;racker')"),
    Way("innerHTML srcset", """add('div').innerHTML = `<img srcset="${u} 1x">`"""),
    Way("outerHTML", f"add('div').outerHTML = {IMAGE}"),
    Way("insertAdjacentHTML", f"add('div').insertAdjacentHTML('beforeend', {FRAME})"),
    Way("insertAdjacentHTML beside", f"add('div').insertAdjacentHTML('afterend', {IMAGE})"),
    Way("setHTMLUnsafe", f"add('div').setHTMLUnsafe({IMAGE})"),
    Way(
        "declarative shadow root",
        """add('div').setHTMLUnsafe(`<p><template shadowrootmode="open"><img src="${u}"></template></p>`)""",
    ),
    Way("shadow root", f"add('div').attachShadow({{mode: 'closed'}}).innerHTML = {IMAGE}"),
    Way(
        "element in a shadow root",
        "add('div').attachShadow({mode: 'closed'}).appendChild(document.createElement('img')).src = u",
    ),
    Way(
        "contextual fragment",
        "document.body.append(document.createRange().createContextualFragment(`<script src='${u}.js'><\\/script>`))",
    ),
    Way("contextual fragment image", f"document.createRange().createContextualFragment({IMAGE})"),
    Way("DOMParser", f"document.body.append(...new DOMParser().parseFromString({FRAME}, 'text/html').body.childNodes)"),
    Way(
        "DOMParser and adoptNode",
        f"const p = new DOMParser().parseFromString({IMAGE}, 'text/html').body;"
        "add('p').appendChild(document.adoptNode(p.firstChild))",
    ),
    Way(
        "DOMParser and importNode",
        f"document.importNode(new DOMParser().parseFromString({IMAGE}, 'text/html').body, true)",
    ),
    Way("template clone", TEMPLATE + "document.body.append(t.content.cloneNode(true))"),
    Way("template import", TEMPLATE + "document.body.prepend(document.importNode(t.content, true))"),
    Way("template content", TEMPLATE + "document.body.insertBefore(t.content, document.body.firstChild)"),
    Way(
        "attribute node",
        "const a = document.createAttribute('src'); a.value = u; add('iframe').setAttributeNode(a)",
    ),
    Way("attribute value", "const i = add('img', {alt: ''}); i.setAttribute('src', ''); i.attributes.src.value = u"),
    Way("named item", "const a = document.createAttribute('src'); a.value = u; add('img').attributes.setNamedItem(a)"),
    Way("script", "add('script', {src: u + '.js'})"),
    Way("Audio", "new Audio(u)"),
    Way("video", "add('video', {src: u})"),
    Way("video poster", "add('video', {poster: u})"),
    Way("video source", "add('video').appendChild(Object.assign(document.createElement('source'), {src: u}))"),
    Way("object", "add('object', {data: u})"),
    Way("embed", "add('embed', {src: u})"),
    Way("input image", "add('input', {type: 'image', src: u})"),
    Way(
        "svg image",
        """const s = document.createElementNS('http://www.w3.org/2000/svg', 'image'); s.setAttribute('href', u);
        document.body.appendChild(document.createElementNS('http://www.w3.org/2000/svg', 'svg')).append(s)""",
    ),
    Way(
        "preload",
        "document.head.append(Object.assign(document.createElement('link'), {rel: 'preload', as: 'image', href: u}))",
    ),
    Way("prefetch", "document.head.append(Object.assign(document.createElement('link'), {rel: 'prefetch', href: u}))"),
    Way(
        "modulepreload",
        "document.head.append(Object.assign(document.createElement('link'), {rel: 'modulepreload', href: u + '.js'}))",
    ),
    Way(
        "style sheet",
        "document.head.append(Object.assign(document.createElement('link'), {rel: 'stylesheet', href: u}))",
    ),
    Way("style property", "add('div', {textContent: 'x'}).style.setProperty('background-image', `url(${u})`)"),
    Way("style text", "add('div', {textContent: 'x'}).style.cssText = `color: red; background: url('${u}')`"),
    Way("style attribute", "add('div', {textContent: 'x'}).setAttribute('style', `background: url('${u}')`)"),
    Way("style element", "add('b', {className: 'e'}); add('style').textContent = `.e { background: url(${u}) }`"),
    Way(
        "inserted rule",
        "add('b', {className: 'r'}); add('style').sheet.insertRule(`.r { background: url(${u}) }`)",
    ),
    Way(
        "adopted sheet",
        """add('b', {className: 'a'}); const s = new CSSStyleSheet(); s.replaceSync(`.a { background: url(${u}) }`);
        document.adoptedStyleSheets = [s]""",
    ),
    Way(
        "form into a frame",
        """add('iframe', {name: 'f'}); const f = add('form', {action: u, target: 'f'}); f.submit()""",
        held=False,
    ),
    Way(
        "form requested into a frame",
        """add('iframe', {name: 'g'}); const f = add('form', {action: u, target: 'g'}); f.requestSubmit()""",
        held=False,
    ),
    Way("fetch", "fetch(u, {mode: 'no-cors'}).catch(() => {})", held=False),
    Way("beacon", "navigator.sendBeacon(u)", held=False),
    Way("event source", "new EventSource(u).onerror = (event) => event.target.close()", held=False),
    # A worker of another origin is the browser's to refuse: only the page's own host can stand for it.
    Way("worker", "new Worker(aside + '.js').onerror = () => {}", held=False),
    Way("shared worker", "new SharedWorker(aside + '.js').onerror = () => {}", held=False),
    Way("service worker", "navigator.serviceWorker.register(aside + '.js').catch(() => {})", held=False),
]
ASIDE = "/aside/"
DO = """([ways, to, aside, parts]) => {
  for (const {script, path} of ways) new Function("u", "aside", parts + script)(to + path, aside + path);
}"""


def act(ways: list[Way], to: str, aside: str) -> list[object]:
    return [[{"script": w.script, "path": path(w)} for w in ways], to, aside, PARTS]


def path(way: Way) -> str:
    return "/way-" + way.name.replace(" ", "-")


def arrived(requests: list[str], way: Way) -> int:
    return len([each for each in requests if each.split(" ")[1].split("?")[0].removesuffix(".js").endswith(path(way))])


def counts(world: World) -> dict[str, int]:
    seen = world.trackers() + [each for each in world.at(SECURE_HOST) if ASIDE in each]
    return {way.name: arrived(seen, way) for way in WAYS}


def test_every_dynamic_way_out(visit: Opener, world: World) -> None:
    meter = world.config["trackers"][0]
    meter["match"] = [*meter["match"], f"{SECURE_HOST}{ASIDE}*"]
    to, aside = f"http://t.tracker.test:{world.port}", f"http://{SECURE_HOST}:{world.port}{ASIDE}x"
    opened = visit(path="/secure")
    opened.tab.goto(world.url("/secure", SECURE_HOST))
    opened.asks()
    opened.tab.evaluate(DO, act(WAYS, to, aside))
    opened.settled()
    assert {name: times for name, times in counts(world).items() if times} == {}, "before a choice"
    opened.accept()
    again = [way for way in WAYS if not way.held]
    opened.tab.evaluate(DO, act(again, to, aside))
    world.wait_until(lambda: 0 not in counts(world).values())
    opened.settled()
    assert {name: times for name, times in counts(world).items() if times != 1} == {}, "after the grant"
    opened.withdraw()
    opened.tab.evaluate(DO, act(WAYS, to, aside))
    opened.settled()
    assert {name: times for name, times in counts(world).items() if times != 1} == {}, "after the withdrawal"


UNGATED = """() => Object.getOwnPropertyNames(window)
  .filter((kind) => /^HTML(?!A|Bas).*Element$/.test(kind))
  .flatMap((kind) => ["src", "srcset", "href", "imageSrcset", "data", "poster", "background"].map((name) => {
    const set = Object.getOwnPropertyDescriptor(window[kind].prototype, name)?.set;
    return set && /native code/.test(Function.prototype.toString.call(set)) && `${kind}.${name}`;
  })).filter(Boolean)"""


def test_every_element_of_this_browser_that_fetches_by_a_property_is_gated(visit: Opener) -> None:
    assert visit().js(UNGATED) == []


WRITTEN = """<script>
  const host = "http://t.tracker.test:{port}";
  document.write('<scr' + 'ipt src="' + host + '/written.js"></scr' + 'ipt>', '<img src="' + host + '/written-image">');
  document.writeln("<p id='own'>own</p><img src='/own-image'><iframe src='" + host + "/frame-written'></iframe>");
</script><p id="after">after</p>"""


def test_what_document_write_writes_is_gated_in_its_place(visit: Opener, world: World) -> None:
    opened = visit(WRITTEN)
    expect(opened.tab.locator("#own")).to_be_visible()
    expect(opened.tab.locator("temoin-placeholder")).to_have_count(1)
    opened.settled()
    assert world.trackers() == []
    assert "GET /own-image" in world.at("www.boutique.test")
    opened.accept()
    world.wait_for("/written.js", "/written-image", "/frame-written")
    opened.has_run("/written.js")
    opened.goto("/")
    world.wait_for("/written.js", "/written-image", "/frame-written", times=2)
    opened.withdraw()
    opened.goto("/")
    opened.settled()
    assert len(world.trackers()) == 6


def test_gated_markup_in_a_shadow_root_comes_to_life(visit: Opener, world: World) -> None:
    opened = visit()
    opened.js(
        """() => {
      const host = document.body.appendChild(document.createElement("div"));
      host.attachShadow({mode: "closed"}).innerHTML =
        `<img data-purpose="audience" data-src="http://t.tracker.test:${location.port}/inside">`;
    }"""
    )
    opened.settled()
    assert world.trackers() == []
    opened.accept()
    world.wait_for("/inside")


def test_a_form_that_takes_the_visitor_somewhere_is_theirs(visit: Opener, world: World) -> None:
    opened = visit("<form action='http://t.tracker.test:{port}/newsletter'><button id='go'>go</button></form>")
    opened.press("go")
    world.wait_for("/newsletter?")


def test_cookies_of_a_tracker_are_refused_by_the_cookie_store(visit: Opener, world: World) -> None:
    opened = visit()
    opened.tab.goto(world.url("/", SECURE_HOST))
    opened.asks()
    write = """() => Promise.all([cookieStore.set('_m', '1'), cookieStore.set({name: '_m2', value: '1'}),
      cookieStore.set('own', '1')])"""
    opened.js(write)
    assert opened.cookies().keys() == {"own"}
    opened.accept()
    opened.js(write)
    assert opened.cookies().keys() == {"own", "temoin", "_m", "_m2"}
    opened.withdraw()
    assert opened.cookies().keys() == {"own", "temoin"}


OWN = """async () => {
  const host = document.body.appendChild(document.createElement("div"));
  const texts = ["<img src='/own-1'><p>a &amp; b &#8364;</p>", "<noscript><img src='/never'></noscript>",
    "<a href='http://t.tracker.test/page'>t</a><!-- http://t.tracker.test/c --><tr><td>1</td></tr>"];
  const seen = [];
  for (const text of texts) {
    host.innerHTML = text;
    seen.push(host.innerHTML);
  }
  const table = document.createElement("table");
  table.innerHTML = "<tr><td style='color: red'>http://t.tracker.test/</td></tr>";
  seen.push(table.innerHTML);
  const mixed = document.createElement("tbody");
  mixed.innerHTML = `<tr><td><img src="http://t.tracker.test:${location.port}/x"><noscript><b>n</b></noscript></td></tr>`;
  seen.push(mixed.innerHTML);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(".own { background: url(/own-2) }");
  seen.push(sheet.insertRule("p { color: red }"), sheet.cssRules.length);
  host.style.cssText = "color: red; background: url('/own-3')";
  seen.push(host.style.color, host.cloneNode(true).isEqualNode(host));
  return seen;
}"""


def test_the_pages_own_markup_and_styles_are_what_the_browser_makes_of_them(visit: Opener, world: World) -> None:
    ungated = visit(path="/without", html="<!doctype html><meta charset='utf-8'><body>").js(OWN)
    opened = visit()
    gated = opened.js(OWN)
    assert gated[:4] == ungated[:4]
    assert gated[4] == ungated[4].replace(f' src="http://t.tracker.test:{world.port}/x"', "")
    assert gated[5:] == ungated[5:]
