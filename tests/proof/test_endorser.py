"""The endorser: bounds, retries, and that it delays nothing."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from temoin.proof.checkpoint import open_checkpoint
from temoin.proof.endorser import Endorser
from temoin.proof.note import parse_vkey
from temoin.proof.outside import Outside, Unreachable
from temoin.proof.rotation import rotate_key
from temoin.proof.witness import ForkSuspected, Refused, Witness, parse_cosigner
from tests.proof.asking import Clock, Scripted, endorser, grow, kept, on_site, url_of, witness
from tests.proof.logs import SITE, VKEY, Site
from tests.proof.outsiders import TestWitness, served


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
            deaf = Witness(parse_cosigner(TestWitness(seed=b"m" * 32).vkey), url_of(mute), outside)
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
