"""Numbers of a site: what visitors answer, the audience, the assessment of its exemption, and notes on days."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct, field

from temoin.admin.annotations import Annotation
from temoin.admin.api.call import Call, File, Operation
from temoin.admin.publish import draft_of
from temoin.admin.versions import in_force

_MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
}


class Answers(Struct, frozen=True, forbid_unknown_fields=True):
    """Days such as 2026-11-26, both included, of the one side and of the other that it is held against."""

    since: str | None = field(default=None, name="from")
    until: str | None = field(default=None, name="to")
    version: str | None = None
    against_since: str | None = field(default=None, name="against_from")
    against_until: str | None = field(default=None, name="against_to")
    against_version: str | None = None
    format: Literal["json", "csv"] = "json"


class Audience(Struct, frozen=True, forbid_unknown_fields=True):
    """Days such as 2026-11-26, both included, of the one period and of the other that it is held against."""

    since: str | None = field(default=None, name="from")
    until: str | None = field(default=None, name="to")
    against_since: str | None = field(default=None, name="against_from")
    against_until: str | None = field(default=None, name="against_to")
    format: Literal["json", "csv", "parquet"] = "json"


class Assessed(Struct, frozen=True, forbid_unknown_fields=True):
    language: Literal["en", "fr"] = "en"
    format: Literal["html", "pdf"] = "html"


class Note(Struct, frozen=True, forbid_unknown_fields=True):
    """What happened on a day, in up to 200 characters."""

    day: str
    text: str


class Days(Struct, frozen=True, forbid_unknown_fields=True):
    since: str = field(default="0000-00-00", name="from")
    until: str = field(default="9999-12-31", name="to")


def _wanted(query: Struct, *names: str) -> dict[str, str | None]:
    return {name: getattr(query, name) or None for name in names}


async def insights(call: Call) -> Any:
    await draft_of(call.admin.sites, call.site)
    sides = ("since", "until", "version", "against_since", "against_until", "against_version")
    report = await call.admin.numbers.insights(call.site, _wanted(call.query, *sides))
    if call.query.format == "json":
        return report
    name = f"{call.site}-{report['from']}-{report['to']}.csv"
    return File(call.admin.numbers.insights_csv(report), _MEDIA["csv"], name)


async def audience(call: Call) -> Any:
    await draft_of(call.admin.sites, call.site)
    report = await call.admin.numbers.audience(
        call.site, _wanted(call.query, "since", "until", "against_since", "against_until")
    )
    form = call.query.format
    if form == "json":
        return report
    name = f"{call.site}-audience-{report['from']}-{report['to']}.{form}"
    return File(call.admin.numbers.audience_file(report, form), _MEDIA[form], name)


async def assessment(call: Call) -> File:
    admin, form = call.admin, call.query.format
    view = admin.numbers.assessment(
        *await in_force(admin.sites, admin.entries, call.site), language=call.query.language
    )
    data = await admin.numbers.assessment_file(view, form, admin.chromium)
    return File(data, _MEDIA[form], f"{call.site}-assessment-{view.made_at[:10]}.{form}")


async def notes(call: Call) -> list[Annotation]:
    await draft_of(call.admin.sites, call.site)
    return await call.admin.annotations.of(call.site, call.query.since, call.query.until)


async def write_note(call: Call) -> Annotation:
    await draft_of(call.admin.sites, call.site)
    return await call.admin.annotations.add(call.site, call.body.day, call.body.text, call.label)


async def remove_note(call: Call) -> None:
    await call.admin.annotations.remove(call.site, call.part("note"), call.label)


OPERATIONS = (
    Operation(
        *("GET", "/sites/{site}/insights", insights, "read", "What visitors answered, beside another side"),
        *((dict[str, Any], "text/csv"), None, Answers),
    ),
    Operation(
        *("GET", "/sites/{site}/audience", audience, "read", "The audience, beside another period"),
        *((dict[str, Any], "text/csv", "application/vnd.apache.parquet"), None, Audience),
    ),
    Operation(
        *("GET", "/sites/{site}/assessment", assessment, "read", "The conditions of exempt measurement, answered"),
        *(("text/html", "application/pdf"), None, Assessed),
    ),
    Operation(*("GET", "/sites/{site}/notes", notes, "read", "Notes on days"), *(list[Annotation], None, Days)),
    Operation(
        *("POST", "/sites/{site}/notes", write_note, "edit", "Write a note on a day"), *(Annotation, Note, None, 201)
    ),
    Operation("DELETE", "/sites/{site}/notes/{note}", remove_note, "edit", "Remove a note"),
)
