"""POST …/consents as a page and its attackers see it: what is recorded, and that refusals write nothing."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from tests.made import ORIGIN, decision, site_config, uuid7
from tests.service_process import Service
from tests.web import get, request

RECEIPT = {"id", "site", "subject", "config", "commitment", "recorded_at", "expires_at", "choices"}


def known(service: Service, subject: str) -> int:
    """How many decisions of that subject the service knows."""
    answer = get(f"{service.url}/v1/sites/boutique/subjects/{subject}")
    return 0 if answer.status == 404 else len(answer.json["history"])


def test_a_decision_is_answered_with_its_receipt(service: Service, version: str) -> None:
    body = decision(version)
    answer = service.post("boutique", body, origin=ORIGIN)
    assert answer.status == 201
    receipt = answer.json
    assert set(receipt) == RECEIPT
    for same in ("id", "subject", "config", "choices"):
        assert receipt[same] == body[same]
    assert receipt["site"] == "boutique"
    assert len(bytes.fromhex(receipt["commitment"])) == 32
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["cache-control"] == "no-store"


def test_a_repeat_gets_the_same_receipt_and_is_kept_once(service: Service, version: str) -> None:
    body = decision(version)
    first = service.post("boutique", body, origin=ORIGIN)
    again = service.post("boutique", body, origin=ORIGIN)
    beacon = service.post("boutique", body, origin=ORIGIN, media="text/plain;charset=UTF-8")
    assert (first.status, again.status, beacon.status) == (201, 200, 200)
    assert first.body == again.body == beacon.body
    assert known(service, body["subject"]) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"choices": {"audience": False, "ads": True}},
        {"action": "save", "choices": {"audience": False, "ads": False}},
        {"page": f"{ORIGIN}/elsewhere"},
        {"client_time": "2026-11-21T08:15:31.000Z"},
        {"control": "banner-accept"},
        {"signals": {"gpc": True}},
    ],
)
def test_the_same_id_with_another_body_is_a_conflict(service: Service, version: str, change: dict[str, Any]) -> None:
    body = decision(version)
    assert service.post("boutique", body, origin=ORIGIN).status == 201
    answer = service.post("boutique", body | change, origin=ORIGIN)
    assert (answer.status, answer.error) == (409, "id_taken")
    assert known(service, body["subject"]) == 1


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"id": "not-a-uuid"}, "$.id"),
        ({"id": "5b6cf2f0-6c7c-4a52-9f6e-0d7f6d8b9a10"}, "$.id"),
        ({"id": 7}, "$.id"),
        ({"subject": "short"}, "$.subject"),
        ({"subject": "é" * 22}, "$.subject"),
        ({"config": "latest"}, "$.config"),
        ({"action": "scroll"}, "$.action"),
        ({"choices": []}, "$.choices"),
        ({"choices": {"audience": "yes", "ads": False}}, "$.choices[...]"),
        ({"choices": {"audience": 1, "ads": False}}, "$.choices[...]"),
        ({"layer": 3}, "$.layer"),
        ({"layer": "1"}, "$.layer"),
        ({"control": "<b>"}, "$.control"),
        ({"page": "javascript:alert(1)"}, "$.page"),
        ({"page": "https://user:secret@host/"}, "$.page"),
        ({"page": "https://host/" + "x" * 3000}, "$.page"),
        ({"viewport": "watch"}, "$.viewport"),
        ({"client_time": "yesterday"}, "$.client_time"),
        ({"client_time": "2026-11-21T08:15:30"}, "$.client_time"),
        ({"signals": {"mood": True}}, "$.signals"),
        ({"ip": "192.0.2.1"}, "ip"),
    ],
)
def test_a_body_of_the_wrong_shape_names_its_field(
    service: Service, version: str, change: dict[str, Any], path: str
) -> None:
    body = decision(version) | change
    answer = service.post("boutique", body, origin=ORIGIN)
    assert (answer.status, answer.error) == (400, "bad_decision")
    assert path in answer.json["error"]["message"]
    if isinstance(body["subject"], str) and len(body["subject"].encode()) == 22:
        assert known(service, body["subject"]) == 0


@pytest.mark.parametrize("missing", ["id", "subject", "config", "action", "choices", "language", "layer", "page"])
def test_a_missing_field_is_named(service: Service, version: str, missing: str) -> None:
    body = decision(version)
    del body[missing]
    answer = service.post("boutique", body, origin=ORIGIN)
    assert (answer.status, answer.error) == (400, "bad_decision")
    assert missing in answer.json["error"]["message"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'"text"', b"[" * 9000, b'{"id":' * 1000])
def test_a_body_that_is_no_json_object_is_refused(service: Service, version: str, body: bytes) -> None:
    answer = service.post("boutique", body, origin=ORIGIN)
    assert answer.status == 400
    assert answer.error in ("bad_json", "bad_decision")


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"choices": {"audience": True}}, "$.choices.ads"),
        ({"choices": {"audience": True, "ads": False, "mind-reading": True}}, "$.choices.mind-reading"),
        ({"choices": {"audience": True, "ads": False, "cart": True}}, "$.choices.cart"),
        ({"config": "0123456789abcdef"}, "$.config"),
        ({"language": "de"}, "$.language"),
        ({"action": "accept_all"}, "$.choices"),
        ({"action": "refuse_all"}, "$.choices"),
        ({"action": "withdraw"}, "$.choices"),
    ],
)
def test_what_this_version_does_not_know_is_refused_with_its_path(
    service: Service, version: str, change: dict[str, Any], path: str
) -> None:
    body = decision(version) | change
    answer = service.post("boutique", body, origin=ORIGIN)
    assert answer.status == 422
    assert answer.error
    assert path in answer.json["error"]["message"]
    assert known(service, body["subject"]) == 0


@pytest.mark.parametrize(
    "origin", ["https://evil.test", "null", "http://shop.test", "http://shop.test:8000.evil.test", None]
)
def test_a_foreign_or_missing_origin_is_refused(service: Service, version: str, origin: str | None) -> None:
    body = decision(version)
    answer = service.post("boutique", body, origin=origin)
    assert (answer.status, answer.error) == (403, "origin_not_allowed")
    assert "access-control-allow-origin" not in answer.headers
    assert known(service, body["subject"]) == 0


def test_an_oversized_body_is_refused_whether_it_says_its_length_or_not(service: Service, version: str) -> None:
    big = json.dumps(decision(version) | {"control": "x" * 17_000}).encode()
    assert service.post("boutique", big, origin=ORIGIN).error == "body_too_large"
    chunked = {"Origin": ORIGIN, "Content-Type": "application/json", "Transfer-Encoding": "chunked"}
    pieces = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (big[:9000], big[9000:])) + b"0\r\n\r\n"
    answer = request("POST", f"{service.url}/v1/sites/boutique/consents", pieces, chunked)
    assert (answer.status, answer.error) == (413, "body_too_large")


@pytest.mark.parametrize("media", ["", "text/html", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_another_media_type_is_refused(service: Service, version: str, media: str) -> None:
    answer = service.post("boutique", decision(version), origin=ORIGIN, media=media)
    assert (answer.status, answer.error) == (415, "unsupported_media_type")


def test_an_unknown_site_is_not_found(service: Service, version: str) -> None:
    answer = service.post("nowhere", decision(version), origin=ORIGIN)
    assert (answer.status, answer.error) == (404, "unknown_site")


def test_a_draft_that_was_never_published_takes_no_decisions(service: Service, version: str) -> None:
    service.put(site_config(site="unpublished"))
    assert service.post("unpublished", decision(version), origin=ORIGIN).status == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_another_method_is_refused_and_told_which_to_use(service: Service, version: str, method: str) -> None:
    answer = request(method, f"{service.url}/v1/sites/boutique/consents", b"", {"Origin": ORIGIN})
    assert (answer.status, answer.error) == (405, "method_not_allowed")
    assert "POST" in answer.headers["allow"]


def test_a_preflight_is_answered_for_the_sites_own_pages_only(service: Service, version: str) -> None:
    url = f"{service.url}/v1/sites/boutique/consents"
    own = request("OPTIONS", url, headers={"Origin": ORIGIN, "Access-Control-Request-Method": "POST"})
    assert own.status == 204
    assert own.headers["access-control-allow-headers"] == "content-type"
    foreign = request("OPTIONS", url, headers={"Origin": "https://evil.test", "Access-Control-Request-Method": "POST"})
    assert foreign.status == 403


def test_the_subject_knows_its_choices_and_history(service: Service, version: str) -> None:
    given = decision(version)
    withdrawn = decision(
        version, subject=given["subject"], action="withdraw", choices={"audience": False, "ads": False}
    )
    first = service.post("boutique", given, origin=ORIGIN).json
    second = service.post("boutique", withdrawn, origin=ORIGIN).json
    answer = get(f"{service.url}/v1/sites/boutique/subjects/{given['subject']}", Origin=ORIGIN)
    state = answer.json
    assert state["choices"] == {"audience": False, "ads": False}
    assert state["expires_at"] == second["expires_at"]
    assert [(line["id"], line["event"]) for line in state["history"]] == [
        (first["id"], "given"),
        (second["id"], "withdrawn"),
    ]
    assert get(f"{service.url}/v1/sites/boutique/subjects/{given['subject']}", Origin="https://evil.test").status == 403


@pytest.mark.parametrize("subject", ["A" * 22, "nonsense", "%2e%2e", "A" * 500])
def test_an_unknown_subject_is_not_found(service: Service, version: str, subject: str) -> None:
    answer = get(f"{service.url}/v1/sites/boutique/subjects/{subject}")
    assert (answer.status, answer.error) == (404, "unknown_subject")


def test_events_follow_from_what_was_in_force_before(service: Service, version: str) -> None:
    subject = decision(version)["subject"]
    none, one, both = ({"audience": a, "ads": b} for a, b in ((False, False), (True, False), (True, True)))
    acts = [("refuse_all", none), ("save", one), ("accept_all", both), ("save", none), ("withdraw", none)]
    for action, choices in acts:
        body = decision(version, subject=subject, action=action, choices=choices)
        assert service.post("boutique", body, origin=ORIGIN).status == 201
    history = get(f"{service.url}/v1/sites/boutique/subjects/{subject}").json["history"]
    assert [line["event"] for line in history] == ["refused", "given", "changed", "withdrawn", "refused"]


def test_a_choice_lasts_thirteen_calendar_months_and_no_visit_moves_its_end(service: Service, version: str) -> None:
    body = decision(version)
    receipt = service.post("boutique", body, origin=ORIGIN).json
    recorded, expires = (datetime.fromisoformat(receipt[name]) for name in ("recorded_at", "expires_at"))
    months = (expires.year - recorded.year) * 12 + expires.month - recorded.month
    assert months == 13
    assert expires.time() == recorded.time()
    get(f"{service.url}/s/boutique.js")
    repeat = service.post("boutique", body, origin=ORIGIN).json
    state = get(f"{service.url}/v1/sites/boutique/subjects/{body['subject']}").json
    assert repeat["expires_at"] == state["expires_at"] == receipt["expires_at"]


def test_the_config_is_served_exactly_as_hashed(service: Service, version: str) -> None:
    import hashlib

    answer = get(f"{service.url}/v1/sites/boutique/config/{version}")
    assert answer.status == 200
    assert hashlib.sha256(answer.body).hexdigest()[:16] == version
    assert "immutable" in answer.headers["cache-control"]
    assert get(f"{service.url}/v1/sites/boutique/config/{'0' * 16}").error == "unknown_config"


def test_two_sites_may_use_the_same_id_without_seeing_each_other(service: Service, version: str) -> None:
    other = service.publish(site_config(site="autre"))
    body = decision(version, id=uuid7())
    assert service.post("boutique", body, origin=ORIGIN).status == 201
    assert service.post("autre", body | {"config": other}, origin=ORIGIN).status == 201
    assert get(f"{service.url}/v1/sites/autre/subjects/{body['subject']}").json["site"] == "autre"
