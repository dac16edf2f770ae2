"""A period's report: how visitors decided, counted while the log streams by, so that memory does not grow with it."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from temoin.clock import rfc3339
from temoin.proof.bundle import BundleSource
from temoin.proof.entry import LoggedEntry
from temoin.proof.export import Progress
from temoin.proof.ports import EntryFilter
from temoin.proof.printed import LogFacts, Versions, check_inclusion, choices_in_words, titles_of
from temoin.proof.wanted import matches
from temoin.proof.words import Words, days_between, document_language
from temoin.site import PublishedConfig

EVENTS = ("given", "refused", "changed", "withdrawn")
MOST_LISTED = 100
MOST_DAYS = 366


@dataclass(slots=True)
class Totals:
    """What is counted as records pass. `days` counts events by (date, event), `purposes` by (id, granted)."""

    events: Counter[str] = field(default_factory=Counter)
    purposes: Counter[tuple[str, bool]] = field(default_factory=Counter)
    days: Counter[tuple[str, str]] = field(default_factory=Counter)
    versions: Counter[str] = field(default_factory=Counter)
    first: str = ""
    last: str = ""
    erased: int = 0
    publications: list[dict[str, Any]] = field(default_factory=list)
    newest: deque[tuple[LoggedEntry, dict[str, Any]]] = field(default_factory=lambda: deque(maxlen=MOST_LISTED))

    @property
    def records(self) -> int:
        return self.events.total()

    def count(self, entry: LoggedEntry, record: dict[str, Any]) -> None:
        recorded, event = record["recorded_at"], record["event"]
        self.events[event] += 1
        self.days[(recorded[:10], event)] += 1
        self.versions[record["config"]] += 1
        self.purposes.update(record["choices"].items())
        self.first = min(self.first or recorded, recorded)
        self.last = max(self.last, recorded)
        self.newest.append((entry, record))


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table: `counts` by event, or granted and refused."""

    name: str
    total: int
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A config version: when it was first published, its captures in words, its records."""

    version: str
    published: str
    screens: str
    records: int


@dataclass(frozen=True, slots=True)
class Report:
    """What the template `report.html` shows. `months` are (name, days); with `by_month` its days are not shown."""

    words: Words
    log: LogFacts
    config: PublishedConfig | None
    made: str
    period: str
    filtered: str
    totals: Totals
    purposes: list[Row]
    versions: list[VersionRow]
    months: list[tuple[Row, list[Row]]]
    days: int
    by_month: bool
    listed: list[tuple[LoggedEntry, dict[str, Any], list[tuple[str, bool]]]]

    @property
    def found(self) -> int:
        return self.totals.records


async def report(
    source: BundleSource,
    log: LogFacts,
    wanted: EntryFilter,
    now: datetime,
    language: str | None,
    progress: Progress | None = None,
) -> Report:
    """The report of the decisions that a normalised filter asks for; of none, if need be."""
    totals = await _count(source, log, wanted, progress)
    versions = Versions(source, log.site)
    config = await versions.load(totals.publications[-1]["config"]) if totals.publications else None
    words = Words(document_language(language, config) if config else language or "fr")
    await check_inclusion(source, log, [entry for entry, _ in totals.newest])
    listed = []
    for entry, record in reversed(totals.newest):
        named = choices_in_words(record, await versions.load(record["config"]), words.language)
        listed.append((entry, record, named))
    titles: dict[str, str] = {}
    for version in totals.versions:
        titles |= titles_of(await versions.load(version), words.language)
    days = days_between(totals.first[:10], totals.last[:10]) if totals.records else 0
    return Report(
        words=words,
        log=log,
        config=config,
        made=rfc3339(now),
        period=words.span(wanted.since, wanted.until),
        filtered=_filtered(words, wanted, titles),
        totals=totals,
        purposes=_purposes(totals, titles),
        versions=_versions(totals, words),
        months=_months(totals, words),
        days=days,
        by_month=days > MOST_DAYS,
        listed=listed,
    )


async def _count(source: BundleSource, log: LogFacts, wanted: EntryFilter, progress: Progress | None) -> Totals:
    totals, read = Totals(), 0
    async for entry in source.entries(log.site, log.size):
        read += 1
        if entry.body is None:
            totals.erased += entry.kind == "consent"
        elif entry.kind == "publication":
            totals.publications.append(orjson.loads(entry.body))
        elif entry.kind == "consent" and matches(wanted, record := orjson.loads(entry.body)):
            totals.count(entry, record)
        if progress is not None:
            progress(read)
    return totals


def _purposes(totals: Totals, titles: dict[str, str]) -> list[Row]:
    rows = []
    for purpose in sorted({purpose for purpose, _ in totals.purposes}, key=list(titles).index):
        granted, refused = totals.purposes[(purpose, True)], totals.purposes[(purpose, False)]
        rows.append(Row(titles[purpose], granted + refused, (granted, refused)))
    return rows


def _versions(totals: Totals, words: Words) -> list[VersionRow]:
    """The versions that decisions were made on, in the order of their first publication."""
    rows: dict[str, VersionRow] = {}
    for document in totals.publications:
        version = document["config"]
        if version in totals.versions and version not in rows:
            missing = document["evidence_missing"]
            screens = words("versions.missing", reason=missing) if missing else words.number(len(document["evidence"]))
            rows[version] = VersionRow(version, document["recorded_at"], screens, totals.versions[version])
    return list(rows.values())


def _months(totals: Totals, words: Words) -> list[tuple[Row, list[Row]]]:
    """Each month with its days, oldest first; days without a decision are left out."""
    months: dict[str, list[Row]] = {}
    for day in sorted({day for day, _ in totals.days}):
        counts = tuple(totals.days[(day, event)] for event in EVENTS)
        months.setdefault(day[:7], []).append(Row(day, sum(counts), counts))
    found = []
    for month, days in months.items():
        counts = tuple(map(sum, zip(*(day.counts for day in days), strict=True)))
        found.append((Row(words.month(month), sum(counts), counts), days))
    return found


def _filtered(words: Words, wanted: EntryFilter, titles: dict[str, str]) -> str:
    parts = []
    if wanted.purpose is not None:
        parts.append(words("filter.purpose", purpose=titles.get(wanted.purpose, wanted.purpose)))
    if wanted.event is not None:
        parts.append(words("filter.event", event=words(f"event.{wanted.event}")))
    return words.listed(parts) or words("filter.none")
