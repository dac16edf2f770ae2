"""The pages before the log-in, and the switch of languages."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.responses import RedirectResponse, Response

from temoin.admin.pages.ask import HEADERS, Ask
from temoin.admin.pages.forms import text
from temoin.admin.pages.language import COOKIE, LANGUAGES
from temoin.admin.sessions import SESSION_HOURS, LogIn
from temoin.errors import TemoinError

_YEAR = 365 * 24 * 3600


async def log_in(ask: Ask) -> Response:
    """Name and password, then the code of a second factor where the account has one; each log-in is a new session."""
    if ask.request.method != "POST":
        return ask.show("login.html", error=None, pending=False)
    form = await ask.form()
    sessions = ask.admin.people.sessions
    address = ask.request.client.host if ask.request.client else None
    pending = "code" in form
    try:
        if pending:
            done = await sessions.finish(ask.cookie, text(form, "code"), address)
        else:
            done = await sessions.log_in(text(form, "name"), str(form.get("password", "")), address, ask.cookie)
    except TemoinError as error:
        return ask.show("login.html", error.status, error=error, pending=pending and error.code != "login_over")
    response = ask.show("login.html", error=None, pending=True) if done.pending else ask.go("/admin/")
    begin_session(ask, done, response)
    return response


def begin_session(ask: Ask, done: LogIn, response: Response) -> None:
    response.set_cookie(ask.admin.session_cookie, done.cookie, SESSION_HOURS * 3600, **ask.admin.cookie_attributes)


async def log_out(ask: Ask) -> Response:
    await ask.admin.people.sessions.log_out(ask.cookie or "")
    response = ask.go("/admin/login")
    response.delete_cookie(ask.admin.session_cookie, **ask.admin.cookie_attributes)
    return response


async def choose_language(ask: Ask) -> Response:
    """Keeps the language in a cookie of this browser, and goes back to the page that the switch stood on."""
    form = await ask.form()
    chosen = text(form, "language")
    response = RedirectResponse(local_path(text(form, "back")), 303, dict(HEADERS))
    if chosen in LANGUAGES:
        response.set_cookie(
            COOKIE, chosen, _YEAR, path="/admin", secure=ask.admin.secure, httponly=True, samesite="strict"
        )
    return response


def local_path(address: str) -> str:
    """`address` where it is a path of this admin, else the admin's own start: never another host's."""
    parts = urlsplit(address)
    plain = address.startswith("/admin/") and "\\" not in address and not parts.netloc and not parts.scheme
    return parts.path if plain and ".." not in parts.path else "/admin/"
