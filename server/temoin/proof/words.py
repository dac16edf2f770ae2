"""The words of printed documents in one language: texts, dates, numbers as its readers write them.

Documents speak French or English; a site in another language gets English. All times are UTC, and say so.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from temoin.clock import parse_rfc3339
from temoin.site import PublishedConfig

LANGUAGES = ("fr", "en")
TEMPLATES = Path(__file__).with_name("templates")
_PLACEHOLDER = re.compile(r"\{([a-z]+)\}")


class Words:
    """`words("key", name=value)` is a text with its placeholders filled in; an unknown key is a KeyError."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._texts = _texts(language)

    def __call__(self, key: str, **values: str) -> str:
        return _PLACEHOLDER.sub(lambda found: values[found[1]], self._texts[key])

    def moment(self, text: str) -> str:
        """An RFC 3339 time, to the second."""
        when = parse_rfc3339(text)
        return self(
            "moment", day=self._day(when), month=self._month(when), year=str(when.year), time=f"{when:%H:%M:%S}"
        )

    def span(self, since: str | None, until: str | None) -> str:
        """A period of which either end may be open."""
        if since is None and until is None:
            return self("period.all")
        if since is None or until is None:
            key = "period.until" if since is None else "period.since"
            return self(key, **{key.partition(".")[2]: self.moment(until or since or "")})
        return self("period.both", since=self.moment(since), until=self.moment(until))

    def month(self, text: str) -> str:
        """`2026-11` in words."""
        when = datetime.fromisoformat(f"{text}-01")
        return f"{self._month(when)} {when.year}"

    def number(self, value: int) -> str:
        return f"{value:,}".replace(",", self("thousands"))

    def percent(self, part: int, whole: int) -> str:
        """One decimal; a dash where there is nothing to take a part of."""
        if not whole:
            return "–"
        return self("percent", number=f"{100 * part / whole:.1f}".replace(".", self("decimal")))

    def listed(self, names: list[str]) -> str:
        return ", ".join(names)

    def _day(self, when: datetime) -> str:
        return "1er" if self.language == "fr" and when.day == 1 else str(when.day)

    def _month(self, when: datetime) -> str:
        return self("months").split()[when.month - 1]


def document_language(asked: str | None, config: PublishedConfig) -> str:
    """What was asked for; otherwise the site's own language where documents speak it, and English where not."""
    if asked is not None:
        return asked
    main = config.language.partition("-")[0]
    return main if main in LANGUAGES else "en"


def days_between(first: str, last: str) -> int:
    """How many days of the calendar two `YYYY-MM-DD` span, both included."""
    return (datetime.fromisoformat(last) - datetime.fromisoformat(first)) // timedelta(days=1) + 1


@cache
def _texts(language: str) -> dict[str, str]:
    texts: dict[str, str] = json.loads((TEMPLATES / f"{language}.json").read_text("utf-8"))
    return texts
