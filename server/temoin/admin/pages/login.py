"""The pages before the log-in, and the switch of languages."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.responses import RedirectResponse, Response

from temoin.admin.accounts import SESSION_HOURS
from temoin.admin.pages.ask import HEADERS, SESSION_COOKIE, Ask
from temoin.admin.pages.forms import text
from temoin.admin.pages.language import COOKIE, LANGUAGES
from temoin.errors import TemoinError

_YEAR = 365 * 24 * 3600


async def log_in(ask: Ask) -> Response:
    """Name and password; a session's cookie and the list of sites where they are right."""
    if ask.request.method != "POST":
        return ask.show("login.html", error=None)
    form = await ask.form()
    try:
        cookie = await ask.admin.accounts.log_in(text(form, "name"), str(form.get("password", "")))
    except TemoinError as error:
        return ask.show("login.html", error.status, error=error)
    response = ask.go("/admin/")
    response.set_cookie(
        SESSION_COOKIE,
        cookie,
        SESSION_HOURS * 3600,
        path="/admin",
        secure=_secure(ask),
        httponly=True,
        samesite="strict",
    )
    return response


async def log_out(ask: Ask) -> Response:
    await ask.admin.accounts.log_out(ask.request.cookies.get(SESSION_COOKIE, ""))
    response = ask.go("/admin/login")
    response.delete_cookie(SESSION_COOKIE, path="/admin")
    return response


async def choose_language(ask: Ask) -> Response:
    """Keeps the language in a cookie of this browser, and goes back to the page that the switch stood on."""
    form = await ask.form()
    chosen = text(form, "language")
    response = RedirectResponse(local_path(text(form, "back")), 303, dict(HEADERS))
    if chosen in LANGUAGES:
        response.set_cookie(COOKIE, chosen, _YEAR, path="/admin", secure=_secure(ask), httponly=True, samesite="strict")
    return response


def local_path(address: str) -> str:
    """`address` where it is a path of this admin, else the admin's own start: never another host's."""
    parts = urlsplit(address)
    plain = address.startswith("/admin/") and "\\" not in address and not parts.netloc and not parts.scheme
    return parts.path if plain and ".." not in parts.path else "/admin/"


def _secure(ask: Ask) -> bool:
    return ask.request.url.scheme == "https" or ask.admin.base.startswith("https:")
