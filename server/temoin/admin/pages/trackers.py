"""Trackers: the list, one tracker, and suggestions from what is known of third parties."""

from __future__ import annotations

import re
from dataclasses import asdict

from starlette.datastructures import FormData
from starlette.responses import JSONResponse, Response

from temoin.admin import third_parties
from temoin.admin.pages.ask import HEADERS, Ask
from temoin.admin.pages.drafts import Open, Part, Rejected, item, opened, taken
from temoin.admin.pages.forms import each_language, form_over, lines, rows, text, ticked
from temoin.admin.pages.sites import frame
from temoin.banner.texts import purpose_texts
from temoin.site import Purpose

ROLES = {
    "processor": "Processor",
    "joint_controller": "Joint controller",
    "controller": "Controller of its own",
}
_SPARE_ROWS = 2


async def listed(ask: Ask) -> Response:
    """The list; a POST removes one."""
    draft = await opened(ask)
    if ask.request.method != "POST":
        return _list(ask, draft)
    form = await ask.form()
    document = draft.document
    del document["trackers"][item(draft, "trackers", text(form, "item"))]
    return await taken(
        ask,
        draft,
        document,
        text(form, "draft"),
        to=f"{draft.home}/trackers",
        again=lambda status, _: _list(ask, draft, status),
    )


def _list(ask: Ask, draft: Open, status: int = 200) -> Response:
    words = ask.request.query_params.get("q", "")
    return ask.show(
        "trackers.html",
        status,
        q=words,
        known=third_parties.found(words),
        stale=status == 409,
        **frame(draft, "trackers"),
    )


async def suggestions(ask: Ask) -> Response:
    """What the search field offers while one types, as JSON."""
    await opened(ask)
    known = third_parties.found(ask.request.query_params.get("q", ""), 8)
    return JSONResponse([asdict(party) for party in known], 200, dict(HEADERS))


async def new(ask: Ask) -> Response:
    draft = await opened(ask)
    if ask.request.method != "POST":
        return _form(ask, draft, None, _suggested(draft, ask.request.query_params.get("from", "")))
    form = await ask.form()
    part = {"id": text(form, "id") or _identifier(text(form, "name")), **_part(form, draft)}
    document = draft.document
    document["trackers"].append(part)

    def again(status: int, rejected: Rejected | None) -> Response:
        return _form(ask, draft, None, {}, part, status, rejected)

    return await taken(ask, draft, document, text(form, "draft"), to=f"{draft.home}/trackers", again=again)


async def edit(ask: Ask) -> Response:
    draft = await opened(ask)
    place = item(draft, "trackers", ask.request.path_params["place"])
    stored = draft.document["trackers"][place]
    if ask.request.method != "POST":
        return _form(ask, draft, place, stored)
    form = await ask.form()
    part = {"id": stored["id"], **_part(form, draft)}
    document = draft.document
    document["trackers"][place] = part

    def again(status: int, rejected: Rejected | None) -> Response:
        return _form(ask, draft, place, stored, part, status, rejected)

    return await taken(ask, draft, document, text(form, "draft"), to=f"{draft.home}/trackers", again=again)


def _part(form: FormData, draft: Open) -> Part:
    part: Part = {name: text(form, name) for name in ("name", "controller", "role", "agreement")}
    part["purposes"] = ticked(form, "purposes")
    part["match"] = lines(form, "match")
    part["recipients"] = lines(form, "recipients")
    for kind in ("cookies", "storage"):
        part[kind] = rows(form, kind, "name", "max_age")
    policy = each_language(form, "policy_url", draft.config.languages)
    if policy:
        part["policy_url"] = policy
    return part


def _suggested(draft: Open, name: str) -> Part:
    """A new tracker's fields, as far as what is known of `name` fills them."""
    party = third_parties.named(name)
    if party is None:
        return {"role": "processor"}
    there = {purpose.id for purpose in draft.config.purposes}
    return {
        "id": _identifier(party.name),
        "name": party.name,
        "controller": party.company,
        "role": "processor",
        "match": list(party.match),
        "purposes": [party.purpose] if party.purpose in there else [],
    }


def _identifier(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].rstrip("-")


def _form(
    ask: Ask,
    draft: Open,
    place: int | None,
    stored: Part,
    typed: Part | None = None,
    status: int = 200,
    rejected: Rejected | None = None,
) -> Response:
    index = len(draft.config.trackers) if place is None else place
    shown = _by_language(stored, draft)
    form = form_over(draft, f"$.trackers[{index}]", shown, typed, status, rejected)
    return ask.show(
        "tracker.html",
        status,
        form=form,
        place=place,
        role_names=[(value, ask.say(words)) for value, words in ROLES.items()],
        purpose_names=[(purpose.id, _title(ask, draft, purpose)) for purpose in draft.config.purposes],
        spare=_SPARE_ROWS,
        **frame(draft, "trackers"),
    )


def _title(ask: Ask, draft: Open, purpose: Purpose) -> str:
    spoken = ask.language if ask.language in draft.config.languages else draft.config.language
    return purpose_texts(draft.config, purpose, spoken)[0] or purpose.id


def _by_language(part: Part, draft: Open) -> Part:
    """One address for all languages stands in each language's field."""
    policy = part.get("policy_url")
    return part | {"policy_url": dict.fromkeys(draft.config.languages, policy)} if isinstance(policy, str) else part
