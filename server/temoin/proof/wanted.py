"""Which records an export is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from temoin.clock import parse_rfc3339, rfc3339
from temoin.errors import Malformed
from temoin.proof.ports import EntryFilter

_EVENTS = ("given", "refused", "changed", "withdrawn")


def normalised(wanted: EntryFilter) -> EntryFilter:
    """The same filter with its times in the records' own form (a bare date means its midnight, UTC).

    Raises Malformed naming what cannot be used.
    """
    if wanted.event is not None and wanted.event not in _EVENTS:
        raise Malformed("bad_filter", f"There is no event {wanted.event!r}.", f"Use one of {', '.join(_EVENTS)}.")
    return replace(wanted, since=_time(wanted.since), until=_time(wanted.until))


def end_of_day(until: str | None) -> str | None:
    """A bare date includes its whole day, UTC; a time is exclusive."""
    if until is None or len(until) != len("2026-11-21"):
        return until
    try:
        return rfc3339(parse_rfc3339(f"{until}T00:00:00Z") + timedelta(days=1))
    except ValueError as error:
        raise Malformed("bad_filter", f"{until!r} is not a date.", "Give a date such as 2026-11-21.") from error


def matches(wanted: EntryFilter, record: dict[str, Any]) -> bool:
    """Whether a consent record is asked for by a normalised filter."""
    recorded: str = record["recorded_at"]
    if wanted.since is not None and recorded < wanted.since:
        return False
    if wanted.until is not None and recorded >= wanted.until:
        return False
    if wanted.subject is not None and record["subject"] != wanted.subject:
        return False
    if wanted.purpose is not None and wanted.purpose not in record["choices"]:
        return False
    return wanted.event is None or record["event"] == wanted.event


def _time(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return rfc3339(parse_rfc3339(f"{text}T00:00:00Z" if len(text) == 10 else text))
    except ValueError as error:
        raise Malformed(
            "bad_filter", f"{text!r} is not a time.", "Give a date such as 2026-11-21, or 2026-11-21T08:00:00Z."
        ) from error
