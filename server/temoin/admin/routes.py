"""The addresses below `/admin`: one table of pages, and the files that they load."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from temoin.admin.pages import (
    account,
    audience,
    erasure,
    exports,
    insights,
    install,
    login,
    look,
    people,
    publish,
    purposes,
    records,
    settings,
    sign_on,
    sites,
    texts,
    trackers,
)
from temoin.admin.pages.ask import Admin, Page, closed_page, open_page
from temoin.admin.rights import Act
from temoin.assets import folder

_READ = ["GET"]
_BOTH = ["GET", "POST"]
_SEND = ["POST"]

# Address, page, methods, and the right that a POST needs.
_PAGES: tuple[tuple[str, Page, list[str], Act | None], ...] = (
    ("/", sites.overview, _READ, None),
    ("/account", account.page, _BOTH, None),
    ("/people", people.page, _BOTH, None),
    ("/tokens", people.tokens, _BOTH, None),
    ("/sites/new", sites.new, _BOTH, "edit"),
    ("/sites/{site}", sites.start, _READ, None),
    ("/sites/{site}/settings", settings.edit, _BOTH, "edit"),
    ("/sites/{site}/purposes", purposes.listed, _BOTH, "edit"),
    ("/sites/{site}/purposes/new", purposes.new, _BOTH, "edit"),
    ("/sites/{site}/purposes/{place}", purposes.edit, _BOTH, "edit"),
    ("/sites/{site}/trackers", trackers.listed, _BOTH, "edit"),
    ("/sites/{site}/trackers/known", trackers.suggestions, _READ, None),
    ("/sites/{site}/trackers/new", trackers.new, _BOTH, "edit"),
    ("/sites/{site}/trackers/{place}", trackers.edit, _BOTH, "edit"),
    ("/sites/{site}/texts", texts.edit, _BOTH, "edit"),
    ("/sites/{site}/look", look.edit, _BOTH, "edit"),
    ("/sites/{site}/preview", look.preview, _READ, None),
    ("/sites/{site}/publish", publish.page, _BOTH, "publish"),
    ("/sites/{site}/plan/cancel", publish.cancel, _SEND, "publish"),
    ("/sites/{site}/overrides", publish.override, _SEND, "override"),
    ("/sites/{site}/overrides/end", publish.take_override_back, _SEND, "override"),
    ("/sites/{site}/versions", publish.versions, _BOTH, "edit"),
    ("/sites/{site}/screens/{digest}", publish.screen, _READ, None),
    ("/sites/{site}/insights", insights.page, _READ, None),
    ("/sites/{site}/insights.csv", insights.table, _READ, None),
    ("/sites/{site}/audience", audience.page, _READ, None),
    ("/sites/{site}/audience.{form}", audience.file, _READ, None),
    ("/sites/{site}/audience/assessment", audience.assessment, _READ, None),
    ("/sites/{site}/audience/assessment.{form}", audience.assessment_file, _READ, None),
    ("/sites/{site}/audience/notes", audience.annotate, _SEND, "edit"),
    ("/sites/{site}/install", install.page, _BOTH, "edit"),
    ("/sites/{site}/records", records.listed, _BOTH, "records"),
    ("/sites/{site}/records/{record}", records.one, _READ, None),
    ("/sites/{site}/records/{record}/record.json", records.document, _READ, None),
    ("/sites/{site}/records/{record}/proof", records.proof, _READ, None),
    ("/sites/{site}/exports", exports.page, _BOTH, "records"),
    ("/sites/{site}/exports/{export}", exports.file, _READ, None),
    ("/sites/{site}/exports/{export}/remove", exports.remove, _SEND, "records"),
    ("/sites/{site}/erasure", erasure.page, _BOTH, "erase"),
    ("/sites/{site}/erasure/{request}", erasure.decide, _SEND, "erase"),
)

_KINDS = {".css": "text/css", ".svg": "image/svg+xml", ".js": "text/javascript", ".txt": "text/plain"}


def admin_routes(admin: Admin) -> list[Route]:
    """The routes below `/admin`."""
    files = sorted((Path(__file__).parent / "static").iterdir())
    return [
        Route("/login", open_page(admin, login.log_in), methods=_BOTH),
        Route("/sign-on", open_page(admin, sign_on.begin), methods=_READ),
        Route("/sign-on/done", open_page(admin, sign_on.done), methods=_READ),
        Route("/logout", open_page(admin, login.log_out), methods=_SEND),
        Route("/language", open_page(admin, login.choose_language), methods=_SEND),
        *(Route(path, closed_page(admin, page, needs), methods=methods) for path, page, methods, needs in _PAGES),
        *(Route(f"/static/{file.name}", _static(file)) for file in files),
        Route("/static/charts.js", _static(folder("charts") / "charts.js")),
        Route("/static/charts-licences.txt", _static(folder("charts") / "LICENSES.txt")),
    ]


def _static(file: Path) -> Callable[[Request], Awaitable[Response]]:
    """A file that pages load, read once."""
    data = file.read_bytes()
    headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}

    async def endpoint(_: Request) -> Response:
        return Response(data, 200, headers, media_type=_KINDS[file.suffix])

    return endpoint
