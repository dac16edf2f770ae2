"""Publishing: now or later, what was published, what differs, and an earlier version again.

Publishing in spite of a finding is for people alone: no token has the right to it (`temoin.admin.tokens.SCOPES`).
"""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec import Struct

from temoin.admin.api.call import Call, File, Operation
from temoin.admin.overrides import Stored
from temoin.admin.publish import Published, draft_of, publish
from temoin.admin.schedule import Plan
from temoin.admin.versions import DRAFT, Comparison, Publication, compare, publications, screen, take_back
from temoin.canonical import sha256_hex
from temoin.errors import Conflict, Invalid, NotFound


class Order(Struct, frozen=True, forbid_unknown_fields=True):
    """`draft`, where given, is the hash of the draft that is meant: another one is not published."""

    draft: str | None = None
    without_evidence: bool = False


class Time(Struct, frozen=True, forbid_unknown_fields=True):
    """When the draft as it is now is to be published (RFC 3339)."""

    at: datetime
    without_evidence: bool = False


class Planned(Struct, frozen=True):
    """A publication to come, or what became of it: waiting, publishing, done or refused."""

    id: str
    at: str
    actor: str
    made_at: str
    without_evidence: bool
    state: str
    version: str
    why: str


class Between(Struct, frozen=True, forbid_unknown_fields=True):
    """Two versions, or `draft`; without `old`, what visitors have."""

    old: str | None = None
    new: str = DRAFT


class Earlier(Struct, frozen=True, forbid_unknown_fields=True):
    version: str


class Taken(Struct, frozen=True):
    """The version that the draft will publish as."""

    version: str


async def now(call: Call) -> Published:
    row, _ = await draft_of(call.admin.sites, call.site)
    order: Order = call.body
    if order.draft not in (None, sha256_hex(row.draft)):
        raise Conflict(
            "draft_changed", f"The draft of {row.id} is another one by now; nothing was published.", "Read it again."
        )
    return await publish(
        *(call.admin.sites, row.id, call.admin.overrides),
        base=call.admin.base,
        actor=call.label,
        chromium=None if order.without_evidence else call.admin.chromium,
        clock=call.admin.clock,
    )


async def past(call: Call) -> list[Publication]:
    await draft_of(call.admin.sites, call.site)
    return await publications(call.admin.entries, call.site)


async def plan(call: Call) -> Planned:
    found = await call.admin.schedule.of(call.site)
    if found is None:
        raise NotFound("unknown_plan", f"Nothing is planned for {call.site}.", "PUT a time here to plan it.")
    return _planned(found)


async def put_plan(call: Call) -> Planned:
    time: Time = call.body
    if time.at.tzinfo is None:
        raise Invalid("bad_time", "$.at has no time zone.", "Write it as 2026-12-01T09:00:00Z.")
    made = await call.admin.schedule.plan(
        call.site, time.at.astimezone(UTC), call.label, without_evidence=time.without_evidence
    )
    return _planned(made)


async def cancel(call: Call) -> None:
    await call.admin.schedule.cancel(call.site, call.label)


def _planned(plan: Plan) -> Planned:
    return Planned(
        plan.id, plan.at, plan.actor, plan.made_at, plan.without_evidence, plan.state, plan.version, plan.why
    )


async def compared(call: Call) -> Comparison:
    row, _ = await draft_of(call.admin.sites, call.site)
    old = call.query.old or row.version
    if old is None:
        raise NotFound("unknown_version", f"{row.id} was never published.", "Publish it first, or name two versions.")
    return await compare(call.admin.sites, call.admin.entries, row.id, old, call.query.new)


async def restore(call: Call) -> Taken:
    return Taken(await take_back(call.admin.sites, call.admin.entries, call.site, call.body.version))


async def overrides(call: Call) -> list[Stored]:
    await draft_of(call.admin.sites, call.site)
    return await call.admin.overrides.of(call.site)


async def picture(call: Call) -> File:
    return File(await screen(call.admin.entries, call.site, call.part("digest")), "image/png")


OPERATIONS = (
    Operation(
        *("POST", "/sites/{site}/publications", now, "publish", "Publish the draft, with its screens as evidence"),
        *(Published, Order, None, 201),
    ),
    Operation(
        *("GET", "/sites/{site}/publications", past, "read", "What was published, newest first"), list[Publication]
    ),
    Operation("GET", "/sites/{site}/plan", plan, "read", "What is planned, or what became of it", Planned),
    Operation(
        *("PUT", "/sites/{site}/plan", put_plan, "publish", "Publish the draft of now at a set time"), *(Planned, Time)
    ),
    Operation("DELETE", "/sites/{site}/plan", cancel, "publish", "Cancel what is planned, or dismiss what is over"),
    Operation(
        *("GET", "/sites/{site}/comparison", compared, "read", "What differs between two versions, and who is asked"),
        *(Comparison, None, Between),
    ),
    Operation(
        *("POST", "/sites/{site}/draft/restore", restore, "edit", "Make an earlier version the draft again"),
        *(Taken, Earlier),
    ),
    Operation("GET", "/sites/{site}/overrides", overrides, "read", "Findings that somebody answers for", list[Stored]),
    Operation(
        *("GET", "/sites/{site}/screens/{digest}", picture, "read", "A screen that a publication names"),
        ("image/png",),
    ),
)
