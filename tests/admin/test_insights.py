"""The page of insights: what it tells after real answers, its charts and their tables, the file for a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.admin.conftest import PASSWORD, log_in
from tests.analytics.sending import measured, send
from tests.browser.axe import violations
from tests.made import ORIGIN, decision
from tests.service_process import Service
from tests.waiting import until
from tests.web import get

ALL, NOTHING = {"audience": True, "ads": True}, {"audience": False, "ads": False}


@pytest.fixture(scope="module")
def answered(service: Service) -> Service:
    """Five visits asked under one version: two accept, one refuses; under the next one somebody refuses."""
    done = service.run("user", "add", "ada", "--role", "owner", stdin=f"{PASSWORD}\n")
    assert done.returncode == 0, done.stderr
    first = service.publish(measured())
    hit = {"type": "shown", "page": "/", "entry": True, "config": first, "language": "fr", "viewport": "mobile"}
    for _ in range(5):
        assert send(service, hit).status == 204
    answers = [("accept_all", ALL), ("accept_all", ALL), ("refuse_all", NOTHING)]
    for action, choices in answers:
        body = decision(first, action=action, choices=choices, viewport="mobile")
        assert service.post("boutique", body, origin=ORIGIN).status == 201
    second = service.publish(measured() | {"choice_validity": "P6M"})
    last = decision(second, action="refuse_all", choices=NOTHING)
    until(lambda: service.post("boutique", last, origin=ORIGIN).status in (200, 201))
    until(lambda: '"refused": 2' in service.must("--json", "insights", "boutique"))
    return service


@pytest.fixture
def insights(answered: Service, chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(locale="en", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    log_in(page, answered)
    page.goto(f"{answered.url}/admin/sites/boutique/insights")
    yield page
    context.close()
    # A style or script that the policy refused would stand here; an answer of 4xx is no mistake of the page.
    assert [error for error in errors if not re.search(r"status of 4\d\d", error)] == []


def figure(page: Page, name: str) -> dict[str, str]:
    """The rows of a table by their heads, cells joined."""
    table = page.get_by_role("region", name=name).locator("tbody tr")
    return {row.locator("th").inner_text(): " ".join(row.locator("td").all_inner_texts()) for row in table.all()}


@pytest.mark.browser
def test_answers_are_told_in_figures_and_drawn_as_charts(insights: Page) -> None:
    shown = insights.locator(".kpis")
    expect(shown).to_contain_text("Accepted\n40.0%", use_inner_text=True)
    expect(shown).to_contain_text("No choice\n20.0%", use_inner_text=True)
    charts = insights.locator("figure.chart canvas")
    expect(charts).to_have_count(6)
    drawn = insights.evaluate(
        "[...document.querySelectorAll('figure.chart canvas')].map((each) =>"
        " each.getContext('2d').getImageData(0, 0, each.width, each.height).data.some((byte) => byte))"
    )
    assert drawn == [True] * 6
    assert figure(insights, "Granted, by purpose")["ads"].startswith("50.0%")
    assert violations(insights) == []


@pytest.mark.browser
def test_two_versions_stand_beside_each_other(insights: Page) -> None:
    insights.locator("#version").select_option(index=2)
    insights.locator("#against_version").select_option(index=1)
    insights.get_by_role("button", name="Show").click()
    rows = figure(insights, "Beside each other")
    assert rows["Accepted"] == "40.0% 2 0.0% 0"
    assert rows["Refused"] == "20.0% 1 100.0% 1"
    expect(insights.locator("main")).to_contain_text("points to the other version")


@pytest.mark.browser
def test_a_period_without_answers_and_a_bad_one_are_said_in_words(insights: Page, answered: Service) -> None:
    address = f"{answered.url}/admin/sites/boutique/insights"
    insights.goto(f"{address}?from=2020-01-01&to=2020-01-31")
    expect(insights.locator("main")).to_contain_text("Nothing was counted in these days")
    assert violations(insights) == []
    answer = insights.goto(f"{address}?from=2020-02-01&to=2020-01-31")
    assert answer is not None
    assert answer.status == 400
    expect(insights.get_by_role("alert")).to_contain_text("is after")


@pytest.mark.browser
def test_the_file_for_a_spreadsheet_holds_what_the_page_shows(insights: Page) -> None:
    with insights.expect_download() as download:
        insights.get_by_role("link", name="Download as CSV").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text())))
    [total] = [row for row in rows if row["side"] == "chosen" and row["table"] == "total"]
    assert (total["accepted"], total["refused"], total["no_choice"]) == ("2", "2", "1")


@pytest.mark.browser
def test_without_scripts_every_chart_is_its_table(answered: Service, chromium: Browser) -> None:
    context = chromium.new_context(locale="fr", java_script_enabled=False)
    page = context.new_page()
    log_in(page, answered)
    page.goto(f"{answered.url}/admin/sites/boutique/insights")
    expect(page.locator("canvas")).to_have_count(0)
    expect(page.get_by_role("region", name="Par jour").locator("tbody tr").last).to_be_visible()
    expect(page.locator(".kpis")).to_contain_text("Accepté")
    context.close()


def test_the_charts_are_served_with_the_licences_of_what_draws_them(answered: Service) -> None:
    assert get(f"{answered.url}/admin/static/charts.js").headers["content-type"].startswith("text/javascript")
    assert "Chart.js" in get(f"{answered.url}/admin/static/charts-licences.txt").body.decode()
