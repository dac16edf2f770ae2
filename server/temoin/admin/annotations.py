"""Notes on days of a site's figures: what happened, in the words of whoever writes it, beside the curve that it moved.

They are for the people of the admin and kept for as long as the figures. That one was written or removed is on the
record; what it says is not, for the log is for good.
"""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime, time

import msgspec
from msgspec import Struct

from temoin.admin.account import read
from temoin.admin.journal import Journal
from temoin.admin.ports import KeyValueStore
from temoin.clock import SystemClock, add_period, parse_period, rfc3339
from temoin.errors import Conflict, Invalid, NotFound

LONGEST = 200
MOST = 500
_KEPT = parse_period("P25M")
_KIND = "annotation"


class Annotation(Struct, frozen=True):
    """`day` is a date such as 2026-11-26, `by` the label of who wrote it."""

    id: str
    site: str
    day: str
    text: str
    by: str


class Annotations:
    """Makes, lists and removes notes; whether somebody may is for the caller to ask (`rights`)."""

    def __init__(self, store: KeyValueStore, journal: Journal, clock: SystemClock) -> None:
        self._store = store
        self._journal = journal
        self._clock = clock

    async def of(self, site: str, since: str, until: str) -> list[Annotation]:
        """Those on the days from `since` to `until`, both included, by day."""
        return [note for note in await self._all(site) if since <= note.day <= until]

    async def add(self, site: str, day: str, text: str, actor: str) -> Annotation:
        """Raises Invalid for a day or text that will not do, Conflict for more than MOST."""
        text = " ".join(text.split())
        if not 1 <= len(text) <= LONGEST:
            raise Invalid(
                "bad_annotation", f"The note has {len(text)} characters, not 1 to {LONGEST}.", "Say what happened."
            )
        ends = add_period(datetime.combine(_date(day), time(), UTC), _KEPT)
        if ends <= self._clock.now():
            raise Invalid("bad_annotation", f"The figures of {day} are destroyed.", "Give a day of the last 25 months.")
        if len(await self._all(site)) >= MOST:
            raise Conflict("too_many_annotations", f"{site} has {MOST} notes.", "Remove one that nobody needs.")
        made = Annotation(secrets.token_hex(8), site, day, text, actor)
        await self._journal.note(site, "annotation_written", actor, {"annotation": made.id, "day": day})
        await self._store.put(_KIND, made.id, msgspec.json.encode(made), expires_at=rfc3339(ends))
        return made

    async def remove(self, site: str, annotation: str, actor: str) -> None:
        """Raises NotFound."""
        kept = await self._store.get(_KIND, annotation)
        if kept is None or read(kept, Annotation).site != site:
            raise NotFound("unknown_annotation", "There is no such note.", "It may have been removed already.")
        await self._journal.note(site, "annotation_removed", actor, {"annotation": annotation})
        await self._store.delete(_KIND, annotation)

    async def _all(self, site: str) -> list[Annotation]:
        held = [read(kept, Annotation) for kept in await self._store.list(_KIND)]
        return sorted((note for note in held if note.site == site), key=lambda note: (note.day, note.id))


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid("bad_annotation", f"{text!r} is not a date.", "Give a date such as 2026-11-21.") from error
