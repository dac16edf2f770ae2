"""Erasure of one subject's records (GDPR article 17; research behind it: docs/retention.md).

The log commits to salted digests only, so destroying a record with its salt leaves a commitment that tells nothing and
a log that still verifies. What happened goes on the record as a `temoin.erasure/1` entry: which entries, why, by whom,
and never whose they were.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from temoin.clock import SystemClock
from temoin.errors import Malformed, NotFound
from temoin.proof.append import Draft
from temoin.proof.document import FinishedDraft, erasure
from temoin.proof.entry import LoggedEntry
from temoin.proof.exports import Exports, Reached

_LONGEST_REASON = 500
_SUBJECT = re.compile(r"[A-Za-z0-9_-]{22}")

Account = Callable[[Sequence[str]], Draft]
"""Makes the log's document for the ids of the entries that were destroyed."""


@dataclass(frozen=True, slots=True)
class Erased:
    """`ids` are the destroyed entries, `entry` the one that says so (None where nothing was left to destroy).

    `traceless` tells that the store looked for the subject's bytes in its files afterwards and found none.
    """

    ids: tuple[str, ...]
    entry: LoggedEntry | None
    traceless: bool


class ErasureStore(Protocol):
    """Destroys what is kept of a subject: bodies, salts, digests and the subject's own id, hot and archived.

    All of it and the log entry become durable in one step, or nothing does; index, id and commitment stay. Returns
    None where the store holds nothing of that subject. Raises NotFound for an unknown site.
    """

    async def erase_subject(self, site: str, subject: str, account: Account) -> Erased | None: ...


async def erase(store: ErasureStore, site: str, subject: str, reason: str, actor: str, clock: SystemClock) -> Erased:
    """Destroys the subject's records and puts the reason on the record.

    Raises NotFound for an unknown site or subject, Malformed for a reason that is empty, too long, or names the
    subject: the reason is kept for as long as the log.
    """
    reason = checked_reason(reason, subject)
    known = _SUBJECT.fullmatch(subject) is not None
    erased = await store.erase_subject(site, subject, account_of(site, reason, actor, clock)) if known else None
    if erased is None:
        raise NotFound(
            "unknown_subject", f"{site} holds no record of this subject.", "Check the id: it stands on the receipt."
        )
    return erased


async def erase_everywhere(
    store: ErasureStore, exports: Exports, site: str, subject: str, reason: str, actor: str, clock: SystemClock
) -> tuple[Erased, list[Reached]]:
    """Like `erase`, in the files that were exported before too; what became of each of those that held the subject.

    A crash in the middle leaves files marked as due: the next call, for whatever subject, finishes them.
    """
    checked_reason(reason, subject)
    reached = await exports.release(site, subject)
    try:
        done = await erase(store, site, subject, reason, actor, clock)
    except NotFound:
        reached += await exports.work_off(site)
        if not reached:
            raise
        return Erased((), None, traceless=True), reached
    return done, reached + await exports.work_off(site)


def checked_reason(reason: str, subject: str) -> str:
    """The reason without space around it; raises Malformed for one that is empty, too long, or names the subject."""
    reason = reason.strip()
    if not reason or len(reason) > _LONGEST_REASON:
        raise Malformed(
            "bad_reason",
            f"The reason has {len(reason)} characters; it must have 1 to {_LONGEST_REASON}.",
            "Say in a sentence why the records are destroyed, such as: request of 3 March, answered by letter.",
        )
    if subject and subject in reason:
        raise Malformed(
            "reason_names_subject",
            "The reason names the subject, and it stays in the log for good.",
            "Give a reason that names nobody, such as the number of the request.",
        )
    return reason


def account_of(site: str, reason: str, actor: str, clock: SystemClock) -> Account:
    """What makes the erasure entry of a site's log, dated when it is made."""

    def document(ids: Sequence[str]) -> Draft:
        return FinishedDraft(site, erasure(site, ids, reason, actor, clock.now()))

    return document
