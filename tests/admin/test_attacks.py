"""What somebody who means harm would try on the admin's forms and addresses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.made import site_config
from tests.service_process import Service
from tests.web import get, request

XSS = """<img src=x onerror="document.title='run'"><script>document.title='run'</script>"'><svg onload=run()>{{7*7}}"""


def _pages(site: str) -> list[str]:
    names = ("", "/purposes", "/purposes/0", "/trackers", "/trackers/0", "/texts", "/look", "/settings", "/publish")
    return [f"/admin/sites/{site}{name}" for name in (*names, "/install", "/preview", "/preview?layer=2")]


@pytest.mark.browser
def test_markup_in_every_text_of_a_configuration_stays_text(page: Page, admin: Service) -> None:
    config: dict[str, Any] = site_config(site="hostile")
    config["controller"] |= {"name": XSS, "address": XSS, "contact": XSS}
    config["purposes"][0] |= {"title": {"fr": XSS, "en": XSS}, "description": {"fr": XSS, "en": XSS}}
    config["trackers"][0] |= {"name": XSS, "controller": XSS, "agreement": XSS, "recipients": [XSS]}
    config["proof_retention"] = {"period": "P5Y", "reason": XSS}
    config["banner"] = {"texts": {"en": {"banner.title": XSS, "button.close": XSS}}, "theme": {"font": "x"}}
    admin.put(config)
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url))
    for path in ["/admin/", *_pages("hostile")]:
        page.goto(admin.url + path)
        assert page.title() != "run", path
        assert page.locator("img[src=x], svg[onload]").count() == 0, path
        for frame in page.frames:
            assert frame.locator("img[src=x]").count() == 0, path
    assert not [url for url in asked if url.endswith("/x")]


@pytest.mark.browser
def test_what_an_address_says_is_never_run(page: Page, admin: Service) -> None:
    for path in (
        "/admin/sites/boutique/trackers?q=",
        "/admin/sites/boutique/trackers/new?from=",
        "/admin/sites/boutique/texts?language=",
        "/admin/sites/boutique/look?layer=",
        "/admin/sites/boutique/preview?language=",
        "/admin/sites/boutique?note=",
        "/admin/sites/",
    ):
        page.goto(admin.url + path + XSS.replace("#", "%23"))
        assert page.title() != "run", path
        assert page.locator("img[src=x], svg[onload]").count() == 0, path


def _forms() -> list[str]:
    return [
        *("/admin/sites/new", "/admin/language", "/admin/logout", "/admin/login"),
        *(f"/admin/sites/boutique/{name}" for name in ("settings", "purposes", "purposes/0", "trackers", "texts")),
        *(f"/admin/sites/boutique/{name}" for name in ("trackers/0", "look", "publish", "install", "versions")),
    ]


@pytest.mark.browser
@pytest.mark.parametrize("path", _forms())
def test_a_form_that_another_site_sends_is_refused(path: str, page: Page, admin: Service) -> None:
    context: BrowserContext = page.context
    for headers in (
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        answer = context.request.post(admin.url + path, form={"draft": "x"}, headers=headers, max_redirects=0)
        assert answer.status == 403, headers


@pytest.mark.browser
def test_fields_that_a_form_does_not_have_change_nothing(page: Page, admin: Service) -> None:
    admin.put(site_config(site="assigned"))
    shown = json.loads(admin.must("--json", "site", "show", "assigned"))
    page.goto(f"{admin.url}/admin/sites/assigned/purposes/0")
    page.evaluate(
        """() => {
          for (const [name, value] of [['id', 'evil'], ['site', 'boutique'], ['scope', 'x'], ['origin', 'evil'],
                                       ['signing_key', 'k'], ['version', '0'], ['__proto__', 'x'], ['title.xx', 'x']]) {
            const field = document.createElement('input');
            field.type = 'hidden'; field.name = name; field.value = value;
            document.querySelector('main form').append(field);
          }
        }"""
    )
    page.get_by_role("button", name="Save the draft").click()
    after = json.loads(admin.must("--json", "site", "show", "assigned"))
    assert after["log_key"] == shown["log_key"]
    assert after["draft"]["site"] == "assigned"
    assert [purpose["id"] for purpose in after["draft"]["purposes"]] == ["audience", "ads", "cart"]
    assert "xx" not in json.dumps(after["draft"]["purposes"])


@pytest.mark.browser
def test_the_way_back_after_a_language_was_chosen_leads_nowhere_else(page: Page, admin: Service) -> None:
    for back in ("https://evil.test/", "//evil.test/admin/", "/admin/../x", "\\\\evil.test", "javascript:alert(1)"):
        answer = page.context.request.post(
            f"{admin.url}/admin/language", form={"language": "fr", "back": back}, max_redirects=0
        )
        assert (answer.status, answer.headers["location"]) == (303, "/admin/"), back


@pytest.mark.browser
def test_a_screen_of_another_site_or_file_is_not_shown(page: Page, admin: Service) -> None:
    admin.publish(site_config(site="neighbour"))
    script = get(f"{admin.url}/s/boutique.js")
    assert script.status == 200
    for digest in ("0" * 64, "..%2f..%2fadmin.css", "sdk", "%00"):
        answer = page.context.request.get(f"{admin.url}/admin/sites/neighbour/screens/{digest}")
        assert answer.status == 404, digest
    for path in ("../static/admin.css", "..%2ftemplates%2flogin.html", "%2e%2e/accounts.py", "admin.css%00.html"):
        assert get(f"{admin.url}/admin/static/{path}").status in (303, 404), path


def test_a_session_is_new_at_each_log_in_and_gone_after_a_log_out(admin: Service) -> None:
    form = b"name=ada&password=correct+horse+battery"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    fixed = {"Cookie": "temoin_session=chosen-by-somebody-else"} | kind
    first = request("POST", f"{admin.url}/admin/login", form, fixed).headers["set-cookie"].split(";")[0]
    second = request("POST", f"{admin.url}/admin/login", form, fixed).headers["set-cookie"].split(";")[0]
    assert len({first, second, "temoin_session=chosen-by-somebody-else"}) == 3
    assert get(f"{admin.url}/admin/", Cookie=fixed["Cookie"]).status == 303
    assert get(f"{admin.url}/admin/", Cookie=first).status == 200
    request("POST", f"{admin.url}/admin/logout", b"", {"Cookie": first} | kind)
    assert get(f"{admin.url}/admin/", Cookie=first).status == 303
    assert get(f"{admin.url}/admin/", Cookie=second).status == 200
