"""A marketer's way from an empty admin to a banner that works, through the mistakes that the product must catch."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.admin.conftest import log_in
from tests.browser.axe import violations
from tests.service_process import Service
from tests.waiting import until
from tests.web import get


@pytest.fixture
def shop(admin: Service) -> Iterator[str]:
    """A page that carries the tag of the site `atelier`, at an origin of its own; `/without` carries none."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            tag = "" if self.path == "/without" else f'<script src="{admin.url}/s/atelier.js"></script>'
            body = f"<!doctype html><html lang=fr><head>{tag}<title>Atelier</title></head><h1>Atelier</h1></html>"
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def _check(page: Page, address: str) -> None:
    page.get_by_label("Address of a page").fill(address)
    page.get_by_role("button", name="Check").click()


@pytest.mark.browser
def test_a_marketer_makes_a_site_mends_what_is_unlawful_publishes_and_checks_the_tag(
    admin: Service, shop: str, chromium: Browser
) -> None:
    assert admin.run("user", "add", "mia", "--role", "marketer", stdin="correct horse battery\n").returncode == 0
    context = chromium.new_context(locale="en")
    page = context.new_page()
    log_in(page, admin, "mia")
    page.get_by_role("link", name="New site").click()
    page.get_by_label("Id", exact=False).first.fill("atelier")
    page.get_by_label("Origins").fill(shop)
    page.get_by_label("Legal name").fill("Atelier SARL")
    page.get_by_label("Postal address").fill("2 place du Marché, 69001 Lyon")
    page.get_by_label("Contact for visitors").fill("vie-privee@atelier.test")
    page.get_by_label("Privacy policy").fill("https://atelier.test/confidentialite")
    page.get_by_label("Advertising").check()
    page.get_by_role("button", name="Make the draft").click()
    expect(page.get_by_role("status")).to_contain_text("The site is there")

    page.get_by_role("link", name="Trackers").first.click()
    page.get_by_label("Name, company or host").press_sequentially("hotjar")
    page.locator("#known").get_by_role("link", name="Hotjar", exact=True).click()
    page.get_by_label("Contract").fill("DPA 2026-01")
    page.get_by_label("Its privacy policy (fr)").fill("https://www.hotjar.com/legal/policies/privacy/")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_role("link", name="Hotjar", exact=True)).to_be_visible()

    page.get_by_role("link", name="Look").click()
    page.locator("[id='theme.text']").fill("#eeeeee")
    page.locator("[id='theme.background']").fill("#ffffff")
    drawn = page.frame_locator("figure.mobile iframe").locator("[data-t=banner]")
    expect(drawn).to_have_css("background-color", "rgb(255, 255, 255)")  # before anything was saved
    page.get_by_role("button", name="Save the draft").click()
    expect(page.locator("[id='theme.text-notes']")).to_contain_text("contrast")
    assert violations(page) == []
    page.get_by_role("link", name="Publish").click()
    expect(page.get_by_role("heading", name="Not yet: the draft has errors")).to_be_visible()
    expect(page.get_by_role("button", name="Publish now")).to_have_count(0)
    page.get_by_role("link", name="Go to the field").first.click()
    page.locator("[id='theme.text']").fill("")
    page.locator("[id='theme.background']").fill("")
    page.get_by_role("button", name="Save the draft").click()

    page.get_by_role("link", name="Install").click()
    _check(page, f"{shop}/")
    expect(page.locator(".result")).to_contain_text("does not work on this page yet")

    page.get_by_role("link", name="Publish", exact=True).first.click()
    page.get_by_role("button", name="Publish now").click()
    expect(page.get_by_role("status")).to_contain_text("Published", timeout=60_000)
    pictures = page.locator(".screens img")
    expect(pictures).to_have_count(4)
    for number in range(4):
        pictures.nth(number).scroll_into_view_if_needed()  # they load when they are seen
    page.wait_for_function("[...document.querySelectorAll('.screens img')].every((each) => each.naturalWidth >= 390)")
    assert violations(page) == []

    page.get_by_role("link", name="Install").click()
    _check(page, f"{shop}/without")
    expect(page.locator(".result")).to_contain_text("Put the tag into its head")
    _check(page, f"{shop}/")
    expect(page.locator(".result")).to_contain_text("The tag works on this page.")
    expect(page.locator(".result")).to_contain_text("Safari keeps the choice until it ends.")
    assert violations(page) == []

    visitor = chromium.new_page(locale="fr")
    visitor.goto(f"{shop}/")
    visitor.get_by_role("button", name="Tout refuser").click()
    expect(visitor.get_by_role("button", name="Tout refuser")).to_have_count(0)
    overview = f"{admin.url}/admin/sites/atelier"
    until(lambda: page.goto(overview) is not None and page.get_by_text("2 entries").is_visible())
    visitor.close()
    context.close()


def test_only_pages_of_the_sites_own_origins_are_ever_opened(admin: Service, shop: str, page: Page) -> None:
    page.goto(f"{admin.url}/admin/sites/boutique/install")
    for foreign in (shop, f"{admin.url}/metrics", "http://169.254.169.254/latest/meta-data/", "file:///etc/passwd"):
        page.locator("#url").evaluate("(field) => { field.type = 'text' }")
        _check(page, foreign)
        expect(page.get_by_role("alert")).to_contain_text("not of one of the site's origins")


def test_a_viewer_and_an_officer_read_and_change_nothing(admin: Service, chromium: Browser) -> None:
    for role in ("viewer", "officer"):
        assert admin.run("user", "add", role, "--role", role, stdin="correct horse battery\n").returncode == 0
        context = chromium.new_context(locale="en")
        page = context.new_page()
        log_in(page, admin, role)
        before = json.loads(admin.must("--json", "site", "show", "boutique"))
        for path in ("purposes", "purposes/0", "trackers", "trackers/0", "texts", "look", "settings", "publish"):
            page.goto(f"{admin.url}/admin/sites/boutique/{path}")
            assert page.get_by_role("button", name="Save the draft").count() == 0
            answer = context.request.post(page.url, form={"draft": "x"}, max_redirects=0)
            assert answer.status == 403, path
        assert context.request.post(f"{admin.url}/admin/sites/new", form={"site": "mine"}).status == 403
        assert json.loads(admin.must("--json", "site", "show", "boutique")) == before
        context.close()
    assert get(f"{admin.url}/admin/sites/boutique").status == 303
