"""The endorser: takes each log's newest checkpoint to witnesses and to the time-stamping authority, keeps the answers.

It runs apart from the sealer and from every request, each of the others in a task of its own, and nobody waits for it.
Each site is taken to each of them at most once per interval (a witness that last saw another size than we believe is
asked a second time within that exchange). Who does not answer is left alone, and a site that was refused is not taken
there again, for pauses that grow up to an hour. What was said is stored before it counts; after a crash the exchange is
simply repeated, which witnesses and authorities allow.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from temoin.clock import rfc3339
from temoin.proof.log import consistency_proof
from temoin.proof.outside import Unreachable
from temoin.proof.ports import Endorsement, EndorsementStore
from temoin.proof.witness import ForkSuspected, Refused, Request

_log = logging.getLogger(__name__)

_LEASE_SECONDS = 30.0
_POLL_SECONDS = 1.0
_LONGEST_PAUSE = 3600.0


class Clock(Protocol):
    """`temoin.clock.SystemClock`."""

    def now(self) -> datetime: ...

    def monotonic(self) -> float: ...


class Source(Protocol):
    """A witness or an authority. `obtain` raises Unreachable or Refused."""

    @property
    def source(self) -> str: ...

    async def obtain(self, request: Request) -> bytes: ...


@dataclass(slots=True)
class _Turn:
    """When something may be tried again, and how long to wait after the next failure."""

    pause: float
    after: float = 0.0

    def failed(self, now: float) -> float:
        """Returns the pause that begins now."""
        pause = self.pause
        self.after, self.pause = now + pause, min(pause * 2, _LONGEST_PAUSE)
        return pause


class Endorser:
    """`interval` is in seconds. `run` goes on until `stop`; `endorse_once` is one pass, for tests and commands."""

    def __init__(
        self, store: EndorsementStore, sources: Sequence[Source], clock: Clock, *, interval: float = 60.0
    ) -> None:
        self._store = store
        self._sources = sources
        self._clock = clock
        self._interval = interval
        self._holder = secrets.token_hex(8)
        self._renew_at: float | None = None
        self._turns: dict[tuple[str, str], _Turn] = {}
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Goes on until `stop`, or until it is cancelled, which drops the exchanges under way."""
        try:
            await asyncio.gather(*[self._follow(source) for source in self._sources])
        finally:
            with suppress(Exception):  # it runs out by itself
                await self._store.acquire_endorse_lease(self._holder, 0)

    def stop(self) -> None:
        """No new pass."""
        self._stop.set()

    async def endorse_once(self) -> int:
        """Takes every checkpoint whose turn it is to every source; returns how many endorsements were stored."""
        return sum(await asyncio.gather(*[self._pass(source) for source in self._sources]))

    async def _follow(self, source: Source) -> None:
        while not self._stop.is_set():
            try:
                await self._pass(source)
            except Exception:
                _log.exception("The endorser could not read or write the store; it tries again.")
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._stop.wait(), min(_POLL_SECONDS, self._interval))

    async def _pass(self, source: Source) -> int:
        """One source, site after site; it ends where the source does not answer."""
        stored = 0
        reach = self._turns.setdefault(("", source.source), _Turn(self._interval))
        if self._clock.monotonic() < reach.after:
            return 0
        for site in await self._store.unendorsed(source.source):
            if not await self._hold_lease():
                break
            turn = self._turns.setdefault((site, source.source), _Turn(self._interval))
            if self._clock.monotonic() < turn.after:
                continue
            try:
                stored += await self._take(site, source, turn)
            except Unreachable as error:
                pause = reach.failed(self._clock.monotonic())
                _log.warning("%s does not answer, next attempt in %.3g s: %s", source.source, pause, error)
                return stored
            reach.pause = self._interval
        return stored

    async def _hold_lease(self) -> bool:
        """One process of a service asks, the same one as long as it lives: it knows whose turn it is."""
        now = self._clock.monotonic()
        if self._renew_at is None or now >= self._renew_at:
            held = await self._store.acquire_endorse_lease(self._holder, _LEASE_SECONDS)
            self._renew_at = now + _LEASE_SECONDS / 3 if held is not None else None
        return self._renew_at is not None

    async def _take(self, site: str, source: Source, turn: _Turn) -> bool:
        turn.after = self._clock.monotonic() + self._interval
        try:
            await self._endorse(site, source)
        except Refused as error:
            pause = turn.failed(self._clock.monotonic())
            level = logging.ERROR if isinstance(error, ForkSuspected) else logging.WARNING
            words = "%s did not endorse the log of %s, next attempt in %.3g s: %s"
            _log.log(level, words, source.source, site, pause, error)
            return False
        turn.pause = self._interval
        return True

    async def _endorse(self, site: str, source: Source) -> None:
        state = await self._store.log_state(site)
        if state is None or state.checkpoint is None:
            return
        size, note = state.sealed, state.checkpoint
        known = [endorsed.size for endorsed in await self._store.endorsements(site) if endorsed.source == source.source]

        async def consistency(old: int) -> list[bytes]:
            return await consistency_proof(self._store, site, old, size)

        answer = await source.obtain(Request(note, size, max(known, default=0), consistency))
        moment = rfc3339(self._clock.now())
        await self._store.put_endorsement(site, Endorsement(source.source, size, note, answer, moment))
