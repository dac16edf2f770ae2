"""Cosignatures and time-stamps in bundles: said in words where they hold, refused where they do not."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proofbundle.tlogproof import verify_tlog_proof

from temoin.proof.bundle import write_bundle
from temoin.proof.note import parse_note
from temoin.proof.ports import EntryFilter
from tests.proof.forged import Files, failures, unpacked, verify
from tests.proof.logs import ORIGIN, SITE, VKEY, Site
from tests.proof.outsiders import TestAuthority, TestWitness
from tests.proof.trusted import Made, on_site, repacked, said, take


def test_without_endorsements_the_report_says_that_the_operator_alone_vouches(plain: Made) -> None:
    report = verify(plain.data)
    assert report.ok
    assert said(report, "witnesses") == "none: nobody but its operator vouches that there is only this one log"
    assert said(report, "time-stamp") == "none: all times are by the operator's own clock"
    assert set(unpacked(plain.data)) & {"timestamp.tsr", "witnesses.vkey", "endorsed/checkpoint"} == set()


def test_an_endorsed_checkpoint_carries_its_cosignature_and_time_stamp(endorsed: Made) -> None:
    files = unpacked(endorsed.data)
    assert [line.name for line in parse_note(files["checkpoint"].decode()).signatures] == [ORIGIN, "witness.example/w1"]
    assert files["witnesses.vkey"].decode() == f"{endorsed.witness.vkey}\n"
    assert not any(name.startswith("endorsed/") for name in files)
    own = verify(endorsed.data)
    assert own.ok, own.lines()
    assert "a key that the bundle names; compare it" in said(own, "witnesses")
    assert "trust in that authority was not checked" in said(own, "time-stamp")
    pinned = verify(endorsed.data, witnesses=(endorsed.witness.vkey,), tsa_certificates=endorsed.authority.pem())
    assert pinned.ok, pinned.lines()
    assert "saw 4 entries on" in said(pinned, "witnesses")
    assert "(the key that you gave)" in said(pinned, "witnesses")
    assert "CN=Test authority; it leads to the certificate that you gave" in said(pinned, "time-stamp")
    assert verify(endorsed.data, tsa_certificates=endorsed.authority.pem("tsa")).ok


def test_an_rsa_authority_is_understood_too(tmp_path: Path) -> None:
    authority = TestAuthority(tmp_path / "rsa", "rsa")

    async def work(site: Site) -> Made:
        await site.act()
        await site.seal()
        await take(site, "t", TestWitness(VKEY), authority)
        await write_bundle(site.log, SITE, EntryFilter(), tmp_path / "p", site.clock.now())
        return Made((tmp_path / "p").read_bytes(), b"", "", TestWitness(), authority, "", "")

    made = on_site(tmp_path, work)
    report = verify(made.data, tsa_certificates=authority.pem())
    assert report.ok, report.lines()


def test_a_checkpoint_without_endorsement_brings_the_newest_endorsed_one_and_the_growth_since(continued: Made) -> None:
    files = unpacked(continued.data)
    assert {"endorsed/checkpoint", "endorsed/consistency", "endorsed/timestamp.tsr", "witnesses.vkey"} <= set(files)
    assert files["endorsed/consistency"].decode().split("\n")[:3] == ["temoin.consistency/1", ORIGIN, "8 13"]
    report = verify(
        continued.data,
        continued.vkey,
        witnesses=(continued.witness.vkey,),
        tsa_certificates=continued.authority.pem(),
    )
    assert report.ok, report.lines()
    assert said(report, "endorsed checkpoint") == "an earlier one, of 8 entries; the bundle's, of 13, continues it"
    assert "saw 8 entries" in said(report, "witnesses")
    assert said(report, "time-stamp").startswith("8 entries stood on ")


def test_where_one_of_two_is_late_the_bundle_holds_what_each_said(tmp_path: Path) -> None:
    witness, authority = TestWitness(VKEY), TestAuthority(tmp_path / "tsa")

    async def work(site: Site) -> Made:
        await site.act()
        await site.seal()
        await take(site, "t", witness, authority)
        await site.act()
        await site.seal()
        await take(site, "w", witness, authority)
        await write_bundle(site.log, SITE, EntryFilter(), tmp_path / "p", site.clock.now())
        return Made((tmp_path / "p").read_bytes(), b"", "", witness, authority, "", "")

    made = on_site(tmp_path, work)
    report = verify(made.data, witnesses=(witness.vkey,), tsa_certificates=authority.pem())
    assert report.ok, report.lines()
    assert "saw 2 entries" in said(report, "witnesses")
    assert said(report, "time-stamp").startswith("1 entries stood on")


def test_a_witness_or_authority_that_was_given_and_is_not_there_is_a_failure(plain: Made, endorsed: Made) -> None:
    other = TestWitness(seed=b"o" * 32)
    for made in (plain, endorsed):
        found = failures(verify(made.data, witnesses=(other.vkey,)))
        assert "that you gave has not cosigned it" in found["checkpoint"]
    assert "no time-stamp" in failures(verify(plain.data, tsa_certificates=endorsed.authority.pem()))["checkpoint"]
    assert (
        "does not lead to the one that you gave"
        in (failures(verify(endorsed.data, tsa_certificates=plain.authority.pem()))["timestamp.tsr"])
    )
    assert "no certificate in PEM form" in failures(verify(endorsed.data, tsa_certificates=b"x"))["timestamp.tsr"]
    assert "is not the key of a witness" in failures(verify(plain.data, witnesses=(VKEY,)))["--witness"]


def test_what_is_dated_in_the_future_is_refused(tmp_path: Path, endorsed: Made) -> None:
    past = datetime(2026, 1, 1, tzinfo=UTC)
    found = failures(verify(endorsed.data, now=past))
    assert "dated in the future" in found["checkpoint"]
    assert "dated in the future" in found["timestamp.tsr"]


def _other_line(files: Files, endorsed: Made, text: str) -> None:
    own = files["checkpoint"].decode().splitlines(keepends=True)[:-1]
    note = "".join(own) + endorsed.witness.cosign(text)
    old = files["checkpoint"]
    for name, data in files.items():
        files[name] = data.replace(old, note.encode())


@pytest.mark.parametrize(
    ("change", "victim", "words"),
    [
        (lambda f, _: f.pop("witnesses.vkey"), "", ""),
        (lambda f, _: f.update({"witnesses.vkey": f"{VKEY}\n".encode()}), "witnesses.vkey", "not of the type"),
        (lambda f, _: f.update({"witnesses.vkey": b"\xff"}), "witnesses.vkey", "utf-8"),
        (
            lambda f, _: f.update({"witnesses.vkey": f"{TestWitness(seed=b'o' * 32).vkey}\n".encode()}),
            "witnesses.vkey",
            "is not in the bundle",
        ),
        (lambda f, m: _other_line(f, m, "other\n"), "checkpoint", "the cosignature of witness.example/w1"),
        (lambda f, _: f.update({"timestamp.tsr": b"\xff"}), "timestamp.tsr", "not a time-stamp"),
        (lambda f, _: f.update({"timestamp.tsr": f["timestamp.tsr"][:-9]}), "timestamp.tsr", "not a time-stamp"),
        (
            lambda f, _: f.update({"timestamp.tsr": f["timestamp.tsr"].replace(b"Test auth", b"Best auth")}),
            "timestamp.tsr",
            "it",
        ),
    ],
)
def test_endorsements_that_do_not_hold_are_refused_even_from_the_keys_holder(
    endorsed: Made, change: Callable[[Files, Made], object], victim: str, words: str
) -> None:
    found = failures(verify(repacked(endorsed, lambda files: change(files, endorsed))))
    assert (victim in found and words in found[victim]) if victim else not found, found


@settings(deadline=None, max_examples=80)
@given(data=st.data())
def test_no_byte_of_a_time_stamp_can_change_what_it_says(endorsed: Made, data: st.DataObject) -> None:
    def change(files: Files) -> None:
        stamp = bytearray(files["timestamp.tsr"])
        stamp[data.draw(st.integers(0, len(stamp) - 1))] ^= data.draw(st.integers(1, 255))
        files["timestamp.tsr"] = bytes(stamp)

    changed = repacked(endorsed, change)
    report = verify(changed, tsa_certificates=endorsed.authority.pem())
    if report.ok:  # a byte that carries no meaning, such as the case of a letter in a text for people
        assert said(report, "time-stamp") == said(
            verify(endorsed.data, tsa_certificates=endorsed.authority.pem()), "time-stamp"
        )


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_one_changed_byte_of_what_is_said_about_trust_is_caught(continued: Made, data: st.DataObject) -> None:
    files, changed = unpacked(continued.data), bytearray(continued.data)
    about = [name for name in files if name.startswith(("endorsed/", "keys/", "witnesses", "checkpoint"))]
    name = data.draw(st.sampled_from(about))
    start = continued.data.index(name.encode() + files[name]) + len(name)
    changed[start + data.draw(st.integers(0, len(files[name]) - 1))] ^= data.draw(st.integers(1, 255))
    assert not verify(bytes(changed), continued.vkey).ok


def test_the_readmes_commands_verify_the_time_stamp_with_openssl(endorsed: Made, tmp_path: Path) -> None:
    files = unpacked(endorsed.data)
    for name in ("checkpoint", "timestamp.tsr"):
        (tmp_path / name).write_bytes(files[name])
    lines = [line[4:] for line in files["README.txt"].decode().splitlines() if line.startswith("    ")]
    script = "\n".join(line for line in lines if line.startswith(("sed ", "openssl ts ")))
    environment = {"PATH": "/usr/bin:/bin", "CERTIFICATE": str(endorsed.authority.folder / "ca.pem")}

    def status() -> int:
        command = ["sh", "-e", "-c", script]
        return subprocess.run(command, cwd=tmp_path, env=environment, check=False, capture_output=True).returncode

    assert status() == 0
    (tmp_path / "checkpoint").write_bytes(files["checkpoint"].replace(b"\n4\n", b"\n5\n"))
    assert status() != 0


def test_proofbundle_accepts_proofs_under_cosigned_and_under_rotated_checkpoints(
    endorsed: Made, continued: Made
) -> None:
    for made in (endorsed, continued):
        files = unpacked(made.data)
        name = next(name for name in files if name.startswith("records/"))
        proof = files[f"proofs/{name.partition('-')[2][:-5]}.tlog-proof"].decode()
        entry = hashlib.sha256(files[name]).digest()
        assert verify_tlog_proof(proof, entry, made.vkey, expected_origin=ORIGIN)["ok"]
    old = unpacked(continued.data)
    act = hashlib.sha256(old["keys/1.act.json"]).digest()
    assert verify_tlog_proof(old["keys/1.tlog-proof"].decode(), act, VKEY, expected_origin=ORIGIN)["ok"]
