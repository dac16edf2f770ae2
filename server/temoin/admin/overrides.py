"""Overrides: publishing in spite of an error that somebody answers for, with a reason, for a time, on the record.

An override is of one finding: rule, place and message. Where the finding says something else, because what it is about
has changed, nobody has answered for it yet, and it stops a publication again. So does one whose override has ended.

The log has an entry for each override and each that is taken back, before it holds; and each publication lists what it
was published in spite of. Before a site's first publication there is no log yet: that publication is the record.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from temoin.admin.account import read
from temoin.admin.journal import Journal
from temoin.admin.ports import KeyValueStore
from temoin.clock import SystemClock, add_period, parse_period, rfc3339
from temoin.compliance.engine import Finding, Override, with_overrides
from temoin.compliance.overriding import why_not
from temoin.errors import Conflict, Invalid, NotFound

MOST_MONTHS = 12
DEFAULT_MONTHS = 6
SHORTEST_REASON = 20
_LONGEST_REASON = 2000
_KIND = "override"


class Stored(Struct, frozen=True):
    """An override as kept: of which finding, by whom (a label, as the log has it), why, from when until when."""

    site: str
    finding: str
    rule: str
    path: str
    message: str
    owner: str
    reason: str
    at: str
    until: str


class Overrides:
    """Makes, lists and takes back overrides; whether somebody may is for the caller to ask (`rights`)."""

    def __init__(self, store: KeyValueStore, journal: Journal, clock: SystemClock) -> None:
        self._store = store
        self._journal = journal
        self._clock = clock

    async def of(self, site: str) -> list[Stored]:
        """Those in force on a site, the one that ends first before the others."""
        held = [read(kept, Stored) for kept in await self._store.list(_KIND)]
        return sorted((one for one in held if one.site == site), key=lambda one: (one.until, one.finding))

    async def applied(self, site: str, findings: Sequence[Finding]) -> list[Finding]:
        """The findings, those that somebody answers for marked with it."""
        held = {one.finding: Override(one.owner, one.reason, one.until) for one in await self.of(site)}
        return with_overrides(findings, held)

    async def add(self, site: str, finding: Finding, owner: str, reason: str, months: int = DEFAULT_MONTHS) -> Stored:
        """Raises Conflict where the rule leaves no room, Invalid for a reason or a time that will not do."""
        refusal = why_not(finding.rule)
        if finding.severity != "error" or refusal:
            raise Conflict(
                "not_overridable",
                f"{finding.rule} cannot be overridden. {refusal or 'A warning stops nothing.'}",
                finding.fix,
            )
        reason = " ".join(reason.split())
        if not SHORTEST_REASON <= len(reason) <= _LONGEST_REASON:
            raise Invalid(
                "bad_override",
                f"The reason has {len(reason)} characters; {SHORTEST_REASON} to {_LONGEST_REASON} are needed.",
                "Write why this is lawful here, and where the assessment is kept.",
            )
        if not 1 <= months <= MOST_MONTHS:
            raise Invalid(
                "bad_override", f"An override holds 1 to {MOST_MONTHS} months.", "Look at it again when it has ended."
            )
        now = self._clock.now()
        until = add_period(now, parse_period(f"P{months}M"))
        made = Stored(
            site, finding.id, finding.rule, finding.path, finding.message, owner, reason, rfc3339(now), rfc3339(until)
        )
        detail = {"finding": made.finding, "rule": made.rule, "path": made.path, "message": made.message}
        await self._journal.note(site, "finding_overridden", owner, {**detail, "reason": reason, "until": made.until})
        await self._store.put(_KIND, _key(site, made.finding), msgspec.json.encode(made), expires_at=made.until)
        return made

    async def take_back(self, site: str, finding: str, actor: str) -> Stored:
        """The finding stops a publication again; raises NotFound."""
        kept = await self._store.get(_KIND, _key(site, finding))
        if kept is None:
            raise NotFound("unknown_override", "There is no such override.", "It may have ended, or been taken back.")
        held = read(kept, Stored)
        await self._journal.note(site, "override_taken_back", actor, {"finding": held.finding, "rule": held.rule})
        await self._store.delete(_KIND, _key(site, finding))
        return held


def _key(site: str, finding: str) -> str:
    return f"{site} {finding}"
