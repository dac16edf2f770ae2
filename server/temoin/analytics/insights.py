"""What visitors answer: banners shown, accepted, refused, in part, not at all, from counts that follow nobody.

A page on which the banner asks is one `shown`; a visit that begins there is one `asked`. An answer is one `accepted`,
`refused` or `partial`; what of `asked` found no answer is `no_choice`. A percentage says how many of the visits asked
ended in that way. A visitor who leaves without an answer and comes back was asked twice.

Banners are counted where the site measures its audience, and not those of browsers that object; without them there are
answers alone, and percentages are of the answers.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from temoin.analytics.ports import Asked, AudienceReader
from temoin.analytics.report import Span, number_of, parse_span, tens

ANSWERS = ("accepted", "refused", "partial")
FIGURES = ("shown", "asked", *ANSWERS, "no_choice", "changed", "withdrawn")
PERCENTAGES = tuple(f"{name}_percent" for name in (*ANSWERS, "no_choice"))
# Of what visitors are, figures leave here rounded up to tens, as those of the audience do.
CUTS = {"language": True, "device": True, "version": False}
NOTES = (
    "Visits are counted without following anybody: who leaves without an answer and comes back was asked twice.",
    "Figures by language and device are rounded up to tens.",
)


@dataclass(frozen=True, slots=True)
class Side:
    """What is looked at: some days (UTC), of one version of the configuration or of all."""

    span: Span
    version: str | None = None

    def holds(self, asked: Asked) -> bool:
        first, last = self.span.days
        return first <= asked.day <= last and self.version in (None, asked.version)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A side and what it is compared with, as people write them; None takes the default."""

    since: str | None = None
    until: str | None = None
    version: str | None = None
    against_since: str | None = None
    against_until: str | None = None
    against_version: str | None = None

    def sides(self, now: datetime) -> tuple[Side, Side]:
        """The side asked for, by default the thirty days until today, and the one beside it: the period and version
        named, the same period where a version alone is named, else as many days just before. Raises Malformed."""
        side = Side(parse_span(self.since, self.until, now), self.version or None)
        if self.against_since or self.against_until:
            span = parse_span(self.against_since, self.against_until, now)
        else:
            span = side.span if self.against_version else side.span.before
        return side, Side(span, self.against_version or side.version)


async def insights(store: AudienceReader, site: str, side: Side, against: Side) -> dict[str, Any]:
    """Both sides, ready for JSON; `versions` are those that were asked about or answered in either period."""
    one, other = [await store.asked_counts(site, *each.span.days) for each in (side, against)]
    return {
        "site": site,
        **_side(side, one),
        "against": _side(against, other),
        "versions": sorted({asked.version for asked in [*one, *other]}),
        "notes": list(NOTES),
    }


def _side(side: Side, counts: Mapping[Asked, int]) -> dict[str, Any]:
    held = {asked: count for asked, count in counts.items() if side.holds(asked)}
    days = _grouped(held, "day")
    return {
        **side.span.as_dict(),
        "version": side.version,
        "totals": figures(_summed(held)),
        "days": [{"day": day, **figures(days.get(number, Counter()))} for day, number in _days(side.span)],
        "purposes": _purposes(_summed(held)),
        "cuts": {name: _cut(_grouped(held, name), rounded) for name, rounded in CUTS.items()},
    }


def figures(sums: Mapping[str, int], *, rounded: bool = False) -> dict[str, Any]:
    """FIGURES and PERCENTAGES of summed outcomes; None where banners were not counted, or nothing was."""
    asked, answers = sums.get("asked", 0), sum(sums.get(name, 0) for name in ANSWERS)
    counted = asked > 0
    no_choice = max(0, asked - answers) if counted else None
    whole = answers + (no_choice or 0)
    counts: dict[str, int | None] = {name: sums.get(name, 0) for name in FIGURES}
    counts |= {"no_choice": no_choice} | ({} if counted else {"asked": None})
    if not sums.get("shown"):
        counts["shown"] = None
    told = {name: tens(count) if rounded and count else count for name, count in counts.items()}
    shares = {f"{name}_percent": _percent(counts[name], whole) for name in (*ANSWERS, "no_choice")}
    return {**told, **shares}


def _percent(part: int | None, whole: int) -> float | None:
    return None if part is None or not whole else round(100 * part / whole, 1)


def _summed(counts: Mapping[Asked, int]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for asked, count in counts.items():
        sums[asked.what] += count
    return sums


def _grouped(counts: Mapping[Asked, int], name: str) -> dict[Any, Counter[str]]:
    groups: dict[Any, Counter[str]] = defaultdict(Counter)
    for asked, count in counts.items():
        groups[getattr(asked, name)][asked.what] += count
    return groups


def _cut(groups: Mapping[str, Counter[str]], rounded: bool) -> list[dict[str, Any]]:
    """A row for each value, the one with the most answers first."""
    ordered = sorted(groups.items(), key=lambda group: (-sum(group[1][name] for name in ANSWERS), group[0]))
    return [{"value": value, **figures(sums, rounded=rounded)} for value, sums in ordered]


def _purposes(sums: Mapping[str, int]) -> list[dict[str, Any]]:
    """How many of those who answered granted each purpose; the least granted last."""
    rows = []
    for purpose in sorted({what[1:] for what in sums if what[0] in "+-"}):
        granted, refused = sums.get(f"+{purpose}", 0), sums.get(f"-{purpose}", 0)
        percent = _percent(granted, granted + refused)
        rows.append({"value": purpose, "granted": granted, "refused": refused, "granted_percent": percent})
    return sorted(rows, key=lambda row: (-(row["granted_percent"] or 0), row["value"]))


def _days(span: Span) -> list[tuple[str, int]]:
    """Every day of the span, those without a banner too: a gap must be seen."""
    every = (span.since + timedelta(days=number) for number in range((span.until - span.since).days + 1))
    return [(day.isoformat(), number_of(day)) for day in every]
