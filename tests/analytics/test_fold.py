"""Counting in memory: what is counted together comes apart as it was, and a flood of made-up agents is bounded."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from temoin.analytics.agent import Agent
from temoin.analytics.fold import Fold, Who
from temoin.analytics.hit import decode
from temoin.analytics.ports import CONSENTED, EXEMPT, OTHER, Counts

NOW = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
HOUR = 2026112709


def who(country: str = "FR", language: str = "fr", browser: str = "Firefox 145", visitor: int = 1) -> Who:
    return Who(visitor, country, language, Agent(False, "desktop", browser, "Linux"))


def views(fold: Fold, kind: str, series: int = EXEMPT) -> dict[str, tuple[int, int]]:
    """Views and visits by value; takes the fold."""
    counts: dict[tuple[int, str, str, int], Counts] = fold.take()["boutique"].counts
    return {
        value: (count[0], count[1])
        for (hour, one, value, which), count in counts.items()
        if (hour, one, which) == (HOUR, kind, series)
    }


def three_views(fold: Fold) -> None:
    entry = decode(b'{"type": "view", "page": "/", "entry": true}')
    view = decode(b'{"type": "view", "page": "/a", "consented": true}')
    fold.count("boutique", entry, who(), NOW)
    fold.count("boutique", view, who(), NOW)
    fold.count("boutique", entry, who("DE", "fr", visitor=2), NOW)


def test_what_visitors_have_in_common_comes_apart_by_kind() -> None:
    wanted = {
        "total": {"": (3, 2)},
        "page": {"/": (2, 2), "/a": (1, 0)},
        "country": {"FR": (2, 1), "DE": (1, 1)},
        "language": {"fr": (3, 2)},
        "device": {"desktop": (3, 2)},
        "browser": {"Firefox 145": (3, 2)},
        "system": {"Linux": (3, 2)},
    }
    for kind, values in wanted.items():
        fold = Fold()
        three_views(fold)
        assert views(fold, kind) == values, kind
    fold = Fold()
    three_views(fold)
    assert views(fold, "country", CONSENTED) == {"FR": (1, 0)}


def test_what_could_not_be_flushed_is_counted_once_with_what_came_meanwhile() -> None:
    fold = Fold()
    three_views(fold)
    taken = fold.take()
    three_views(fold)
    fold.put_back(taken)
    assert views(fold, "country") == {"FR": (4, 2), "DE": (2, 2)}
    assert fold.take() == {}


def test_made_up_agents_are_bounded_and_the_total_stays_right() -> None:
    fold = Fold()
    view = decode(b'{"type": "view", "page": "/"}')
    for number in range(30_500):
        fold.count("boutique", view, who(browser=f"Made up {number}"), NOW)
    counts = fold.take()["boutique"].counts
    assert len(counts) <= 30_010
    summed: Counter[str] = Counter()
    for (_, kind, _, _), count in counts.items():
        summed[kind] += count[0]
    assert {summed[kind] for kind in ("total", "country", "browser", "page")} == {30_500}
    assert counts[HOUR, "browser", OTHER, EXEMPT][0] >= 500
