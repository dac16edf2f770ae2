"""The admin's pages: closed without a session, safe against other sites, and readable."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, expect

from tests.made import site_config
from tests.service_process import Service
from tests.web import Answer, get, request

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def admin(service: Service) -> Service:
    done = service.run("user", "add", "ada", "--role", "owner", stdin=f"{PASSWORD}\n")
    assert done.returncode == 0, done.stderr
    service.publish(site_config())
    return service


def _log_in(admin: Service, name: str, password: str, **headers: str) -> Answer:
    form = urlencode({"name": name, "password": password}).encode()
    given = {"Content-Type": "application/x-www-form-urlencoded"} | {k.replace("_", "-"): v for k, v in headers.items()}
    return request("POST", f"{admin.url}/admin/login", form, given)


def test_nothing_is_shown_without_a_session(admin: Service) -> None:
    for path in ("/admin/", "/admin/sites/boutique", "/admin/sites/nowhere"):
        answer = get(admin.url + path)
        assert (answer.status, answer.headers["location"]) == (303, "/admin/login")
        forged = get(admin.url + path, Cookie="temoin_session=guessed")
        assert forged.status == 303


def test_a_wrong_password_and_an_unknown_name_look_alike(admin: Service) -> None:
    wrong = _log_in(admin, "ada", "not the password")
    unknown = _log_in(admin, "nobody", "not the password")
    assert (wrong.status, unknown.status) == (401, 401)
    assert wrong.body == unknown.body
    assert "set-cookie" not in wrong.headers


def test_a_session_cookie_is_out_of_reach_for_scripts_and_other_sites(admin: Service) -> None:
    answer = _log_in(admin, "ada", PASSWORD)
    assert answer.status == 303
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/admin" in cookie


def test_a_form_from_another_site_is_refused(admin: Service) -> None:
    for headers in ({"Origin": "https://evil.test"}, {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}):
        answer = _log_in(admin, "ada", PASSWORD, **headers)
        assert (answer.status, answer.error) == (403, "cross_site")


def test_attempts_are_limited_by_name_without_locking_others_out(admin: Service) -> None:
    assert admin.run("user", "add", "eve", stdin=f"{PASSWORD}\n").returncode == 0
    statuses = [_log_in(admin, "eve", "wrong").status for _ in range(6)]
    assert statuses == [401] * 5 + [429]
    assert _log_in(admin, "eve", PASSWORD).status == 429
    assert _log_in(admin, "ada", PASSWORD).status == 303


def test_a_short_password_is_refused(admin: Service) -> None:
    done = admin.run("user", "add", "shorty", stdin="1234\n")
    assert done.returncode == 2
    assert "12 characters" in done.stderr


@pytest.mark.browser
def test_an_administrator_sees_the_site_its_findings_and_its_tag(admin: Service, chromium: Browser) -> None:
    page = chromium.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(f"{admin.url}/admin/")
    page.get_by_label("Account").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name="boutique").click()
    expect(page.get_by_text(f'<script src="{admin.url}/s/boutique.js"></script>')).to_be_visible()
    expect(page.get_by_text("DUR-005")).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    page.goto(f"{admin.url}/admin/")
    expect(page).to_have_url(f"{admin.url}/admin/login")
    assert errors == []
    page.close()
