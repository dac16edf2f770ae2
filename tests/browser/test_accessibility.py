"""With a keyboard or a screen reader: axe-core finds nothing, and every step works without a mouse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.axe import violations
from tests.browser.shop import Shop, World

pytestmark = pytest.mark.browser

Scheme = Literal["light", "dark"]


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> Scheme:
    chosen: Scheme = request.param
    return chosen


@pytest.fixture(params=[(390, 844), (1280, 800)], ids=["mobile", "desktop"])
def visitor(request: pytest.FixtureRequest, scheme: Scheme, world: World, chromium: Browser) -> Iterator[Shop]:
    width, height = request.param
    size = {"width": width, "height": height}
    with Shop.entered(chromium, world, color_scheme=scheme, viewport=size) as shop:
        yield shop


def test_axe_finds_nothing_in_the_banner_its_preferences_and_the_control(visitor: Shop) -> None:
    visitor.open("/").asks()
    assert violations(visitor.page, "temoin-banner") == []
    visitor.banner.locator("[data-t=choose]").click()
    for details in visitor.preferences.locator("summary").all():
        details.click()
    assert violations(visitor.page, "temoin-banner") == []
    visitor.preferences.locator("[data-t=close]").click()
    visitor.refuse_all()
    visitor.leaves_alone()
    assert violations(visitor.page, "temoin-banner") == []


@pytest.mark.parametrize("path", ["/", "/produit", "/article", "/commande"])
def test_axe_finds_nothing_on_the_pages_with_the_banner_open(shop: Shop, path: str) -> None:
    shop.open(path).asks()
    assert violations(shop.page) == []


def test_axe_finds_nothing_on_the_counter(shop: Shop) -> None:
    shop.page.goto(shop.world.demo.counter_url)
    expect(shop.page.locator("h1")).to_be_visible()
    assert violations(shop.page) == []


def test_the_keyboard_alone_refuses(shop: Shop) -> None:
    shop.open("/").asks()
    refuse = shop.banner.locator("[data-t=refuse]")
    for _ in range(8):
        shop.page.keyboard.press("Tab")
        if refuse.evaluate("button => button.getRootNode().activeElement === button"):
            break
    expect(refuse).to_be_focused()
    shop.page.keyboard.press("Enter")
    shop.leaves_alone()
    assert not any(shop.choices().values())


def test_nothing_is_focused_that_would_make_accepting_easier(shop: Shop) -> None:
    shop.open("/").asks()
    assert shop.page.evaluate("document.activeElement === document.body")


def test_focus_goes_into_the_preferences_stays_there_and_comes_back(shop: Shop) -> None:
    shop.open("/")
    choose = shop.banner.locator("[data-t=choose]")
    choose.focus()
    shop.page.keyboard.press("Enter")
    expect(shop.preferences).to_be_visible()
    for _ in range(40):
        shop.page.keyboard.press("Tab")
        outside = shop.page.evaluate(
            "document.activeElement !== document.body && document.activeElement?.tagName !== 'TEMOIN-BANNER'"
        )
        assert not outside
    shop.page.keyboard.press("Escape")
    expect(shop.preferences).to_be_hidden()
    expect(choose).to_be_focused()
