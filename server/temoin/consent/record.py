"""The record of a decision (CONTRACT section 6): what is kept, and what it is called in the log.

No address, no user agent, ever: the type has no place for them (rules R57). `recorded_at` and `expires_at` are the
server's; `client_time` is only what the browser claimed.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any, Literal, TypedDict

import orjson

from temoin.canonical import canonical_trusted
from temoin.clock import add_period, parse_period, rfc3339
from temoin.consent.decision import Decision
from temoin.errors import Conflict
from temoin.proof.document import new_salt
from temoin.proof.entry import Entry, LoggedEntry

SCHEMA = "temoin.consent/1"

Event = Literal["given", "refused", "changed", "withdrawn"]


class Receipt(TypedDict):
    """What the visitor's browser keeps (CONTRACT section 3). Times are RFC 3339, `commitment` is 64 hex digits."""

    id: str
    site: str
    subject: str
    config: str
    commitment: str
    recorded_at: str
    expires_at: str
    choices: dict[str, bool]


class ConsentDraft:
    """A decision on its way into the log. See `temoin.proof.append.Draft`."""

    __slots__ = ("_asked", "_decision", "_expires_at", "_recorded_at", "digest", "id", "site", "subject")

    def __init__(self, site: str, decision: Decision, validity: str, now: datetime) -> None:
        self.id: str = decision.id
        self.site = site
        self.subject: str = decision.subject
        self.digest = decision.digest
        self._decision = decision
        self._recorded_at = rfc3339(now)
        self._expires_at = _last_day(self._recorded_at[:10], validity) + self._recorded_at[10:]
        self._asked = False

    def follow(self, previous: LoggedEntry | None) -> Entry:
        decision = self._decision
        before = _in_force(previous, self._recorded_at)
        self._asked = before is None
        record = {
            "schema": SCHEMA,
            "id": self.id,
            "site": self.site,
            "subject": self.subject,
            "event": event_of(decision.choices, before is not None and any(before["choices"].values())),
            "choices": decision.choices,
            "config": decision.config,
            "language": decision.language,
            "layer": decision.layer,
            "control": decision.control,
            "page": decision.bare_page,
            "viewport": decision.viewport,
            "signals": decision.signals,
            "client_time": rfc3339(decision.client_time),
            "recorded_at": self._recorded_at,
            "expires_at": self._expires_at,
            "previous": previous.id if previous else None,
            "salt": new_salt(),
        }
        return Entry(self.id, "consent", self.subject, canonical_trusted(record))

    def receipt(self, entry: LoggedEntry) -> Receipt:
        """The receipt of `entry`, which this draft became: what `receipt` reads from the record is known here."""
        return {
            "id": self.id,
            "site": self.site,
            "subject": self.subject,
            "config": self._decision.config,
            "commitment": entry.commitment.hex(),
            "recorded_at": self._recorded_at,
            "expires_at": self._expires_at,
            "choices": dict(sorted(self._decision.choices.items())),  # as in the record
        }

    @property
    def outcomes(self) -> list[str]:
        """What is counted of this decision once it is recorded: see `OUTCOMES` of `temoin.analytics.ports`.

        It answers the banner where nothing was in force before it, and where a button of the first layer made it, which
        is there only while it asks. Whoever decides otherwise came back on their own.
        """
        decision = self._decision
        if decision.action == "withdraw":
            return ["withdrawn"]
        if not (self._asked or (decision.layer == 1 and decision.control != "api")):
            return ["changed"]
        granted = sum(decision.choices.values())
        outcome = "refused" if not granted else "accepted" if granted == len(decision.choices) else "partial"
        return [outcome, *(f"{'+' if given else '-'}{purpose}" for purpose, given in decision.choices.items())]


def event_of(choices: dict[str, bool], had_grants: bool) -> Event:
    """What a decision is, seen from the one in force before it."""
    if any(choices.values()):
        return "changed" if had_grants else "given"
    return "withdrawn" if had_grants else "refused"


def receipt(entry: LoggedEntry) -> Receipt:
    """The receipt of a logged decision; raises Conflict where its record was erased."""
    if entry.body is None:
        raise Conflict(
            "erased", f"The record {entry.id} was erased.", "Make a new decision under a new id, or leave it at that."
        )
    record = orjson.loads(entry.body)
    return {
        "id": entry.id,
        "site": record["site"],
        "subject": record["subject"],
        "config": record["config"],
        "commitment": entry.commitment.hex(),
        "recorded_at": record["recorded_at"],
        "expires_at": record["expires_at"],
        "choices": record["choices"],
    }


@lru_cache(maxsize=64)
def _last_day(day: str, validity: str) -> str:
    """The day on which a choice of `day` ends, at the time of the day at which it was made: `2027-12-26`."""
    return add_period(datetime.fromisoformat(day), parse_period(validity)).date().isoformat()


def _in_force(previous: LoggedEntry | None, now: str) -> dict[str, Any] | None:
    """The decision before, unless it is over or erased. Times of one form compare as text."""
    if previous is None or previous.body is None:
        return None
    record: dict[str, Any] = orjson.loads(previous.body)
    return record if record["expires_at"] > now else None
