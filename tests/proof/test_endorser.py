"""Witnesses and time-stamping authorities over real HTTP: asked within bounds, believed only where they can be."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from temoin.errors import Malformed
from temoin.proof.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from temoin.proof.endorser import Endorser, Source
from temoin.proof.log import consistency_proof, tree_hash
from temoin.proof.note import Signer, make_vkey, parse_vkey
from temoin.proof.outside import Outside, Unreachable
from temoin.proof.ports import Endorsement
from temoin.proof.rotation import rotate_key
from temoin.proof.timestamp import Authority
from temoin.proof.witness import ForkSuspected, Refused, Request, Witness, parse_cosigner, parse_witnesses
from tests.aio import run
from tests.proof.logs import ORIGIN, SEED, SITE, VKEY, Site, open_site
from tests.proof.outsiders import Reply, Respond, TestAuthority, TestWitness, served


def on_site(folder: Path, work: Callable[[Site], Awaitable[None]]) -> None:
    async def main() -> None:
        async with open_site(folder) as site:
            await work(site)

    run(main())


@dataclass
class Clock:
    """The system's clock, set forward by hand."""

    site: Site
    ahead: float = 0.0

    def now(self) -> datetime:
        return self.site.clock.now()

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead


@dataclass
class Scripted:
    """A source that does as told, one outcome an exchange."""

    outcomes: list[bytes | Exception]
    source: str = "scripted"
    requests: list[Request] = field(default_factory=list)

    async def obtain(self, request: Request) -> bytes:
        self.requests.append(request)
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def endorser(site: Site, *sources: Source, clock: Clock | None = None) -> Endorser:
    return Endorser(site.log, sources, clock or site.clock, interval=60)


def witness(known: TestWitness, url: str, seconds: float = 10) -> Witness:
    return Witness(parse_cosigner(known.vkey), url, Outside(seconds))


async def grow(site: Site, count: int = 1) -> None:
    await asyncio.gather(*[site.act() for _ in range(count)])
    await site.seal()


async def kept(site: Site) -> list[Endorsement]:
    return await site.log.endorsements(SITE)


def a_request(size: int = 5, last: int = 0, note: str | None = None) -> Request:
    async def consistency(old: int) -> list[bytes]:
        return []

    text = sign_checkpoint(Checkpoint(ORIGIN, size, b"r" * 32), [Signer(ORIGIN, SEED)])
    return Request(note or text, size, last, consistency)


def test_a_witness_cosigns_as_the_log_grows_and_its_line_is_kept(tmp_path: Path) -> None:
    known = TestWitness(VKEY)

    async def work(site: Site) -> None:
        with served(known.respond) as url:
            clock = Clock(site)
            asking = endorser(site, witness(known, url), clock=clock)
            for count in (1, 3, 252, 1, 40):
                await grow(site, count)
                assert await asking.endorse_once() == 1
                clock.ahead += 61
        assert known.asked == [0, 1, 4, 256, 257]
        (last,) = await kept(site)
        assert (last.source, last.size) == (known.vkey, 297)
        line = last.answer.decode()
        assert line.startswith("— witness.example/w1 ")
        assert line.count("\n") == 1
        assert open_checkpoint(last.checkpoint + line, parse_vkey(VKEY)).size == 297

    on_site(tmp_path, work)


def test_a_site_is_asked_for_once_an_interval_and_not_at_all_while_nothing_is_new(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        clock, source = Clock(site), Scripted([b"x"] * 9)
        asking = endorser(site, source, clock=clock)
        assert await asking.endorse_once() == 0
        for step in range(3):
            await grow(site)
            assert await asking.endorse_once() == 1
            await grow(site)
            assert await asking.endorse_once() == 0
            clock.ahead += 59
            assert await asking.endorse_once() == 0
            clock.ahead += 2
            assert len(source.requests) == 2 * step + 1
            assert await asking.endorse_once() == 1
            clock.ahead += 61
            assert await asking.endorse_once() == 0

    on_site(tmp_path, work)


def test_of_two_processes_one_asks(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        await grow(site)
        first, second = Scripted([Refused("no"), b"x"]), Scripted([])
        clock = Clock(site)
        ours, theirs = endorser(site, first, clock=clock), endorser(site, second)
        assert await ours.endorse_once() == 0
        assert await theirs.endorse_once() == 0
        clock.ahead += 61
        assert await ours.endorse_once() == 1
        assert second.requests == []

    on_site(tmp_path, work)


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


async def request_of(site: Site, last: int) -> Request:
    state = await site.log.log_state(SITE)
    assert state is not None

    async def consistency(old: int) -> list[bytes]:
        return await consistency_proof(site.log, SITE, old, state.sealed)

    return Request(state.checkpoint or "", state.sealed, last, consistency)


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


def test_after_a_rotation_a_witness_that_knows_both_keys_goes_on(tmp_path: Path) -> None:
    known = TestWitness(VKEY)

    async def work(site: Site) -> None:
        clock = Clock(site)
        with served(known.respond) as url:
            asking = endorser(site, witness(known, url), clock=clock)
            new = (await rotate_key(site.log, site.log, SITE, "test", site.clock)).new
            await grow(site)
            assert await asking.endorse_once() == 1  # signed by both
            clock.ahead += 61
            await grow(site)
            assert await asking.endorse_once() == 0  # by the new one alone, which it does not know yet
            known.keys.append(new)
            clock.ahead += 121
            assert await asking.endorse_once() == 1

    on_site(tmp_path, work)


def test_refusals_and_silence_are_retried_with_growing_pauses_and_stop_no_other(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(site: Site) -> None:
        await grow(site)
        clock = Clock(site)
        silent = Scripted([Unreachable("gone"), Unreachable("gone"), b"here"], "silent")
        strict = Scripted([Refused("no"), ForkSuspected("never"), b"fine"], "strict")
        sound = Scripted([b"sound"], "sound")
        asking = endorser(site, silent, strict, sound, clock=clock)
        stored = []
        for step in (0, 61, 61, 61):
            clock.ahead += step
            stored.append(await asking.endorse_once())
        assert stored == [1, 0, 0, 2]
        assert {endorsed.source for endorsed in await kept(site)} == {"silent", "strict", "sound"}

    on_site(tmp_path, work)
    assert "silent does not answer, next attempt in 60 s: gone" in caplog.text
    assert "strict did not endorse the log of boutique, next attempt in 120 s: never" in caplog.text


def test_a_server_that_never_answers_delays_no_seal_and_no_other_witness(tmp_path: Path) -> None:
    known = TestWitness(VKEY)

    async def work(site: Site) -> None:
        with socket.create_server(("127.0.0.1", 0)) as mute, served(known.respond) as url:
            outside = Outside(60)
            deaf = Witness(parse_cosigner(TestWitness(seed=b"m" * 32).vkey), _url(mute), outside)
            running = asyncio.create_task(Endorser(site.log, [deaf, witness(known, url)], site.clock, interval=1).run())
            await grow(site, 3)
            while not await kept(site):
                pass
            await grow(site, 3)
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
            outside.close()
        state = await site.log.log_state(SITE)
        assert state is not None
        assert state.sealed == 6

    on_site(tmp_path, work)


def test_a_request_ends_by_its_time_limit_whatever_the_other_side_does() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        with pytest.raises(Unreachable, match=r"could not be asked|did not answer"):
            run(Outside(0.2).post(_url(mute), b"x", {}))
        address = _url(mute)
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


def _url(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"
