"""`/api/v1`: what the admin does, for programs. Who may do what, and what a journey without a browser leaves."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from temoin.admin.api.routes import OPERATIONS, PREFIX
from temoin.admin.rights import ACTS
from tests.made import ORIGIN, decision, site_config
from tests.service_process import Service
from tests.waiting import until
from tests.web import Answer, request

PASSWORD = "correct horse battery"
SCOPES = [act for act in ACTS if act != "override"]


@dataclass(frozen=True, slots=True)
class Client:
    """A program with a token."""

    service: Service
    token: str

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        sent = {"Authorization": f"Bearer {self.token}"} | {name.replace("_", "-"): it for name, it in headers.items()}
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        return request(method, f"{self.service.url}{PREFIX}{path}", data, sent)


def client(service: Service, site: str, *scopes: str) -> Client:
    options = [part for scope in scopes for part in ("--scope", scope)]
    made = json.loads(service.must("--json", "token", "add", site, *options))
    return Client(service, made["token"])


@pytest.fixture(scope="module")
def api(service: Service) -> Client:
    """A token that may do everything that a token can, on every site."""
    service.publish(site_config())
    service.publish(site_config(site="journal"))
    return client(service, "*", *SCOPES)


def _address(path: str) -> str:
    """Every braced name filled in."""
    for name, value in {"site": "boutique", "digest": "0" * 64, "record": "x", "export": "x", "request": "x"}.items():
        path = path.replace(f"{{{name}}}", value)
    return path.replace("{note}", "x").replace("{account}", "x").replace("{token}", "x")


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: f"{each.method} {each.path}")
def test_without_a_token_in_force_nothing_is_answered(api: Client, operation: Any) -> None:
    for token in ("", "tmn_unknown", "x y"):
        answer = Client(api.service, token)(operation.method, _address(operation.path), {})
        assert (answer.status, answer.error) == (401, "token_not_known" if token else "token_required")
        assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if each.needs], ids=lambda each: each.run.__name__)
def test_each_operation_needs_its_scope_and_its_site(api: Client, operation: Any) -> None:
    others = [scope for scope in SCOPES if scope != operation.needs]
    address = _address(operation.path)
    without = client(api.service, "boutique", *others)(operation.method, address, {})
    assert (without.status, without.error) == (403, "not_allowed")
    foreign = client(api.service, "journal", *SCOPES)(operation.method, address, {})
    assert (foreign.status, foreign.error) == (404, "unknown_site")


def test_the_list_holds_the_sites_that_the_token_may_read(api: Client) -> None:
    assert {site["site"] for site in api("GET", "/sites").json} == {"boutique", "journal"}
    assert [site["site"] for site in client(api.service, "journal", "read")("GET", "/sites").json] == ["journal"]
    assert client(api.service, "journal", "log:read")("GET", "/sites").json == []


def test_a_program_makes_a_site_mends_it_publishes_it_and_takes_a_version_back(api: Client) -> None:
    config = site_config(site="neuf", choice_validity="P14M")
    made = api("PUT", "/sites/neuf/draft", config)
    assert (made.status, made.json["created"]) == (201, True)
    assert [finding["path"] for finding in made.json["findings"] if finding["severity"] == "error"] == [
        "$.choice_validity"
    ]
    refused = api("POST", "/sites/neuf/publications", {"without_evidence": True})
    assert (refused.status, refused.json["error"]["code"]) == (409, "lint_failed")
    assert refused.json["findings"][0]["source"]
    assert api("GET", "/sites/neuf").json["version"] is None

    mended = api("PUT", "/sites/neuf/draft", config | {"choice_validity": "P6M"}, If_Match=made.headers["etag"])
    assert (mended.status, mended.json["created"]) == (200, False)
    order = {"draft": mended.json["draft"], "without_evidence": True}
    first = api("POST", "/sites/neuf/publications", order)
    assert first.status == 201
    shown = api("GET", "/sites/neuf").json
    assert (shown["version"], shown["changed"], shown["errors"]) == (first.json["version"], False, 0)

    fewer = config | {"choice_validity": "P6M", "languages": ["fr"]}
    fewer["controller"] = config["controller"] | {"policy_url": {"fr": "https://shop.test/confidentialite"}}
    api("PUT", "/sites/neuf/draft", fewer, If_Match="*")
    differs = api("GET", "/sites/neuf/comparison").json
    assert "$.languages" in {change["path"].partition("[")[0] for change in differs["changes"]}
    taken = api("POST", "/sites/neuf/draft/restore", {"version": first.json["version"]})
    assert taken.json == {"version": first.json["version"]}
    assert api("GET", "/sites/neuf").json["changed"] is False


def test_a_draft_that_changed_meanwhile_is_never_overwritten_unseen(api: Client) -> None:
    read = api("GET", "/sites/journal/draft")
    config = read.json
    first = api("PUT", "/sites/journal/draft", config | {"choice_validity": "P5M"}, If_Match=read.headers["etag"])
    assert first.status == 200
    second = api("PUT", "/sites/journal/draft", config | {"choice_validity": "P4M"}, If_Match=read.headers["etag"])
    assert (second.status, second.error) == (412, "draft_changed")
    blind = api("PUT", "/sites/journal/draft", config)
    assert (blind.status, blind.error) == (400, "if_match_required")
    old = {"draft": read.headers["etag"].strip('"'), "without_evidence": True}
    assert api("POST", "/sites/journal/publications", old).error == "draft_changed"
    assert api("GET", "/sites/journal/draft").json["choice_validity"] == "P5M"


def test_a_token_of_one_site_makes_no_other(api: Client) -> None:
    own = client(api.service, "boutique", *SCOPES)
    answer = own("PUT", "/sites/fremd/draft", site_config(site="fremd"))
    assert (answer.status, answer.error) == (403, "not_allowed")
    renamed = own("PUT", "/sites/boutique/draft", site_config(site="fremd"), If_Match="*")
    assert (renamed.status, renamed.error) == (422, "wrong_site")
    assert api("GET", "/sites/fremd").status == 404


def test_a_field_that_nobody_offers_is_refused_and_changes_nothing(api: Client) -> None:
    before = api("GET", "/sites/boutique/draft")
    for method, path, body, code in (
        ("PUT", "/sites/boutique/draft", before.json | {"signing_key": "mine"}, "bad_config"),
        ("POST", "/sites/boutique/publications", {"without_evidence": True, "actor": "someone"}, "bad_body"),
        ("POST", "/accounts", {"name": "eve", "password": PASSWORD, "roles": {}, "id": "1"}, "bad_body"),
        ("POST", "/tokens", {"site": "*", "scopes": ["override"]}, "bad_scope"),
        ("GET", "/sites/boutique/insights?secret=1", None, "bad_query"),
    ):
        answer = api(method, path, body, If_Match="*")
        assert (answer.status in (400, 422), answer.error) == (True, code), path
    assert api("GET", "/sites/boutique/draft").body == before.body
    assert [person["name"] for person in api("GET", "/accounts").json if person["name"] == "eve"] == []


def test_a_body_that_is_no_json_is_told_so(api: Client) -> None:
    path = f"{api.service.url}{PREFIX}/sites/boutique/notes"
    head = {"Authorization": f"Bearer {api.token}"}
    assert request("POST", path, b"{}", head | {"Content-Type": "text/plain"}).error == "unsupported_media_type"
    for body in (b"{", b"[" * 100_000, b"\xff", b"null"):
        answer = request("POST", path, body, head | {"Content-Type": "application/json"})
        assert (answer.status, answer.error) == (400, "bad_json" if body in (b"{", b"\xff") else "bad_body")
    assert request("POST", path, b" " * (2 << 20), head | {"Content-Type": "application/json"}).status == 413


def test_a_cookie_or_a_page_of_another_site_opens_nothing(api: Client) -> None:
    path = f"{api.service.url}{PREFIX}/sites"
    assert request("GET", path, headers={"Cookie": f"temoin_session={api.token}"}).status == 401
    asked = request("OPTIONS", path, headers={"Origin": ORIGIN, "Access-Control-Request-Method": "GET"})
    assert asked.status == 405
    answered = api("GET", "/sites", Origin=ORIGIN)
    assert "access-control-allow-origin" not in answered.headers


def test_a_record_is_found_by_its_subject_and_proven_without_naming_it_in_an_address(api: Client) -> None:
    service = api.service
    body = decision(api("GET", "/sites/boutique").json["version"])
    assert service.post("boutique", body, origin=ORIGIN).status == 201
    found = api("POST", "/sites/boutique/records/search", {"subject": body["subject"]}).json
    assert [record["record"]["subject"] for record in found["records"]] == [body["subject"]]
    record = found["records"][0]["id"]
    until(lambda: api("GET", f"/sites/boutique/records/{record}/proof").status == 200)
    shown = api("GET", f"/sites/boutique/records/{record}").json
    assert shown["ok"]
    assert {check["name"]: check["ok"] for check in shown["checks"]}["inclusion"]
    assert api("GET", f"/sites/journal/records/{record}").status == 404
    assert body["subject"] not in service.log()


def test_an_export_is_asked_for_fetched_and_removed(api: Client, tmp_path: Path) -> None:
    job = api("POST", "/sites/boutique/exports", {"format": "bundle"})
    assert job.status == 201
    until(lambda: api("GET", "/sites/boutique/exports").json[0]["state"] == "done")
    file = api("GET", f"/sites/boutique/exports/{job.json['id']}/file")
    assert file.headers["content-type"] == "application/zip"
    bundle = tmp_path / "bundle.zip"
    bundle.write_bytes(file.body)
    api.service.must("verify", str(bundle))
    assert api("GET", f"/sites/journal/exports/{job.json['id']}/file").status == 404
    assert api("DELETE", f"/sites/boutique/exports/{job.json['id']}").status == 204
    assert api("GET", "/sites/boutique/exports").json == []


def test_two_tokens_of_one_person_are_no_four_eyes(api: Client) -> None:
    service = api.service
    body = decision(api("GET", "/sites/boutique").json["version"])
    assert service.post("boutique", body, origin=ORIGIN).status == 201
    wanted = {"subject": body["subject"], "reason": "asked for by the visitor"}
    asked = client(service, "boutique", "erase")("POST", "/sites/boutique/erasures", wanted)
    assert asked.status == 201
    address = f"/sites/boutique/erasures/{asked.json['id']}"
    second = client(service, "boutique", "erase")("POST", f"{address}/confirm")
    assert (second.status, second.error) == (409, "own_request")
    through = client(service, "boutique", "erase", "people")
    made = through("POST", "/tokens", {"site": "boutique", "scopes": ["erase"]}).json["secret"]
    assert Client(service, made)("POST", f"{address}/confirm").error == "own_request"
    assert api("POST", "/sites/boutique/records/search", {"subject": body["subject"]}).json["records"]
    assert api("DELETE", address).status == 204


def test_accounts_are_made_given_roles_and_removed(api: Client) -> None:
    made = api("POST", "/accounts", {"name": "louis", "password": PASSWORD, "roles": {"boutique": "marketer"}})
    assert (made.status, made.json["roles"]) == (201, {"boutique": "marketer"})
    address = f"/accounts/{made.json['id']}"
    local = client(api.service, "journal", *SCOPES)
    assert local("PUT", f"{address}/roles/journal", {"role": "owner"}).status == 404
    assert local("DELETE", address).status == 404
    given = api("PUT", f"{address}/roles/journal", {"role": "viewer"})
    assert given.json["roles"] == {"boutique": "marketer", "journal": "viewer"}
    assert api("PUT", f"{address}/roles/journal", {"role": "owner"}).error == "not_allowed"
    assert api("DELETE", f"{address}/roles/journal").json["roles"] == {"boutique": "marketer"}
    assert api("PUT", f"{address}/password", {"password": "short"}).error == "short_password"
    assert api("PUT", f"{address}/password", {"password": "another horse battery"}).status == 204
    assert PASSWORD not in api("GET", "/accounts").body.decode()
    assert api("DELETE", address).status == 204
    assert api("DELETE", address).error == "unknown_account"


def test_a_token_is_made_shown_once_and_revoked(api: Client) -> None:
    made = api("POST", "/tokens", {"site": "boutique", "scopes": ["read"], "label": "till", "days": 3}).json
    own = Client(api.service, made["secret"])
    assert own("GET", "/token").json["label"] == "till"
    assert own("GET", "/tokens?site=boutique").status == 403
    assert made["secret"] not in api("GET", "/tokens?site=boutique").body.decode()
    assert made["token"]["id"] in [token["id"] for token in api("GET", "/tokens?site=boutique").json]
    assert api("DELETE", f"/tokens/{made['token']['id']}").status == 204
    assert own("GET", "/token").status == 401


def test_figures_notes_and_files_are_those_of_the_admin(api: Client) -> None:
    assert api("GET", "/sites/boutique/insights").json["against"]["days"]
    assert api("GET", "/sites/boutique/insights?format=csv").headers["content-type"].startswith("text/csv")
    assert "days" in api("GET", "/sites/boutique/audience?from=2026-11-01&to=2026-11-07").json
    assert api("GET", "/sites/boutique/audience?format=parquet").body[:4] == b"PAR1"
    assert b"<html" in api("GET", "/sites/boutique/assessment?language=fr").body
    note = api("POST", "/sites/boutique/notes", {"day": "2026-11-20", "text": "new theme"})
    assert note.status == 201
    assert [each["text"] for each in api("GET", "/sites/boutique/notes?from=2026-11-20").json] == ["new theme"]
    assert api("DELETE", f"/sites/journal/notes/{note.json['id']}").status == 404
    assert api("DELETE", f"/sites/boutique/notes/{note.json['id']}").status == 204


def test_a_publication_is_planned_and_cancelled(api: Client) -> None:
    assert api("GET", "/sites/boutique/plan").error == "unknown_plan"
    late = api("PUT", "/sites/boutique/plan", {"at": "2020-01-01T00:00:00Z"})
    assert (late.status, late.error) == (422, "bad_time")
    assert api("PUT", "/sites/boutique/plan", {"at": "2027-01-01T00:00:00"}).error == "bad_time"
    planned = api("PUT", "/sites/boutique/plan", {"at": "2027-01-01T00:00:00+01:00", "without_evidence": True})
    assert planned.json["at"] == "2026-12-31T23:00:00.000Z"
    assert api("PUT", "/sites/boutique/plan", {"at": "2027-01-02T00:00:00Z"}).error == "already_planned"
    assert api("DELETE", "/sites/boutique/plan").status == 204
    assert api("GET", "/sites/boutique/plan").status == 404


def test_every_act_by_a_token_stands_in_the_log_under_the_tokens_id(api: Client, tmp_path: Path) -> None:
    own = api("GET", "/token").json["id"]
    note = api("POST", "/sites/boutique/notes", {"day": "2026-11-19", "text": "sale"}).json["id"]
    api("DELETE", f"/sites/boutique/notes/{note}")
    out = tmp_path / "log.zip"
    api.service.must("export", "boutique", "--format", "bundle", "--out", str(out))
    assert f"token:{own}".encode() in b"".join(_members(out))


def _members(path: Path) -> list[bytes]:
    with zipfile.ZipFile(path) as archive:
        return [archive.read(name) for name in archive.namelist()]
