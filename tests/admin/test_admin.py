"""The admin's pages: closed without a session, safe against other sites, and readable."""

from __future__ import annotations

from urllib.parse import urlencode

from tests.admin.conftest import PASSWORD
from tests.service_process import Service
from tests.web import Answer, get, request


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
        assert answer.status == 403
        assert "from another site" in answer.body.decode()
        assert "set-cookie" not in answer.headers


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
