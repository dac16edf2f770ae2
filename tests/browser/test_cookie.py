"""The first-party cookie: what it says, how long it lasts, who sets it, and that no visit moves its end."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser

from tests.browser.shop import Shop, World
from tests.web import get

pytestmark = pytest.mark.browser


def _base36(text: str) -> datetime:
    return datetime.fromtimestamp(int(text, 36) / 1000, UTC)


def _check_against_receipt(shop: Shop) -> None:
    receipt = shop.receipt()
    cookie = shop.cookies()["temoin"]
    form, config, subject, record, recorded, expires, entries = cookie["value"].split(".")
    assert (form, config, subject) == ("1", shop.world.version, receipt["subject"])
    assert record == receipt["id"].replace("-", "")
    assert _base36(recorded) == datetime.fromisoformat(receipt["recorded_at"])
    assert _base36(expires) == datetime.fromisoformat(receipt["expires_at"])
    said = {entry.lstrip("-").split(":")[0]: not entry.startswith("-") for entry in entries.split("~")}
    assert said == receipt["choices"]
    assert abs(cookie["expires"] - _base36(expires).timestamp()) <= 2  # whole seconds, twice rounded


def test_browser_store_and_receipt_agree_on_the_choice_and_its_end(shop: Shop) -> None:
    shop.open("/").choose("ads")
    _check_against_receipt(shop)
    receipt = shop.receipt()
    known = get(f"http://127.0.0.1:{shop.world.service.port}/v1/sites/boutique/subjects/{receipt['subject']}").json
    assert known["choices"] == shop.choices()
    assert known["expires_at"] == receipt["expires_at"]
    assert len(known["history"]) == 1


def test_no_visit_page_view_or_reopened_banner_moves_the_end(shop: Shop) -> None:
    shop.open("/").refuse_all()
    before = shop.cookies()["temoin"]
    for path in ("/produit", "/article", "/"):
        shop.open(path)
    shop.control.click()
    shop.preferences.locator("[data-t=close]").click()
    shop.page.reload()
    shop.settled()
    after = shop.cookies()["temoin"]
    assert (after["value"], after["expires"]) == (before["value"], before["expires"])


def test_the_service_sets_the_cookie_where_it_shares_the_shops_domain(
    subdomain_world: World, chromium: Browser
) -> None:
    with Shop.entered(chromium, subdomain_world) as shop:
        shop.open("/").refuse_all()
        (header,) = (header for header in shop.set_cookies if header.startswith("temoin="))
        assert "Domain=shop.test" in header
        assert "HttpOnly" not in header
        cookie = shop.cookies()["temoin"]
        assert cookie["domain"] == ".shop.test"
        assert len([known for known in shop.context.cookies() if known.get("name") == "temoin"]) == 1
        _check_against_receipt(shop)


def test_the_service_sets_no_cookie_where_it_would_be_a_third_partys(foreign_world: World, chromium: Browser) -> None:
    with Shop.entered(chromium, foreign_world) as shop:
        shop.open("/").accept_all()
        assert [header for header in shop.set_cookies if header.startswith("temoin=")] == []
        assert shop.cookies()["temoin"]["domain"] == "www.shop.test"
        _check_against_receipt(shop)


def test_the_visitor_downloads_their_receipt_from_the_preferences(shop: Shop) -> None:
    shop.open("/").choose("audience")
    shop.control.click()
    link = shop.preferences.locator("[data-t=receipt] a")
    with shop.page.expect_download() as download:
        link.click()
    receipt = json.loads(download.value.path().read_text())
    assert shop.receipt()["id"] in json.dumps(receipt)
    assert download.value.suggested_filename.endswith(".jsonld")
