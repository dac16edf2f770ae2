"""Hits that came together are counted together, and one that cannot be counted takes no other with it."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from temoin.analytics.counting import Counting, Taken
from temoin.analytics.fold import Fold, Who
from temoin.analytics.hit import Hit
from temoin.analytics.place import Countries
from temoin.site import Analytics
from tests.aio import run

AGENT = b"Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


class Failing(Fold):
    """A fold with a defect in one page, whose error quotes what it was given."""

    def count(self, site: str, hit: Hit, who: Who, moment: datetime) -> None:
        if hit.page == "/defect":
            raise KeyError(AGENT)
        super().count(site, hit, who, moment)


def taken(page: str) -> Taken:
    published: Any = SimpleNamespace(
        hosts=frozenset(), current=SimpleNamespace(config=SimpleNamespace(analytics=Analytics()))
    )
    return Taken("boutique", published, Hit("view", page), b"", False, {b"user-agent": AGENT}, b"key", NOW)


def test_a_hit_that_cannot_be_counted_is_logged_without_its_sender_and_takes_no_other_with_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    fold = Failing()
    told: list[str] = []

    async def a_turn() -> None:
        counting = Counting(fold, Countries(), told.append)
        for page in ("/first", "/defect", "/last"):
            counting.take(taken(page))
        assert told == []
        await asyncio.sleep(0)

    with caplog.at_level(logging.ERROR):
        run(a_turn())
    pages = {value for (_, kind, value, _) in fold.take()["boutique"].counts if kind == "page"}
    assert pages == {"/first", "/last"}
    assert told == ["taken", "taken"]
    assert "KeyError" in caplog.text
    assert "Firefox" not in caplog.text
