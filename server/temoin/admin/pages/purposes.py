"""Purposes: the list and its order, one purpose with its texts, and the usual ones to add with a click."""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.responses import Response

from temoin.admin.pages.ask import Ask
from temoin.admin.pages.drafts import Open, Part, Rejected, item, opened, taken
from temoin.admin.pages.forms import each_language, form_over, text
from temoin.admin.pages.sites import STANDARD, frame
from temoin.banner.texts import locale, purpose_texts
from temoin.errors import Malformed
from temoin.site import Purpose

# The closed list of what needs no consent (CNIL 2020-091, paragraph 49; rules.md R44), in words.
EXEMPTIONS = {
    "choice": "The choice itself",
    "authentication": "Authentication",
    "cart": "Shopping cart",
    "preference": "A preference of the interface",
    "load_balancing": "Load balancing",
    "metering": "Metered free access",
    "audience": "Audience measurement",
}


async def listed(ask: Ask) -> Response:
    """The list; a POST moves, removes or adds one."""
    draft = await opened(ask)
    if ask.request.method != "POST":
        return _list(ask, draft)
    form = await ask.form()
    document = draft.document
    _apply(document["purposes"], form, draft)
    return await taken(
        ask,
        draft,
        document,
        text(form, "draft"),
        to=f"{draft.home}/purposes",
        again=lambda status, rejected: _list(ask, draft, status, rejected),
    )


def _apply(purposes: list[Part], form: FormData, draft: Open) -> None:
    act, name = text(form, "act"), text(form, "item")
    if act == "add" and name in STANDARD:
        purposes.insert(sum(each.get("basis") != "exempt" for each in purposes), {"id": name})
        return
    place = item(draft, "purposes", name)
    if act == "remove":
        del purposes[place]
    elif act in ("up", "down"):
        other = place + (1 if act == "down" else -1)
        if 0 <= other < len(purposes):
            purposes[place], purposes[other] = purposes[other], purposes[place]
    else:
        raise Malformed("bad_form", "The form asks for nothing that this page does.", "Go back and try again.")


def _list(ask: Ask, draft: Open, status: int = 200, rejected: Rejected | None = None) -> Response:
    present = {purpose.id for purpose in draft.config.purposes}
    words = locale(ask.language)
    usual = [
        (name, words[f"purpose.{name}.title"], words[f"purpose.{name}.description"])
        for name in STANDARD
        if name not in present
    ]
    shown = [(purpose, *_in_words(draft, purpose, ask.language)) for purpose in draft.config.purposes]
    return ask.show(
        "purposes.html",
        status,
        shown=shown,
        usual=usual,
        rejected=rejected,
        stale=status == 409,
        **frame(draft, "purposes"),
    )


def _in_words(draft: Open, purpose: Purpose, language: str) -> tuple[str, str]:
    spoken = language if language in draft.config.languages else draft.config.language
    return purpose_texts(draft.config, purpose, spoken)


async def new(ask: Ask) -> Response:
    draft = await opened(ask)
    if ask.request.method != "POST":
        return _form(ask, draft, None, {"basis": "consent"})
    form = await ask.form()
    part = {"id": text(form, "id"), **_part(form, draft)}
    document = draft.document
    place = len(document["purposes"])
    document["purposes"].append(part)

    def again(status: int, rejected: Rejected | None) -> Response:
        return _form(ask, draft, None, {}, part, status, rejected)

    return await taken(ask, draft, document, text(form, "draft"), to=f"{draft.home}/purposes/{place}", again=again)


async def edit(ask: Ask) -> Response:
    draft = await opened(ask)
    place = item(draft, "purposes", ask.request.path_params["place"])
    stored = draft.document["purposes"][place]
    if ask.request.method != "POST":
        return _form(ask, draft, place, stored)
    form = await ask.form()
    part = {"id": stored["id"], **_part(form, draft)}
    document = draft.document
    document["purposes"][place] = part

    def again(status: int, rejected: Rejected | None) -> Response:
        return _form(ask, draft, place, stored, part, status, rejected)

    return await taken(ask, draft, document, text(form, "draft"), to=f"{draft.home}/purposes", again=again)


def _part(form: FormData, draft: Open) -> Part:
    basis = text(form, "basis")
    part: Part = {
        "basis": basis,
        "title": each_language(form, "title", draft.config.languages),
        "description": each_language(form, "description", draft.config.languages),
    }
    if basis == "exempt":
        part["exemption"] = text(form, "exemption")
    return part


def _form(
    ask: Ask,
    draft: Open,
    place: int | None,
    stored: Part,
    typed: Part | None = None,
    status: int = 200,
    rejected: Rejected | None = None,
) -> Response:
    index = len(draft.config.purposes) if place is None else place
    form = form_over(draft, f"$.purposes[{index}]", stored, typed, status, rejected)
    return ask.show(
        "purpose.html",
        status,
        form=form,
        place=place,
        exemption_names=[("", "–"), *((value, ask.say(words)) for value, words in EXEMPTIONS.items())],
        defaults=_defaults(draft, place),
        behind=[]
        if place is None
        else [
            (number, tracker)
            for number, tracker in enumerate(draft.config.trackers)
            if stored["id"] in tracker.purposes
        ],
        **frame(draft, "purposes"),
    )


def _defaults(draft: Open, place: int | None) -> dict[str, tuple[str, str]]:
    """By language: the title and description that stand where the purpose gives none."""
    if place is None:
        return dict.fromkeys(draft.config.languages, ("", ""))
    purpose = draft.config.purposes[place]
    bare = Purpose(id=purpose.id, basis=purpose.basis, exemption=purpose.exemption)
    return {language: purpose_texts(draft.config, bare, language) for language in draft.config.languages}
