"""What is no consent (GDPR recital 32; CNIL 2020-091, article 2): silence, going on, and every gesture but a choice."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.shop import NOTHING, Shop

pytestmark = pytest.mark.browser


def _scroll(shop: Shop) -> None:
    shop.page.mouse.move(400, 200)
    shop.page.mouse.wheel(0, 3000)
    shop.page.wait_for_function("scrollY > 0")


def _click_on_the_page(shop: Shop) -> None:
    shop.page.locator("h1").click()


def _press_escape(shop: Shop) -> None:
    shop.page.keyboard.press("Escape")


def _follow_a_link(shop: Shop) -> None:
    shop.page.locator("main a[href*='/produit']").first.click()
    shop.page.wait_for_url("**/produit**")


def _reload(shop: Shop) -> None:
    shop.page.reload()


def _come_back_in_another_tab(shop: Shop) -> None:
    second = shop.context.new_page()
    second.goto(shop.world.demo.shop_url + "/article")
    second.wait_for_load_state("networkidle")
    second.close()


def _close_the_preferences(shop: Shop) -> None:
    shop.banner.locator("[data-t=choose]").click()
    shop.switch("audience").check()
    shop.preferences.locator("[data-t=close]").click()
    expect(shop.preferences).to_be_hidden()


def _escape_from_the_preferences(shop: Shop) -> None:
    shop.banner.locator("[data-t=choose]").click()
    shop.switch("audience").check()
    shop.page.keyboard.press("Escape")
    expect(shop.preferences).to_be_hidden()


def _click_beside_the_preferences(shop: Shop) -> None:
    shop.banner.locator("[data-t=choose]").click()
    shop.switch("audience").check()
    shop.page.mouse.click(3, 3)
    if shop.preferences.is_visible():
        shop.page.keyboard.press("Escape")


@pytest.mark.parametrize(
    "gesture",
    [
        _scroll,
        _click_on_the_page,
        _press_escape,
        _follow_a_link,
        _reload,
        _come_back_in_another_tab,
        _close_the_preferences,
        _escape_from_the_preferences,
        _click_beside_the_preferences,
    ],
    ids=lambda gesture: gesture.__name__.strip("_"),
)
def test_no_gesture_but_a_choice_grants_anything(shop: Shop, gesture: Callable[[Shop], None]) -> None:
    shop.open("/").asks()
    gesture(shop)
    shop.settled().asks()
    assert not any(shop.choices().values())
    assert shop.world.received() == {}
    assert shop.cookies() == {}
    assert shop.device() == NOTHING


def test_waiting_an_hour_grants_nothing(shop: Shop) -> None:
    shop.page.clock.install()
    shop.open("/").asks()
    shop.page.clock.fast_forward("01:00:00")
    shop.settled().asks()
    assert shop.world.received() == {}
    assert shop.cookies() == {}


def test_every_switch_is_off_until_the_visitor_turns_it_on(shop: Shop) -> None:
    shop.open("/")
    shop.banner.locator("[data-t=choose]").click()
    switches = shop.preferences.locator("input[data-purpose]")
    expect(switches).to_have_count(4)
    for index in range(4):
        expect(switches.nth(index)).not_to_be_checked()
