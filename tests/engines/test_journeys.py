"""The core journeys in Chromium, Firefox and WebKit: the same steps, the same assertions."""

from __future__ import annotations

import json

import pytest

from tests.browser.shop import World
from tests.demo.deliveries import trackers_on
from tests.engines.visitor import Visitor
from tests.waiting import until
from tests.web import get

NOTHING = {"cookies": "", "local": [], "session": []}
BY_PURPOSE = {"audience": ["posthog", "mixpanel", "amplitude", "gtag"], "personalisation": ["reco"]}


def test_before_a_choice_nothing_leaves_and_nothing_is_kept(visitor: Visitor) -> None:
    visitor.visit("/article").is_asked().quiet()
    assert visitor.world.received() == {}
    assert visitor.device() == NOTHING
    assert not any(visitor.choices().values())


def test_one_click_refuses_and_the_next_page_asks_no_more(visitor: Visitor) -> None:
    visitor.visit().is_asked().decides("[data-t=refuse]").is_left_alone()
    visitor.visit("/article").is_left_alone().quiet()
    assert visitor.world.received() == {}
    kept = visitor.device()
    assert kept["cookies"].startswith("temoin=")
    assert kept["cookies"].count("=") == 1
    assert set(kept["local"]) <= {"temoin"}
    assert not any(visitor.choices().values())


def test_accepting_runs_every_tracker_of_the_page_once(visitor: Visitor) -> None:
    visitor.visit("/article").is_asked().decides("[data-t=accept]")
    assert visitor.world.reported(trackers_on("/article"))
    assert visitor.world.visits("pixel") == 1
    assert visitor.world.visits("gtag") == 1
    visitor.is_left_alone()


def test_one_purpose_opens_its_own_trackers_and_no_other(visitor: Visitor) -> None:
    visitor.visit().is_asked().click("[data-t=choose]")
    visitor.click("input[data-purpose=personalisation]")
    visitor.decides("[data-t=save]").quiet()
    assert visitor.world.reported(BY_PURPOSE["personalisation"])
    assert set(visitor.world.received()) == {"reco"}
    assert visitor.choices()["personalisation"] is True
    assert visitor.choices()["ads"] is False


def test_withdrawing_deletes_what_was_kept_and_silences_what_ran(visitor: Visitor) -> None:
    visitor.visit().is_asked().decides("[data-t=accept]")
    assert visitor.world.reported(trackers_on("/"))
    until(lambda: "_fbp=" in visitor.device()["cookies"])
    visitor.decides("#control-withdraw")
    until(lambda: [each for each in visitor.device()["cookies"].split("; ") if not each.startswith("temoin=")] == [])
    visitor.world.demo.ledger.reset()
    visitor.visit("/article").is_left_alone().quiet()
    assert visitor.world.received() == {}


def test_the_keyboard_alone_refuses_and_accepting_is_never_nearer(visitor: Visitor) -> None:
    visitor.visit().is_asked()
    seen: list[str] = []
    while "refuse" not in seen and len(seen) < 12:
        visitor.driver.press("Tab")
        seen.append(visitor.focus())
    assert "refuse" in seen
    assert "accept" not in seen
    visitor.driver.press("Enter")
    until(lambda: visitor.receipt() is not None)
    assert visitor.receipt()["choices"] == dict.fromkeys(visitor.choices(), False)


def test_the_preferences_take_the_focus_and_give_it_back(visitor: Visitor) -> None:
    visitor.visit().is_asked().click("[data-t=choose]")
    until(lambda: visitor.sees("dialog[data-t=preferences]"))
    height = visitor.ask(
        "const root = document.querySelector('temoin-banner').shadowRoot;"
        "return root.querySelector('input[data-purpose]').closest('dialog').getBoundingClientRect().height;"
    )
    assert height > 200
    assert visitor.sees("input[data-purpose=audience]")
    visitor.driver.press("Escape")
    until(lambda: not visitor.sees("dialog[data-t=preferences]"))
    assert visitor.focus() == "choose"
    assert visitor.receipt() is None


def test_the_switches_are_off_and_a_click_turns_one_on(visitor: Visitor) -> None:
    visitor.visit().is_asked().click("[data-t=choose]")
    count = "return [...document.querySelector('temoin-banner').shadowRoot.querySelectorAll('input[data-purpose]')]"
    assert visitor.ask(f"{count}.map((each) => each.checked);") == [False] * 4
    visitor.click("input[data-purpose=ads]")
    assert visitor.ask(f"{count}.filter((each) => each.checked).map((each) => each.dataset.purpose);") == ["ads"]


@pytest.mark.parametrize("layout", ["box", "modal"])
def test_every_layout_is_whole_and_refuses_in_one_click(visitor: Visitor, world: World, layout: str) -> None:
    config = world.demo.config() | {"site": layout}
    world.service.publish(config | {"banner": {"template": layout}})
    usual, world.demo.sdk_url = world.demo.sdk_url, f"{world.service.url}/s/{layout}.js"
    try:
        visitor.visit().is_asked()
        box = visitor.ask(
            """const root = document.querySelector('temoin-banner').shadowRoot;
            const words = root.querySelector('[data-t=banner]').getBoundingClientRect();
            const refuse = root.querySelector('[data-t=refuse]').getBoundingClientRect();
            const { height, top, bottom } = words;
            return { words: height, top, bottom, button: refuse.bottom, room: innerHeight };"""
        )
        assert box["words"] > 200
        assert box["top"] >= -1
        assert box["button"] <= box["bottom"] <= box["room"] + 1
        visitor.decides("[data-t=refuse]").is_left_alone()
        assert world.received() == {}
    finally:
        world.demo.sdk_url = usual


def test_no_dynamic_way_out_reaches_a_tracker(visitor: Visitor) -> None:
    visitor.visit().is_asked()
    host = visitor.world.demo.tracker_urls["pixel"]
    visitor.ask(
        f"""const out = {host!r};
        const add = (name, changes) => document.head.append(Object.assign(document.createElement(name), changes));
        add('script', {{ src: out + '/fbevents.js' }});
        add('link', {{ rel: 'stylesheet', href: out + '/a.css' }});
        new Image().src = out + '/tr?ev=PageView';
        const markup = `<iframe src="${{out}}/frame"></iframe><img src="${{out}}/tr?x">`;
        document.body.insertAdjacentHTML('beforeend', markup);
        document.body.setAttribute('data-x', '');
        const held = document.createElement('iframe'); document.body.append(held); held.src = out + '/late';
        fetch(out + '/tr?fetch').catch(() => 0);
        const asked = new XMLHttpRequest(); asked.open('GET', out + '/tr?xhr'); asked.onerror = () => 0;
        try {{ asked.send(); }} catch {{ /* refused at once */ }}
        navigator.sendBeacon(out + '/tr?beacon', 'x');
        try {{ new EventSource(out + '/events'); }} catch {{ /* refused at once */ }}
        try {{ new WebSocket(out.replace('http', 'ws') + '/socket'); }} catch {{ /* refused at once */ }}
        document.cookie = '_fbp=1; path=/'; localStorage.setItem('__mpq_1', 'x');"""
    )
    visitor.quiet()
    assert visitor.world.received() == {}
    assert visitor.device() == NOTHING


def test_what_a_page_adds_later_is_gated_and_runs_after_the_grant(visitor: Visitor) -> None:
    visitor.visit().is_asked()
    pixel = visitor.world.demo.tracker_urls["pixel"]
    visitor.ask(
        f"""history.pushState({{}}, '', '/ailleurs');
        document.querySelector('main').innerHTML =
          `<img data-purpose="ads" data-src="{pixel}/tr?later=1" alt=""><p>Une autre page</p>`;"""
    )
    visitor.quiet()
    assert visitor.world.received() == {}
    visitor.decides("[data-t=accept]")
    until(lambda: any("later" in hit.query for hit in visitor.world.demo.ledger.hits("pixel")))


def test_with_the_service_down_nothing_gated_runs_and_the_page_works(visitor: Visitor, world: World) -> None:
    world.service.stop()
    visitor.visit().quiet()
    assert visitor.ask("return document.querySelector('h1').textContent.length > 0;")
    assert world.received() == {}
    assert visitor.device() == NOTHING


def test_a_choice_made_while_the_service_is_away_is_sent_later_and_once(visitor: Visitor, world: World) -> None:
    visitor.visit().is_asked()
    world.service.stop()
    visitor.click("[data-t=refuse]")
    visitor.is_left_alone()
    assert visitor.receipt() is None
    world.service.start()
    visitor.visit().is_left_alone()
    until(lambda: visitor.receipt() is not None)
    subject = visitor.receipt()["subject"]
    history = get(f"{world.service.url}/v1/sites/boutique/subjects/{subject}").json
    assert len(history["history"]) == 1
    assert world.received() == {}


def test_a_receipt_verifies_against_what_the_service_kept(visitor: Visitor, world: World) -> None:
    visitor.visit().is_asked().decides("[data-t=refuse]")
    receipt = visitor.receipt()
    found = get(f"{world.service.url}/v1/sites/boutique/subjects/{receipt['subject']}").json
    assert json.dumps(found).count(receipt["id"]) >= 1


def test_the_banner_hides_nothing_and_moves_nothing(visitor: Visitor) -> None:
    visitor.visit().is_asked()
    box = visitor.ask(
        """const root = document.querySelector('temoin-banner').shadowRoot;
        const of = (name) => root.querySelector(`[data-t=${name}]`).getBoundingClientRect().toJSON();
        const found = { banner: of('banner'), refuse: of('refuse'), accept: of('accept') };
        return { ...found, width: innerWidth, height: innerHeight };"""
    )
    assert abs(box["refuse"]["width"] - box["accept"]["width"]) < 2
    assert abs(box["refuse"]["height"] - box["accept"]["height"]) < 2
    assert box["refuse"]["height"] >= 24
    assert box["banner"]["bottom"] <= box["height"] + 1
    assert box["banner"]["left"] >= -1
    assert box["banner"]["right"] <= box["width"] + 1
