"""Periods in words: `P13M` is "13 mois" in French and "13 months" in English.

Plural forms follow the categories of CLDR (Unicode TR35, part 3): the locale gives a form for each category that its
language has, and this module says which category a whole number falls into.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

SESSION = "session"
_PERIOD = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?\Z")
_UNITS = ("year", "month", "week", "day")

# A language that is not listed has one form for 1 and another for every other number.
_CATEGORY: dict[str, Callable[[int], str]] = {
    "fr": lambda count: "one" if count < 2 else "other",
}


def in_words(period: str, texts: Mapping[str, str], language: str) -> str:
    """`period` (ISO 8601, or `session`) in `language`; raises ValueError for anything else.

    `texts` holds that language's `duration.*` texts; a missing plural form falls back to `other`.
    """
    if period == SESSION:
        return texts["duration.session"]
    match = _PERIOD.match(period)
    if match is None:
        raise ValueError(f"{period!r} is not a period of years, months, weeks or days")
    counted = [(unit, int(count)) for unit, count in zip(_UNITS, match.groups(), strict=True) if count]
    words = [_counted(unit, count, texts, language) for unit, count in counted if count] or [
        _counted("day", 0, texts, language)
    ]
    joined = words[0]
    for word in words[1:]:
        joined = texts["duration.join"].replace("{first}", joined).replace("{second}", word)
    return joined


def _counted(unit: str, count: int, texts: Mapping[str, str], language: str) -> str:
    category = _CATEGORY.get(language.partition("-")[0], _one_or_other)(count)
    form = texts.get(f"duration.{unit}.{category}") or texts[f"duration.{unit}.other"]
    return form.replace("{count}", str(count))


def _one_or_other(count: int) -> str:
    return "one" if count == 1 else "other"
