"""Counting in memory: each hit becomes numbers at once, and the numbers are flushed together.

What is acknowledged and not yet flushed is lost when the process is killed: at most the last `FLUSH_SECONDS`, and the
time that the store's transaction takes.
"""

from __future__ import annotations

import asyncio
import calendar
import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from temoin.analytics.agent import Agent
from temoin.analytics.hit import Hit
from temoin.analytics.mask import mask, mask_path
from temoin.analytics.ports import (
    CONSENTED,
    EXEMPT,
    MEASURES,
    OTHER,
    RETENTION_MONTHS,
    Asked,
    AudienceWriter,
    Counts,
    SiteFold,
)
from temoin.analytics.sketch import Sketch
from temoin.analytics.visitor import DaySalt, day_of
from temoin.clock import SystemClock
from temoin.errors import TemoinError

FLUSH_SECONDS = 0.5
_VALUES = ("event", "outbound", "download", "search")
_MOST_CROWDS = 30_000
_MOST_KEYS = 30_000  # of one site between two flushes; a store that is away must not fill the memory
_log = logging.getLogger(__name__)

Key = tuple[int, str, str, int]  # hour, kind, value, series
Crowd = tuple[int, int, str, str, str, str, str]  # hour, series, and what visitors have in common, as in _CROWD
Answer = tuple[str, int, str, str, str, tuple[str, ...]]  # site, day, version, language, device, outcomes
_CROWD = ("country", "language", "device", "browser", "system")
Sparse = tuple[tuple[int, int], ...]  # the counts that are not nought, each with its place in MEASURES
_ONE: Sparse = ((0, 1),)  # a view
_ENTRY: Sparse = ((0, 1), (1, 1))  # a view that began a visit


class Who(NamedTuple):
    """What is told of the sender, in classes; `visitor` is the day's number, for the sketch alone."""

    visitor: int
    country: str
    language: str
    agent: Agent

    @property
    def common(self) -> tuple[str, str, str, str, str]:
        """As _CROWD has it."""
        return self.country, self.language, self.agent.device, self.agent.browser, self.agent.system


class Fold:
    """What this process counted since its last flush, of all sites."""

    def __init__(self) -> None:
        self._sites: dict[str, SiteFold] = {}
        # Visitors who have everything in common are counted together, and taken apart when the fold is taken.
        self._crowds: dict[str, dict[Crowd, Counts]] = {}
        self._answers: dict[Answer, int] = {}  # likewise

    def take(self) -> dict[str, SiteFold]:
        """All of it, and begins anew."""
        for site, crowds in self._crowds.items():
            into = self._site(site)
            for (hour, series, *values), counts in crowds.items():
                for kind, value in zip(("total", *_CROWD), ("", *values), strict=True):
                    _add(into, (hour, kind, value, series), _sparse(counts))
        for (site, day, version, language, device, outcomes), count in self._answers.items():
            for outcome in outcomes:
                _ask(self._site(site), Asked(day, version, language, device, outcome), count)
        taken, self._sites, self._crowds, self._answers = self._sites, {}, {}, {}
        return taken

    def put_back(self, taken: dict[str, SiteFold]) -> None:
        """Adds what could not be flushed to what came meanwhile."""
        for site, fold in taken.items():
            into = self._site(site)
            for key, counts in fold.counts.items():
                _add(into, key, _sparse(counts))
            for minute, counts in fold.minutes.items():
                _sum(_minute(into, minute), _sparse(counts))
            for day_series, sketch in fold.visitors.items():
                _sketch(into, day_series).merge(sketch)
            for asked, count in fold.asked.items():
                _ask(into, asked, count)

    def drop(self, site: str, reason: str, moment: datetime) -> None:
        """Counts a hit that was not counted, by why."""
        _add(self._site(site), (_hour(moment), "dropped", reason, EXEMPT), _ONE)

    def count(self, site: str, hit: Hit, who: Who, moment: datetime) -> None:
        """Counts a hit that may be counted."""
        fold = self._site(site)
        series = (EXEMPT, CONSENTED) if hit.consented else (EXEMPT,)
        if hit.type == "consent":
            series = (CONSENTED,)
        counts = _counts(hit)
        day = day_of(moment)
        hour = day * 100 + moment.hour
        for one in series:
            for kind, value in _keys(hit, one):
                _add(fold, (hour, kind, value, one), counts)
            if hit.type in ("view", "consent"):
                _sum(self._crowd(site, (hour, one, *who.common)), counts)
                _sketch(fold, (day, one)).add(who.visitor)
        if hit.type == "view":
            _sum(_minute(fold, int(moment.timestamp()) // 60), counts)

    def shown(self, site: str, hit: Hit, moment: datetime) -> None:
        """Counts that a page showed the banner, and where a visit began there, that the visit was asked."""
        outcomes = ("shown", "asked") if hit.entry else ("shown",)
        self.answered(site, hit.config, hit.language, hit.viewport, outcomes, moment)

    def answered(
        self, site: str, version: str, language: str, device: str, outcomes: Iterable[str], moment: datetime
    ) -> None:
        """Counts an answer of which OUTCOMES and purposes say all that is kept here."""
        key = (site, day_of(moment), version, language, device, tuple(outcomes))
        self._answers[key] = self._answers.get(key, 0) + 1

    def _crowd(self, site: str, crowd: Crowd) -> Counts:
        crowds = self._crowds.get(site)
        if crowds is None:
            crowds = self._crowds[site] = {}
        known = crowds.get(crowd)
        if known is None:
            if len(crowds) >= _MOST_CROWDS:
                crowd = (*crowd[:2], OTHER, OTHER, OTHER, OTHER, OTHER)
            known = crowds.setdefault(crowd, [0] * len(MEASURES))
        return known

    def _site(self, site: str) -> SiteFold:
        fold = self._sites.get(site)
        if fold is None:
            fold = self._sites[site] = SiteFold()
        return fold


class Flusher:
    """Takes the fold to the store; `run` until cancelled, then once more by `stop`."""

    def __init__(self, fold: Fold, store: AudienceWriter, salt: DaySalt, clock: SystemClock) -> None:
        self._fold = fold
        self._store = store
        self._salt = salt
        self._clock = clock
        self._cleared = 0

    async def run(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            try:
                await self._salt.key(self._clock.now())
                await self.flush()
                await self._forget()
            except TemoinError as error:
                _log.warning("the audience's counts wait for the store: %s", error)

    async def flush(self) -> None:
        """One transaction with all that was gathered; where it fails, that goes back and waits for the next."""
        taken = self._fold.take()
        if not taken:
            return
        try:
            await asyncio.shield(self._store.add_audience(taken))
        except TemoinError:
            self._fold.put_back(taken)
            raise

    async def _forget(self) -> None:
        """Once a day, and when the process starts: what was counted 25 months ago is destroyed."""
        day = day_of(self._clock.now())
        if day != self._cleared:
            await self._store.forget_audience(first_kept(self._clock.now()))
            self._cleared = day

    async def stop(self) -> None:
        """What was gathered until now is flushed; a store that is away loses it, and the log says so."""
        try:
            await self.flush()
        except TemoinError as error:
            _log.warning("the audience's last counts are lost: %s", error)


def first_kept(now: datetime) -> int:
    """The oldest day that is kept: what was counted `RETENTION_MONTHS` ago, to the day, is not."""
    months = now.year * 12 + now.month - 1 - RETENTION_MONTHS
    year, month = divmod(months, 12)
    day = min(now.day, calendar.monthrange(year, month + 1)[1])
    return day_of(datetime(year, month + 1, day, tzinfo=UTC) + timedelta(days=1))


def _keys(hit: Hit, series: int) -> list[tuple[str, str]]:
    """What a hit counts under beside its crowd. Only what carries consent is counted under a campaign."""
    page = mask_path(hit.page)
    if hit.type in _VALUES:
        value = mask_path(hit.value) if hit.type == "download" else mask(hit.value.lower().strip())
        return [(hit.type, value)]
    if hit.type == "leave":
        return [("total", ""), ("page", page)]
    keys = [("page", page)]
    if hit.missing:
        keys.append(("missing", page))
    if hit.entry:
        keys.append(("referrer", mask(hit.referrer.lower().removeprefix("www.")) or "(direct)"))
    if hit.campaign is not None and series == CONSENTED:
        keys.append(("campaign", mask(hit.campaign.text)))
    return keys


def _counts(hit: Hit) -> Sparse:
    """Leaving says whether the visit went on, and how long the page was looked at."""
    if hit.type == "leave":
        return _sparse([0, 0, 0 if hit.next else 1, 1 if hit.next and hit.entry else 0, hit.seconds, 1])
    return _ENTRY if hit.entry else _ONE


def _hour(moment: datetime) -> int:
    return day_of(moment) * 100 + moment.hour


def _add(fold: SiteFold, key: Key, counts: Sparse) -> None:
    known = fold.counts.get(key)
    if known is not None:
        _sum(known, counts)
    else:
        _begin(fold, key, counts)


def _begin(fold: SiteFold, key: Key, counts: Sparse) -> None:
    """Counts under a key that the fold does not have yet, or under OTHER where it has too many."""
    if len(fold.counts) < _MOST_KEYS or key[2] == OTHER or key[1] == "total":
        _sum(fold.counts.setdefault(key, [0] * len(MEASURES)), counts)
    else:
        _add(fold, (key[0], key[1], OTHER, key[3]), counts)


def _ask(fold: SiteFold, asked: Asked, count: int) -> None:
    fold.asked[asked] = fold.asked.get(asked, 0) + count


def _minute(fold: SiteFold, minute: int) -> Counts:
    known = fold.minutes.get(minute)
    if known is None:
        known = fold.minutes[minute] = [0] * len(MEASURES)
    return known


def _sketch(fold: SiteFold, day_series: tuple[int, int]) -> Sketch:
    known = fold.visitors.get(day_series)
    if known is None:
        known = fold.visitors[day_series] = Sketch()
    return known


def _sparse(counts: Counts) -> Sparse:
    return tuple((index, count) for index, count in enumerate(counts) if count)


def _sum(into: Counts, counts: Sparse) -> None:
    for index, count in counts:
        into[index] += count
