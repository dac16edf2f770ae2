"""The proof of a decision over HTTP: who may ask, when it is there, and that it holds."""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode

import pytest

from tests.made import ORIGIN, decision, site_config
from tests.service_process import Service
from tests.web import Answer, get


def _proof(service: Service, site: str, entry: str, **headers: str) -> Answer:
    """Asks until the log has integrated the entry; every answer before that must say when to come back."""
    while True:
        answer = get(f"{service.url}/v1/sites/{site}/consents/{entry}/proof", **headers)
        if answer.status != 202:
            return answer
        assert answer.headers["retry-after"] == "1"
        assert answer.error == "not_sealed"


def _root(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.3.2, written here anew."""
    node, last, hashed = index, size - 1, leaf
    for sibling in path:
        if node & 1 or node == last:
            hashed = hashlib.sha256(b"\x01" + sibling + hashed).digest()
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            hashed = hashlib.sha256(b"\x01" + hashed + sibling).digest()
        node, last = node >> 1, last >> 1
    return hashed


@pytest.fixture(scope="module")
def token(service: Service, version: str) -> str:
    return str(json.loads(service.must("--json", "token", "add", "boutique", "--label", "auditor"))["token"])


def test_a_receipts_commitment_is_proven_under_the_signed_checkpoint(
    service: Service, version: str, token: str
) -> None:
    for _ in range(5):
        receipt = service.post("boutique", decision(version), origin=ORIGIN).json
    answer = _proof(service, "boutique", receipt["id"], Authorization=f"Bearer {token}")
    assert answer.status == 200
    head, _, checkpoint = answer.body.decode().partition("\n\n")
    first, index, *path = head.split("\n")
    assert first == "c2sp.org/tlog-proof@v1"
    origin, size, root, *_ = checkpoint.split("\n")
    assert origin == f"127.0.0.1:{service.port}/boutique"
    leaf = hashlib.sha256(b"\x00" + bytes.fromhex(receipt["commitment"])).digest()
    hashes = [b64decode(line) for line in path]
    assert _root(leaf, int(index.removeprefix("index ")), int(size), hashes) == b64decode(root)


def test_a_private_log_needs_a_token_for_that_site(service: Service, version: str, token: str) -> None:
    receipt = service.post("boutique", decision(version), origin=ORIGIN).json
    other = service.publish(site_config(site="second"))
    assert other
    foreign = json.loads(service.must("--json", "token", "add", "second"))["token"]
    paths = [
        f"/v1/sites/boutique/consents/{receipt['id']}/proof",
        "/log/boutique/checkpoint",
        "/log/boutique/tile/0/000",
    ]
    for path in paths:
        assert get(service.url + path).error == "token_required"
        assert get(service.url + path, Authorization="Basic abc").error == "token_required"
        assert get(service.url + path, Authorization="Bearer wrong").error == "token_not_allowed"
        assert get(service.url + path, Authorization=f"Bearer {foreign}").error == "token_not_allowed"


def test_a_revoked_token_opens_nothing(service: Service, version: str) -> None:
    made = json.loads(service.must("--json", "token", "add", "boutique"))
    url = f"{service.url}/log/boutique/checkpoint"
    assert get(url, Authorization=f"Bearer {made['token']}").status == 200
    service.must("token", "revoke", made["id"])
    assert get(url, Authorization=f"Bearer {made['token']}").status == 403
    assert made["token"] not in service.must("token", "list")


def test_a_public_log_may_be_read_and_mirrored_by_anyone(service: Service, version: str) -> None:
    published = service.publish(site_config(site="open", log_access="public"))
    receipt = service.post("open", decision(published), origin=ORIGIN).json
    assert _proof(service, "open", receipt["id"]).status == 200
    checkpoint = get(f"{service.url}/log/open/checkpoint")
    assert checkpoint.headers["content-type"].startswith("text/plain")
    size = int(checkpoint.body.decode().split("\n")[1])
    tile = get(f"{service.url}/log/open/tile/0/000.p/{size}")
    assert (tile.status, len(tile.body)) == (200, 32 * size)
    assert "immutable" in tile.headers["cache-control"]
    entries = get(f"{service.url}/log/open/tile/entries/000.p/{size}")
    assert bytes.fromhex(receipt["commitment"]) in entries.body
    assert get(f"{service.url}/log/open/tile/0/999").error == "unknown_tile"
    assert get(f"{service.url}/log/open/tile/../../boutique/tile/0/000").status == 404


def test_an_unknown_record_has_no_proof(service: Service, version: str, token: str) -> None:
    for entry in ("nonsense", "019abcde-0000-7000-8000-000000000000"):
        answer = _proof(service, "boutique", entry, Authorization=f"Bearer {token}")
        assert (answer.status, answer.error) == (404, "unknown_record")
