"""The compliance officer's desk: what visitors chose, and one record with its screens and its proof, checked."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from temoin.admin.pages.ask import HEADERS, Ask
from temoin.admin.pages.drafts import Open, opened
from temoin.admin.pages.sites import frame
from temoin.errors import Malformed, NotReady
from temoin.proof.inspection import COMMITMENT, INCLUSION, SCREENS, SIGNATURE, VERSION, Inspected, inspect
from temoin.proof.ports import EntryFilter
from temoin.proof.search import Results, search
from temoin.proof.wanted import end_of_day

FIELDS = ("subject", "since", "until", "event", "purpose", "version")
EVENTS = {"given": "Given", "refused": "Refused", "changed": "Changed", "withdrawn": "Withdrawn"}
CHECKS = {
    COMMITMENT: "The record is the one that its commitment stands for.",
    INCLUSION: "The commitment stands in the log, under its checkpoint.",
    SIGNATURE: "The checkpoint is signed by the log's key.",
    VERSION: "The version shown to the visitor is the one that was published.",
    SCREENS: "The screens are the ones that were photographed when it was published.",
}


def asked(fields: Mapping[str, str]) -> tuple[EntryFilter, str | None]:
    """The filter, and the version, that the fields of a form ask for; raises Malformed."""
    values = {name: fields.get(name, "").strip() or None for name in FIELDS}
    version = values.pop("version")
    return EntryFilter(**values | {"until": end_of_day(values["until"])}), version


async def listed(ask: Ask) -> Response:
    """The search and what it found; it names the subject in a POST alone, so that no address holds one."""
    ask.must("records")
    draft = await opened(ask)
    given = await ask.form() if ask.request.method == "POST" else ask.request.query_params
    fields = {name: str(given.get(name, "")) for name in FIELDS}
    below = str(given.get("below", ""))
    try:
        wanted, version = asked(fields)
        results = await search(
            ask.admin.entries, draft.id, wanted, version, int(below) if below.isascii() and below.isdigit() else None
        )
    except Malformed as error:
        return _list(ask, draft, fields, None, error)
    return _list(ask, draft, fields, results)


def _list(
    ask: Ask, draft: Open, fields: dict[str, str], results: Results | None, error: Malformed | None = None
) -> Response:
    return ask.show(
        "records.html",
        200 if error is None else error.status,
        fields=fields,
        events=EVENTS,
        results=results,
        searched=any(fields.values()),
        error=error,
        **frame(draft, "records"),
    )


async def one(ask: Ask) -> Response:
    """A record; the address holds its id, which opens nothing outside the admin."""
    ask.must("records")
    draft = await opened(ask)
    found = await _inspected(ask, draft)
    screens = found.publication["evidence"] if found.publication else []
    language = found.record["language"]
    return ask.show(
        "record.html",
        found=found,
        record=found.record,
        checks=[(check, CHECKS[check.name]) for check in found.checks],
        events=EVENTS,
        seen=[screen for screen in screens if screen["language"] == language],
        others=[screen for screen in screens if screen["language"] != language],
        **frame(draft, "records"),
    )


async def document(ask: Ask) -> Response:
    """The record's very bytes: their SHA-256 is the commitment."""
    ask.must("records")
    found = await _inspected(ask, await opened(ask))
    return _file(found.entry.body or b"", "application/json", f"{found.entry.id}.json")


async def proof(ask: Ask) -> Response:
    """The record's `.tlog-proof` under the present checkpoint."""
    ask.must("records")
    found = await _inspected(ask, await opened(ask))
    if found.proof is None:
        raise NotReady("not_sealed", "The log has not integrated this entry yet.", "Ask again in a second.")
    return _file(found.proof.encode(), "text/plain; charset=utf-8", f"{found.entry.id}.tlog-proof")


async def _inspected(ask: Ask, draft: Open) -> Inspected:
    return await inspect(ask.admin.entries, draft.id, str(ask.request.path_params["record"]))


def _file(data: bytes, kind: str, name: str) -> Response:
    headers = dict(HEADERS) | {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, 200, headers, media_type=kind)
