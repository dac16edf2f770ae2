"""Every way to answer the banner × every page of the shop: what the trackers received, and what is on the device.

That these trackers do fire on these pages when nothing gates them is proven in tests/demo/test_ungated.py.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect

from temoin.demo.shop import PAGES
from tests.browser.shop import NOTHING, Shop, World
from tests.demo.deliveries import trackers_on

pytestmark = pytest.mark.browser

OF_AUDIENCE = ["posthog", "mixpanel", "amplitude", "gtag"]
OURS = {"temoin"}


@pytest.mark.parametrize("path", PAGES)
def test_without_an_action_nothing_leaves_and_nothing_is_kept(shop: Shop, path: str) -> None:
    shop.open(path).asks()
    assert shop.world.received() == {}
    assert shop.cookies() == {}
    assert shop.device() == NOTHING
    assert shop.set_cookies == []
    assert shop.errors == []


@pytest.mark.parametrize("path", PAGES)
def test_after_refusing_nothing_leaves_and_only_the_refusal_is_kept(shop: Shop, path: str) -> None:
    shop.open(path).refuse_all()
    shop.settled().leaves_alone()
    for again in PAGES:
        shop.open(again).leaves_alone()
    assert shop.world.received() == {}
    assert set(shop.cookies()) == OURS
    assert shop.device() == NOTHING
    assert shop.choices() == dict.fromkeys(("audience", "ads", "personalisation", "video"), False)
    assert shop.errors == []


@pytest.mark.parametrize("path", PAGES)
def test_after_accepting_every_tracker_of_the_page_reports_once_it_is_recorded(shop: Shop, path: str) -> None:
    shop.open(path)
    assert shop.world.received() == {}
    shop.accept_all()
    assert shop.world.reported(trackers_on(path)), shop.world.received()
    shop.leaves_alone()
    assert set(shop.choices().values()) == {True}
    assert shop.cookies()["temoin"]["sameSite"] == "Lax"


@pytest.mark.parametrize("path", PAGES)
def test_one_purpose_opens_its_own_trackers_and_no_other(shop: Shop, path: str) -> None:
    shop.open(path).choose("audience")
    assert shop.world.reported(OF_AUDIENCE), shop.world.received()
    shop.settled()
    # Segment serves two purposes: one of them is not enough.
    assert set(shop.world.received()) == set(OF_AUDIENCE)
    shop.world.demo.ledger.reset()
    shop.open(path).leaves_alone()
    assert shop.world.reported(OF_AUDIENCE)
    assert set(shop.world.received()) == set(OF_AUDIENCE)


@pytest.mark.parametrize("path", PAGES)
def test_withdrawing_silences_what_ran_and_deletes_what_it_kept(shop: Shop, path: str) -> None:
    shop.open(path).accept_all()
    assert shop.world.reported(trackers_on(path))
    assert len(shop.cookies()) > 1
    shop.withdraw()
    asked = shop.requests_to_trackers()
    shop.open(path).leaves_alone()
    # What was on its way when the visitor withdrew may have arrived meanwhile; from here on the count stays at zero.
    shop.world.demo.ledger.reset()
    for again in PAGES:
        shop.open(again).leaves_alone()
    assert asked == []
    assert shop.world.received() == {}
    first_party = {name for name, cookie in shop.cookies().items() if cookie["domain"] == "localhost"}
    assert first_party == OURS
    assert shop.device() == NOTHING


def test_withdrawing_from_the_preferences_does_the_same(shop: Shop) -> None:
    shop.open("/").accept_all()
    assert shop.world.reported(trackers_on("/"))
    shop.withdraw_in_preferences()
    assert not any(shop.choices().values())
    shop.open("/").leaves_alone()
    assert shop.device() == NOTHING


@pytest.mark.parametrize("path", PAGES)
def test_an_expired_choice_asks_again_and_nothing_gated_runs(shop: Shop, path: str) -> None:
    shop.open(path).accept_all()
    assert shop.world.reported(trackers_on(path))
    kept = shop.cookies()["temoin"]["value"]
    shop.page.goto("about:blank")
    asked = shop.requests_to_trackers()
    # The browser would drop the cookie by itself at its end: here it stays, and only the page's clock has moved on.
    shop.page.clock.install(time=datetime.now(UTC) + timedelta(days=400))
    shop.open(path).asks()
    # What was sent on leaving, while it was still granted, may have arrived meanwhile.
    shop.world.demo.ledger.reset()
    shop.open(path).asks()
    assert asked == []
    assert shop.world.received() == {}
    assert not any(shop.choices().values())
    assert kept.split(".")[5] != "0"


@pytest.mark.parametrize("path", PAGES)
def test_with_the_service_down_nothing_gated_runs_and_the_page_works(
    world: World, chromium: Browser, path: str
) -> None:
    world.service.kill()
    try:
        with Shop.entered(chromium, world) as shop:
            shop.open(path)
            expect(shop.page.locator("h1")).to_be_visible()
            assert world.received() == {}
            assert shop.cookies() == {}
            assert shop.device() == NOTHING
            assert shop.errors == []
            shop.page.goto(world.demo.shop_url + "/produit")
            shop.page.get_by_role("button", name="Ajouter au panier").click()
            shop.settled()
            assert set(shop.cookies()) == {"panier"}
            assert world.received() == {}
    finally:
        world.service.start()


def test_a_choice_kept_while_the_service_is_down_grants_nothing_until_it_is_recorded(
    world: World, chromium: Browser
) -> None:
    with Shop.entered(chromium, world) as shop:
        shop.open("/").asks()
        world.service.kill()
        try:
            shop.banner.locator("[data-t=accept]").click()
            expect(shop.banner).to_be_hidden()
            shop.page.wait_for_function("() => localStorage.temoin")
            shop.settled()
            assert world.received() == {}
            assert shop.cookies()["temoin"]["value"].split(".")[4] == "0"
        finally:
            world.service.start()
        with shop.page.expect_response(lambda response: response.url.endswith("/consents")) as answer:
            shop.page.goto(world.demo.shop_url + "/")
        # 200 where the page that was left had already sent it again by itself.
        assert answer.value.status in (200, 201)
        assert world.reported(trackers_on("/"))
        assert shop.device()["local"].count("temoin") == 0
