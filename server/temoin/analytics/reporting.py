"""Reports that the service sends by itself: the totals of a week or month that is over, to a webhook or by e-mail.

A report goes out once for each site, target and period, however many processes there are: whoever notes `sending` first
in the store sends it. What fails is tried again every ten minutes for two days. What survives a crash: a note `sending`
of a process that died; nobody knows whether its report arrived, so it is not sent again. Webhooks get a key by which
they can tell a repetition, letters a Message-ID.

Only totals and cuts that are rounded leave the service, as in every report.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, Protocol

import msgspec
import orjson
from msgspec import Struct

from temoin.analytics.letter import Mail
from temoin.analytics.ports import AudienceReader
from temoin.analytics.report import Span, report
from temoin.clock import SystemClock, parse_rfc3339, rfc3339
from temoin.errors import Malformed
from temoin.proof.outside import Outside, Unreachable

_log = logging.getLogger(__name__)

Every = Literal["week", "month"]
_KIND = "report"
_MOST_ROWS = 10
_CUTS = ("page", "referrer", "country", "device", "event", "missing", "dropped")
_POLL_SECONDS = 60.0
_AGAIN = timedelta(minutes=10)
_GIVEN_UP = timedelta(days=2)
_KEPT = timedelta(days=70)


class Note(Struct, frozen=True):
    """How far a report is. `until` is when a failed one is given up."""

    state: Literal["sending", "sent", "failed"]
    at: str
    until: str


class _Kept(Protocol):
    @property
    def value(self) -> bytes: ...

    @property
    def revision(self) -> int: ...


class Notes(Protocol):
    """Where processes agree on who sends; the store of the admin plane has this shape."""

    async def get(self, kind: str, key: str) -> _Kept | None: ...

    async def put(
        self, kind: str, key: str, value: bytes, *, expected: int | None = None, expires_at: str | None = None
    ) -> bool: ...


class Sites(Protocol):
    """Sites that were ever published, by id."""

    async def published_sites(self) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Target:
    """Where reports on `site` (`*`: on each) go: an address beginning with `http` or `mailto:`."""

    site: str
    address: str

    def takes(self, site: str) -> bool:
        return self.site in ("*", site)


def parse_targets(text: str) -> list[Target]:
    """`site=address` pairs separated by white space, as TEMOIN_REPORTS holds them. Raises Malformed."""
    targets = []
    for pair in text.split():
        site, _, address = pair.partition("=")
        known = address.startswith(("http://", "https://")) or (address.startswith("mailto:") and "@" in address)
        if not site or not known:
            raise Malformed(
                "bad_setting",
                f"TEMOIN_REPORTS: {pair[:200]!r} is not site=address.",
                "Give pairs such as boutique=https://hooks.example.org/x or *=mailto:team@example.org.",
            )
        targets.append(Target(site, address))
    return targets


def last_period(today: date, every: Every) -> Span:
    """The week (Monday to Sunday) or month that was over when `today` began, UTC."""
    if every == "week":
        monday = today - timedelta(days=today.weekday())
        return Span(monday - timedelta(days=7), monday - timedelta(days=1))
    last = today.replace(day=1) - timedelta(days=1)
    return Span(last.replace(day=1), last)


class Reporter:
    """Sends what is due; `run` until cancelled."""

    def __init__(
        self,
        targets: list[Target],
        every: Every,
        mail: Mail,
        sites: Sites,
        store: AudienceReader,
        notes: Notes,
        outside: Outside,
        clock: SystemClock,
    ) -> None:
        self._targets = targets
        self._every = every
        self._mail = mail
        self._sites = sites
        self._store = store
        self._notes = notes
        self._outside = outside
        self._clock = clock

    async def run(self) -> None:
        while self._targets:
            try:
                await self.run_once()
            except Exception:  # whatever failed, the next look comes, and the service goes on
                _log.exception("reports could not be looked after")
            await asyncio.sleep(_POLL_SECONDS)

    async def run_once(self) -> None:
        """Sends every report that is due and that nobody else sends."""
        span = last_period(self._clock.now().date(), self._every)
        for site in await self._sites.published_sites():
            for target in self._targets:
                if target.takes(site):
                    await self._one(site, target, span)

    async def _one(self, site: str, target: Target, span: Span) -> None:
        key = _key(site, target, span)
        kept = await self._notes.get(_KIND, key)
        now = self._clock.now()
        if kept is not None and not _again(msgspec.json.decode(kept.value, type=Note), now):
            return
        until = msgspec.json.decode(kept.value, type=Note).until if kept else rfc3339(now + _GIVEN_UP)
        if not await self._note(key, "sending", until, kept.revision if kept else 0):
            return
        made = shortened(await report(self._store, site, span, now, most=_MOST_ROWS))
        if not made["totals"]["exempt"]["views"] and not made["before"]["totals"]["exempt"]["views"]:
            await self._note(key, "sent", until)  # nothing was measured: there is nothing to tell
            return
        try:
            await self._send(target, made, key)
        except Unreachable as error:
            _log.warning("the report on %s for %s was not taken: %s", site, span.as_dict()["from"], error)
            await self._note(key, "failed", until)
        else:
            await self._note(key, "sent", until)

    async def _send(self, target: Target, made: dict[str, Any], key: str) -> None:
        """Raises Unreachable."""
        if target.address.startswith("mailto:"):
            await self._mail.send(target.address.removeprefix("mailto:"), made, key)
            return
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        answer = await self._outside.post(target.address, orjson.dumps(made), headers)
        if not 200 <= answer.status < 300:
            raise Unreachable(f"it answered {answer.status}")

    async def _note(
        self, key: str, state: Literal["sending", "sent", "failed"], until: str, expected: int | None = None
    ) -> bool:
        now = self._clock.now()
        note = msgspec.json.encode(Note(state, rfc3339(now), until))
        return await self._notes.put(_KIND, key, note, expected=expected, expires_at=rfc3339(now + _KEPT))


def shortened(made: dict[str, Any]) -> dict[str, Any]:
    """A report without hours, the last minutes and the longer cuts: what a reader of a letter wants."""
    cuts = {kind: [row for row in made["cuts"][kind] if row["series"] == "exempt"] for kind in _CUTS}
    before = {name: made["before"][name] for name in ("from", "to", "totals")}
    kept = {name: made[name] for name in ("site", "from", "to", "totals", "days", "notes")}
    return kept | {"before": before, "cuts": cuts}


def _key(site: str, target: Target, span: Span) -> str:
    """Names the target by a hash: the store need not know who is written to."""
    whom = hashlib.sha256(target.address.encode()).hexdigest()[:16]
    return f"{site} {span.since.isoformat()} {span.until.isoformat()} {whom}"


def _again(note: Note, now: datetime) -> bool:
    return note.state == "failed" and parse_rfc3339(note.at) + _AGAIN <= now < parse_rfc3339(note.until)
