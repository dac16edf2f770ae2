"""The compliance officer's desk: finding a record, its screens, its proof."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.admin.conftest import PASSWORD, log_in
from tests.browser.axe import violations
from tests.made import ORIGIN, decision, site_config
from tests.proof.logs import new_subject
from tests.service_process import Service

MARKUP = '"><img src=x onerror="document.title=\'run\'">'


@pytest.fixture(scope="module")
def visited(admin: Service) -> dict[str, Any]:
    """A visitor's choice and its withdrawal on a version with screens, both sealed; another visitor's beside them."""
    admin.put(site_config(languages=["fr"]))
    admin.must("publish", "boutique")
    version = json.loads(admin.must("site", "show", "boutique"))["version"]
    mine = decision(version, subject=new_subject().replace("-", "x"))
    nothing = {"audience": False, "ads": False}
    withdrawn = decision(version, subject=mine["subject"], action="refuse_all", choices=nothing)
    for body in (mine, withdrawn, decision(version)):
        assert admin.post("boutique", body, origin=ORIGIN).status == 201
    admin.must("export", "boutique", "--format", "jsonl", "--out", str(admin.data / "sealed"))
    return mine | {"withdrawn": withdrawn["id"]}


@pytest.fixture
def officer(admin: Service, chromium: Browser) -> Iterator[Page]:
    admin.run("user", "add", "olga", "--role", "officer", stdin=f"{PASSWORD}\n")
    context = chromium.new_context(locale="fr", viewport={"width": 390, "height": 844}, color_scheme="dark")
    page = context.new_page()
    log_in(page, admin, "olga")
    yield page
    context.close()


@pytest.mark.browser
def test_an_officer_finds_a_visitors_record_and_hands_over_a_proof_that_holds(
    page: Page, admin: Service, visited: dict[str, Any]
) -> None:
    page.goto(f"{admin.url}/admin/sites/boutique/records")
    expect(page.locator("table.data tbody tr")).to_have_count(3)
    page.locator("#subject").fill(visited["subject"])
    page.locator(".criteria button").click()
    rows = page.locator("table.data tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Withdrawn")
    assert visited["subject"] not in page.url
    rows.last.locator("a").click()
    expect(page.locator(".states")).to_have_text("Proven")
    expect(page.locator(".checks .yes")).to_have_count(5)
    first = page.locator(".screens img").first
    assert first.evaluate("image => image.decode().then(() => image.naturalWidth)") > 300
    with page.expect_download() as download:
        page.locator("a[href$='/record.json']").click()
    document = download.value.path().read_bytes()
    assert json.loads(document)["id"] == visited["id"]
    expect(page.locator("body")).to_contain_text(hashlib.sha256(document).hexdigest())
    with page.expect_download() as download:
        page.locator("a[href$='/proof']").click()
    assert download.value.path().read_text().startswith("c2sp.org/tlog-proof@v1\n")


@pytest.mark.browser
def test_axe_finds_nothing_on_the_desk_on_a_phone_in_french_and_in_the_dark(
    officer: Page, admin: Service, visited: dict[str, Any]
) -> None:
    for path in ("records", "records?event=changed", "records?since=nonsense", f"records/{visited['withdrawn']}"):
        officer.goto(f"{admin.url}/admin/sites/boutique/{path}")
        assert violations(officer) == [], path
        assert officer.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        expect(officer.locator("html")).to_have_attribute("lang", "fr")


@pytest.mark.browser
def test_what_is_searched_for_stays_text(page: Page, admin: Service, visited: dict[str, Any]) -> None:
    assert visited
    for name in ("subject", "purpose", "event", "version", "since", "until", "below"):
        page.goto(f"{admin.url}/admin/sites/boutique/records?{name}={MARKUP}")
        assert page.title() != "run"
        assert page.locator("img[src=x]").count() == 0


@pytest.mark.browser
def test_records_are_for_those_who_may_see_them_and_of_the_site_of_the_address(
    page: Page, admin: Service, chromium: Browser, visited: dict[str, Any]
) -> None:
    admin.put(site_config(site="elsewhere"))
    admin.must("publish", "elsewhere", "--without-evidence")
    for path, status in (
        (f"boutique/records/{visited['id']}", 200),
        (f"elsewhere/records/{visited['id']}", 404),
        (f"elsewhere/records/{visited['id']}/proof", 404),
        ("boutique/records/..%2F..", 404),
    ):
        assert page.request.get(f"{admin.url}/admin/sites/{path}").status == status, path
    admin.run("user", "add", "max", "--role", "marketer", stdin=f"{PASSWORD}\n")
    context = chromium.new_context(locale="en")
    marketer = context.new_page()
    log_in(marketer, admin, "max")
    for path in ("records", f"records/{visited['id']}", f"records/{visited['id']}/record.json"):
        assert marketer.request.get(f"{admin.url}/admin/sites/boutique/{path}").status == 403, path
    context.close()
