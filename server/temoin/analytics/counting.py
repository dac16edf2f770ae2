"""What a hit that was taken adds to the counts, or why it is left out.

Hits are answered first and then counted in a row, all that one turn of the event loop brought: a processor does the
same thing many times over faster than it does many things in turn. What is told of the sender lives as long as that
turn, some milliseconds at the most; a crash within it loses no more than one before the flush does (`fold`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from traceback import format_tb
from typing import NamedTuple

import msgspec

from temoin.analytics.agent import classify, language
from temoin.analytics.fold import Fold, Who
from temoin.analytics.hit import Hit
from temoin.analytics.place import Countries
from temoin.analytics.visitor import visitor
from temoin.catalog import PublishedSite

log = logging.getLogger(__name__)


class Taken(NamedTuple):
    """A well-formed hit. `network` is the shortened address, `own` whether it was one of the operator's networks.

    `key` is the day's, `sent` the request's headers, names in lower case.
    """

    site: str
    published: PublishedSite
    hit: Hit
    network: bytes
    own: bool
    sent: dict[bytes, bytes]
    key: bytes
    moment: datetime


class Counting:
    """Takes hits and counts them into `fold`; `counted` is told of each."""

    def __init__(self, fold: Fold, countries: Countries, counted: Callable[[str], None]) -> None:
        self._fold = fold
        self._countries = countries
        self._counted = counted
        self._waiting: list[Taken] = []

    def take(self, taken: Taken) -> None:
        """Counts it when this turn of the event loop is over."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._count_all)
        self._waiting.append(taken)

    def _count_all(self) -> None:
        waiting, self._waiting = self._waiting, []
        for taken in waiting:
            try:
                self._count(taken)
                self._counted("taken")
            except Exception as error:  # one hit's, never its neighbours' loss
                # Where it happened, not what its message quotes: that could be a user agent.
                where = "".join(format_tb(error.__traceback__))
                log.error("a hit of %s could not be counted: %s\n%s", taken.site, type(error).__name__, where)

    def _count(self, taken: Taken) -> None:
        site, _, hit, network, _, sent, key, moment = taken
        told = sent.get(b"user-agent", b"")
        agent = classify(told.decode("latin-1"))
        reason = _left_out(taken) or ("bot" if agent.bot else "own_address" if taken.own else None)
        if reason is not None:
            self._fold.drop(site, reason, moment)
            return
        if hit.entry and hit.referrer in taken.published.hosts:  # the page before was on another of the site's origins
            hit = msgspec.structs.replace(hit, entry=False)
        if hit.type == "shown":
            self._fold.shown(site, hit, moment)
            return
        spoken = language(sent.get(b"accept-language", b"").decode("latin-1"))
        number = visitor(key, site, network, told)
        self._fold.count(site, hit, Who(number, self._countries.find(network), spoken, agent), moment)


def _left_out(taken: Taken) -> str | None:
    """Why a well-formed hit may not be counted, whoever sent it, or None."""
    sent, hit = taken.sent, taken.hit
    analytics = taken.published.current.config.analytics
    if b"prefetch" in (sent.get(b"sec-purpose") or sent.get(b"purpose", b"")).lower():
        return "prefetch"
    if "gpc" in analytics.objections and sent.get(b"sec-gpc") == b"1":
        return "gpc"
    if "dnt" in analytics.objections and sent.get(b"dnt") == b"1":
        return "dnt"
    if hit.type == "event" and hit.value not in analytics.events:
        return "unknown_event"
    return None
