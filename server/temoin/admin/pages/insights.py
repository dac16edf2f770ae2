"""What visitors answer, beside another period or another version: figures, charts with their tables, and a CSV."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from temoin.admin.pages.ask import HEADERS, Ask
from temoin.admin.pages.drafts import opened
from temoin.admin.pages.sites import frame
from temoin.admin.versions import publications
from temoin.errors import TemoinError

# A field of the form, and what of the insights it asks for.
_FIELDS = {
    "from": "since",
    "to": "until",
    "version": "version",
    "against_from": "against_since",
    "against_to": "against_until",
    "against_version": "against_version",
}
OUTCOMES = ("accepted", "refused", "partial", "no_choice")


async def page(ask: Ask) -> Response:
    draft = await opened(ask)
    asked = {name: ask.request.query_params.get(name, "").strip() for name in _FIELDS}
    error, status = None, 200
    try:
        report = await _report(ask, asked)
    except TemoinError as wrong:
        error, status = wrong, wrong.status
        report = await _report(ask, {})
    past = await publications(ask.admin.entries, draft.id)
    return ask.show(
        "insights.html",
        status,
        error=error,
        asked=asked,
        report=report,
        against=report["against"],
        before={row["value"]: row for row in report["against"]["purposes"]},
        outcomes=OUTCOMES,
        published={each.version: each.recorded_at for each in past},
        query=ask.request.url.query,
        **frame(draft, "insights"),
    )


async def table(ask: Ask) -> Response:
    """The same as a file for a spreadsheet."""
    draft = await opened(ask)
    report = await _report(ask, dict(ask.request.query_params))
    name = f"{draft.id}-{report['from']}-{report['to']}.csv"
    headers = dict(HEADERS) | {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(ask.admin.numbers.insights_csv(report), 200, headers, media_type="text/csv; charset=utf-8")


async def _report(ask: Ask, asked: dict[str, str]) -> dict[str, Any]:
    return await ask.admin.numbers.insights(
        ask.site_id, {name: asked.get(field, "").strip() or None for field, name in _FIELDS.items()}
    )
