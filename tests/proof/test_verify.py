"""`temoin verify` against changed bytes, broken archives and other keys."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from temoin.proof.note import make_vkey
from temoin.proof.verify import container
from temoin.proof.verify.bundle import verify_bundle
from tests.proof.forged import failures, named, packed, unpacked, verify
from tests.proof.logs import ORIGIN, SEED


def test_repacking_a_true_bundle_gives_its_bytes(bundle: bytes) -> None:
    assert packed(unpacked(bundle)) == bundle


def test_the_report_says_each_step_in_words_and_which_key_was_used(bundle: bytes) -> None:
    pinned, own = verify(bundle), verify(bundle, None)
    assert pinned.ok
    assert own.ok
    assert "the key that you gave" in "\n".join(pinned.lines())
    assert "it proves only that the bundle is consistent with itself" in "\n".join(own.lines())
    assert pinned.lines()[-1] == "VERIFIED"
    assert [step["title"] for step in pinned.as_dict()["steps"]] == [
        *("archive", "hashes", "key", "seal", "checkpoint", "manifest", "witnesses", "time-stamp", "config versions"),
        *("evidence", "inclusion", "records", "history", "counts"),
    ]


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_one_changed_byte_anywhere_is_caught(bundle: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(bundle) - 1))
    changed = bytearray(bundle)
    changed[place] ^= data.draw(st.integers(1, 255))
    assert not verify(bytes(changed)).ok


@pytest.mark.parametrize("part", range(4))
def test_every_byte_of_headers_signatures_and_one_record_is_caught(bundle: bytes, part: int) -> None:
    """All but what lies inside long texts, which the test above samples: those are hashed as a whole."""
    files = unpacked(bundle)
    long_texts = [
        name for name in files if name.startswith(("README", "configs/", "publications/", "records/", "SHA256SUMS"))
    ]
    long_texts.remove(named(files, "records/1-"))
    skipped: set[int] = set()
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        for name in long_texts:
            start = archive.getinfo(name).header_offset + 30 + len(name)
            skipped |= set(range(start + 8, start + len(files[name]) - 8))
    changed = bytearray(bundle)
    missed = []
    for place in range(part, len(bundle), 4):
        if place in skipped:
            continue
        changed[place] ^= 0x20
        if verify(bytes(changed)).ok:
            missed.append(place)
        changed[place] ^= 0x20
    assert not missed


def test_a_changed_record_is_named(bundle: bytes) -> None:
    name = named(unpacked(bundle), "records/1-")
    changed = bundle.replace(b'"audience":true', b'"audience":trve', 1)
    assert name in failures(verify(changed))
    cleverly = unpacked(bundle)
    cleverly[name] = cleverly[name].replace(b'"ads":false', b'"ads":true')
    found = failures(verify(packed(cleverly)))
    assert found == {
        name: "its proof does not hold: it does not lead from the document's commitment to the checkpoint's root"
    }


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_a_truncated_or_lengthened_bundle_is_refused_in_words(bundle: bytes, data: st.DataObject) -> None:
    length = data.draw(st.integers(0, len(bundle) - 1))
    for broken in (
        bundle[:length],
        bundle[length:] if length else b"",
        bundle + bundle[:length] + b"\0",
        b"\0" + bundle,
    ):
        report = verify(broken)
        assert not report.ok
        assert all(words for words in failures(report).values())


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=400))
def test_any_other_file_is_refused_in_words(data: bytes) -> None:
    assert not verify(data).ok
    assert not verify(data + b"PK\x05\x06" + b"\0" * 18).ok
    assert not verify(data + b"PK\x05\x06" + b"\xff" * 16 + b"\0\0").ok


def test_what_is_not_a_file_is_refused_in_words(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing"):
        assert "cannot be read" in failures(verify_bundle(path))[str(path)]


def test_another_key_than_the_one_given_is_refused(bundle: bytes) -> None:
    other = make_vkey(ORIGIN, b"o" * 32)
    report = verify(bundle, other)
    assert {"key.vkey", "manifest.note", "checkpoint"} <= failures(report).keys()
    assert not verify(bundle, "not a key").ok
    assert not verify(bundle, make_vkey("elsewhere.example/boutique", SEED)).ok


def test_a_bundle_resigned_by_another_key_is_refused_by_its_checkpoint(bundle: bytes) -> None:
    files = unpacked(bundle)
    files["key.vkey"] = f"{make_vkey(ORIGIN, b'o' * 32)}\n".encode()
    report = verify(packed(files, b"o" * 32), None)
    assert "is not signed by the key" in failures(report)["checkpoint"]


def test_a_bundle_from_the_future_is_refused(bundle: bytes) -> None:
    report = verify(bundle, now=datetime.now(UTC) - timedelta(days=1))
    assert "made in the future" in failures(report)["manifest.json"]


@pytest.mark.parametrize(
    "write",
    [
        lambda archive, name, data: archive.writestr(name, data),
        lambda archive, name, data: archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data),
        lambda archive, name, data: archive.writestr(name, data, zipfile.ZIP_DEFLATED),
    ],
)
def test_an_archive_that_was_repacked_by_other_tools_is_refused(
    bundle: bytes, write: Callable[[zipfile.ZipFile, str, bytes], None]
) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in unpacked(bundle).items():
            write(archive, name, data)
    assert not verify(out.getvalue()).ok


def test_a_file_count_or_length_that_lies_is_refused_without_reading_far(bundle: bytes) -> None:
    for format_, at, value in (("<H", 10, 0xFFFE), ("<I", 6, 0xFFFFFFF0), ("<I", 2, 0)):
        lying = bytearray(bundle)
        struct.pack_into(format_, lying, len(lying) - 12 + at - 10, value)
        assert not verify(bytes(lying)).ok


def test_the_verifier_shares_no_code_with_what_writes() -> None:
    folder = Path(container.__file__).parent
    for file in folder.glob("*.py"):
        for name in re.findall(r"^(?:from|import) (temoin[.a-z0-9_]*)", file.read_text("utf-8"), re.MULTILINE):
            assert name.startswith("temoin.proof.verify."), (file.name, name)
