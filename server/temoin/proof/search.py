"""Finding consent records: one visitor's, or those of a period, an event, a purpose, a version, newest first.

A log has no index by what its records say. Its order is that of time, though: the end of a period is found by halving
the log, and reading goes back from there in steps, up to a bound, so that one search costs the same in a log of any
length. Where it stopped, the next one carries on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from temoin.proof.entry import LoggedEntry
from temoin.proof.ports import EntryFilter, EntryReader, LogReader
from temoin.proof.wanted import matches, normalised

PAGE = 50
_NO_LIMIT = 2**40 - 1
_STEP = 2_000
_MOST_READ = 100_000
_PROBE = 64


class SearchedLog(EntryReader, LogReader, Protocol):
    """What a search reads."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was asked for: its place in the log, its commitment, and what it says."""

    index: int
    id: str
    commitment: bytes
    record: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Results:
    """Hits, newest first. `below` is where the next search carries on, None at the beginning of what was asked for;
    there may be one with no hits yet. `read` entries were looked at."""

    hits: Sequence[Hit]
    below: int | None
    read: int


async def search(
    reader: SearchedLog,
    site: str,
    wanted: EntryFilter,
    version: str | None = None,
    below: int | None = None,
    *,
    page: int = PAGE,
    most_read: int = _MOST_READ,
) -> Results:
    """Up to `page` records with an index under `below` (None: all) that the filter, and the version, ask for.

    Erased records have nothing to be found by. Raises Malformed for a bad filter.
    """
    wanted = normalised(wanted)
    if wanted.subject is not None:
        return await _of_subject(reader, site, wanted, version, below, page)
    state = await reader.log_state(site)
    size = state.appended if state else 0
    top = size if below is None else min(below, size)
    if wanted.until is not None:
        top = min(top, await _first_since(reader, site, wanted.until, top))
    return await _back_from(reader, site, wanted, version, top, page, most_read)


async def _of_subject(
    reader: EntryReader, site: str, wanted: EntryFilter, version: str | None, below: int | None, page: int
) -> Results:
    entries = [each async for each in reader.entries(site, _NO_LIMIT if below is None else below, wanted.subject)]
    hits = _hits(entries, wanted, version)[::-1]
    return Results(hits[:page], hits[page - 1].index if len(hits) > page else None, len(entries))


async def _back_from(
    reader: EntryReader, site: str, wanted: EntryFilter, version: str | None, top: int, page: int, most_read: int
) -> Results:
    found: list[Hit] = []
    read = 0
    while top > 0 and len(found) <= page and read < most_read:
        start = max(0, top - _STEP)
        entries = [each async for each in reader.entries(site, top, start=start)]
        found += reversed(_hits(entries, wanted, version))
        read += top - start
        top = 0 if wanted.since is not None and _all_before(entries, wanted.since) else start
    if len(found) > page:
        return Results(found[:page], found[page - 1].index, read)
    return Results(found, top or None, read)


def _hits(entries: Sequence[LoggedEntry], wanted: EntryFilter, version: str | None) -> list[Hit]:
    hits = []
    for entry in entries:
        if entry.kind == "consent" and entry.body is not None:
            record = orjson.loads(entry.body)
            if matches(wanted, record) and version in (None, record["config"]):
                hits.append(Hit(entry.index, entry.id, entry.commitment, record))
    return hits


def _all_before(entries: Sequence[LoggedEntry], since: str) -> bool:
    """Whether a whole step is older: single entries may stand a few places from where their time would put them."""
    times = [_time(entry) for entry in entries if entry.body is not None]
    return bool(times) and max(times) < since


async def _first_since(reader: EntryReader, site: str, time: str, top: int) -> int:
    """An index from which on everything under `top` was recorded at `time` or later, some entries above it for good
    measure. Too high an index costs reading and loses nothing: what is read is held against the filter."""
    low, high = 0, top
    while low < high:
        middle = (low + high) // 2
        recorded = [
            _time(each) async for each in reader.entries(site, min(middle + _PROBE, top), start=middle) if each.body
        ]
        if recorded and recorded[0] >= time:
            high = middle
        else:  # where nothing is left, retention was here: older than all that is kept
            low = middle + 1
    return min(top, low + _PROBE)


def _time(entry: LoggedEntry) -> str:
    recorded: str = orjson.loads(entry.body or b"{}")["recorded_at"]
    return recorded
