"""What tests of the endorser and of its clients share."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from temoin.proof.checkpoint import Checkpoint, sign_checkpoint
from temoin.proof.endorser import Endorser, Source
from temoin.proof.log import consistency_proof
from temoin.proof.note import Signer
from temoin.proof.outside import Outside
from temoin.proof.ports import Endorsement
from temoin.proof.witness import Request, Witness, parse_cosigner
from tests.aio import run
from tests.proof.logs import ORIGIN, SEED, SITE, Site, open_site
from tests.proof.outsiders import TestWitness


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


async def request_of(site: Site, last: int) -> Request:
    state = await site.log.log_state(SITE)
    assert state is not None

    async def consistency(old: int) -> list[bytes]:
        return await consistency_proof(site.log, SITE, old, state.sealed)

    return Request(state.checkpoint or "", state.sealed, last, consistency)


def url_of(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"
