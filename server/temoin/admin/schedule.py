"""Publishing at a set time: what was planned is kept, checked again when its time has come, and published once.

A site has one plan at most. It holds the draft as it was when it was planned: what is edited afterwards is for the next
publication. Every process looks for plans whose time has come; whoever changes one from `waiting` to `publishing` first
has it, and the others see a revision that is not theirs. Where that process dies, another takes the plan over after
`_STALLED`: it publishes unless the site already got this version since the time that was set, so a crash at any place
leaves one publication. What the rules refuse then is not published; the plan says so until it is dismissed.

Planning, cancelling and a refusal are entries of the log, as the publication is (`temoin.admin.journal`).
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec
from msgspec import Struct

from temoin.admin.account import read
from temoin.admin.journal import Journal
from temoin.admin.overrides import Overrides
from temoin.admin.ports import Kept, KeyValueStore, SiteStore
from temoin.admin.publish import Published, Refused, draft_of, is_published, refuse_errors
from temoin.banner.texts import text_keys
from temoin.clock import SystemClock, parse_rfc3339, rfc3339
from temoin.compliance.engine import lint
from temoin.errors import Conflict, Invalid, NotFound, TemoinError

LONGEST_DAYS = 366
POLL_SECONDS = 2.0
_KIND = "plan"
_STALLED = timedelta(minutes=15)
_GIVEN_UP = timedelta(hours=6)
_log = logging.getLogger(__name__)


class Plan(Struct, frozen=True):
    """A publication to come, or what became of it. `draft` holds canonical bytes as text; times are RFC 3339.

    `state` is waiting, publishing, done or refused, and cancelled for the moment until it is gone; `version` names what
    was published, `why` and `findings` say what stood against it.
    """

    id: str
    site: str
    at: str
    draft: str
    actor: str
    made_at: str
    without_evidence: bool = False
    state: Literal["waiting", "publishing", "done", "refused", "cancelled"] = "waiting"
    began_at: str = ""
    version: str = ""
    why: str = ""
    findings: list[dict[str, Any]] = []  # msgspec copies it


class Schedule:
    """Plans, as people make, read, cancel and dismiss them; whether somebody may is for the caller to ask."""

    def __init__(
        self, store: KeyValueStore, sites: SiteStore, overrides: Overrides, journal: Journal, clock: SystemClock
    ) -> None:
        self._store = store
        self._sites = sites
        self._overrides = overrides
        self._journal = journal
        self._clock = clock

    async def of(self, site: str) -> Plan | None:
        kept = await self._store.get(_KIND, site)
        plan = read(kept, Plan) if kept else None
        return plan if plan and plan.state != "cancelled" else None

    async def plan(self, site: str, at: datetime, actor: str, *, without_evidence: bool = False) -> Plan:
        """Plans the draft as it is now. Raises Refused for one that could not be published now, Invalid for a time that
        is over or too far away, Conflict where something is planned already."""
        now = self._clock.now()
        if not now < at <= now + timedelta(days=LONGEST_DAYS):
            raise Invalid(
                "bad_time",
                f"{rfc3339(at)} is over, or more than {LONGEST_DAYS} days away.",
                "Give a time to come, such as 2026-12-01T09:00:00Z.",
            )
        row, config = await draft_of(self._sites, site)
        refuse_errors(site, await self._overrides.applied(site, lint(config, text_keys())))
        kept = await self._store.get(_KIND, site)
        if kept is not None and read(kept, Plan).state in ("waiting", "publishing"):
            raise Conflict(
                "already_planned",
                f"{site} is planned to be published at {read(kept, Plan).at} already.",
                f"Cancel that first: temoin site plan {site} --cancel",
            )
        made = Plan(
            *(secrets.token_hex(8), site, rfc3339(at), row.draft.decode(), actor, rfc3339(now)), without_evidence
        )
        await self._note(made, "publication_planned", actor, at=made.at)
        await self._replace(made, kept.revision if kept else 0)
        return made

    async def cancel(self, site: str, actor: str) -> Plan:
        """Cancels what waits, or dismisses what is over. Raises NotFound for none, Conflict once it has begun."""
        kept = await self._store.get(_KIND, site)
        if kept is None:
            raise NotFound("unknown_plan", f"Nothing is planned for {site}.", f"See 'temoin site plan {site}'.")
        plan = read(kept, Plan)
        if plan.state == "waiting":
            await self._note(plan, "plan_cancelled", actor)
        # Taken first, so that a process whose time has come and this one cannot both have it.
        if plan.state == "publishing" or not await self._put(msgspec.structs.replace(plan, state="cancelled"), kept):
            raise Conflict("publication_under_way", f"{site} is being published just now.", "Look again in a minute.")
        await self._store.delete(_KIND, site)
        return plan

    async def due(self) -> list[Kept]:
        """What may be published now: what waited until its time, and what a process began and never ended."""
        now = self._clock.now()
        return [kept for kept in await self._store.list(_KIND) if _is_due(read(kept, Plan), now)]

    async def take(self, kept: Kept) -> Plan | None:
        """Makes the plan this process's own; None where another one has it."""
        plan = msgspec.structs.replace(read(kept, Plan), state="publishing", began_at=rfc3339(self._clock.now()))
        return plan if await self._put(plan, kept) else None

    async def over(self, plan: Plan, **outcome: Any) -> None:
        """What became of a plan that this process had taken."""
        ended = msgspec.structs.replace(plan, draft="", **outcome)
        if ended.state == "refused":
            rules = sorted({each["rule"] for each in ended.findings if each["severity"] == "error"})
            await self._note(plan, "planned_publication_refused", plan.actor, why=ended.why, rules=rules)
        await self._store.put(_KIND, plan.site, msgspec.json.encode(ended))

    async def _note(self, plan: Plan, act: str, actor: str, **detail: Any) -> None:
        await self._journal.note(plan.site, act, actor, {"plan": plan.id, **detail})

    async def _put(self, plan: Plan, kept: Kept) -> bool:
        return await self._store.put(_KIND, plan.site, msgspec.json.encode(plan), expected=kept.revision)

    async def _replace(self, plan: Plan, expected: int) -> None:
        if not await self._store.put(_KIND, plan.site, msgspec.json.encode(plan), expected=expected):
            raise Conflict("changed_meanwhile", "Somebody else planned this at the same time.", "Look, and repeat.")


def _is_due(plan: Plan, now: datetime) -> bool:
    if plan.state == "publishing":
        return parse_rfc3339(plan.began_at) + _STALLED <= now
    return plan.state == "waiting" and parse_rfc3339(plan.at) <= now


class Scheduler:
    """Publishes plans whose time has come; `run` until cancelled. `publish` does the draft of a plan that was taken."""

    def __init__(
        self,
        schedule: Schedule,
        sites: SiteStore,
        publish: Callable[[Plan], Awaitable[Published]],
        clock: SystemClock,
    ) -> None:
        self._schedule = schedule
        self._sites = sites
        self._publish = publish
        self._clock = clock

    async def run(self) -> None:
        while True:
            try:
                await self.run_once()
            except Exception:  # whatever failed, the next look comes, and the service goes on
                _log.exception("planned publications could not be looked after")
            await asyncio.sleep(POLL_SECONDS)

    async def run_once(self) -> None:
        """Publishes whatever is due and nobody else has."""
        for kept in await self._schedule.due():
            plan = await self._schedule.take(kept)
            if plan is not None:
                await self._one(plan)

    async def _one(self, plan: Plan) -> None:
        try:
            done = await is_published(self._sites, plan.site, plan.draft.encode(), since=plan.at)
            version = done or (await self._publish(plan)).version
        except Refused as refused:
            _log.warning("%s: the publication planned for %s was refused: %s", plan.site, plan.at, refused.message)
            findings = [asdict(each) for each in refused.findings]
            await self._schedule.over(plan, state="refused", why=refused.message, findings=findings)
        except TemoinError as error:
            await self._failed(plan, error)
        else:
            await self._schedule.over(plan, state="done", version=version)

    async def _failed(self, plan: Plan, error: TemoinError) -> None:
        """A store or a browser that is away may come back: the plan is taken up again once it counts as stalled."""
        _log.warning("%s: the publication planned for %s failed: %s", plan.site, plan.at, error)
        if parse_rfc3339(plan.at) + _GIVEN_UP <= self._clock.now() or error.status < 500:
            await self._schedule.over(plan, state="refused", why=f"{error.message} {error.hint}")
