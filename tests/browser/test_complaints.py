"""What users of other tools complain of, in the whole product (docs/complaints.md has the whole list)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from temoin.demo.shop import PAGES
from tests.browser.shop import Shop, World
from tests.demo.deliveries import trackers_on
from tests.service_process import Service

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("field", ["always_load", "required"])
def test_no_field_lets_a_tracker_load_whatever_the_choice(world: World, tmp_path: Path, field: str) -> None:
    config = world.demo.config()
    config["trackers"][0][field] = True
    file = tmp_path / "site.json"
    file.write_text(json.dumps(config))
    answer = Service(tmp_path / "data").run("site", "put", str(file))
    assert answer.returncode != 0
    assert field in answer.stderr


def test_a_refusal_in_the_united_states_is_one_after_every_reload(world: World, chromium: Browser) -> None:
    """There is no place in which consent is taken for granted."""
    with Shop.entered(chromium, world, locale="en-US", timezone_id="America/Los_Angeles") as shop:
        shop.open("/").refuse_all()
        refused = shop.receipt()
        for path in (*PAGES, "/"):
            shop.open(path).leaves_alone()
            assert not any(shop.choices().values())
        assert shop.receipt()["id"] == refused["id"]
        assert world.received() == {}


def test_a_third_partys_own_cookie_is_never_sent_after_the_withdrawal(shop: Shop) -> None:
    """No page can delete it: so nothing is asked of its host that would carry it."""
    shop.open("/article").accept_all()
    assert shop.world.reported(trackers_on("/article"))
    foreign = {name for name, cookie in shop.cookies().items() if cookie["domain"] == "127.0.0.1"}
    assert foreign
    shop.withdraw()
    shop.open("/article").leaves_alone()
    shop.world.demo.ledger.reset()  # what was on its way at the withdrawal
    for path in PAGES:
        shop.open(path).leaves_alone()
    assert foreign <= shop.cookies().keys()
    assert shop.world.received() == {}


def test_refusals_grants_and_withdrawals_are_all_exported_with_what_was_decided(shop: Shop, tmp_path: Path) -> None:
    shop.open("/").refuse_all()
    subject = shop.receipt()["subject"]
    shop.page.evaluate("temoin.acceptAll()")
    shop.withdraw()
    file = tmp_path / "records.jsonl"
    shop.world.service.must("export", "boutique", "--format", "jsonl", "--subject", subject, "--out", str(file))
    records = [json.loads(line) for line in file.read_text().splitlines()]
    assert [record["event"] for record in records] == ["refused", "given", "withdrawn"]
    decided = [set(record["choices"].values()) for record in records]
    assert decided == [{False}, {True}, {False}]
    assert {record["config"] for record in records} == {shop.world.version}


def test_after_refusing_the_shop_still_works(shop: Shop) -> None:
    """No script of the page's own is ever taken for a tracker's."""
    shop.open("/produit").refuse_all()
    shop.page.get_by_role("button", name="Ajouter au panier").click()
    shop.settled()
    assert set(shop.cookies()) == {"panier", "temoin"}
    assert shop.errors == []
