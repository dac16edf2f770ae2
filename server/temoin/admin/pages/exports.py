"""Exports of a site: asked for, how far they are, and the files for a week."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import FileResponse, Response

from temoin.admin.exporting import MEDIA, Job
from temoin.admin.pages.ask import HEADERS, Ask
from temoin.admin.pages.drafts import opened
from temoin.admin.pages.forms import text
from temoin.admin.pages.records import EVENTS
from temoin.admin.pages.sites import frame
from temoin.errors import TemoinError
from temoin.proof.ports import EntryFilter
from temoin.proof.wanted import end_of_day
from temoin.proof.words import LANGUAGES

FORMATS = {
    "bundle": "Bundle, verifiable without this service (zip)",
    "pdf": "Document for people (pdf)",
    "csv": "Spreadsheet (csv)",
    "jsonl": "Records as they were hashed (jsonl)",
    "xml": "XML",
    "parquet": "Parquet",
}
_FIELDS = ("format", "since", "until", "event", "purpose", "subject")


async def page(ask: Ask) -> Response:
    """The form and the jobs; a POST begins one."""
    ask.must("records")
    fields = dict.fromkeys(_FIELDS, "")
    if ask.request.method != "POST":
        return await _page(ask, fields)
    form = await ask.form()
    fields = {name: text(form, name) for name in _FIELDS}
    try:
        await ask.admin.exporting.ask(ask.site_id, fields["format"], _wanted(fields), _language(ask), ask.label)
    except TemoinError as error:
        return await _page(ask, fields, error)
    return ask.go(f"/admin/sites/{ask.site_id}/exports")


async def _page(ask: Ask, fields: Mapping[str, str], error: TemoinError | None = None) -> Response:
    draft = await opened(ask)
    jobs = await ask.admin.exporting.of(draft.id)
    return ask.show(
        "exports.html",
        200 if error is None else error.status,
        fields=fields,
        formats=FORMATS,
        events=EVENTS,
        jobs=jobs,
        running=any(job.state == "running" for job in jobs),
        who=await ask.names(),
        about=_about,
        error=error,
        **frame(draft, "exports"),
    )


async def file(ask: Ask) -> Response:
    """The file of a finished job."""
    ask.must("records")
    job, path = await ask.admin.exporting.file(ask.site_id, str(ask.request.path_params["export"]), ask.label)
    name = f"{job.site}-{job.asked_at[:10]}{path.suffix}"
    return FileResponse(path, headers=dict(HEADERS), media_type=MEDIA[job.form], filename=name)


async def remove(ask: Ask) -> Response:
    await ask.admin.exporting.remove(ask.site_id, str(ask.request.path_params["export"]))
    return ask.go(f"/admin/sites/{ask.site_id}/exports", "removed")


def _wanted(fields: Mapping[str, str]) -> EntryFilter:
    """Raises Malformed."""
    given = {name: fields[name] or None for name in _FIELDS[1:]}
    return EntryFilter(**given | {"until": end_of_day(given["until"])})


def _about(job: Job) -> list[str]:
    """What narrows an export down, as codes."""
    return [each for each in (job.event, job.purpose) if each is not None]


def _language(ask: Ask) -> str:
    return ask.language if ask.language in LANGUAGES else "en"
