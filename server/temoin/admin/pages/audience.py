"""A site's audience as exempt measurement counted it: figures, charts with their tables, files, and notes on days."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from temoin.admin.annotations import Annotation
from temoin.admin.pages.ask import HEADERS, Ask
from temoin.admin.pages.drafts import opened
from temoin.admin.pages.forms import text
from temoin.admin.pages.sites import frame
from temoin.admin.versions import in_force
from temoin.errors import Malformed, TemoinError

# A field of the form, and what of the report it asks for.
_FIELDS = {"from": "since", "to": "until", "against_from": "against_since", "against_to": "against_until"}
FILES = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}
DOCUMENTS = {"html": "text/html; charset=utf-8", "pdf": "application/pdf"}
# Tables, as they stand on the page: of a kind, its title, and which figures it has besides views.
TABLES = (
    ("page", "Pages", ("visits", "exits", "bounce_percent", "seconds_a_view")),
    ("referrer", "Came from", ("visits", "bounce_percent")),
    ("country", "Countries", ("visits",)),
    ("language", "Languages", ("visits",)),
    ("device", "Devices", ("visits",)),
    ("browser", "Browsers", ("visits",)),
    ("system", "Systems", ("visits",)),
    ("event", "Events", ()),
    ("outbound", "Links followed to", ()),
    ("download", "Downloads", ()),
    ("search", "Searches", ()),
    ("missing", "Not found", ()),
    ("campaign", "Campaigns (with consent)", ("visits",)),
    ("dropped", "Left out, by reason", ()),
)
HEADS = {
    "views": "Views",
    "visits": "Visits",
    "exits": "Exits",
    "bounce_percent": "Bounce",
    "seconds_a_view": "Time on page",
}
_ENTRIES = {"visits": "Entries"}  # a visit is counted at the page that it began with


async def page(ask: Ask) -> Response:
    return await _page(ask)


async def _page(ask: Ask, error: TemoinError | None = None) -> Response:
    draft = await opened(ask)
    asked = {name: ask.request.query_params.get(name, "").strip() for name in _FIELDS}
    try:
        report = await _report(ask, asked)
    except Malformed as wrong:
        error, report = wrong, await _report(ask, {})
    notes = await ask.admin.annotations.of(draft.id, report["from"], report["to"])
    return ask.show(
        "audience.html",
        200 if error is None else error.status,
        error=error,
        asked=asked,
        report=report,
        before=report["before"],
        beside=_beside(report),
        tables=[_table(report, *table) for table in TABLES],
        heads=HEADS,
        notes=notes,
        noted=_by_day(notes),
        who=await ask.names(),
        files=FILES,
        query=ask.request.url.query,
        **frame(draft, "audience"),
    )


async def file(ask: Ask) -> Response:
    """The report as a file."""
    draft = await opened(ask)
    form = str(ask.request.path_params["form"])
    if form not in FILES:
        raise Malformed("bad_filter", f"There is no format {form!r}.", f"Use one of {', '.join(FILES)}.")
    report = await _report(ask, dict(ask.request.query_params))
    name = f"{draft.id}-audience-{report['from']}-{report['to']}.{form}"
    headers = dict(HEADERS) | {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(ask.admin.numbers.audience_file(report, form), 200, headers, media_type=FILES[form])


async def assessment(ask: Ask) -> Response:
    """The conditions of the exemption, and whether what visitors have now keeps them."""
    draft = await opened(ask)
    return ask.show("assessment.html", view=await _assessed(ask), **frame(draft, "audience"))


async def assessment_file(ask: Ask) -> Response:
    """The same as a document."""
    form = str(ask.request.path_params["form"])
    if form not in DOCUMENTS:
        raise Malformed("bad_filter", f"There is no format {form!r}.", f"Use one of {', '.join(DOCUMENTS)}.")
    view = await _assessed(ask)
    data = await ask.admin.numbers.assessment_file(view, form, ask.admin.chromium)
    name = f"{ask.site_id}-assessment-{view.made_at[:10]}.{form}"
    headers = dict(HEADERS) | {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, 200, headers, media_type=DOCUMENTS[form])


async def _assessed(ask: Ask) -> Any:
    return ask.admin.numbers.assessment(
        *await in_force(ask.admin.sites, ask.admin.entries, ask.site_id), language=ask.language
    )


async def annotate(ask: Ask) -> Response:
    """Writes a note on a day, or removes one."""
    form = await ask.form()
    try:
        if text(form, "remove"):
            await ask.admin.annotations.remove(ask.site_id, text(form, "remove"), ask.label)
        else:
            await ask.admin.annotations.add(ask.site_id, text(form, "day"), text(form, "note"), ask.label)
    except TemoinError as error:
        return await _page(ask, error)
    return ask.go(f"/admin/sites/{ask.site_id}/audience")


async def _report(ask: Ask, asked: dict[str, str]) -> dict[str, Any]:
    return await ask.admin.numbers.audience(
        ask.site_id, {name: asked.get(field, "").strip() or None for field, name in _FIELDS.items()}
    )


def _beside(report: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any] | None]]:
    """Each day, and the day in its place in the other period."""
    other = report["before"]["days"]
    return [(day, other[place] if place < len(other) else None) for place, day in enumerate(report["days"])]


def _table(report: dict[str, Any], kind: str, title: str, figures: Sequence[str]) -> dict[str, Any]:
    """A cut as the page shows it: the wider series, or for what is counted with consent alone that one."""
    rows = [row for row in report["cuts"][kind] if row["series"] == ("consented" if kind == "campaign" else "exempt")]
    most = max((row["views"] for row in rows), default=0)
    heads = HEADS | (_ENTRIES if kind == "page" else {})
    named = [(figure, heads[figure]) for figure in figures]
    return {"kind": kind, "title": title, "figures": named, "rows": rows, "most": most}


def _by_day(notes: Sequence[Annotation]) -> dict[str, str]:
    found: dict[str, str] = {}
    for note in notes:
        found[note.day] = f"{found[note.day]} · {note.text}" if note.day in found else note.text
    return found
