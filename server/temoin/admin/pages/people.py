"""Accounts and tokens, for owners: of every site, or of the sites that they own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import FormData
from starlette.responses import Response

from temoin.admin.account import Account
from temoin.admin.pages.ask import Ask
from temoin.admin.pages.forms import text, ticked
from temoin.admin.rights import ALLOWED, EVERY_SITE, ROLES, checked_role
from temoin.admin.tokens import LOG_READ, SCOPES, Token
from temoin.errors import Forbidden, Invalid, Malformed, NotFound, TemoinError

ROLE_NAMES = {"owner": "Owner", "marketer": "Marketer", "officer": "Compliance officer", "viewer": "Viewer"}
RIGHT_NAMES: dict[str, str] = {
    "read": "Read drafts, findings, versions and numbers",
    "edit": "Change drafts",
    "publish": "Publish",
    "records": "Search, prove and export records",
    "erase": "Have records destroyed",
    "people": "Administer accounts and tokens",
    "override": "Publish in spite of a finding",
}
SCOPE_NAMES = {LOG_READ: "Read the log and its proofs"} | RIGHT_NAMES
_DAYS = "90"


async def page(ask: Ask) -> Response:
    """The accounts; a POST adds or changes one, as its field `act` says."""
    places = await _places(ask)
    if ask.request.method != "POST":
        return await _people(ask, places)
    form = await ask.form()
    try:
        note = await _act(ask, form)
    except TemoinError as error:
        typed = {name: text(form, name) for name in ("act", "name", "site", "role")}
        return await _people(ask, places, error, typed)
    return ask.go("/admin/people", note)


async def _act(ask: Ask, form: FormData) -> str:
    people, act = ask.admin.people, text(form, "act")
    site, role = text(form, "site"), text(form, "role")
    if act == "add":
        password = None if form.get("elsewhere") else str(form.get("password", ""))
        await people.add(ask.actor, text(form, "name"), password, {site: checked_role(role)})
        return "account-added"
    account = await _visible(ask, text(form, "account"))
    if act == "grant":
        await people.grant(ask.actor, account.name, site, role)
    elif act == "take":
        await people.grant(ask.actor, account.name, site, None)
    elif act == "password":
        await people.set_password(ask.actor, account.name, str(form.get("password", "")))
    elif act == "second-factor":
        await people.remove_second_factor(ask.actor, account.name)
    elif act == "sessions":
        await people.end_sessions(ask.actor, account.name)
    elif act == "remove":
        await people.remove(ask.actor, account.name)
    else:
        raise Malformed("bad_form", "This form asks for nothing that the page does.", "Open the page again.")
    return "account-removed" if act == "remove" else "account-changed"


async def _visible(ask: Ask, account_id: str) -> Account:
    """By its random id, among those that the owner may know of; raises NotFound."""
    for account in await ask.admin.people.visible(ask.actor):
        if account.id == account_id:
            return account
    raise NotFound("unknown_account", "There is no such account.", "It may have been removed; look at the list.")


async def _places(ask: Ask) -> list[str]:
    """Raises Forbidden for who owns nothing."""
    places = await ask.admin.people.places(ask.actor)
    if not places:
        raise Forbidden("not_allowed", ask.say("This is for owners."), ask.say("Ask one of them."))
    return places


async def _people(
    ask: Ask, places: list[str], error: TemoinError | None = None, typed: Mapping[str, str] | None = None
) -> Response:
    return ask.show(
        "people.html",
        200 if error is None else error.status,
        error=error,
        places=places,
        everywhere=EVERY_SITE in places,
        people=await ask.admin.people.visible(ask.actor),
        roles={role: ROLE_NAMES[role] for role in ROLES},
        rights={role: [words for right, words in RIGHT_NAMES.items() if right in ALLOWED[role]] for role in ROLES},
        typed=typed or {},
    )


async def tokens(ask: Ask) -> Response:
    """The tokens; a POST makes one, which is shown in the answer and never again, or revokes one."""
    places = await _places(ask)
    if ask.request.method != "POST":
        return await _tokens(ask, places)
    form = await ask.form()
    typed: dict[str, Any] = {name: text(form, name) for name in ("site", "label", "days")}
    typed["scopes"] = ticked(form, "scopes")
    try:
        if text(form, "act") == "revoke":
            await ask.admin.people.revoke_token(ask.actor, text(form, "token"))
            return ask.go("/admin/tokens", "revoked")
        made, secret = await ask.admin.people.make_token(
            ask.actor, typed["site"], typed["scopes"], typed["label"], _days(typed["days"])
        )
    except TemoinError as error:
        return await _tokens(ask, places, error, typed)
    return await _tokens(ask, places, made=made, secret=secret)


def _days(written: str) -> int | None:
    """Empty is without an end; raises Invalid."""
    if written and not (written.isascii() and written.isdigit()):
        raise Invalid("bad_expiry", "The number of days is no number.", "Give one, or leave it empty.")
    return int(written) if written else None


async def _tokens(
    ask: Ask,
    places: list[str],
    error: TemoinError | None = None,
    typed: Mapping[str, Any] | None = None,
    *,
    made: Token | None = None,
    secret: str = "",
) -> Response:
    held = [token for place in places for token in await ask.admin.people.tokens_of(ask.actor, place)]
    usual = {"site": places[0], "label": "", "days": _DAYS, "scopes": ["read"]}
    return ask.show(
        "tokens.html",
        200 if error is None else error.status,
        error=error,
        places=places,
        tokens=held,
        scopes={scope: SCOPE_NAMES[scope] for scope in SCOPES},
        who=await ask.names(),
        typed=typed or usual,
        made=made,
        secret=secret,
    )
