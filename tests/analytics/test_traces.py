"""Everything that the service wrote, searched for what must never be written."""

from __future__ import annotations

import pytest

from tests.analytics.sending import IPHONE, measured, send, stats, view
from tests.service_process import Service

ADDRESS = "198.51.100.77"
SECRETS = {
    "the address": ADDRESS,
    "the user agent": "AppleWebKit/605",
    "a query": "utm_source",
    "a click id": "gclid-7Q2x",
    "an e-mail address": "jane.roe@shop.test",
    "the referrer's path": "secret-article",
    "the whole language header": "fr-CA,fr;q=0.7",
}


def written(service: Service) -> bytes:
    """Every byte in the data folder and the service's log."""
    files = [file for file in service.data.parent.rglob("*") if file.is_file() and file.name != "boutique.json"]
    return b"\n".join(file.read_bytes() for file in files)


def test_no_address_agent_query_or_click_id_is_ever_written(
    own_service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMOIN_ADDRESS_HEADER", "X-Real-IP")
    monkeypatch.setenv("TEMOIN_LOG_LEVEL", "debug")
    own_service.publish(measured())
    own_service.start()
    headers = {"X_Real_IP": ADDRESS, "User_Agent": IPHONE, "Accept_Language": "fr-CA,fr;q=0.7"}
    page = "/produit/jane.roe%40shop.test?utm_source=lettre&gclid=gclid-7Q2x#utm_source"
    assert send(own_service, view(page, entry=True, referrer="lwn.net"), **headers).status == 204
    refused = {"type": "view", "page": page, "referrer": "lwn.net/secret-article"}
    assert send(own_service, refused, **headers).status == 422
    assert send(own_service, view(page), origin=f"https://{ADDRESS}", **headers).status == 403
    assert send(own_service, b"{" + page.encode(), **headers).status == 400
    unconsented = {"source": "gclid-7Q2x", "medium": "utm_source", "name": "jane.roe@shop.test"}
    assert send(own_service, view(page, campaign=unconsented), **headers).status == 204
    while stats(own_service)["totals"]["exempt"]["views"] < 2:
        pass
    running = written(own_service)
    own_service.stop()
    for bytes_written in (running, written(own_service)):
        assert b"/produit/(email)" in bytes_written
        assert [name for name, secret in SECRETS.items() if secret.encode() in bytes_written] == []
