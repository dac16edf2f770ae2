"""Publishing: what the rules find, what would change, the act itself, and the screens that it kept as evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from starlette.responses import Response

from temoin.admin.pages.ask import HEADERS, Ask
from temoin.admin.pages.drafts import Open, opened
from temoin.admin.pages.forms import text
from temoin.admin.pages.sites import frame, is_changed
from temoin.admin.publish import publish
from temoin.errors import Conflict, NotFound, TemoinError


@dataclass(frozen=True, slots=True)
class Publication:
    """A published version as its log entry has it; `screens` are the pictures kept, by language, window and layer."""

    version: str
    recorded_at: str
    actor: str
    index: int
    screens: list[dict[str, Any]]
    missing: str | None


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
        await publish(
            ask.admin.sites,
            draft.id,
            base=ask.admin.base,
            actor=f"admin:{ask.account.name if ask.account else ''}",
            chromium=None if form.get("without_evidence") else ask.admin.chromium,
            clock=ask.admin.clock,
        )
    except TemoinError as error:
        return await _page(ask, draft, error)
    return ask.go(f"{draft.home}/publish", "published")


async def _page(ask: Ask, draft: Open, error: TemoinError | None = None) -> Response:
    status = 200 if error is None else 409 if error.status == 500 else error.status
    past = await publications(ask, draft.id)
    return ask.show(
        "publish.html",
        status,
        error=error,
        changed=is_changed(draft.row, draft.config),
        latest=past[0] if past else None,
        **frame(draft, "publish"),
    )


async def publications(ask: Ask, site: str) -> list[Publication]:
    """All publications of a site that are in its log, newest first."""
    state = await ask.admin.log.log_state(site)
    found = []
    if state is not None:
        async for entry in ask.admin.entries.entries(site, state.appended):
            if entry.kind == "publication" and entry.body is not None:
                found.append(_read(entry.index, orjson.loads(entry.body)))
    return found[::-1]


def _read(index: int, document: dict[str, Any]) -> Publication:
    return Publication(
        document["config"],
        document["recorded_at"],
        document["actor"],
        index,
        document["evidence"],
        document["evidence_missing"],
    )


async def screen(ask: Ask) -> Response:
    """A picture that a publication of this site names, and no other file."""
    draft = await opened(ask)
    digest = ask.request.path_params["digest"]
    named = {each["png"] for publication in await publications(ask, draft.id) for each in publication.screens}
    data = await ask.admin.entries.blob(digest) if digest in named else None
    if data is None:
        raise NotFound("unknown_evidence", "There is no such screen.", "Open the publication that names it.")
    headers = dict(HEADERS) | {"Cache-Control": "private, max-age=31536000, immutable"}
    return Response(data, 200, headers, media_type="image/png")
