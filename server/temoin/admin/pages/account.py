"""One's own account: password, second factor, and the browsers that are logged in."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from starlette.responses import Response

from temoin.admin.pages.ask import Ask
from temoin.admin.pages.forms import text
from temoin.admin.pages.login import begin_session
from temoin.admin.second_factor import Enrolment
from temoin.errors import Malformed, TemoinError

_HERE = "/admin/account"


async def page(ask: Ask) -> Response:
    """What there is; a POST changes one thing of it, named by its field `act`."""
    if ask.request.method != "POST":
        return await _page(ask)
    form = await ask.form()
    acts = {
        "password": _change_password,
        "enrol": _enrol,
        "confirm": _confirm,
        "remove": _remove,
        "end": _end,
    }
    act = acts.get(text(form, "act"))
    if act is None:
        raise Malformed("bad_form", "This form asks for nothing that the page does.", "Open the page again.")
    try:
        return await act(ask, {name: str(value) for name, value in form.items()})
    except TemoinError as error:
        confirming = text(form, "act") == "confirm"
        factor = ask.admin.people.sessions.second_factor
        return await _page(ask, error, enrolment=await factor.begun(ask.actor) if confirming else None)


async def _change_password(ask: Ask, fields: dict[str, str]) -> Response:
    """Every session ends, this browser's begins anew."""
    await ask.admin.people.change_password(ask.actor, fields.get("old", ""), fields.get("new", ""), _address(ask))
    response = ask.go(_HERE, "password")
    begin_session(ask, await ask.admin.people.sessions.begin(ask.actor, ask.cookie, pending=False), response)
    return response


async def _enrol(ask: Ask, _: dict[str, str]) -> Response:
    return await _page(ask, enrolment=await ask.admin.people.sessions.second_factor.enrol(ask.actor.name))


async def _confirm(ask: Ask, fields: dict[str, str]) -> Response:
    return await _page(ask, codes=await ask.admin.people.add_second_factor(ask.actor, fields.get("code", "")))


async def _remove(ask: Ask, fields: dict[str, str]) -> Response:
    await ask.admin.people.remove_own_second_factor(ask.actor, fields.get("password", ""), _address(ask))
    return ask.go(_HERE, "factor-removed")


async def _end(ask: Ask, fields: dict[str, str]) -> Response:
    await ask.admin.people.end_own_session(ask.actor, fields.get("session", ""))
    return ask.go(_HERE, "session-ended")


async def _page(
    ask: Ask, error: TemoinError | None = None, *, enrolment: Enrolment | None = None, codes: Sequence[str] = ()
) -> Response:
    account = await ask.admin.people.accounts.get(ask.actor.name)
    sessions = ask.admin.people.sessions
    return ask.show(
        "account.html",
        200 if error is None else error.status,
        error=error,
        own=account,
        enrolment=enrolment,
        picture=base64.b64encode(enrolment.svg.encode()).decode() if enrolment else "",
        codes=codes,
        sessions=await sessions.of_account(account),
        present=sessions.id_of(ask.cookie or ""),
    )


def _address(ask: Ask) -> str | None:
    return ask.request.client.host if ask.request.client else None
