"""Exports made in the admin: what the officer gets, what goes on the record, and what an erasure reaches."""

from __future__ import annotations

import json
import re
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from temoin.proof.verify.bundle import verify_bundle
from tests.admin.conftest import PASSWORD, log_in
from tests.browser.axe import violations
from tests.made import ORIGIN, decision, site_config
from tests.proof.logs import new_subject
from tests.service_process import Service
from tests.web import get


@pytest.fixture(scope="module")
def visitors(admin: Service) -> list[dict[str, Any]]:
    """Three visitors' choices; the first one's id begins with a hyphen."""
    version = json.loads(admin.must("site", "show", "boutique"))["version"]
    bodies = [decision(version, subject=subject) for subject in (f"-{new_subject()[1:]}", new_subject(), new_subject())]
    for body in bodies:
        assert admin.post("boutique", body, origin=ORIGIN).status == 201
    return bodies


@pytest.fixture
def second(admin: Service, chromium: Browser) -> Iterator[Page]:
    """Another person who may destroy records; on a phone, in French, in the dark."""
    admin.run("user", "add", "olga", "--role", "officer", stdin=f"{PASSWORD}\n")
    context = chromium.new_context(locale="fr", viewport={"width": 390, "height": 844}, color_scheme="dark")
    page = context.new_page()
    log_in(page, admin, "olga")
    yield page
    context.close()


def exported(page: Page, admin: Service, form: str, into: Path, subject: str = "") -> Path:
    """The file that the officer downloads in the end."""
    page.goto(f"{admin.url}/admin/sites/boutique/exports")
    page.locator("#format").select_option(form)
    page.locator("#subject").fill(subject)
    page.get_by_role("button", name="Make the export").click()
    first = page.locator(".jobs > li").first
    expect(first.get_by_text("Done")).to_be_visible(timeout=60_000)
    with page.expect_download() as download:
        first.get_by_role("link", name=re.compile("Download")).click()
    target = into / download.value.suggested_filename
    download.value.save_as(target)
    return target


def known(admin: Service, subject: str) -> bool:
    """Whether the visitor's own browser still finds its history."""
    return get(f"{admin.url}/v1/sites/boutique/subjects/{subject}").status == 200


def acts(admin: Service, tmp_path: Path) -> list[dict[str, Any]]:
    """The administrative acts of the site's log, as an outsider reads them in a bundle."""
    out = tmp_path / "acts.zip"
    admin.must("export", "boutique", "--format", "bundle", "--out", str(out))
    with zipfile.ZipFile(out) as bundle:
        texts = [bundle.read(name) for name in bundle.namelist()]
    return [json.loads(line) for text in texts for line in text.splitlines() if b'"temoin.act/1"' in line]


@pytest.mark.browser
def test_a_bundle_is_made_beside_the_service_and_verifies_and_the_log_says_who_took_it(
    page: Page, admin: Service, visitors: list[dict[str, Any]], tmp_path: Path
) -> None:
    made = exported(page, admin, "bundle", tmp_path)
    assert re.fullmatch(r"boutique-\d{4}-\d\d-\d\d\.zip", made.name)
    vkey = json.loads(admin.must("site", "show", "boutique"))["log_key"]
    assert verify_bundle(made, vkey).ok
    said = {act["act"]: act for act in acts(admin, tmp_path)}
    assert said["export_asked"]["detail"]["format"] == "bundle"
    assert said["export_fetched"]["detail"]["export"] == said["export_asked"]["detail"]["export"]
    folder = admin.data / "exports"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    page.get_by_role("button", name=re.compile("Remove")).first.click()
    expect(page.locator("[role=status]").first).to_contain_text("Removed")
    assert list(folder.glob("*/*")) == []


@pytest.mark.browser
def test_records_are_destroyed_once_a_second_person_confirms_in_files_too_and_nothing_names_the_subject(
    page: Page, second: Page, admin: Service, visitors: list[dict[str, Any]], tmp_path: Path
) -> None:
    subject = visitors[0]["subject"]
    one = exported(page, admin, "csv", tmp_path, subject)
    assert one.read_text().count(subject) == 1
    exported(page, admin, "jsonl", tmp_path)
    assert len(list((admin.data / "exports/boutique").iterdir())) == 2

    page.goto(f"{admin.url}/admin/sites/boutique/erasure")
    page.locator("#subject").fill(subject)
    page.locator("#reason").fill("request of 3 March")
    page.get_by_role("button", name="Ask for the erasure").click()
    expect(page.locator("[role=status]")).to_contain_text("Nothing is destroyed")
    expect(page.get_by_text("These may confirm it: olga.")).to_be_visible()
    assert page.get_by_role("button", name="Confirm and destroy").count() == 0
    number = page.locator(".jobs form").first.get_attribute("action")
    refused = page.request.post(
        f"{admin.url}{number}", form={"act": "confirm"}, headers={"Origin": admin.url, "Sec-Fetch-Site": "same-origin"}
    )
    assert (refused.status, "cannot confirm it" in refused.text()) == (409, True)
    assert known(admin, subject)

    second.goto(f"{admin.url}/admin/sites/boutique/erasure")
    assert violations(second) == []
    second.locator("summary", has_text="Détruire").click()
    second.get_by_role("button", name="Confirmer et détruire").click()
    outcome = second.locator("section[role=status]")
    expect(outcome).to_contain_text("1 enregistrement détruit")
    expect(outcome).to_contain_text("aucune trace")
    expect(outcome.locator("li", has_text="exports/boutique")).to_have_count(2)
    assert violations(second) == []
    assert not known(admin, subject)
    left = [file for file in admin.data.rglob("*") if file.is_file() and subject.encode() in file.read_bytes()]
    assert left == []
    said = [act["act"] for act in acts(admin, tmp_path)]
    assert said.index("erasure_asked") < said.index("erasure_confirmed")


@pytest.mark.browser
def test_what_was_asked_for_can_be_taken_back_or_turned_down_and_destroys_nothing(
    page: Page, second: Page, admin: Service, visitors: list[dict[str, Any]]
) -> None:
    page.goto(f"{admin.url}/admin/sites/boutique/erasure")
    page.get_by_role("button", name="Ask to destroy what is over").click()
    page.get_by_role("button", name=re.compile("Take it back")).click()
    expect(page.locator("[role=status]")).to_contain_text("nothing was destroyed")
    page.locator("#subject").fill(new_subject())
    page.locator("#reason").fill("nobody's")
    page.get_by_role("button", name="Ask for the erasure").click()
    expect(page.get_by_role("alert")).to_contain_text("holds no record of this subject")
    page.locator("#subject").fill(visitors[1]["subject"])
    page.get_by_role("button", name="Ask for the erasure").click()
    second.goto(f"{admin.url}/admin/sites/boutique/erasure")
    second.get_by_role("button", name=re.compile("Refuser")).click()
    expect(second.locator("[role=status]")).to_contain_text("rien n’a été détruit")
    assert known(admin, visitors[1]["subject"])


@pytest.mark.browser
def test_an_export_that_cannot_be_made_says_why_and_others_may_not_ask(
    page: Page, second: Page, admin: Service, chromium: Browser, visitors: list[dict[str, Any]]
) -> None:
    assert visitors
    admin.put(site_config(site="empty"))
    page.goto(f"{admin.url}/admin/sites/empty/exports")
    page.locator("#format").select_option("csv")
    page.get_by_role("button", name="Make the export").click()
    expect(page.locator(".jobs")).to_contain_text("The log of empty is empty.", timeout=60_000)
    second.goto(f"{admin.url}/admin/sites/boutique/exports")
    assert violations(second) == []
    assert second.evaluate("document.documentElement.scrollWidth <= innerWidth")
    admin.run("user", "add", "max", "--role", "marketer", stdin=f"{PASSWORD}\n")
    context = chromium.new_context(locale="en")
    marketer = context.new_page()
    log_in(marketer, admin, "max")
    for path in ("exports", "exports/0000", "erasure"):
        assert marketer.request.get(f"{admin.url}/admin/sites/boutique/{path}").status == 403, path
    assert page.request.get(f"{admin.url}/admin/sites/boutique/exports/0000").status == 404
    context.close()
