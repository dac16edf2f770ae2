"""The compliance officer's desk: records found and proven, exports, and erasure by two people.

Which subject is meant stands in bodies alone: addresses end up in logs of servers and proxies.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

from temoin.admin.api.call import Call, File, Operation
from temoin.admin.erasing import Request
from temoin.admin.exporting import MEDIA, Job
from temoin.admin.publish import draft_of
from temoin.errors import NotReady
from temoin.proof.inspection import Check, Inspected, inspect
from temoin.proof.ports import EntryFilter
from temoin.proof.search import search
from temoin.proof.wanted import end_of_day


class Wanted(Struct, frozen=True, forbid_unknown_fields=True):
    """Which records: any of these may be left out. Days or times in `from` and `to`, both included."""

    subject: str | None = None
    since: str | None = field(default=None, name="from")
    until: str | None = field(default=None, name="to")
    event: str | None = None
    purpose: str | None = None

    def filter(self) -> EntryFilter:
        """Raises Malformed."""
        return EntryFilter(self.since, end_of_day(self.until), self.subject, self.purpose, self.event)


class Search(Wanted, frozen=True, forbid_unknown_fields=True):
    """`below` is where the search before this one ended."""

    version: str | None = None
    below: int | None = None


class Record(Struct, frozen=True):
    """A record, its place in the log and its commitment in hex."""

    index: int
    id: str
    commitment: str
    record: dict[str, Any]


class Found(Struct, frozen=True):
    """Records, newest first; `below` is where to carry on, null at the end of what was asked for."""

    records: list[Record]
    below: int | None
    read: int


class Shown(Struct, frozen=True):
    """A record with the publication that the visitor saw, and what was checked. `ok`: nothing failed; a check that
    cannot be made yet is null."""

    index: int
    id: str
    commitment: str
    record: dict[str, Any]
    publication: dict[str, Any] | None
    origin: str
    key: str
    checks: list[Check]
    ok: bool


class ExportOrder(Wanted, frozen=True, forbid_unknown_fields=True):
    """`language` is for the printed document."""

    format: str = "bundle"
    language: str = "en"


class Erase(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose records are to be destroyed and why; without a subject, those whose retention is over."""

    subject: str | None = None
    reason: str = ""


class Asked(Struct, frozen=True):
    """A request that waits for somebody else's confirmation."""

    id: str
    subject: str | None
    reason: str
    asked_by: str
    asked_at: str
    until: str


class Destroyed(Struct, frozen=True):
    """How many records are gone, the log's entry that says so, whether no byte of the subject was found afterwards, and
    what became of files that were exported before, counted by outcome."""

    records: int
    index: int | None
    traceless: bool
    files: dict[str, int]


async def find(call: Call) -> Found:
    await draft_of(call.admin.sites, call.site)
    wanted: Search = call.body
    results = await search(call.admin.entries, call.site, wanted.filter(), wanted.version, wanted.below)
    hits = [Record(hit.index, hit.id, hit.commitment.hex(), hit.record) for hit in results.hits]
    return Found(hits, results.below, results.read)


async def show(call: Call) -> Shown:
    seen = await _inspected(call)
    entry = seen.entry
    return Shown(
        *(entry.index, entry.id, entry.commitment.hex(), seen.record, seen.publication),
        *(seen.origin, seen.vkey, list(seen.checks), seen.ok),
    )


async def document(call: Call) -> File:
    entry = (await _inspected(call)).entry
    return File(entry.body or b"", "application/json", f"{entry.id}.json")


async def proof(call: Call) -> File:
    seen = await _inspected(call)
    if seen.proof is None:
        raise NotReady(
            "not_sealed", "The log has not integrated this entry yet.", "Ask again in a second.", retry_after=1
        )
    return File(seen.proof.encode(), "text/plain; charset=utf-8", f"{seen.entry.id}.tlog-proof")


async def _inspected(call: Call) -> Inspected:
    return await inspect(call.admin.entries, call.site, call.part("record"))


async def exports(call: Call) -> list[Job]:
    return await call.admin.exporting.of(call.site)


async def ask_export(call: Call) -> Job:
    await draft_of(call.admin.sites, call.site)
    order: ExportOrder = call.body
    return await call.admin.exporting.ask(call.site, order.format, order.filter(), order.language, call.label)


async def export_file(call: Call) -> File:
    job, path = await call.admin.exporting.file(call.site, call.part("export"), call.label)
    return File(path, MEDIA[job.form], f"{job.site}-{job.asked_at[:10]}{path.suffix}")


async def remove_export(call: Call) -> None:
    await call.admin.exporting.remove(call.site, call.part("export"))


async def erasures(call: Call) -> list[Asked]:
    return [_asked(request) for request in await call.admin.erasures.of(call.site)]


async def ask_erasure(call: Call) -> Asked:
    await draft_of(call.admin.sites, call.site)
    wanted: Erase = call.body
    return _asked(await call.admin.erasures.ask(call.site, wanted.subject, wanted.reason, call.actor))


async def confirm_erasure(call: Call) -> Destroyed:
    outcome = await call.admin.erasures.confirm(call.site, call.part("request"), call.actor)
    fates = [reached.fate for reached in outcome.reached]
    return Destroyed(
        outcome.count, outcome.index, outcome.traceless, {fate: fates.count(fate) for fate in sorted(set(fates))}
    )


async def take_erasure_back(call: Call) -> None:
    await call.admin.erasures.take_back(call.site, call.part("request"), call.label)


def _asked(request: Request) -> Asked:
    return Asked(request.id, request.subject, request.reason, request.asked_by, request.asked_at, request.until)


OPERATIONS = (
    Operation(
        *("POST", "/sites/{site}/records/search", find, "records", "Find records, newest first"), *(Found, Search)
    ),
    Operation("GET", "/sites/{site}/records/{record}", show, "records", "One record, its proof checked", Shown),
    Operation(
        *("GET", "/sites/{site}/records/{record}/document", document, "records", "The record's very bytes"),
        ("application/json",),
    ),
    Operation(
        *("GET", "/sites/{site}/records/{record}/proof", proof, "records", "The record's .tlog-proof"),
        ("text/plain",),
    ),
    Operation("GET", "/sites/{site}/exports", exports, "records", "The exports of the last week", list[Job]),
    Operation(
        *("POST", "/sites/{site}/exports", ask_export, "records", "Begin an export"), *(Job, ExportOrder, None, 201)
    ),
    Operation(
        *("GET", "/sites/{site}/exports/{export}/file", export_file, "records", "The file of a finished export"),
        tuple(media.partition(";")[0] for media in MEDIA.values()),
    ),
    Operation("DELETE", "/sites/{site}/exports/{export}", remove_export, "records", "Remove an export and its file"),
    Operation("GET", "/sites/{site}/erasures", erasures, "erase", "Erasures that wait", list[Asked]),
    Operation(
        *("POST", "/sites/{site}/erasures", ask_erasure, "erase", "Ask for records to be destroyed"),
        *(Asked, Erase, None, 201),
    ),
    Operation(
        *("POST", "/sites/{site}/erasures/{request}/confirm", confirm_erasure, "erase"),
        *("Destroy what somebody else asked for", Destroyed),
    ),
    Operation("DELETE", "/sites/{site}/erasures/{request}", take_erasure_back, "erase", "Take a request back"),
)
