"""The documents in the log: canonical JSON (RFC 8785), the shapes of each schema, and what a record may say.

Written from docs/proof.md. Everything raises ValueError with words for people.
"""

from __future__ import annotations

import calendar
import json
import re
from datetime import datetime, timedelta
from typing import Any

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z\Z")
_PERIOD = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?\Z")
_RANDOM = re.compile(r"[A-Za-z0-9_-]{21}[AQgw]\Z")
_SUBJECT = re.compile(r"[A-Za-z0-9_-]{22}\Z")

COMMON = {"schema", "id", "site", "recorded_at", "salt"}
FIELDS = {
    "temoin.consent/1": COMMON
    | {"subject", "event", "choices", "config", "language", "layer", "control", "page", "viewport", "signals"}
    | {"client_time", "expires_at", "previous"},
    "temoin.publication/1": COMMON
    | {"config", "config_sha256", "sdk", "evidence", "evidence_missing", "actor", "findings"},
    "temoin.act/1": COMMON | {"act", "actor", "detail"},
    "temoin.erasure/1": COMMON | {"erased", "reason", "actor"},
}


def read_canonical(data: bytes) -> dict[str, Any]:
    """A JSON object whose bytes are exactly its canonical form."""
    try:
        value = json.loads(data, object_pairs_hook=_no_repeats, parse_float=_refuse, parse_constant=_refuse)
        canonical = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it is not JSON as it should be ({error})") from error
    if canonical != data:
        raise ValueError("it is not in canonical form (RFC 8785)")
    if not isinstance(value, dict):
        raise ValueError("it is not a JSON object")
    return value


def check_shape(document: dict[str, Any], schema: str, entry_id: str, site: str) -> None:
    """That a document has the fields of its schema and no other, and belongs where it was found."""
    if document.get("schema") != schema:
        raise ValueError(f"its schema is {document.get('schema')!r}, not {schema}")
    missing = FIELDS[schema] - document.keys()
    extra = document.keys() - FIELDS[schema]
    if missing or extra:
        raise ValueError(f"fields are missing or unknown: {', '.join(sorted(missing | extra))}")
    if document["id"] != entry_id:
        raise ValueError("its id is not the one in its name")
    if document["site"] != site:
        raise ValueError(f"it is of the site {document['site']!r}, not of {site}")
    if not _RANDOM.match(str(document["salt"])):
        raise ValueError("its salt is not 128 bits in base64url")


def read_time(text: object, what: str) -> datetime:
    """A time in the one form that documents have: UTC, milliseconds, Z."""
    if not isinstance(text, str) or not _TIME.match(text):
        raise ValueError(f"{what} is not a UTC time with milliseconds")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{what} is no date of the calendar: {text}") from error


def later(moment: datetime, period: object) -> datetime:
    """`moment` plus an ISO 8601 period: calendar months (same day, or the month's last), then days."""
    match = _PERIOD.match(str(period))
    if match is None or not any(match.groups()):
        raise ValueError(f"{period!r} is not a period")
    years, months, weeks, days = (int(part or 0) for part in match.groups())
    year, month = divmod(moment.year * 12 + moment.month - 1 + years * 12 + months, 12)
    if year > 9999 or weeks * 7 + days > 10**6:
        raise ValueError(f"{period!r} is too long")
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day) + timedelta(days=weeks * 7 + days)


def check_consent(record: dict[str, Any], config: dict[str, Any]) -> None:
    """That a consent record says what its config version lets a visitor say."""
    _check_choices(record, config)
    _require(_SUBJECT.match(str(record["subject"])), "its subject is not 22 characters of base64url")
    _require(record["language"] in config["languages"], f"the banner had no language {record['language']!r}")
    _require(record["layer"] in (1, 2) and record["layer"] is not True, "its layer is neither 1 nor 2")
    _require(record["viewport"] in ("mobile", "desktop"), "its viewport is neither mobile nor desktop")
    _require(isinstance(record["signals"], dict), "its signals are not an object")
    _require(isinstance(record["control"], str), "its control is not named")
    page = record["page"]
    _require(
        isinstance(page, str) and page.startswith(("https://", "http://")) and "?" not in page and "#" not in page,
        "its page is not an address without query and fragment",
    )
    recorded = read_time(record["recorded_at"], "recorded_at")
    expires = read_time(record["expires_at"], "expires_at")
    read_time(record["client_time"], "client_time")
    due = later(recorded, config["choice_validity"])
    _require(
        expires == due, f"it expires {record['expires_at']}, not {config['choice_validity']} after it was recorded"
    )


def _check_choices(record: dict[str, Any], config: dict[str, Any]) -> None:
    choices, event = record["choices"], record["event"]
    _require(
        isinstance(choices, dict) and all(isinstance(value, bool) for value in choices.values()),
        "its choices are not yes or no",
    )
    purposes = {purpose["id"] for purpose in config["purposes"] if purpose["basis"] == "consent"}
    _require(choices.keys() == purposes, "its choices are not about the purposes of its config version")
    _require(event in ("given", "refused", "changed", "withdrawn"), f"{event!r} is no event")
    _require(
        any(choices.values()) == (event in ("given", "changed")),
        f"its event is {event!r} and its choices say otherwise",
    )


def _require(held: object, words: str) -> None:
    if not held:
        raise ValueError(words)


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs) or not all(name.isascii() for name in value):
        raise ValueError("a name stands twice in one object, or is not ASCII")
    return value


def _refuse(text: str) -> Any:
    raise ValueError(f"the number {text} has no place in it")
