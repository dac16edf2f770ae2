"""Single sign-on against a real provider process on loopback: who gets in, and whose answers are not believed."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.admin.provider import CLIENT, SECRET, Provider, provider
from tests.browser.axe import violations
from tests.service_process import Service
from tests.web import Answer, get, request


@dataclass
class Visitor:
    """A browser without one: it keeps cookies and follows no redirect by itself."""

    service: Service
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, url: str) -> Answer:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.request("GET", f"{parts.path}?{parts.query}", headers={"Cookie": cookie})
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        answer = Answer(response.status, headers, response.read())
        for line in response.headers.get_all("Set-Cookie", []):
            pair, _, rest = line.partition(";")
            name, _, value = pair.partition("=")
            if "max-age=0" in rest.lower():
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        connection.close()
        return answer

    def begin(self) -> str:
        """The address at the provider that the browser is sent to."""
        answer = self.get(f"{self.service.url}/admin/sign-on")
        assert answer.status == 303, answer.body
        return answer.headers["location"]

    def sign_on(self) -> Answer:
        return self.get(get(self.begin()).headers["location"])

    def is_in(self) -> bool:
        return self.get(f"{self.service.url}/admin/").status == 200


@pytest.fixture(scope="module")
def corp() -> Iterator[Provider]:
    with provider() as running:
        yield running


@pytest.fixture(scope="module")
def shared(corp: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    extra = {
        "TEMOIN_OIDC_ISSUER": corp.address,
        "TEMOIN_OIDC_CLIENT": CLIENT,
        "TEMOIN_OIDC_SECRET": SECRET,
        "TEMOIN_OIDC_NAME": "Corp",
    }
    service = Service(tmp_path_factory.mktemp("sign-on") / "data", extra=extra).start()
    service.must("user", "add", "anna@corp.test", "--role", "owner", "--single-sign-on")
    service.run("user", "add", "bob@corp.test", "--role", "owner", stdin="correct horse battery\n")
    yield service
    service.kill()


@pytest.fixture
def service(shared: Service, corp: Provider) -> Service:
    corp.behave()
    return shared


def test_the_first_sign_on_ties_the_account_to_the_subject_and_the_address_counts_no_more(
    service: Service, corp: Provider
) -> None:
    visitor = Visitor(service)
    assert visitor.sign_on().status == 200
    assert visitor.is_in()
    corp.behave(email="anna.married@corp.test")
    assert Visitor(service).sign_on().status == 200
    corp.behave(sub="s-2", email="anna@corp.test")
    given_on = Visitor(service)
    assert given_on.sign_on().status == 401
    assert not given_on.is_in()


def test_an_account_with_a_password_is_not_opened_by_its_address(service: Service, corp: Provider) -> None:
    corp.behave(sub="s-3", email="bob@corp.test")
    visitor = Visitor(service)
    assert visitor.sign_on().status == 401
    assert not visitor.is_in()


def test_an_account_for_signing_on_has_no_password_to_guess(service: Service) -> None:
    for word in ("", "correct horse battery"):
        body = f"name=anna%40corp.test&password={word}".encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": service.url}
        assert request("POST", f"{service.url}/admin/login", body, headers).status == 401


@pytest.mark.parametrize(
    "who",
    [
        {"sub": "s-9", "email": "nobody@corp.test"},
        {"sub": "s-9", "email": "carl@corp.test", "email_verified": False},
        {"sub": "s-9", "email": "carl@corp.test", "email_verified": None},
        {"sub": "s-9", "email": "carl@corp.test", "email_verified": "true"},
    ],
)
def test_nobody_gets_in_by_an_address_that_is_unknown_or_not_verified(
    service: Service, corp: Provider, who: dict[str, Any]
) -> None:
    service.run("user", "add", "carl@corp.test", "--role", "viewer", "--single-sign-on")
    corp.behave(**who)
    visitor = Visitor(service)
    assert visitor.sign_on().status == 401
    assert not visitor.is_in()


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another"},
        {"aud": [CLIENT, "another"]},
        {"azp": "another"},
        {"iss": "https://evil.test"},
        {"exp": 1_600_000_000},
        {"exp": None},
        {"iat": 4_000_000_000},
        {"sub": None},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_sign_on_is_not_believed(
    service: Service, corp: Provider, claims: dict[str, Any]
) -> None:
    corp.claims = claims
    visitor = Visitor(service)
    answer = visitor.sign_on()
    assert answer.status == 401, answer.body
    assert not visitor.is_in()


@pytest.mark.parametrize("forged", ["none", "another key", "hmac with the public key"])
def test_a_token_that_the_providers_key_did_not_sign_is_not_believed(
    service: Service, corp: Provider, forged: str
) -> None:
    corp.forged = forged
    visitor = Visitor(service)
    assert visitor.sign_on().status == 401
    assert not visitor.is_in()


def test_an_answer_is_for_the_browser_that_asked_and_counts_once(service: Service, corp: Provider) -> None:
    attacker, victim = Visitor(service), Visitor(service)
    back = get(attacker.begin()).headers["location"]
    assert victim.get(back).status == 401
    victim.begin()
    assert victim.get(back).status == 401
    assert not victim.is_in()
    assert attacker.get(back).status == 200
    assert attacker.get(back).status == 401


def test_another_providers_answer_and_a_refusal_end_at_the_log_in(service: Service, corp: Provider) -> None:
    visitor = Visitor(service)
    back = get(visitor.begin()).headers["location"]
    assert visitor.get(back.replace("iss=http", "iss=https")).status == 401
    visitor = Visitor(service)
    state = get(visitor.begin()).headers["location"].partition("state=")[2].partition("&")[0]
    answer = visitor.get(f"{service.url}/admin/sign-on/done?error=access_denied&state={state}")
    assert answer.status == 401
    assert b"did not sign you on" in answer.body


def test_each_log_in_is_a_session_of_its_own(service: Service) -> None:
    visitor = Visitor(service, {"temoin_session": "planted"})
    visitor.sign_on()
    assert visitor.cookies["temoin_session"] != "planted"
    first = visitor.cookies["temoin_session"]
    visitor.sign_on()
    assert visitor.cookies["temoin_session"] != first
    assert not Visitor(service, {"temoin_session": first}).is_in()


def test_a_provider_that_is_away_or_somebody_else_is_told_and_the_password_still_works(
    service: Service, corp: Provider
) -> None:
    corp.down = True
    answer = get(f"{service.url}/admin/sign-on")
    assert answer.status == 503
    assert b"does not answer" in answer.body
    assert b'name="password"' in answer.body
    corp.behave()
    corp.issuer = "https://evil.test"
    assert get(f"{service.url}/admin/sign-on").status == 503


def test_what_is_sent_to_the_provider_names_nobody_and_its_answer_leads_nowhere_else(
    service: Service, corp: Provider
) -> None:
    Visitor(service).sign_on()
    asked = corp.asked[-1]
    assert asked["redirect_uri"] == f"{service.url}/admin/sign-on/done"
    assert asked["scope"] == "openid email"
    assert len(asked["state"]) >= 32
    assert len(asked["nonce"]) >= 32
    visitor = Visitor(service)
    visitor.begin()
    answer = visitor.get(f"{service.url}/admin/sign-on/done?next=https://evil.test&state=x&code=y")
    assert b"evil.test" not in answer.body
    assert SECRET not in service.log()


@pytest.mark.parametrize(
    "extra",
    [
        {"TEMOIN_OIDC_ISSUER": "http://login.corp.test", "TEMOIN_OIDC_CLIENT": "x"},
        {"TEMOIN_OIDC_ISSUER": "https://login.corp.test"},
        {"TEMOIN_OIDC_ISSUER": "login.corp.test", "TEMOIN_OIDC_CLIENT": "x"},
    ],
)
def test_a_provider_without_tls_or_client_stops_the_start(own_service: Service, extra: dict[str, str]) -> None:
    own_service.extra = extra
    done = own_service.run("serve", "--port", str(own_service.port))
    assert done.returncode != 0
    assert "TEMOIN_OIDC_ISSUER" in done.stderr


@pytest.mark.browser
def test_a_browser_signs_on_and_stays_in(service: Service, chromium: Browser) -> None:
    page = chromium.new_page(locale="en")
    page.goto(f"{service.url}/admin/login")
    assert violations(page) == []
    page.get_by_role("link", name="Sign on with Corp").click()
    page.wait_for_url(f"{service.url}/admin/")
    expect(page.get_by_text("anna@corp.test")).to_be_visible()
    cookies = {each["name"]: each for each in page.context.cookies()}
    assert set(cookies) == {"temoin_session"}
    assert cookies["temoin_session"]["sameSite"] == "Strict"
    page.context.close()


def test_a_service_without_a_provider_offers_none(own_service: Service) -> None:
    own_service.start()
    assert b"Sign on" not in get(f"{own_service.url}/admin/login").body
    assert get(f"{own_service.url}/admin/sign-on").status == 404
