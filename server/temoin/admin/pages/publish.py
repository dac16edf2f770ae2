"""Publishing: what the rules find, what would change, the act itself, and the screens that it kept as evidence."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.responses import Response

from temoin.admin.pages.ask import HEADERS, Ask
from temoin.admin.pages.drafts import Open, opened
from temoin.admin.pages.forms import text
from temoin.admin.pages.sites import frame
from temoin.admin.publish import publish
from temoin.admin.versions import DRAFT, Comparison, compare, is_changed, publications, take_back
from temoin.admin.versions import screen as screen_of
from temoin.compliance.overriding import why_not
from temoin.errors import Conflict, Invalid, NotFound, TemoinError


async def page(ask: Ask) -> Response:
    draft = await opened(ask)
    if ask.request.method != "POST":
        return await _page(ask, draft)
    form = await ask.form()
    try:
        if text(form, "draft") != draft.digest:
            raise Conflict(
                "draft_changed",
                ask.say("The draft has changed since this page was opened; nothing was published."),
                ask.say("Look at the findings below, then publish."),
            )
        if form.get("at"):
            await ask.admin.schedule.plan(
                draft.id,
                _time(ask, text(form, "at")),
                _label(ask),
                without_evidence=bool(form.get("without_evidence")),
            )
            return ask.go(f"{draft.home}/publish", "planned")
        await publish(
            ask.admin.sites,
            draft.id,
            ask.admin.overrides,
            base=ask.admin.base,
            actor=_label(ask),
            chromium=None if form.get("without_evidence") else ask.admin.chromium,
            clock=ask.admin.clock,
        )
    except TemoinError as error:
        return await _page(ask, draft, error)
    return ask.go(f"{draft.home}/publish", "published")


async def _page(
    ask: Ask, draft: Open, error: TemoinError | None = None, typed: dict[str, str] | None = None
) -> Response:
    status = 200 if error is None else error.status
    past = await publications(ask.admin.entries, draft.id)
    return ask.show(
        "publish.html",
        status,
        error=error,
        changed=is_changed(draft.row, draft.config),
        latest=past[0] if past else None,
        comparison=await _ahead(ask, draft),
        why_not=why_not,
        overrides=await ask.admin.overrides.of(draft.id),
        typed=typed or {},
        plan=await ask.admin.schedule.of(draft.id),
        drawn=[each for each in getattr(error, "findings", []) if each not in draft.findings],
        **frame(draft, "publish"),
    )


async def cancel(ask: Ask) -> Response:
    """Cancels what is planned, or takes what became of it off the page."""
    plan = await ask.admin.schedule.cancel(ask.site_id, _label(ask))
    home = f"/admin/sites/{ask.site_id}/publish"
    return ask.go(home, "cancelled" if plan.state == "waiting" else "")


def _time(ask: Ask, written: str) -> datetime:
    """What a date-and-time field holds; UTC, as the label beside it says. Raises Invalid."""
    try:
        return datetime.fromisoformat(written).replace(tzinfo=UTC)
    except ValueError as error:
        raise Invalid(
            "bad_time", ask.say("This is no date and time."), ask.say("Write it as 2026-12-01T09:00.")
        ) from error


async def override(ask: Ask) -> Response:
    """Somebody answers for a finding of the draft as it is now."""
    draft = await opened(ask)
    form = await ask.form()
    typed = {name: text(form, name) for name in ("finding", "reason", "months")}
    try:
        found = next((each for each in draft.findings if each.id == typed["finding"] and each.stops), None)
        if found is None:
            raise NotFound(
                "unknown_finding",
                ask.say("The draft has no such error any more."),
                ask.say("Look at the findings below, then publish."),
            )
        months = int(typed["months"]) if typed["months"].isdigit() else 0
        await ask.admin.overrides.add(draft.id, found, _label(ask), typed["reason"], months)
    except TemoinError as error:
        return await _page(ask, draft, error, typed)
    return ask.go(f"{draft.home}/publish", "overridden")


async def take_override_back(ask: Ask) -> Response:
    form = await ask.form()
    await ask.admin.overrides.take_back(ask.site_id, text(form, "finding"), _label(ask))
    return ask.go(f"/admin/sites/{ask.site_id}/publish", "stops")


def _label(ask: Ask) -> str:
    return ask.account.label if ask.account else ""


async def _ahead(ask: Ask, draft: Open) -> Comparison | None:
    """What publishing would change for visitors; None where there is nothing to compare, or a text is missing."""
    if draft.row.version is None:
        return None
    try:
        return await compare(ask.admin.sites, ask.admin.entries, draft.id, draft.row.version, DRAFT)
    except TemoinError:
        return None


async def versions(ask: Ask) -> Response:
    """Everything that was published, and what differs from each to the draft; a POST takes one back as the draft."""
    draft = await opened(ask)
    if ask.request.method == "POST":
        form = await ask.form()
        await take_back(ask.admin.sites, ask.admin.entries, draft.id, text(form, "version"))
        return ask.go(f"{draft.home}/publish", "taken")
    chosen = ask.request.query_params.get("from", draft.row.version or "")
    comparison = None
    if chosen:
        comparison = await compare(
            ask.admin.sites, ask.admin.entries, draft.id, chosen, ask.request.query_params.get("to", DRAFT)
        )
    past = await publications(ask.admin.entries, draft.id)
    return ask.show("versions.html", past=past, chosen=chosen, comparison=comparison, **frame(draft, "versions"))


async def screen(ask: Ask) -> Response:
    """A picture that a publication of this site names, and no other file."""
    draft = await opened(ask)
    data = await screen_of(ask.admin.entries, draft.id, str(ask.request.path_params["digest"]))
    headers = dict(HEADERS) | {"Cache-Control": "private, max-age=31536000, immutable"}
    return Response(data, 200, headers, media_type="image/png")
