"""Signed notes, verifier keys, checkpoints and proof texts (C2SP)."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from temoin.proof.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint, read_checkpoint, sign_checkpoint
from temoin.proof.note import Signer, make_vkey, open_note, parse_note, parse_vkey, sign_note
from temoin.proof.tlog_proof import TlogProof, parse_proof, write_proof

# The example of Go's note package.
SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
NOTE = (
    TEXT
    + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
LINES = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40)


def test_the_known_example_is_signed_and_verified_to_the_byte() -> None:
    assert make_vkey("PeterNeumann", SEED) == VKEY
    assert sign_note(TEXT, [Signer("PeterNeumann", SEED)]) == NOTE
    assert open_note(NOTE, [parse_vkey(VKEY)])[0] == TEXT


def test_a_key_whose_base64_has_a_plus_sign_reads_back() -> None:
    seeds = (number.to_bytes(32, "big") for number in range(1000))
    signer = next(s for s in (Signer("example.org/a", seed) for seed in seeds) if s.verifier.vkey.count("+") > 2)
    assert parse_vkey(signer.verifier.vkey) == signer.verifier


@settings(deadline=None)
@given(st.lists(LINES, min_size=1), st.binary(min_size=32, max_size=32))
def test_what_is_signed_opens_and_anything_else_does_not(lines: list[str], seed: bytes) -> None:
    signer = Signer("example.org/log", seed)
    text = "\n".join(lines) + "\n"
    note = sign_note(text, [signer])
    assert open_note(note, [signer.verifier]) == (text, (signer.verifier,))
    with pytest.raises(ValueError, match="does not verify"):
        open_note("x" + note, [signer.verifier])
    with pytest.raises(ValueError, match="no signature of a known key"):
        open_note(note, [Signer("example.org/other", seed).verifier])


def test_lines_of_unknown_keys_are_ignored_and_a_wrong_one_of_a_known_key_is_not() -> None:
    ours, theirs = Signer("example.org/log", b"1" * 32), Signer("witness.example", b"2" * 32)
    note = sign_note(TEXT, [theirs, ours])
    assert open_note(note, [ours.verifier])[1] == (ours.verifier,)
    assert open_note(note, [ours.verifier, theirs.verifier])[1] == (ours.verifier, theirs.verifier)
    wrong = sign_note("other\n", [theirs]).splitlines(keepends=True)[-1]
    with pytest.raises(ValueError, match="does not verify"):
        open_note(note + wrong, [ours.verifier, theirs.verifier])


@pytest.mark.parametrize(
    "note",
    [
        *("", "\n", "text\n", TEXT, NOTE[:-1], NOTE + "\n", NOTE.replace("—", "-"), NOTE + "junk\n", NOTE + "\x07\n"),
        *(
            NOTE.replace("nAM=", "nAN="),
            NOTE.replace("nAM=", "nAM"),
            TEXT + "\n— a AA==\n",
            TEXT + "\n— a+b AAAAAAAA\n",
        ),
    ],
)
def test_broken_notes_are_refused(note: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # any words
        open_note(note, [parse_vkey(VKEY)])


@pytest.mark.parametrize(
    "key",
    [
        *("", "a", "a+b", "+c74f20a3+AA==", VKEY.replace("c74f", "c74e"), VKEY.replace("Peter", "Petra"), VKEY[:-4]),
        *(VKEY.replace("+ARpc", "+BRpc"), VKEY + "!", VKEY.replace("PeterNeumann", "Peter Neumann")),
    ],
)
def test_broken_keys_are_refused(key: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # any words
        parse_vkey(key)


def test_names_and_texts_that_the_standard_forbids_are_never_signed() -> None:
    for name in ("", "a b", "a+b", "a\u2003b", "a\nb"):
        with pytest.raises(ValueError, match="cannot name a key"):
            Signer(name, SEED)
    for text in ("no newline", "tab\there\n"):
        with pytest.raises(ValueError, match="newline"):
            sign_note(text, [Signer("a", SEED)])


@settings(deadline=None)
@given(st.integers(0, 2**62), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_reads_back(size: int, root: bytes) -> None:
    signer = Signer("example.org/log", SEED)
    checkpoint = Checkpoint("example.org/log", size, root)
    note = sign_checkpoint(checkpoint, [signer])
    assert open_checkpoint(note, signer.verifier) == checkpoint == read_checkpoint(note)
    assert parse_checkpoint(checkpoint.text + "an extension\n") == checkpoint
    assert parse_note(note).text == checkpoint.text


def test_a_checkpoint_of_another_origin_than_the_keys_name_is_refused() -> None:
    signer = Signer("example.org/log", SEED)
    note = sign_checkpoint(Checkpoint("example.org/other", 1, b"r" * 32), [signer])
    with pytest.raises(ValueError, match=r"not of example\.org/log"):
        open_checkpoint(note, signer.verifier)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "o\n1\n",
        "o\n01\nAA==\n",
        "o\n-1\nAA==\n",
        "o\n1\nAA==\n",
        "o\n1\n!\n",
        "o\n\n1\n",
        "o\n1\n" + "A" * 43 + "=\n\n",
    ],
)
def test_broken_checkpoints_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="checkpoint"):
        parse_checkpoint(text)


@settings(deadline=None)
@given(st.integers(0, 2**40), st.lists(st.binary(min_size=32, max_size=32), max_size=40), st.binary(max_size=20))
def test_a_proof_reads_back(index: int, path: list[bytes], extra: bytes) -> None:
    proof = TlogProof(index, tuple(path), NOTE, extra)
    assert parse_proof(write_proof(proof)) == proof


def test_a_proof_is_written_as_the_standard_shows_it() -> None:
    assert write_proof(TlogProof(7, (b"\x00" * 32,), NOTE)) == f"c2sp.org/tlog-proof@v1\nindex 7\n{'A' * 43}=\n\n{NOTE}"


@pytest.mark.parametrize(
    "head",
    [
        *("c2sp.org/tlog-proof@v2\nindex 1", "c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v1\nindex 01"),
        *(
            "c2sp.org/tlog-proof@v1\nindex -1",
            "c2sp.org/tlog-proof@v1\nindex 1\nAAAA",
            "c2sp.org/tlog-proof@v1\nindex 1\n!",
        ),
        *("c2sp.org/tlog-proof@v1\nextra AA=\nindex 1", "c2sp.org/tlog-proof@v1\nextra AA==", "index 1"),
    ],
)
def test_broken_proofs_are_refused(head: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # any words
        parse_proof(f"{head}\n\n{NOTE}")
