"""Signing on with an OpenID Connect provider: there, and back."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from temoin.admin.pages.ask import HEADERS, Ask
from temoin.admin.pages.login import begin_session
from temoin.admin.sign_on import SignOn
from temoin.errors import NotFound, TemoinError

_MINUTES = 10
_PATH = "/admin/sign-on"


async def begin(ask: Ask) -> Response:
    """To the provider, with what this browser has to bring back."""
    try:
        begun = await _sign_on(ask).begin()
    except TemoinError as error:
        return ask.show("login.html", error.status, error=error, pending=False)
    response = RedirectResponse(begun.address, 303, dict(HEADERS) | {"Referrer-Policy": "no-referrer"})
    # Lax, for the way back is a navigation that another site begins.
    response.set_cookie(
        _name(ask), begun.kept, _MINUTES * 60, path=_PATH, secure=ask.admin.secure, httponly=True, samesite="lax"
    )
    return response


async def done(ask: Ask) -> Response:
    """A session for whoever the provider signed on. The page goes on by itself: browsers would not send a cookie that
    is SameSite=Strict along with a redirect that another site began."""
    try:
        account = await _sign_on(ask).finish(ask.request.cookies.get(_name(ask)), dict(ask.request.query_params))
    except TemoinError as error:
        response = ask.show("login.html", error.status, error=error, pending=False)
    else:
        response = ask.show("signed_on.html")
        begin_session(ask, await ask.admin.people.sessions.begin(account, ask.cookie, pending=False), response)
    response.delete_cookie(_name(ask), _PATH, secure=ask.admin.secure, httponly=True, samesite="lax")
    return response


def _name(ask: Ask) -> str:
    return "__Secure-temoin_sign_on" if ask.admin.secure else "temoin_sign_on"


def _sign_on(ask: Ask) -> SignOn:
    if ask.admin.sign_on is None:
        raise NotFound("no_provider", "This service has no provider to sign on with.", "Log in with a password.")
    return ask.admin.sign_on
