"""The page of the audience: what it tells after real hits, its files, notes on days, who may write them."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from pyarrow import parquet

from tests.admin.conftest import PASSWORD, log_in
from tests.analytics.sending import IPHONE, measured, send, stats, view
from tests.browser.axe import violations
from tests.service_process import Service
from tests.waiting import until


@pytest.fixture(scope="module")
def counted(service: Service) -> Service:
    """Two visitors on two pages, one of them with consent and from a campaign; a bot; a page that was not found."""
    assert service.run("user", "add", "ada", "--role", "owner", stdin=f"{PASSWORD}\n").returncode == 0
    assert service.run("user", "add", "vera", "--role", "viewer", stdin=f"{PASSWORD}\n").returncode == 0
    service.publish(measured())
    consented = {"consented": True, "campaign": {"source": "lettre"}}
    for hit, agent in (
        (view("/", entry=True, referrer="lwn.net"), {}),
        (view("/lampes", missing=False), {}),
        (view("/", entry=True, **consented), {"User_Agent": IPHONE}),
        (view("/perdue", missing=True), {}),
        (view("/", entry=True), {"User_Agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"}),
    ):
        assert send(service, hit, **agent).status == 204
    until(lambda: stats(service)["totals"]["exempt"]["views"] == 4)
    return service


@pytest.fixture
def audience(counted: Service, chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(locale="en", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    log_in(page, counted)
    page.goto(f"{counted.url}/admin/sites/boutique/audience")
    yield page
    context.close()
    assert [error for error in errors if not re.search(r"status of 4\d\d", error)] == []


@pytest.mark.browser
def test_the_page_tells_what_was_counted_beside_what_was_consented_to(audience: Page) -> None:
    figures = audience.locator(".kpis")
    expect(figures).to_contain_text("Visits\n2", use_inner_text=True)
    expect(figures).to_contain_text("Views\n4", use_inner_text=True)
    expect(figures).to_contain_text("Visitors in a day\n2", use_inner_text=True)
    expect(figures.locator(".card", has_text="Visits").first).to_contain_text("with consent: 1")
    pages = audience.get_by_role("region", name="Pages").locator("tbody tr")
    expect(pages.first).to_contain_text("/")
    expect(audience.get_by_role("region", name="Came from")).to_contain_text("lwn.net")
    expect(audience.get_by_role("region", name="Campaigns (with consent)")).to_contain_text("lettre")
    expect(audience.get_by_role("region", name="Not found")).to_contain_text("/perdue")
    expect(audience.get_by_role("region", name="Left out, by reason")).to_contain_text("bot")
    expect(audience.get_by_role("region", name="Languages")).to_contain_text("French")
    expect(audience.locator("figure.chart canvas")).to_have_count(1)
    expect(audience.locator("main")).to_contain_text("they do not add up over days")
    assert violations(audience) == []


@pytest.mark.browser
def test_the_files_hold_what_the_page_shows(audience: Page, counted: Service) -> None:
    home = f"{counted.url}/admin/sites/boutique/audience"
    for form in ("json", "csv", "parquet"):
        answer = audience.request.get(f"{home}.{form}")
        assert answer.headers["content-disposition"].endswith(f'.{form}"')
        body = answer.body()
        if form == "json":
            assert json.loads(body)["totals"]["exempt"]["views"] == 4
        elif form == "csv":
            assert b"total,,exempt,,4,2" in body
        else:
            assert parquet.read_table(io.BytesIO(body)).to_pylist()[0]["views"] == 4
    assert audience.request.get(f"{home}.exe").status == 400


@pytest.mark.browser
def test_another_period_stands_beside_it_and_a_bad_one_is_said_in_words(audience: Page, counted: Service) -> None:
    today = datetime.now(UTC).date()
    home = f"{counted.url}/admin/sites/boutique/audience"
    past = f"{home}?from={today - timedelta(days=60)}&to={today - timedelta(days=50)}"
    audience.goto(f"{past}&against_from={today - timedelta(days=1)}&against_to={today}")
    row = audience.locator("figure.chart tbody tr")
    expect(row).to_have_count(11)
    assert [row.nth(place).locator("td").nth(2).get_attribute("data-value") for place in range(3)] == ["0", "2", None]
    audience.goto(f"{home}?from=2026-02-31")
    expect(audience.get_by_role("alert")).to_contain_text("'2026-02-31' is not a date.")


@pytest.mark.browser
def test_a_note_stands_at_its_day_until_it_is_removed_and_stays_text(audience: Page, counted: Service) -> None:
    audience.get_by_label("What happened").fill("<b>Sale</b> & letter")
    audience.get_by_role("button", name="Write it down").click()
    expect(audience.locator(".jobs li")).to_contain_text("<b>Sale</b> & letter")
    audience.get_by_text("As a table").click()
    expect(audience.locator("figure.chart tr", has_text="<b>Sale</b>")).to_have_count(1)
    assert violations(audience) == []
    audience.get_by_role("button", name=re.compile("Remove")).click()
    expect(audience.locator(".jobs li")).to_have_count(0)
    refused = audience.request.post(
        f"{counted.url}/admin/sites/boutique/audience/notes",
        form={"day": "2020-01-01", "note": "long ago"},
        headers={"Origin": counted.url},
    )
    assert (refused.status, "are destroyed" in refused.text()) == (422, True)


@pytest.mark.browser
def test_the_self_assessment_is_a_page_and_a_document(audience: Page, counted: Service) -> None:
    audience.get_by_role("link", name=re.compile("self-assessment")).click()
    expect(audience.locator(".heading")).to_contain_text("14 of 14 criteria met")
    expect(audience.locator("ol.rows > li")).to_have_count(14)
    assert violations(audience) == []
    with audience.expect_download() as download:
        audience.get_by_role("link", name="PDF").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    home = f"{counted.url}/admin/sites/boutique/audience/assessment"
    assert "14 of 14" in audience.request.get(f"{home}.html").text()
    assert audience.request.get(f"{home}.exe").status == 400


@pytest.mark.browser
def test_a_viewer_reads_it_on_a_phone_in_french_and_writes_nothing(counted: Service, chromium: Browser) -> None:
    context = chromium.new_context(locale="fr", viewport={"width": 390, "height": 844}, color_scheme="dark")
    page = context.new_page()
    log_in(page, counted, "vera")
    page.goto(f"{counted.url}/admin/sites/boutique/audience")
    expect(page.locator("h1")).to_have_text("Audience")
    expect(page.get_by_role("region", name="Langues")).to_contain_text("français")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.get_by_role("button", name="Noter").count() == 0
    sent = page.request.post(
        f"{counted.url}/admin/sites/boutique/audience/notes",
        form={"day": "2026-11-01", "note": "x"},
        headers={"Origin": counted.url},
    )
    assert sent.status == 403
    context.close()
