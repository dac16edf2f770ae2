"""Checkpoints that an auditor kept: one history is confirmed, two histories are refused in words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from temoin.proof.note import Signer, sign_note
from tests.proof.forged import failures, unpacked, verify
from tests.proof.logs import ORIGIN
from tests.proof.trusted import Made, said


def test_a_kept_checkpoint_of_the_same_history_is_confirmed(plain: Made, continued: Made) -> None:
    report = verify(plain.data, checkpoint=plain.kept)
    assert said(report, "kept checkpoint") == "the 4 entries that you know of stand unchanged in this log"
    report = verify(continued.data, checkpoint=continued.kept, consistency=(continued.proof,))
    assert report.ok, report.lines()
    assert "the first 4 of 13 entries are the same" in said(report, "kept checkpoint")
    endorsed = unpacked(continued.data)["endorsed/checkpoint"].decode()
    assert verify(continued.data, checkpoint=endorsed).ok
    files = unpacked(continued.data)
    handover = files["keys/1.tlog-proof"].decode().partition("\n\n")[2]
    assert verify(continued.data, checkpoint=handover).ok
    larger = verify(plain.data, checkpoint=files["checkpoint"].decode())
    assert "not signed by the key" in failures(larger)["--checkpoint"]


def test_two_forked_checkpoints_of_one_size_are_refused(plain: Made) -> None:
    forked = sign_note(f"{ORIGIN}\n4\n{'A' * 43}=\n", [Signer(ORIGIN, plain.seed)])
    found = failures(verify(plain.data, checkpoint=forked))
    assert "THE LOG WAS FORKED" in found["--checkpoint"]


def test_two_checkpoints_of_sizes_that_do_not_grow_into_each_other_are_refused(continued: Made) -> None:
    signer = Signer(ORIGIN, continued.seed)
    for size in (4, 20):
        forked = sign_note(f"{ORIGIN}\n{size}\n{'A' * 43}=\n", [signer])
        proof = continued.proof.replace("4 13", f"{min(size, 13)} {max(size, 13)}")
        found = failures(verify(continued.data, continued.vkey, checkpoint=forked, consistency=(proof,)))
        assert "it" in found["--checkpoint"]
    forked = sign_note(f"{ORIGIN}\n4\n{'A' * 43}=\n", [signer])
    found = failures(verify(continued.data, continued.vkey, checkpoint=forked, consistency=(continued.proof,)))
    assert "the two checkpoints are of a forked log" in found["--checkpoint"]


@pytest.mark.parametrize(
    ("kept", "proof", "words"),
    [
        (None, None, "ask the operator for 'temoin log consistency SITE 4 13'"),
        (None, "", "not a consistency proof"),
        (None, "temoin.consistency/1\nx\n4 13\n", "is not a proof from 4 to 13"),
        (None, "temoin.consistency/1\nx\n4 13\n!\n", "not base64"),
        (None, "temoin.consistency/1\nx\n4 13\nAAAA\n", "not a SHA-256"),
        (None, "temoin.consistency/1\nconsent.example.org/boutique\n4 13\n", "fewer hashes"),
        ("x", None, "any of the log's keys"),
        ("", None, "any of the log's keys"),
    ],
)
def test_a_kept_checkpoint_that_cannot_be_compared_is_no_success(
    continued: Made, kept: str | None, proof: str | None, words: str
) -> None:
    given = () if proof is None else (proof,)
    report = verify(continued.data, checkpoint=continued.kept if kept is None else kept, consistency=given)
    assert words in failures(report)["--checkpoint"]


@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_a_changed_consistency_proof_is_refused(continued: Made, data: st.DataObject) -> None:
    proof = bytearray(continued.proof.encode())
    proof[data.draw(st.integers(0, len(proof) - 1))] ^= data.draw(st.integers(1, 127))
    text = proof.decode("utf-8", "replace")
    assert not verify(continued.data, checkpoint=continued.kept, consistency=(text,)).ok
