"""The pages of people, of tokens and of one's own account, as an owner and those who are none use them."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from temoin.admin.api.routes import PREFIX
from tests.admin.conftest import PASSWORD, log_in
from tests.browser.axe import violations
from tests.made import site_config
from tests.service_process import Service
from tests.web import request

pytestmark = pytest.mark.browser


@pytest.fixture
def second(admin: Service, chromium: Browser) -> Iterator[Page]:
    """Another browser, nobody logged in."""
    context = chromium.new_context(locale="en")
    yield context.new_page()
    context.close()


def _account(admin: Service, name: str, role: str, *options: str) -> None:
    admin.run("user", "add", name, "--role", role, *options, stdin=f"{PASSWORD}\n")


def _names(admin: Service) -> list[str]:
    return [each["user"] for each in json.loads(admin.must("--json", "user", "list"))]


def test_an_owner_makes_an_account_gives_and_takes_roles_and_removes_it(page: Page, admin: Service) -> None:
    page.goto(f"{admin.url}/admin/")
    page.get_by_role("link", name="People").click()
    page.get_by_label("Name").fill("louis")
    page.get_by_label("First password").fill(PASSWORD)
    page.locator("#site").select_option("boutique")
    page.locator("#role").select_option("marketer")
    page.get_by_role("button", name="Make the account").click()
    line = page.locator(".jobs > li", has=page.get_by_role("heading", name="louis"))
    expect(line.locator(".roles")).to_contain_text("Marketer · boutique")
    line.get_by_text("Change (louis)").click()
    line.get_by_label("Role").select_option("officer")
    line.get_by_role("button", name="Give the role").click()
    expect(line.locator(".roles")).to_contain_text("Compliance officer · every site")
    line.get_by_role("button", name="Take (louis, Marketer, boutique)").click()
    expect(line.locator(".roles li")).to_have_count(1)
    line.get_by_text("Change (louis)").click()
    line.get_by_label("Remove: louis").click()
    line.get_by_role("button", name="Yes, remove it").click()
    expect(page.get_by_role("status")).to_have_text("The account is removed.")
    expect(page.get_by_role("heading", name="louis")).to_have_count(0)


def test_the_last_owner_stays_and_a_short_password_is_refused_with_what_was_typed(page: Page, admin: Service) -> None:
    page.goto(f"{admin.url}/admin/people")
    page.get_by_label("Name").fill("marie")
    page.get_by_label("First password").evaluate("field => { field.minLength = 0; field.value = 'short' }")
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("alert")).to_contain_text("under 12 characters")
    expect(page.get_by_label("Name")).to_have_value("marie")
    line = page.locator(".jobs > li", has=page.get_by_role("heading", name="ada"))
    line.get_by_role("button", name="Take (ada, Owner, every site)").click()
    expect(page.get_by_role("alert")).to_contain_text("last owner")


def test_a_password_is_changed_by_its_owner_and_logs_every_other_browser_out(
    page: Page, second: Page, admin: Service, chromium: Browser
) -> None:
    _account(admin, "change", "viewer")
    log_in(second, admin, "change")
    third = chromium.new_context(locale="en").new_page()
    log_in(third, admin, "change")
    second.goto(f"{admin.url}/admin/account")
    second.get_by_label("Present password").fill("not the password")
    second.get_by_label("New password").fill("another horse battery")
    second.get_by_role("button", name="Change the password").click()
    expect(second.get_by_role("alert")).to_contain_text("wrong")
    second.get_by_label("Present password").fill(PASSWORD)
    second.get_by_label("New password").fill("another horse battery")
    second.get_by_role("button", name="Change the password").click()
    expect(second.get_by_role("status")).to_contain_text("The password is changed")
    third.goto(f"{admin.url}/admin/")
    expect(third).to_have_url(f"{admin.url}/admin/login")
    third.context.close()


def test_a_browser_is_logged_out_from_another_one(page: Page, second: Page, admin: Service) -> None:
    _account(admin, "two", "viewer")
    log_in(second, admin, "two")
    page.context.clear_cookies()
    log_in(page, admin, "two")
    page.goto(f"{admin.url}/admin/account")
    expect(page.get_by_text("this browser")).to_have_count(1)
    page.get_by_role("button", name="Log it out").click()
    expect(page.get_by_role("status")).to_have_text("That browser is logged out.")
    second.goto(f"{admin.url}/admin/")
    expect(second).to_have_url(f"{admin.url}/admin/login")


def test_an_app_is_set_up_asked_for_at_the_log_in_and_removed(page: Page, second: Page, admin: Service) -> None:
    _account(admin, "app", "viewer")
    log_in(second, admin, "app")
    second.goto(f"{admin.url}/admin/account")
    second.get_by_role("button", name="Set up an app").click()
    secret = second.locator(".secret").inner_text()
    second.get_by_label("Code").fill("000000")
    second.get_by_role("button", name="Turn it on").click()
    expect(second.get_by_role("alert")).to_contain_text("not the one")
    assert second.locator(".secret").inner_text() == secret
    assert violations(second) == []
    second.get_by_label("Code").fill(pyotp.TOTP(secret).now())
    second.get_by_role("button", name="Turn it on").click()
    codes = second.locator(".codes li").all_inner_texts()
    assert len(set(codes)) == 10
    second.context.clear_cookies()
    second.goto(f"{admin.url}/admin/login")
    second.get_by_label("Account").fill("app")
    second.get_by_label("Password").fill(PASSWORD)
    second.get_by_role("button", name="Log in").click()
    second.get_by_label("Code").fill(codes[0])
    second.get_by_role("button", name="Continue").click()
    second.wait_for_url(f"{admin.url}/admin/")
    second.goto(f"{admin.url}/admin/account")
    expect(second.get_by_text("9 recovery codes are left.")).to_be_visible()
    second.locator("#password").fill(PASSWORD)
    second.get_by_role("button", name="Remove the second factor").click()
    expect(second.get_by_role("status")).to_have_text("The second factor is removed.")


def test_a_token_is_made_shown_once_works_and_is_revoked(page: Page, admin: Service) -> None:
    page.goto(f"{admin.url}/admin/tokens")
    page.locator("#site").select_option("boutique")
    page.get_by_label("What it is for").fill("deployment")
    page.get_by_label("Change drafts").check()
    page.get_by_role("button", name="Make the token").click()
    secret = page.locator(".secret").inner_text()
    assert violations(page) == []

    def status() -> int:
        return request("GET", f"{admin.url}{PREFIX}/sites", headers={"Authorization": f"Bearer {secret}"}).status

    assert status() == 200
    page.goto(f"{admin.url}/admin/tokens")
    expect(page.locator("main")).to_contain_text("deployment")
    expect(page.locator("main")).not_to_contain_text(secret)
    page.get_by_role("button", name="Revoke (deployment)").click()
    expect(page.get_by_role("status")).to_have_text("The token is revoked.")
    assert status() == 401


def test_who_owns_nothing_sees_no_people_and_no_tokens(second: Page, admin: Service) -> None:
    _account(admin, "maud", "marketer")
    log_in(second, admin, "maud")
    expect(second.get_by_role("link", name="People")).to_have_count(0)
    for address in ("/admin/people", "/admin/tokens"):
        answer = second.goto(admin.url + address)
        assert answer is not None
        assert answer.status == 403
    sent = second.request.post(
        f"{admin.url}/admin/people",
        form={"act": "add", "name": "eve", "password": PASSWORD, "site": "*", "role": "owner"},
        headers={"Origin": admin.url},
    )
    assert sent.status == 403
    assert "eve" not in _names(admin)


def test_an_owner_of_one_site_administers_that_site_alone(second: Page, admin: Service) -> None:
    admin.put(site_config(site="other"))
    _account(admin, "local", "owner", "--site", "other")
    _account(admin, "guest", "viewer", "--site", "other")
    _account(admin, "far", "viewer", "--site", "boutique")
    log_in(second, admin, "local")
    second.goto(f"{admin.url}/admin/people")
    expect(second.get_by_role("heading", level=3)).to_have_text(["guest", "local you"])
    expect(second.get_by_role("button", name="Set the password")).to_have_count(0)
    expect(second.locator("#site option")).to_have_text(["other"])
    accounts = {each["user"]: each["id"] for each in json.loads(admin.must("--json", "user", "list"))}
    attacks = (
        {"act": "password", "account": accounts["guest"], "password": "another horse battery"},
        {"act": "remove", "account": accounts["far"]},
        {"act": "grant", "account": accounts["guest"], "site": "boutique", "role": "owner"},
        {"act": "grant", "account": accounts["local"], "site": "*", "role": "owner"},
    )
    for fields in attacks:
        answer = second.request.post(f"{admin.url}/admin/people", form=fields, headers={"Origin": admin.url})
        assert answer.status in (403, 404), fields
    made = second.request.post(
        f"{admin.url}/admin/tokens",
        form={"act": "make", "site": "*", "scopes": "read", "days": "1"},
        headers={"Origin": admin.url},
    )
    assert made.status == 403
    log = [each for each in json.loads(admin.must("--json", "user", "list")) if each["user"] == "far"]
    assert log[0]["roles"] == {"boutique": "viewer"}
