"""Time: the only module that asks what time it is, and the calendar arithmetic of validity periods.

All times are UTC, written as RFC 3339 with milliseconds and `Z`. Periods are ISO 8601 durations of
whole years, months, weeks or days; months are calendar months: the same day of the later month, or
its last day where that month is shorter (31 January + P13M = the last day of February).
"""

from __future__ import annotations

import calendar
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_PERIOD = re.compile(r"P(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?\Z")


@dataclass(frozen=True, slots=True)
class Period:
    """Calendar months first, then days, as ISO 8601-2 adds them."""

    months: int
    days: int


class SystemClock:
    """The machine's clock. Tests hand `app` another object with the same two methods."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds from an arbitrary point; never goes back. For leases and latencies."""
        return time.monotonic()


def parse_period(text: str) -> Period:
    """`P13M`, `P1Y1M`, `P180D`, `P26W`; raises ValueError for anything else, and for a zero period."""
    match = _PERIOD.match(text)
    years, months, weeks, days = (int(part or 0) for part in match.groups()) if match else (0, 0, 0, 0)
    if not (years or months or weeks or days):
        raise ValueError(f"{text!r} is not an ISO 8601 period of years, months, weeks or days, such as P13M")
    return Period(months=years * 12 + months, days=weeks * 7 + days)


def add_period(moment: datetime, period: Period) -> datetime:
    """`moment` plus `period`, at the same time of the day."""
    month_index = moment.year * 12 + moment.month - 1 + period.months
    year, month = divmod(month_index, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day) + timedelta(days=period.days)


def at_most_months(period: Period, limit: int) -> bool:
    """Whether `period` ends no later than `limit` calendar months, whatever day it begins on."""
    starts = (
        datetime(2027, month, day, tzinfo=UTC)
        for month in range(1, 13)
        for day in (1, 28, 31)
        if day <= calendar.monthrange(2027, month)[1]
    )
    return all(add_period(start, period) <= add_period(start, Period(limit, 0)) for start in starts)


def rfc3339(moment: datetime) -> str:
    """`2026-11-21T08:15:30.123Z`: UTC, always milliseconds, so that text order is time order."""
    at = moment.astimezone(UTC)
    date, time = (at.year, at.month, at.day), (at.hour, at.minute, at.second, at.microsecond // 1000)
    return "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ" % (*date, *time)  # noqa: UP031  # isoformat takes twice as long


def parse_rfc3339(text: str) -> datetime:
    """An aware UTC time; raises ValueError for a date without an offset or any other shape."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or "T" not in text.upper():
        raise ValueError(f"{text!r} is not an RFC 3339 time with an offset")
    return moment.astimezone(UTC)
