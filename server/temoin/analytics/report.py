"""Reports: what a site's owner reads of its audience, and how small numbers are made unreadable.

Numbers of days and hours are exact; a cut by what visitors are (country, language, device, browser, system, referrer,
campaign) is rounded up to tens when it leaves here, so that no cut singles anybody out. Distinct visitors are those of
one day; their sum over days counts whoever came on several days several times, and is never shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from temoin.analytics.ports import MEASURES, AudienceReader, Row
from temoin.analytics.visitor import day_of
from temoin.errors import Malformed

MOST_ROWS = 100
_ROUNDED = ("referrer", "country", "device", "browser", "system", "language", "campaign")
_EXACT = ("page", "missing", "event", "outbound", "download", "search", "dropped")
CUTS = (*_EXACT[:1], *_ROUNDED, *_EXACT[1:])
SERIES = ("exempt", "consented")
_LIVE_MINUTES = 30
_MOST_DAYS = 800


class Span:
    """Days from `since` to `until`, both included."""

    def __init__(self, since: date, until: date) -> None:
        if since > until:
            raise Malformed("bad_filter", f"{since} is after {until}.", "Give the earlier day first.")
        if (until - since).days > _MOST_DAYS:
            raise Malformed("bad_filter", "The period is over 800 days long.", "Data is kept for 25 months.")
        self.since, self.until = since, until

    @property
    def before(self) -> Span:
        """As many days, just before."""
        length = self.until - self.since
        return Span(self.since - timedelta(days=1) - length, self.since - timedelta(days=1))

    @property
    def days(self) -> tuple[int, int]:
        return number_of(self.since), number_of(self.until)

    def as_dict(self) -> dict[str, str]:
        return {"from": self.since.isoformat(), "to": self.until.isoformat()}


def parse_span(since: str | None, until: str | None, now: datetime) -> Span:
    """Two dates such as 2026-11-21; by default the thirty days until today (UTC). Raises Malformed."""
    last = _date(until) if until else now.date()
    return Span(_date(since) if since else last - timedelta(days=29), last)


async def report(
    store: AudienceReader, site: str, span: Span, now: datetime, *, against: Span | None = None, most: int = MOST_ROWS
) -> dict[str, Any]:
    """The whole report, ready for JSON: totals and days of both series and of another period (`before`: as many days,
    just before, unless `against` says which), and each cut."""
    found = await asyncio.gather(*(cut(store, site, kind, span, most) for kind in CUTS))
    hours = await store.audience_hours(site, *span.days)
    other = against or span.before
    return {
        "site": site,
        **span.as_dict(),
        "totals": await _totals(store, site, span),
        "before": {
            **other.as_dict(),
            "totals": await _totals(store, site, other),
            "days": await _days(store, site, other, await store.audience_hours(site, *other.days)),
        },
        "days": await _days(store, site, span, hours),
        "hours": [_hour(row) for row in hours],
        "live": await live(store, site, now),
        "cuts": dict(zip(CUTS, found, strict=True)),
        "notes": [
            "Distinct visitors are counted within one day (UTC); they do not add up over days.",
            "Cuts by what visitors are, and the last thirty minutes, are rounded up to tens.",
        ],
    }


async def cut(store: AudienceReader, site: str, kind: str, span: Span, most: int = MOST_ROWS) -> list[dict[str, Any]]:
    """One table: a row for each value and series, most viewed first."""
    rows = await store.audience_rows(site, kind, *span.days, most)
    return [{"value": row.value, "series": SERIES[row.series], **_figures(row, kind in _ROUNDED)} for row in rows]


async def live(store: AudienceReader, site: str, now: datetime) -> dict[str, int]:
    """The last thirty minutes, rounded."""
    minutes = await store.audience_minutes(site, int(now.timestamp()) // 60 - _LIVE_MINUTES + 1)
    views, visits = sum(row[1] for row in minutes), sum(row[2] for row in minutes)
    return {"minutes": _LIVE_MINUTES, "views": tens(views), "visits": tens(visits)}


def tens(count: int) -> int:
    """0 stays 0, anything else becomes the next ten: 1 to 10 are told as 10."""
    return -(-count // 10) * 10


async def _totals(store: AudienceReader, site: str, span: Span) -> dict[str, dict[str, Any]]:
    rows = {row.series: row for row in await store.audience_rows(site, "total", *span.days, 1)}
    empty = (0,) * len(MEASURES)
    return {name: _figures(rows.get(no, Row("", no, empty)), rounded=False) for no, name in enumerate(SERIES)}


def _figures(row: Row, rounded: bool) -> dict[str, Any]:
    views, visits, exits, continued, seconds, timed = row.counts
    shown = tens if rounded else int
    return {
        "views": shown(views),
        "visits": shown(visits),
        "exits": shown(exits),
        "bounce_percent": _percent(visits - continued, visits),
        "seconds_a_visit": round(seconds / visits, 1) if visits else None,
        "seconds_a_view": round(seconds / timed, 1) if timed else None,
    }


def _percent(part: int, whole: int) -> float | None:
    return round(min(100.0, max(0.0, 100 * part / whole)), 1) if whole else None


async def _days(store: AudienceReader, site: str, span: Span, hours: Sequence[Row]) -> list[dict[str, Any]]:
    """Every day of the span, those without a hit too: a gap in a curve must be seen."""
    visitors = await store.audience_visitors(site, *span.days)
    counted = {(day, series): count for day, series, count in visitors}
    sums: dict[tuple[int, int], list[int]] = {}
    for row in hours:
        into = sums.setdefault((row.period // 100, row.series), [0, 0])
        into[0] += row.counts[0]
        into[1] += row.counts[1]
    days = []
    day = span.since
    while day <= span.until:
        number = number_of(day)
        series = {
            name: {"visitors": counted.get((number, no), 0), "views": views, "visits": visits}
            for no, name in enumerate(SERIES)
            for views, visits in (sums.get((number, no), (0, 0)),)
        }
        days.append({"day": day.isoformat(), **series})
        day += timedelta(days=1)
    return days


def _hour(row: Row) -> dict[str, Any]:
    text = str(row.period)
    hour = f"{text[:4]}-{text[4:6]}-{text[6:8]}T{text[8:]}:00:00Z"
    return {"hour": hour, "series": SERIES[row.series], "views": row.counts[0], "visits": row.counts[1]}


def number_of(day: date) -> int:
    """20261126, of a date."""
    return day_of(datetime(day.year, day.month, day.day, tzinfo=UTC))


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Malformed("bad_filter", f"{text!r} is not a date.", "Give a date such as 2026-11-21.") from error
