"""The admin's pages, server-rendered: log in, the sites, one site with its version, findings and script tag.

Cross-site requests are refused by `Sec-Fetch-Site` and `Origin`, and the session's cookie is SameSite=Strict; the
pages run no script at all, and their Content-Security-Policy says so.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from temoin.admin.accounts import SESSION_HOURS, Accounts
from temoin.admin.ports import Account, AccountStore, SiteStore
from temoin.admin.publish import draft_of
from temoin.banner.texts import text_keys
from temoin.clock import SystemClock
from temoin.compliance.engine import lint
from temoin.errors import Forbidden, TemoinError
from temoin.proof.ports import SealStore

COOKIE = "temoin_session"

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

_STATIC = {"admin.css": "text/css", "icon.svg": "image/svg+xml"}

Page = Callable[[Request, Account], Awaitable[Response]]


class AdminPages:
    """Every page but the log-in asks for a session first."""

    def __init__(self, sites: SiteStore, log: SealStore, accounts: AccountStore, base: str, clock: SystemClock) -> None:
        self._sites = sites
        self._log = log
        self._accounts = Accounts(accounts, clock)
        self._base = base
        folder = Path(__file__).parent / "templates"
        self._templates = Environment(
            loader=FileSystemLoader(folder), autoescape=select_autoescape(), undefined=StrictUndefined
        )

    def _render(self, template: str, status: int = 200, **values: Any) -> Response:
        text = self._templates.get_template(template).render(**values)
        return Response(text, status, _HEADERS, media_type="text/html")

    def page(self, show: Page) -> Callable[[Request], Awaitable[Response]]:
        """A page behind the log-in."""

        async def endpoint(request: Request) -> Response:
            account = await self._accounts.of(request.cookies.get(COOKIE))
            if account is None:
                return RedirectResponse("/admin/login", 303, _HEADERS)
            return await show(request, account)

        return endpoint

    async def login(self, request: Request) -> Response:
        if request.method == "GET":
            return self._render("login.html", error=None)
        _same_site(request)
        form = await request.form(max_fields=4, max_files=0)
        try:
            cookie = await self._accounts.log_in(str(form.get("name", "")), str(form.get("password", "")))
        except TemoinError as error:
            return self._render("login.html", error.status, error=error)
        response = RedirectResponse("/admin/", 303, _HEADERS)
        secure = request.url.scheme == "https" or self._base.startswith("https:")
        response.set_cookie(
            COOKIE, cookie, SESSION_HOURS * 3600, path="/admin", secure=secure, httponly=True, samesite="strict"
        )
        return response

    async def logout(self, request: Request) -> Response:
        _same_site(request)
        await self._accounts.log_out(request.cookies.get(COOKIE, ""))
        response = RedirectResponse("/admin/login", 303, _HEADERS)
        response.delete_cookie(COOKIE, path="/admin")
        return response

    async def overview(self, request: Request, account: Account) -> Response:
        rows = [(row, await self._log.log_state(row.id)) for row in await self._sites.sites()]
        return self._render("sites.html", account=account, rows=rows)

    async def site(self, request: Request, account: Account) -> Response:
        row, config = await draft_of(self._sites, request.path_params["site"])
        return self._render(
            "site.html",
            account=account,
            row=row,
            config=config,
            state=await self._log.log_state(row.id),
            findings=lint(config, text_keys()),
            tag=f'<script src="{self._base}/s/{row.id}.js"></script>',
        )

    def static(self, name: str) -> Callable[[Request], Awaitable[Response]]:
        """A file that every page loads, read once."""
        data = (Path(__file__).parent / "static" / name).read_bytes()

        async def endpoint(_: Request) -> Response:
            return Response(data, 200, {"Cache-Control": "public, max-age=300"}, media_type=_STATIC[name])

        return endpoint


def admin_routes(
    sites: SiteStore, log: SealStore, accounts: AccountStore, base: str, clock: SystemClock
) -> list[Route]:
    """The routes below `/admin`."""
    pages = AdminPages(sites, log, accounts, base, clock)
    return [
        Route("/", pages.page(pages.overview)),
        Route("/login", pages.login, methods=["GET", "POST"]),
        Route("/logout", pages.logout, methods=["POST"]),
        Route("/sites/{site}", pages.page(pages.site)),
        *(Route(f"/{name}", pages.static(name)) for name in _STATIC),
    ]


def _same_site(request: Request) -> None:
    """Refuses a form that another site (or another subdomain) made the browser send."""
    fetch_site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    foreign_origin = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    if fetch_site not in (None, "same-origin", "none") or foreign_origin:
        raise Forbidden("cross_site", "This form was sent from another site.", "Open the admin and send it from there.")
