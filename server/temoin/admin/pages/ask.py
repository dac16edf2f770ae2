"""One request of an administrator: who asks, in which language, and how it is answered.

Pages are functions of an `Ask`. They run no inline script and no inline style, and their Content-Security-Policy says
so. A form of another site is refused by `Sec-Fetch-Site` and `Origin`; the session's cookie is SameSite=Strict. Behind
the log-in a form that names neither is refused too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from temoin.admin.account import Account
from temoin.admin.annotations import Annotations
from temoin.admin.erasing import Erasures
from temoin.admin.exporting import Exporting
from temoin.admin.overrides import Overrides
from temoin.admin.pages.language import LANGUAGES, counted, day, language_of, moment, number, said, told
from temoin.admin.pages.places import below
from temoin.admin.people import People
from temoin.admin.ports import Numbers, SiteStore
from temoin.admin.rights import EVERY_SITE, Act, may, require
from temoin.admin.schedule import Schedule
from temoin.admin.sign_on import SignOn
from temoin.admin.versions import short
from temoin.clock import SystemClock
from temoin.compliance.french import french, french_source
from temoin.errors import Forbidden, TemoinError, Unauthorized
from temoin.proof.bundle import BundleSource
from temoin.proof.ports import SealStore

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Admin:
    """What the pages work with. `base` is the service's public address, `chromium` the path of its browser."""

    sites: SiteStore
    log: SealStore
    entries: BundleSource
    people: People
    numbers: Numbers
    overrides: Overrides
    schedule: Schedule
    annotations: Annotations
    exporting: Exporting
    erasures: Erasures
    sign_on: SignOn | None
    base: str
    chromium: str
    clock: SystemClock

    @property
    def secure(self) -> bool:
        return self.base.startswith("https:")

    @property
    def session_cookie(self) -> str:
        """Its name. The prefix makes browsers refuse one that a neighbouring subdomain sets (RFC 6265bis 4.1.3.2)."""
        return "__Host-temoin_session" if self.secure else "temoin_session"

    @property
    def cookie_attributes(self) -> Mapping[str, Any]:
        path = "/" if self.secure else "/admin"
        return {"path": path, "secure": self.secure, "httponly": True, "samesite": "strict"}


@dataclass(frozen=True, slots=True)
class Ask:
    """A request and what is known of it. `account` is None only on the pages before the log-in."""

    request: Request
    admin: Admin
    account: Account | None
    language: str

    @property
    def site_id(self) -> str:
        return str(self.request.path_params["site"])

    @property
    def cookie(self) -> str | None:
        """What the browser sent as its session."""
        return self.request.cookies.get(self.admin.session_cookie)

    @property
    def actor(self) -> Account:
        """Who asks, on a page behind the log-in."""
        if self.account is None:
            raise Unauthorized("login_over", "This log-in has ended.", "Log in again.")
        return self.account

    @property
    def label(self) -> str:
        """How the log names who asks."""
        return self.account.label if self.account is not None else ""

    async def names(self) -> Mapping[str, str]:
        """Of the accounts that there are, by how the log names them."""
        return {one.label: one.name for one in await self.admin.people.accounts.all()}

    def may(self, what: Act, site: str | None = None) -> bool:
        """Whether the account may do that on `site`: without one, on the page's site, and on a page of none, on all."""
        return self.account is not None and may(self.account, what, site or self._place)

    def must(self, what: Act) -> None:
        """Raises Forbidden where it may not, NotFound where it may not even know the site."""
        if self.account is not None:
            require(self.account, what, self._place)

    @property
    def _place(self) -> str:
        return str(self.request.path_params.get("site", EVERY_SITE))

    def say(self, text: str, **values: object) -> str:
        """`text` in the reader's language, its `%(names)s` filled in."""
        return said(text, self.language) % values

    def show(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page. Templates escape everything, and an undefined name is an error."""
        page = _templates(self.language).get_template(template)
        text = page.render(
            ask=self,
            account=self.account,
            languages=LANGUAGES,
            language=self.language,
            here=self.request.url.path,
            note=self.request.query_params.get("note"),
            provider=self.admin.sign_on.name if self.admin.sign_on else "",
            **values,
        )
        return Response(text, status, dict(HEADERS), media_type="text/html")

    def go(self, path: str, note: str = "") -> Response:
        """To another page of the admin after a form was taken (303)."""
        return RedirectResponse(f"{path}?note={note}" if note else path, 303, dict(HEADERS))

    async def form(self) -> FormData:
        """The fields of a form that this admin's own page sent."""
        return await self.request.form(max_fields=2000, max_files=0, max_part_size=64 * 1024)


Page = Callable[[Ask], Awaitable[Response]]


def open_page(admin: Admin, page: Page) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that needs no session."""

    async def endpoint(request: Request) -> Response:
        if request.method == "POST":
            same_site(request)
        return await page(Ask(request, admin, None, language_of(request)))

    return endpoint


def closed_page(admin: Admin, page: Page, needs: Act | None) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint behind the log-in. Below a site, for who may read that; a POST needs `needs` too."""

    async def endpoint(request: Request) -> Response:
        sent = request.method == "POST"
        if sent:
            same_site(request, strict=True)
        account = await admin.people.sessions.of(request.cookies.get(admin.session_cookie))
        if account is None:
            return RedirectResponse("/admin/login", 303, dict(HEADERS))
        ask = Ask(request, admin, account, language_of(request))
        try:
            if "site" in request.path_params:
                ask.must("read")
            if sent and needs is not None:
                ask.must(needs)
            return await page(ask)
        except TemoinError as error:
            return ask.show("error.html", error.status, error=error)

    return endpoint


def same_site(request: Request, *, strict: bool = False) -> None:
    """Refuses a form that another site (or subdomain) made the browser send; `strict`: one of unknown origin too."""
    fetch_site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    foreign_origin = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    unknown = strict and fetch_site is None and origin is None
    if fetch_site not in (None, "same-origin", "none") or foreign_origin or unknown:
        raise Forbidden("cross_site", "This form was sent from another site.", "Open the admin and send it from there.")


@cache
def _templates(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent.parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # the extension's
        partial(said, language=language), partial(counted, language=language), newstyle=True
    )
    environment.filters["told"] = partial(told, language=language)
    environment.filters["said"] = partial(said, language=language)
    environment.filters["finding"] = french if language == "fr" else str
    environment.filters["source"] = french_source if language == "fr" else str
    environment.filters["short"] = short
    environment.tests["below"] = below
    environment.tests["holds"] = lambda values, value: value in values
    environment.filters["moment"] = partial(moment, language=language)
    environment.filters["day"] = lambda value: day(date.fromisoformat(value), language)
    environment.filters["number"] = partial(number, language=language)
    return environment
