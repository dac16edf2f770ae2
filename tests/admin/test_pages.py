"""Every page of the admin in a real Chromium: axe-core finds nothing, in either language, light or dark, any width."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from temoin.admin.pages.language import french
from tests.browser.axe import violations
from tests.made import site_config
from tests.service_process import Service
from tests.web import get

ADMIN = Path(__file__).parents[2] / "server" / "temoin" / "admin"
PAGES = (
    *("", "/purposes", "/purposes/0", "/purposes/new", "/trackers", "/trackers?q=goog", "/trackers/new?from=Hotjar"),
    *("/trackers/1", "/texts", "/texts?language=en", "/look", "/settings", "/publish", "/install", "/versions"),
    "/insights",
)


@pytest.mark.browser
@pytest.mark.parametrize(
    "page",
    [
        {"locale": "fr", "color_scheme": "light", "viewport": {"width": 1280, "height": 800}},
        {"locale": "en", "color_scheme": "dark", "viewport": {"width": 390, "height": 844}},
    ],
    indirect=True,
    ids=["french-light-desktop", "english-dark-mobile"],
)
def test_axe_finds_nothing_on_any_page_and_none_is_wider_than_its_window(page: Page, admin: Service) -> None:
    admin.put(site_config(site="unfinished", banner={"theme": {"background": "#ffffff", "text": "#eeeeee"}}))
    addresses = [
        "/admin/",
        "/admin/people",
        "/admin/tokens",
        "/admin/account",
        "/admin/sites/new",
        "/admin/sites/nowhere",
    ]
    addresses += [f"/admin/sites/{site}{path}" for site in ("boutique", "unfinished") for path in PAGES]
    for address in addresses:
        page.goto(admin.url + address)
        assert violations(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    page.goto(f"{admin.url}/admin/login")
    assert violations(page) == []


def _texts() -> set[str]:
    """Every English text that a template marks as one to be said."""
    found: set[str] = set()
    for template in (ADMIN / "templates").glob("*.html"):
        text = template.read_text("utf-8")
        found |= set(re.findall(r'\b_\(\s*"((?:[^"\\]|\\.)*)"', text))
        found |= set(re.findall(r"\b_\(\s*'((?:[^'\\]|\\.)*)'", text))
        for one, _, many in re.findall(r'ngettext\(\s*["\'](.*?)["\'],(\s*)["\'](.*?)["\']', text):
            found |= {one, many}
    for module in (ADMIN / "pages").glob("*.py"):
        found |= set(re.findall(r'\.say\(\s*"((?:[^"\\]|\\.)*)"', module.read_text("utf-8")))
    return found


def test_every_text_has_its_french_with_the_same_places_to_fill_in() -> None:
    assert len(_texts()) > 200
    assert sorted(_texts() - set(french())) == []
    for english, words in french().items():
        assert set(re.findall(r"%\(\w+\)s", english)) == set(re.findall(r"%\(\w+\)s", words)), english


def test_pages_forbid_inline_scripts_and_styles_and_hold_none(admin: Service) -> None:
    answer = get(f"{admin.url}/admin/login")
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    for template in (ADMIN / "templates").glob("*.html"):
        text = template.read_text("utf-8")
        assert re.search(r"<script(?![^>]*\bsrc=)", text) is None, template.name
        assert re.search(r"\sstyle=|<style|\son\w+=", text) is None, template.name


@pytest.mark.browser
def test_the_language_is_chosen_in_the_header_and_kept(page: Page, admin: Service) -> None:
    page.goto(f"{admin.url}/admin/sites/boutique/purposes")
    page.get_by_role("button", name="Français").click()
    expect(page).to_have_url(f"{admin.url}/admin/sites/boutique/purposes")
    expect(page.get_by_role("heading", name="Finalités", exact=True)).to_be_visible()
    page.goto(f"{admin.url}/admin/")
    expect(page.locator("html")).to_have_attribute("lang", "fr")


@pytest.mark.browser
@pytest.mark.parametrize("page", [{"locale": "en", "java_script_enabled": False}], indirect=True, ids=["no-scripts"])
def test_a_draft_is_edited_without_scripts(page: Page, admin: Service) -> None:
    admin.put(site_config(site="plain"))
    page.goto(f"{admin.url}/admin/sites/plain/trackers?q=hotjar")
    page.get_by_role("link", name="Hotjar", exact=True).first.click()
    page.get_by_label("Company").fill("Hotjar Ltd")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_role("link", name="Hotjar", exact=True)).to_be_visible()
    page.goto(f"{admin.url}/admin/sites/plain/look?mode=dark&layer=2")
    assert page.frame_locator("figure.desktop iframe").locator("dialog[open]").count() == 1
    draft = json.loads(admin.must("--json", "site", "show", "plain"))["draft"]
    (hotjar,) = [tracker for tracker in draft["trackers"] if tracker["id"] == "hotjar"]
    assert hotjar["controller"] == "Hotjar Ltd"
    assert hotjar["match"]


@pytest.mark.browser
def test_purposes_are_added_ordered_and_removed(page: Page, admin: Service) -> None:
    admin.put(site_config(site="purposes"))
    page.goto(f"{admin.url}/admin/sites/purposes/purposes")
    page.get_by_role("button", name="Add Maps").or_(page.get_by_role("button", name="Add Map")).first.click()
    page.get_by_role("button", name="Move Audience measurement down").click()

    def stored() -> list[str]:
        draft = json.loads(admin.must("--json", "site", "show", "purposes"))["draft"]
        return [purpose["id"] for purpose in draft["purposes"]]

    assert stored() == ["ads", "audience", "maps", "cart"]
    row = page.get_by_role("listitem").filter(has=page.get_by_role("link", name=re.compile("^Map")))
    row.get_by_text("Remove").first.click()
    row.get_by_role("button", name="Remove").click()
    expect(page.locator("ol.rows > li")).to_have_count(3)
    assert stored() == ["ads", "audience", "cart"]


@pytest.mark.browser
def test_two_people_never_overwrite_each_other_unseen(page: Page, admin: Service) -> None:
    admin.put(site_config(site="shared"))
    page.goto(f"{admin.url}/admin/sites/shared/settings")
    other = page.context.new_page()
    other.goto(f"{admin.url}/admin/sites/shared/settings")
    other.get_by_label("Legal name").fill("The other's name")
    other.get_by_role("button", name="Save the draft").click()
    page.get_by_label("Legal name").fill("My name")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody else has changed this draft")
    expect(page.get_by_text("The other's name")).to_be_visible()
    expect(page.get_by_label("Legal name")).to_have_value("My name")
    name = json.loads(admin.must("--json", "site", "show", "shared"))["draft"]["controller"]["name"]
    assert name == "The other's name"
    page.get_by_role("button", name="Save the draft").click()  # seen, and meant
    expect(page.get_by_role("status")).to_contain_text("Saved in the draft")


@pytest.mark.browser
def test_what_the_decoder_refuses_is_said_at_its_field_and_changes_nothing(page: Page, admin: Service) -> None:
    admin.put(site_config(site="refused"))
    before = admin.must("--json", "site", "show", "refused")
    page.goto(f"{admin.url}/admin/sites/refused/settings")
    page.get_by_label("Origins").fill("ftp://shop.test")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_label("Origins")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Origins")).to_have_value("ftp://shop.test")
    assert admin.must("--json", "site", "show", "refused") == before


@pytest.mark.browser
@pytest.mark.parametrize("layout", ["bar", "box", "modal", "centre"])
def test_the_preview_shows_both_layers_of_every_layout(layout: str, page: Page, admin: Service) -> None:
    admin.put(site_config(site="looks"))
    page.goto(f"{admin.url}/admin/sites/looks/look")
    page.get_by_label("Layout").select_option(layout)
    drawn = page.frame_locator("figure.desktop iframe")
    expect(drawn.locator("[data-t~=banner] [data-t=refuse]")).to_be_visible()
    page.get_by_text("Preferences", exact=True).click()
    expect(drawn.locator("[data-t~=preferences] [data-t=refuse]")).to_be_visible()
