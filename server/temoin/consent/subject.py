"""A subject's current choices and history, read from the log's own records."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson

from temoin.clock import rfc3339
from temoin.proof.entry import LoggedEntry
from temoin.proof.ports import EntryReader

_NO_LIMIT = 2**40 - 1


async def history(log: EntryReader, site: str, subject: str, now: datetime) -> dict[str, Any] | None:
    """What is in force and what was decided before, oldest first; None where nothing is known of that subject.

    `choices` are those of the newest decision, all false once it has expired.
    """
    decisions = [
        _line(orjson.loads(entry.body), entry.commitment)
        async for entry in log.entries(site, _NO_LIMIT, subject)
        if entry.kind == "consent" and entry.body is not None
    ]
    if not decisions:
        return None
    newest = decisions[-1]
    expired = newest["expires_at"] <= rfc3339(now)
    return {
        "site": site,
        "subject": subject,
        "config": newest["config"],
        "choices": {purpose: granted and not expired for purpose, granted in newest["choices"].items()},
        "recorded_at": newest["recorded_at"],
        "expires_at": newest["expires_at"],
        "expired": expired,
        "history": decisions,
    }


async def newest(log: EntryReader, site: str, subject: str) -> LoggedEntry | None:
    """The subject's newest decision that was not erased, or None."""
    found = None
    async for entry in log.entries(site, _NO_LIMIT, subject):
        if entry.kind == "consent" and entry.body is not None:
            found = entry
    return found


def _line(record: dict[str, Any], commitment: bytes) -> dict[str, Any]:
    kept = ("id", "event", "choices", "config", "recorded_at", "expires_at")
    return {name: record[name] for name in kept} | {"commitment": commitment.hex()}
