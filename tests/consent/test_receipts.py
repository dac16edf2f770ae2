"""The visitor's receipt over HTTP: to download, for whoever knows the subject's id, from the site's own pages only."""

from __future__ import annotations

from tests.made import ORIGIN, decision
from tests.service_process import Service
from tests.web import get, request


def address(service: Service, subject: str) -> str:
    return f"{service.url}/v1/sites/boutique/subjects/{subject}/receipt"


def test_the_newest_decision_is_given_as_a_file_to_keep(service: Service, version: str) -> None:
    first = decision(version)
    second = decision(version, subject=first["subject"], action="accept_all", choices={"audience": True, "ads": True})
    for body in (first, second):
        posted = service.post("boutique", body, origin=ORIGIN)
        assert posted.status == 201
    answer = get(address(service, first["subject"]), Origin=ORIGIN)
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/ld+json"
    assert answer.headers["content-disposition"] == f'attachment; filename="boutique-{second["id"]}.jsonld"'
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["vary"] == "Origin"
    receipt = answer.json
    assert receipt["dpv:hasRecordOfActivity"]["dct:identifier"] == second["id"]
    assert receipt["temoin:commitment"] == posted.json["commitment"]
    assert receipt["kantara"]["piiPrincipalId"] == first["subject"]


def test_a_receipt_is_for_the_sites_own_pages_and_for_known_subjects(service: Service, version: str) -> None:
    body = decision(version)
    service.post("boutique", body, origin=ORIGIN)
    mine = address(service, body["subject"])
    assert get(mine).status == 200  # no Origin: a plain download
    assert get(mine, Origin="https://evil.test").error == "origin_not_allowed"
    for unknown in ("AAAAAAAAAAAAAAAAAAAAAA", "short", "%00"):
        assert get(address(service, unknown), Origin=ORIGIN).error == "unknown_subject"
    assert request("POST", mine, b"{}").status == 405
    assert get(f"{service.url}/v1/sites/nowhere/subjects/{body['subject']}/receipt").status == 404
