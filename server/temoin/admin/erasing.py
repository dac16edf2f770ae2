"""Erasure and early retention by two people: one asks, another confirms, and only then are records destroyed.

Both acts are on the record, by the accounts' ids; the request names the subject as long as it is open, and no longer:
an erasure leaves no trace of it. What survives a crash between the confirmation and the destruction: the confirmation
in the log, without an erasure after it; the request is gone, and somebody asks anew.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import msgspec
from msgspec import Struct

from temoin.admin.account import read
from temoin.admin.journal import Journal
from temoin.admin.ports import KeyValueStore
from temoin.admin.rights import Actor
from temoin.clock import SystemClock, rfc3339
from temoin.errors import Conflict, NotFound
from temoin.proof.bundle import BundleSource
from temoin.proof.erasure import ErasureStore, checked_reason, erase_everywhere
from temoin.proof.exports import Exports, Reached
from temoin.proof.retention import REASON, RetentionStore, retain

OPEN_DAYS = 14
_KIND = "erasure"
_NO_LIMIT = 2**40 - 1


class Request(Struct, frozen=True):
    """What somebody asked for. `subject` is None where it is all records whose retention is over; `person` is whoever
    stands behind `asked_by`, where that is a token."""

    id: str
    site: str
    subject: str | None
    reason: str
    asked_by: str
    asked_at: str
    until: str
    person: str = ""

    def __repr__(self) -> str:
        return f"Request(id={self.id!r}, site={self.site!r})"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many records were destroyed, the log's entry that says so, and what became of files exported before.

    `traceless`: the store looked for the subject's bytes in its files and found none; always True for a retention.
    """

    count: int
    index: int | None
    reached: Sequence[Reached]
    traceless: bool = True


class DestroyingStore(ErasureStore, RetentionStore, Protocol):
    """What both ways of destroying ask of a store."""


class Erasures:
    """Requests and their confirmation; whether somebody may is for the caller to ask (`rights`)."""

    def __init__(
        self,
        store: KeyValueStore,
        destroying: DestroyingStore,
        entries: BundleSource,
        exports: Exports,
        journal: Journal,
        clock: SystemClock,
    ) -> None:
        self._store = store
        self._destroying = destroying
        self._entries = entries
        self._exports = exports
        self._journal = journal
        self._clock = clock

    async def of(self, site: str) -> list[Request]:
        """The open ones of a site, oldest first."""
        return await _open(self._store, site)

    async def ask(self, site: str, subject: str | None, reason: str, actor: Actor) -> Request:
        """Raises NotFound where the site holds no record of the subject, Malformed for a reason that will not do,
        Conflict where the same is asked for already."""
        if subject is None:
            reason = REASON
        else:
            reason = checked_reason(reason, subject)
            await self._must_hold(site, subject)
        if any(one.subject == subject for one in await self.of(site)):
            raise Conflict(
                "already_asked", "This is asked for already.", "It waits for somebody else to confirm it, below."
            )
        now = self._clock.now()
        until = rfc3339(now + timedelta(days=OPEN_DAYS))
        request = Request(secrets.token_hex(8), site, subject, reason, actor.label, rfc3339(now), until, actor.person)
        of = "subject" if subject is not None else "retention"
        await self._journal.note(
            site, "erasure_asked", actor.label, {"request": request.id, "of": of, "reason": reason}
        )
        await self._keep(request)
        return request

    async def take_back(self, site: str, request_id: str, actor: str) -> None:
        """The request goes, and nothing is destroyed; raises NotFound."""
        request = await self._request(site, request_id)
        await self._journal.note(site, "erasure_not_confirmed", actor, {"request": request.id})
        await self._store.delete(_KIND, request.id)

    async def confirm(self, site: str, request_id: str, actor: Actor) -> Outcome:
        """Destroys what was asked for. Raises NotFound for no such request, Conflict for one's own, by whatever token.

        Of two who confirm at once one destroys, the other is told that there is no such request.
        """
        request = await self._request(site, request_id)
        if actor.person in (request.person, request.asked_by):
            raise Conflict(
                "own_request",
                "Who asked for it cannot confirm it.",
                "Somebody else who may destroy records has to look at it and confirm.",
            )
        await self._journal.note(site, "erasure_confirmed", actor.label, {"request": request.id})
        if not await self._store.delete(_KIND, request.id):
            raise _unknown()
        try:
            return await self._destroy(request, f"{request.asked_by}, confirmed by {actor.label}")
        except NotFound:  # the records went another way in the meantime
            raise
        except BaseException:
            await self._keep(request)
            raise

    async def _destroy(self, request: Request, actor: str) -> Outcome:
        if request.subject is None:
            count = await retain(self._destroying, request.site, actor, self._clock)
            return Outcome(count, None, await self._exports.work_off(request.site))
        erased, reached = await erase_everywhere(
            *(self._destroying, self._exports, request.site, request.subject, request.reason, actor, self._clock)
        )
        return Outcome(len(erased.ids), erased.entry.index if erased.entry else None, reached, erased.traceless)

    async def _must_hold(self, site: str, subject: str) -> None:
        async for entry in self._entries.entries(site, _NO_LIMIT, subject):
            if entry.body is not None:
                return
        raise NotFound(
            "unknown_subject", f"{site} holds no record of this subject.", "Check the id: it stands on the receipt."
        )

    async def _request(self, site: str, request_id: str) -> Request:
        kept = await self._store.get(_KIND, request_id)
        request = read(kept, Request) if kept is not None else None
        if request is None or request.site != site:
            raise _unknown()
        return request

    async def _keep(self, request: Request) -> None:
        await self._store.put(_KIND, request.id, msgspec.json.encode(request), expires_at=request.until)


async def drop_requests(store: KeyValueStore, site: str, subject: str) -> None:
    """Forgets what is asked for about a subject that is destroyed otherwise, so that nothing names it any more."""
    for request in await _open(store, site):
        if request.subject == subject:
            await store.delete(_KIND, request.id)


async def _open(store: KeyValueStore, site: str) -> list[Request]:
    held = [read(kept, Request) for kept in await store.list(_KIND)]
    return sorted((one for one in held if one.site == site), key=lambda one: (one.asked_at, one.id))


def _unknown() -> NotFound:
    return NotFound(
        "unknown_request",
        "There is no such request.",
        f"It was confirmed, taken back, or is over {OPEN_DAYS} days old.",
    )
