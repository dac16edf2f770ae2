"""Replaced keys in bundles: followed where each handed over to the next, refused where one did not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from temoin.canonical import canonical_bytes
from temoin.proof.note import Signer, make_vkey, parse_note, sign_note
from tests.proof.forged import Files, failures, unpacked, verify
from tests.proof.logs import ORIGIN, VKEY
from tests.proof.trusted import KEYS, Made, repacked, said


def test_verify_follows_from_any_replaced_key_to_the_present_one(continued: Made) -> None:
    report = verify(continued.data, VKEY)
    assert report.ok, report.lines()
    assert "which has to follow from" in said(report, "key")
    assert said(report, "key rotation").count("handed over to") == 2
    middle = unpacked(continued.data)["keys/2.vkey"].decode().strip()
    for key in (middle, continued.vkey, None):
        assert verify(continued.data, key).ok
    assert (
        "another key than the one that you gave"
        in (failures(verify(continued.data, make_vkey(ORIGIN, b"x" * 32)))["key.vkey"])
    )


def _without(files: Files, number: int) -> None:
    for part in KEYS:
        files.pop(f"keys/{number}.{part}")


def _act(files: Files, name: str, **values: Any) -> None:
    files[name] = canonical_bytes(json.loads(files[name]) | values)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: _without(f, 1), "missing, or belongs to no rotation"),
        (lambda f: f.pop("keys/1.consistency"), "missing, or belongs to no rotation"),
        (lambda f: f.update({"keys/1.vkey": f["keys/2.vkey"]}), "does not hand over"),
        (lambda f: f.update({"keys/1.vkey": b"x"}), "form name+id+key"),
        (lambda f: f.update({"keys/2.act.json": f["keys/1.act.json"]}), "does not hand over"),
        (lambda f: f.update({"keys/2.tlog-proof": f["keys/1.tlog-proof"]}), "is not signed by the key"),
        (lambda f: f.update({"keys/1.consistency": f["keys/2.consistency"]}), "it is not a proof from"),
        (lambda f: f.update({"keys/1.tlog-proof": b"x"}), "has no index"),
        (lambda f: _act(f, "keys/1.act.json", act="noted"), "does not hand over"),
        (lambda f: _act(f, "keys/1.act.json", actor="somebody"), "does not lead from the document"),
    ],
)
def test_a_rotation_that_is_not_proven_is_refused(
    continued: Made, change: Callable[[Files], object], words: str
) -> None:
    found = failures(verify(repacked(continued, change), None))
    assert not verify(repacked(continued, change), VKEY).ok
    assert any(words in text for name, text in found.items() if name.startswith("keys/")), found


def test_a_new_key_that_the_old_one_never_signed_over_to_is_refused(plain: Made) -> None:
    """Whoever has a key of their own and the whole log can sign anything with it but not become the log's next key."""
    thief = Signer(ORIGIN, b"t" * 32)

    def change(files: Files) -> None:
        files["key.vkey"] = f"{thief.verifier.vkey}\n".encode()
        old = files["checkpoint"]
        new = sign_note(parse_note(old.decode()).text, [thief]).encode()
        for name, data in files.items():
            files[name] = data.replace(old, new)

    forged = repacked(Made(plain.data, b"t" * 32, "", plain.witness, plain.authority, "", ""), change)
    assert verify(forged, None).ok  # its own key proves nothing, and the report says so
    assert "another key than the one that you gave" in failures(verify(forged, VKEY))["key.vkey"]
