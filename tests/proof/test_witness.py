"""Witnesses and time-stamping authorities over real HTTP: believed only where they can be."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

import pytest

from temoin.errors import Malformed
from temoin.proof.log import tree_hash
from temoin.proof.note import make_vkey
from temoin.proof.outside import Outside, Unreachable
from temoin.proof.timestamp import Authority
from temoin.proof.witness import ForkSuspected, Refused, parse_witnesses
from tests.aio import run
from tests.proof.asking import a_request, endorser, grow, kept, on_site, request_of, url_of, witness
from tests.proof.logs import ORIGIN, SEED, SITE, VKEY, Site
from tests.proof.outsiders import Reply, Respond, TestAuthority, TestWitness, served


def test_a_witness_that_saw_another_size_says_so_and_is_asked_again_from_there(tmp_path: Path) -> None:
    known = TestWitness(VKEY)

    async def work(site: Site) -> None:
        await grow(site, 9)
        known.known[ORIGIN] = (5, await tree_hash(site.log, SITE, 5))
        with served(known.respond) as url:
            assert await endorser(site, witness(known, url)).endorse_once() == 1
            assert known.asked == [0, 5]
            again = await request_of(site, last=9)  # its answer was lost: it is asked for the same size
            assert (await witness(known, url).obtain(again)).startswith("— witness".encode())
            assert known.asked == [0, 5, 9]

    on_site(tmp_path, work)


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ((9, b"r" * 32), "has cosigned 9 entries where the store has 5"),
        ((5, b"o" * 32), "another root of the first 5 entries"),
        ((3, b"o" * 32), "proof of growth does not fit"),
    ],
)
def test_a_witness_with_another_history_means_a_fork_is_suspected(known: tuple[int, bytes], words: str) -> None:
    theirs = TestWitness(VKEY)
    theirs.known[ORIGIN] = known
    with served(theirs.respond) as url, pytest.raises(ForkSuspected, match=words):
        run(witness(theirs, url).obtain(a_request(5)))


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (400, b"", "malformed"),
        (403, b"", "does not trust the key"),
        (404, b"", "does not know this log"),
        (409, b"", "did not say which"),
        (409, b"-1\n", "did not say which"),
        (409, b"0\n", "moved on"),
        (500, b"", "status 500"),
        (301, b"", "status 301"),
        (200, b"", "no cosignature of witness.example/w1"),
        (200, b"\xff", "no list of signature lines"),
        (200, b"<html>", "no list of signature lines"),
        (200, "— other.example AAAAAAAA\n".encode(), "no cosignature of witness.example/w1"),
    ],
)
def test_what_a_witness_can_answer_besides_a_cosignature_is_refused_in_words(
    status: int, body: bytes, words: str
) -> None:
    with served(lambda *_: (status, "text/plain", body)) as url, pytest.raises(Refused, match=words):
        run(witness(TestWitness(), url).obtain(a_request()))


def test_a_cosignature_of_another_checkpoint_or_key_is_refused() -> None:
    known, other = TestWitness(VKEY), TestWitness(VKEY, seed=b"o" * 32)
    request = a_request()
    text = request.note.partition("\n\n")[0] + "\n"
    wrong_text, wrong_key = known.cosign("other\n"), other.cosign(text)
    forged = wrong_key.replace(other.vkey.split("+")[1], "")
    longer = known.cosign(text)[:-6] + "AAAAAA=\n"
    for line in (wrong_text, wrong_key, forged, longer, f"x\n\n{known.cosign(request.note + 'x' + chr(10))}"):
        with served(lambda *_, line=line: (200, "text/plain", line.encode())) as url, pytest.raises(Refused):
            run(witness(known, url).obtain(request))


def test_a_request_ends_by_its_time_limit_whatever_the_other_side_does() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        with pytest.raises(Unreachable, match=r"could not be asked|did not answer"):
            run(Outside(0.2).post(url_of(mute), b"x", {}))
        address = url_of(mute)
    with pytest.raises(Unreachable, match="could not be asked"):
        run(Outside().post(address, b"x", {}))


def test_an_answer_without_end_is_cut_off() -> None:
    with served(lambda *_: (200, "text/plain", b"x" * 300_000)) as url, pytest.raises(Unreachable, match="longer than"):
        run(Outside().post(url, b"x", {}))


def test_an_authority_stamps_the_signed_note_and_openssl_accepts_what_is_kept(tmp_path: Path) -> None:
    authority = TestAuthority(tmp_path / "tsa")

    async def work(site: Site) -> None:
        await grow(site, 3)
        with served(authority.respond) as url:
            assert await endorser(site, Authority(url, Outside())).endorse_once() == 1
        (stamp,) = await kept(site)
        (tmp_path / "note").write_text(stamp.checkpoint, "utf-8")
        (tmp_path / "tsr").write_bytes(stamp.answer)

    on_site(tmp_path / "site", work)
    openssl("ts", "-verify", "-data", tmp_path / "note", "-in", tmp_path / "tsr", "-CAfile", tmp_path / "tsa/ca.pem")


def openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def test_what_is_no_time_stamp_of_this_request_is_refused(tmp_path: Path) -> None:
    authority = TestAuthority(tmp_path / "tsa")
    replies: list[bytes] = []

    def respond(path: str, media: str, body: bytes) -> Reply:
        reply = authority.respond(path, media, body)
        replies.append(reply[2])
        return reply[0], reply[1], replies[0]

    def changed(path: str, media: str, body: bytes) -> Reply:
        data = bytearray(authority.stamp(body))
        data[-5] ^= 1
        return 200, media, bytes(data)

    with served(respond) as url:
        run(Authority(url, Outside()).obtain(a_request()))
        with pytest.raises(Refused, match="another request"):
            run(Authority(url, Outside()).obtain(a_request()))
    cases: list[tuple[Respond, str]] = [
        (changed, "signature is wrong"),
        (lambda *_: (200, "text/plain", b"x"), "."),
        (lambda *_: (200, "text/plain", b"\x30\x05\x30\x03\x02\x01\x02"), "."),
        (lambda *_: (503, "text/plain", b""), "status 503"),
    ]
    for answer, words in cases:
        with served(answer) as url, pytest.raises(Refused, match=words):
            run(Authority(url, Outside()).obtain(a_request()))


def test_witnesses_are_read_from_their_setting_and_bad_ones_are_named() -> None:
    first, second = TestWitness(), TestWitness(name="w.example/a=b", seed=b"2" * 32)
    text = f"  {first.vkey}=https://w.example/one\n{second.vkey}=http://127.0.0.1:9/ "
    assert [one.source for one in parse_witnesses(text, Outside())] == [first.vkey, second.vkey]
    assert parse_witnesses("", Outside()) == []
    log_key = make_vkey("a", SEED)
    for bad in (
        *(first.vkey, f"{first.vkey}=", f"{first.vkey}=ftp://x", f"{first.vkey}=https://", f"{log_key}=https://x"),
        *("=https://x", f"x{first.vkey}=https://x", f"{first.vkey}=https://x?q", "a+b=https://x", "a+b+c=https://x"),
    ):
        with pytest.raises(Malformed, match="names no witness"):
            parse_witnesses(f"{first.vkey}=https://w.example {bad}", Outside())
