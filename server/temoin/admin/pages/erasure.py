"""Destroying records: one person asks, another one confirms."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from temoin.admin.erasing import Outcome
from temoin.admin.pages.ask import Ask
from temoin.admin.pages.drafts import opened
from temoin.admin.pages.forms import text
from temoin.admin.pages.sites import frame
from temoin.admin.rights import may
from temoin.banner.duration import in_words
from temoin.banner.texts import locale
from temoin.errors import TemoinError

FATES = {
    "rewritten": "written anew without them",
    "removed": "removed",
    "missing": "no longer where it was written: destroy it wherever it is now",
    "changed": "changed since by somebody, and left as it is: look at it",
    "failed": "could not be changed, and was left as it is",
}


async def page(ask: Ask) -> Response:
    """The open requests; a POST makes one."""
    ask.must("erase")
    if ask.request.method != "POST":
        return await _page(ask)
    form = await ask.form()
    fields = {name: text(form, name) for name in ("of", "subject", "reason")}
    subject = fields["subject"] if fields["of"] == "subject" else None
    try:
        await ask.admin.erasures.ask(ask.site_id, subject, fields["reason"], ask.actor)
    except TemoinError as error:
        return await _page(ask, error, fields)
    return ask.go(f"/admin/sites/{ask.site_id}/erasure", "asked")


async def decide(ask: Ask) -> Response:
    """Confirms a request, or takes it back."""
    form = await ask.form()
    request = str(ask.request.path_params["request"])
    try:
        if text(form, "act") == "confirm":
            return await _page(ask, outcome=await ask.admin.erasures.confirm(ask.site_id, request, ask.actor))
        await ask.admin.erasures.take_back(ask.site_id, request, ask.label)
    except TemoinError as error:
        return await _page(ask, error)
    return ask.go(f"/admin/sites/{ask.site_id}/erasure", "not-erased")


async def _page(
    ask: Ask,
    error: TemoinError | None = None,
    fields: Mapping[str, str] | None = None,
    outcome: Outcome | None = None,
) -> Response:
    draft = await opened(ask)
    accounts = await ask.admin.people.accounts.all()
    return ask.show(
        "erasure.html",
        200 if error is None else error.status,
        requests=await ask.admin.erasures.of(draft.id),
        others=[one.name for one in accounts if one.label != ask.label and may(one, "erase", draft.id)],
        who=await ask.names(),
        fates=FATES,
        retention=in_words(draft.config.proof_retention.period, locale(ask.language), ask.language),
        fields=fields or {"subject": "", "reason": ""},
        error=error,
        outcome=outcome,
        **frame(draft, "erasure"),
    )
