"""`window.temoin`, its queue stub, the events, languages, and the keyboard."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.sdk import configs
from tests.sdk.conftest import Opener
from tests.sdk.world import World

pytestmark = pytest.mark.browser

STUB = Path(__file__).parents[2] / "sdk" / "dist" / "stub.js"


def test_the_api_decides_and_tells(visit: Opener, world: World) -> None:
    opened = visit()
    assert opened.js("async () => (await temoin.ready) === temoin")
    receipt = opened.js("() => temoin.acceptAll()")
    assert receipt["id"] == world.decisions()[0]["id"]
    assert receipt["commitment"] == "ab" * 32
    assert opened.js("() => temoin.choices()") == {"audience": True, "ads": True}
    opened.asks_nothing()
    opened.js("() => temoin.save({ads: false, unknown: true})")
    assert opened.choices() == {"audience": True, "ads": False}
    opened.js("() => temoin.withdraw()")
    opened.js("() => temoin.refuseAll()")
    sent = [(each["action"], each["control"], each["choices"]) for each in world.decisions()]
    nothing = {"audience": False, "ads": False}
    assert sent == [
        ("accept_all", "api", {"audience": True, "ads": True}),
        ("save", "api", {"audience": True, "ads": False}),
        ("withdraw", "api", nothing),
        ("refuse_all", "api", nothing),
    ]


def test_a_change_is_told_after_every_choice_and_not_at_load(visit: Opener) -> None:
    listen = "<script>window.seen = []; document.addEventListener('temoin:change', (e) => seen.push(e.detail))</script>"
    opened = visit(listen)
    opened.accept()
    [detail] = opened.js("() => seen")
    assert detail["choices"] == {"audience": True, "ads": True}
    assert detail["receipt"] == opened.js("() => temoin.receipt()")
    opened.goto("/")
    opened.asks_nothing()
    assert opened.js("() => seen") == []
    stop = "() => { const stop = temoin.on('change', () => { window.heard = 1 }); stop(); return temoin.refuseAll() }"
    opened.js(stop)
    assert opened.js("() => window.heard") is None
    assert opened.js("() => seen.length") == 2, "a withdrawal is told at once, and again with its receipt"


def test_calls_made_before_the_script_has_loaded_are_replayed(visit: Opener, world: World) -> None:
    late = (
        "<script>window.early = temoin; temoin.on('change', (d) => { window.heard = d.choices }); temoin.refuseAll();"
    )
    late += "temoin.ready.then((api) => { window.same = api === window.early && api === window.temoin })</script>"
    tag = configs.TAG.replace("<script", "<script defer")
    html = f"<!doctype html><html lang='fr'><head><script>{STUB.read_text()}</script>{late}{tag}</head><body></html>"
    opened = visit(html=html)
    opened.acknowledged()
    opened.tab.wait_for_function("() => window.heard")
    assert opened.js("() => window.heard") == {"audience": False, "ads": False}
    assert opened.js("() => window.same")
    assert [each["action"] for each in world.decisions()] == ["refuse_all"]
    assert opened.js("() => early.choices()") == {"audience": False, "ads": False}


def test_a_choice_at_the_very_moment_when_the_script_is_ready_is_sent(visit: Opener, world: World) -> None:
    early = "<script>window.sent = temoin.ready.then((api) => api.refuseAll())</script>"
    html = f"<!doctype html><html lang='fr'><head><script>{STUB.read_text()}</script>{early}{configs.TAG}</head></html>"
    opened = visit(html=html)
    receipt = opened.js("() => window.sent")
    assert receipt["choices"] == {"audience": False, "ads": False}
    assert [each["action"] for each in world.decisions()] == ["refuse_all"]


def test_until_then_the_stub_grants_nothing(visit: Opener) -> None:
    opened = visit(html=f"<!doctype html><script>{STUB.read_text()}</script>")
    assert opened.js("() => [temoin.has('audience'), temoin.choices(), temoin.receipt()]") == [False, {}, None]


@pytest.mark.parametrize(
    ("lang", "locale", "label"),
    [
        ("en", "fr-FR", "Accept all"),
        ("en-GB", "fr-FR", "Accept all"),
        ("", "fr-FR", "Tout accepter"),
        ("de", "fr-FR", "Tout accepter"),
    ],
)
def test_the_banner_speaks_the_pages_language(visit: Opener, world: World, lang: str, locale: str, label: str) -> None:
    ui = {"tree": configs.tree("Accept all"), "text": configs.TEXT}
    world.files[f"/s/boutique/{'e' * 16}.en.json"] = ("application/json", json.dumps(ui).encode())
    opened = visit(lang=lang)
    opened.asks()
    expect(opened.tab.locator("#banner-accept")).to_have_text(label)
    opened.refuse()
    assert world.decisions()[0]["language"] == ("en" if label == "Accept all" else "fr")


def test_a_language_that_cannot_be_loaded_falls_back_to_the_inlined_one(visit: Opener, world: World) -> None:
    opened = visit(lang="en")
    expect(opened.tab.locator("#banner-accept")).to_have_text("Tout accepter")
    opened.refuse()
    assert world.decisions()[0]["language"] == "fr"


def test_the_keyboard_reaches_the_three_choices_first_and_nothing_has_focus_before(visit: Opener) -> None:
    opened = visit("<a href='#'>a link of the page</a>")
    opened.asks()
    active = "() => document.activeElement.shadowRoot?.activeElement?.id ?? document.activeElement.localName"
    assert opened.js(active) == "body"
    reached = []
    for _ in range(4):
        opened.tab.keyboard.press("Tab")
        reached.append(opened.js(active))
    assert reached == ["banner-accept", "banner-refuse", "banner-choose", "a"]


def test_focus_goes_back_to_where_the_preferences_were_opened(visit: Opener) -> None:
    opened = visit("<button id='mine' data-temoin='open'><b>cookies</b></button>")
    opened.tab.locator("#banner-choose").focus()
    opened.tab.keyboard.press("Enter")
    expect(opened.preferences).to_be_visible()
    opened.tab.keyboard.press("Escape")
    expect(opened.tab.locator("#banner-choose")).to_be_focused()
    opened.tab.keyboard.press("Enter")
    opened.press("preferences-save")
    expect(opened.tab.locator("#temoin-open")).to_be_focused()
    opened.acknowledged()
    opened.tab.locator("#mine").focus()
    opened.tab.keyboard.press("Enter")
    expect(opened.preferences).to_be_visible()
    opened.press("preferences-save")
    expect(opened.tab.locator("#mine")).to_be_focused()


def test_any_element_of_the_page_can_open_the_preferences(visit: Opener, world: World) -> None:
    opened = visit("<a id='mine' href='/elsewhere' data-temoin='open'><b>cookies</b></a>")
    opened.refuse()
    opened.tab.locator("#mine b").click()
    expect(opened.preferences).to_be_visible()
    assert opened.tab.url.endswith("/")
    opened.js("() => document.querySelector('temoin-banner').shadowRoot.querySelector('dialog').close()")
    opened.js("() => temoin.open()")
    expect(opened.preferences).to_be_visible()


def test_the_receipt_is_shown_and_the_outcome_announced(visit: Opener, world: World) -> None:
    opened = visit()
    opened.refuse()
    expect(opened.tab.locator("[data-t=status]")).to_have_text("Votre choix est enregistré.")
    opened.press("temoin-open")
    receipt = f"Preuve {world.decisions()[0]['id']}, du 22/11/2026 au 22/12/2099"
    expect(opened.tab.locator("[data-t=receipt]")).to_have_text(receipt)
