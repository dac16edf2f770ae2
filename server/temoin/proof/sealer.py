"""The sealer: integrates appended entries into tiles and signs one checkpoint a batch, apart from every request.

What survives a crash: before `SealStore.seal` returned, nothing of the step; after it, all of it. A step is computed
from the store alone (the right edge in memory is a cache, checked against the last checkpoint's root whenever it is
read anew), so the next pass, of this process or another, simply does what is still to do. Two sealers can never fork a
log: the lease keeps them apart, and the store refuses a step whose fence or starting size is no longer the present one.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from temoin.proof.checkpoint import Checkpoint, read_checkpoint, sign_checkpoint
from temoin.proof.log import damaged
from temoin.proof.merkle import EMPTY_ROOT
from temoin.proof.note import Signer
from temoin.proof.ports import KeyStore, LogKeys, LogState, Seal, SealLease, SealStore
from temoin.proof.tile import EMPTY_EDGE, TILE_WIDTH, Edge, Growth, grow, right_edge

_log = logging.getLogger(__name__)

_BATCH = 65_536
_LEASE_SECONDS = 1.5  # a proof may be waited for two seconds, a killed holder included
_POLL_SECONDS = 0.25
_EDGES_KEPT = 10_000
_LONGEST_BACKOFF = 30.0


class Monotonic(Protocol):
    """Seconds from an arbitrary point that never go back (`temoin.clock.SystemClock`)."""

    def monotonic(self) -> float: ...


@dataclass(slots=True)
class _Trouble:
    """A site whose last attempts failed: when it may be tried again, and how long to wait after the next failure."""

    until: float
    pause: float


@dataclass(slots=True)
class SealCounts:
    """What this process sealed, and when (monotonic seconds) it last saw every log sealed to its end."""

    entries: int = 0
    failures: int = 0
    caught_up_at: float = 0.0


class Sealer:
    """Seals every site with unsealed entries, at most about a quarter of a second after they were appended.

    `wake` may be called from the event loop whenever something was appended here; what other processes append is found
    by asking the store every quarter of a second. A site that fails is logged and tried again with growing pauses; the
    others go on. `batch` is the most entries of a step.
    """

    def __init__(
        self, store: SealStore, lease: SealLease, keys: KeyStore, clock: Monotonic, *, batch: int = _BATCH
    ) -> None:
        self._store = store
        self._lease = lease
        self._keys = keys
        self._clock = clock
        self._batch = batch
        self._holder = secrets.token_hex(8)
        self._fence: int | None = None
        self._renew_at = 0.0
        self._edges: dict[str, Edge] = {}
        self._trouble: dict[str, _Trouble] = {}
        self.counts = SealCounts(caught_up_at=clock.monotonic())
        self._wake = asyncio.Event()
        self._stopping = False
        self._idle = asyncio.Event()
        self._idle.set()

    def behind(self) -> float:
        """Seconds since this process last saw every log sealed to its end, whoever sealed it."""
        return self._clock.monotonic() - self.counts.caught_up_at

    def wake(self) -> None:
        """Something was appended: seal it soon."""
        self._wake.set()

    async def stop(self) -> None:
        """Finishes the step under way, then seals no more and gives up the lease, so that others need not wait."""
        self._stopping = True
        self._wake.set()
        await self._idle.wait()
        await self._give_up_lease()

    async def seal_all(self) -> int:
        """Seals until nothing is left that this process may seal; returns how many entries. For commands and tests."""
        total = 0
        while (sealed := await self.seal_once()) > 0:
            total += sealed
        return total

    async def seal_once(self) -> int:
        """One pass: at most one batch of each site that has unsealed entries. Returns how many entries were sealed."""
        sealed = 0
        sites = await self._store.unsealed_sites()
        if not sites:
            self.counts.caught_up_at = self._clock.monotonic()
        for site in sites:
            if self._resting(site):
                continue
            if not await self._hold_lease():
                return sealed
            sealed += await self._seal_guarded(site)
        return sealed

    async def run(self) -> None:
        """Seals until `stop` is called or the task is cancelled; either way the step under way is finished first."""
        self._idle.clear()
        passes = asyncio.ensure_future(self._passes())
        try:
            await asyncio.shield(passes)
        except asyncio.CancelledError:
            self._stopping = True
            self._wake.set()
            await passes
            raise
        finally:
            await self._give_up_lease()
            self._idle.set()

    async def _passes(self) -> None:
        while not self._stopping:
            await self._pass()

    async def _give_up_lease(self) -> None:
        if self._fence is not None:
            self._fence = None
            with suppress(Exception):  # it runs out by itself
                await self._lease.acquire_seal_lease(self._holder, 0)

    async def _pass(self) -> None:
        self._wake.clear()
        began = self._clock.monotonic()
        try:
            more = await self.seal_once() >= self._batch
        except Exception:
            _log.exception("The sealer could not read the store; it tries again.")
            self._fence, more = None, False
        if not more:
            await self._rest(began)

    async def _rest(self, began: float) -> None:
        """Until the next poll or wake-up; passes begin a quarter of a second apart, so that each has many entries."""
        if self._stopping:
            return
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._wake.wait(), _POLL_SECONDS)
        early = _POLL_SECONDS - (self._clock.monotonic() - began)
        if early > 0 and not self._stopping:
            await asyncio.sleep(early)

    async def _hold_lease(self) -> bool:
        now = self._clock.monotonic()
        if self._fence is None or now >= self._renew_at:
            self._fence = await self._lease.acquire_seal_lease(self._holder, _LEASE_SECONDS)
            self._renew_at = now + _LEASE_SECONDS / 2
        return self._fence is not None

    def _resting(self, site: str) -> bool:
        trouble = self._trouble.get(site)
        return trouble is not None and self._clock.monotonic() < trouble.until

    async def _seal_guarded(self, site: str) -> int:
        try:
            sealed = await self._seal_site(site)
        except Exception as error:
            self._edges.pop(site, None)
            self.counts.failures += 1
            pause = self._trouble[site].pause if site in self._trouble else _POLL_SECONDS
            self._trouble[site] = _Trouble(self._clock.monotonic() + pause, min(pause * 2, _LONGEST_BACKOFF))
            _log.error("Sealing the log of %s failed, next attempt in %.2g s: %s", site, pause, error, exc_info=error)
            return 0
        self._trouble.pop(site, None)
        return sealed

    async def _seal_site(self, site: str) -> int:
        state = await self._store.log_state(site)
        if state is None or state.appended <= state.sealed or self._fence is None:
            return 0
        keys = await self._keys.log_keys(site)
        if keys is None:
            raise damaged(site, "it has no signing key")
        edge = await self._edge(state)
        entries = await self._store.commitments(site, state.sealed, self._batch)
        if not entries:
            raise damaged(site, f"entry {state.sealed} is missing")
        growth = await _grown(edge, entries)
        signers = _signers(state.origin, keys, growth.edge.size)
        checkpoint = sign_checkpoint(Checkpoint(state.origin, growth.edge.size, growth.edge.root()), signers)
        step = Seal(
            site, state.sealed, growth.edge.size, growth.tiles, growth.obsolete, checkpoint, rotations=len(keys.past)
        )
        if not await self._store.seal(step, self._fence):
            # Another process sealed in between, took the lease or replaced the key: forget it all and look again.
            self._edges.pop(site, None)
            self._fence = None
            return 0
        self._remember(site, growth.edge)
        self.counts.entries += len(entries)
        return len(entries)

    async def _edge(self, state: LogState) -> Edge:
        """The right edge at the sealed size, from memory or from the tiles, there proven against the checkpoint."""
        known = self._edges.get(state.site)
        if known is not None and known.size == state.sealed:
            return known
        partial = {}
        for ref in right_edge(state.sealed):
            data = await self._store.tile(state.site, ref.path)
            if data is None or len(data) != ref.size:
                raise damaged(state.site, f"{ref.path} is missing or has another length than {ref.size} bytes")
            partial[ref.level] = data
        edge = Edge(state.sealed, partial) if state.sealed else EMPTY_EDGE
        last = read_checkpoint(state.checkpoint) if state.checkpoint else Checkpoint(state.origin, 0, EMPTY_ROOT)
        if (last.origin, last.size, last.root) != (state.origin, state.sealed, edge.root()):
            raise damaged(state.site, "its tiles do not lead to the root of its last checkpoint")
        return edge

    def _remember(self, site: str, edge: Edge) -> None:
        if len(self._edges) >= _EDGES_KEPT:
            self._edges.clear()
        self._edges[site] = edge


def _signers(origin: str, keys: LogKeys, size: int) -> list[Signer]:
    """Who signs a checkpoint of `size`: while a rotation is not sealed the old key, and from its act on both."""
    present = Signer(origin, keys.present)
    if keys.retiring is None:
        return [present]
    retiring = Signer(origin, keys.retiring)
    return [retiring, present] if size > keys.past[-1].act else [retiring]


async def _grown(edge: Edge, entries: list[bytes]) -> Growth:
    """Hashing, a tile at each turn of the event loop: a thread would hold the interpreter's lock for longer."""
    tiles: dict[str, bytes] = {}
    obsolete: list[str] = []
    place = 0
    while place < len(entries):
        until = place + TILE_WIDTH - edge.size % TILE_WIDTH
        growth = grow(edge, entries[place:until])
        obsolete += [path for path in growth.obsolete if tiles.pop(path, None) is None]
        tiles |= growth.tiles
        edge, place = growth.edge, until
        await asyncio.sleep(0)
    return Growth(tiles, tuple(obsolete), edge)
