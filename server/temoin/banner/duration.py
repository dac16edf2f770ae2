"""Periods in words: `P13M` is "13 mois" in French and "13 months" in English.

Plural forms follow the categories of CLDR (Unicode TR35, part 3): the locale gives a form for each category that its
language has for whole numbers, and this module says which category a number falls into. A test compares the rules
with those of a browser. Categories that only fractions or whole millions have are left out: no period has either.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

SESSION = "session"
UNITS = ("year", "month", "week", "day")
CATEGORIES = ("zero", "one", "two", "few", "many", "other")
_PERIOD = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?\Z")


class _Rule(NamedTuple):
    """`category` holds numbers of which the remainder by `modulus` (0: the number itself) is among `ends`.

    Numbers that end, by hundreds, in one of `but` are no part of it. The first rule that holds decides.
    """

    category: str
    modulus: int
    ends: Collection[int]
    but: Collection[int] = ()

    def holds(self, count: int) -> bool:
        return (count % self.modulus if self.modulus else count) in self.ends and count % 100 not in self.but


_TEENS = range(11, 20)
_ONE = _Rule("one", 0, (1,))
_TWO = _Rule("two", 0, (2,))
_ONE_BY_TENS = _Rule("one", 10, (1,), (11,))
_FEW_BY_TENS = _Rule("few", 10, (2, 3, 4), (12, 13, 14))

_CZECH = (_ONE, _Rule("few", 0, (2, 3, 4)))
_CROATIAN = (_ONE_BY_TENS, _FEW_BY_TENS)
_UKRAINIAN = (_ONE_BY_TENS, _FEW_BY_TENS, _Rule("many", 1, (0,)))

# A language that is not listed has one form for 1 and another for every other number. Some that are listed have no
# locale: a site may bring its own texts.
_RULES: dict[str, tuple[_Rule, ...]] = {
    "ar": (
        _Rule("zero", 0, (0,)),
        _ONE,
        _TWO,
        _Rule("few", 100, range(3, 11)),
        _Rule("many", 100, range(11, 100)),
    ),
    "be": _UKRAINIAN,
    "br": (
        _Rule("one", 10, (1,), (11, 71, 91)),
        _Rule("two", 10, (2,), (12, 72, 92)),
        _Rule("few", 10, (3, 4, 9), (*range(10, 20), *range(70, 80), *range(90, 100))),
    ),
    "bs": _CROATIAN,
    "cs": _CZECH,
    "fr": (_Rule("one", 0, (0, 1)),),
    "ga": (_ONE, _TWO, _Rule("few", 0, range(3, 7)), _Rule("many", 0, range(7, 11))),
    "hr": _CROATIAN,
    "is": (_ONE_BY_TENS,),
    "lt": (_Rule("one", 10, (1,), _TEENS), _Rule("few", 10, range(2, 10), _TEENS)),
    "lv": (_Rule("zero", 10, (0,)), _Rule("zero", 100, _TEENS), _ONE_BY_TENS),
    "mt": (_ONE, _TWO, _Rule("few", 0, (0,)), _Rule("few", 100, range(3, 11)), _Rule("many", 100, _TEENS)),
    "pl": (_ONE, _FEW_BY_TENS, _Rule("many", 1, (0,))),
    "ro": (_ONE, _Rule("few", 0, (0,)), _Rule("few", 100, range(1, 20))),
    "ru": _UKRAINIAN,
    "sk": _CZECH,
    "sl": (_Rule("one", 100, (1,)), _Rule("two", 100, (2,)), _Rule("few", 100, (3, 4))),
    "sr": _CROATIAN,
    "uk": _UKRAINIAN,
}


def category(count: int, language: str) -> str:
    """The plural category of `count`, a whole number, in `language`: one of CATEGORIES."""
    rules = _RULES.get(language.partition("-")[0], (_ONE,))
    return next((rule.category for rule in rules if rule.holds(count)), "other")


def categories(language: str) -> frozenset[str]:
    """The plural categories that whole numbers have in `language`; `other` is always among them, as what is left."""
    return frozenset({"other", *(rule.category for rule in _RULES.get(language.partition("-")[0], (_ONE,)))})


def in_words(period: str, texts: Mapping[str, str], language: str) -> str:
    """`period` (ISO 8601, or `session`) in `language`; raises ValueError for anything else.

    `texts` holds that language's `duration.*` texts; a missing plural form falls back to `other`.
    """
    if period == SESSION:
        return texts["duration.session"]
    match = _PERIOD.match(period)
    if match is None:
        raise ValueError(f"{period!r} is not a period of years, months, weeks or days")
    counted = [(unit, int(count)) for unit, count in zip(UNITS, match.groups(), strict=True) if count]
    words = [_counted(unit, count, texts, language) for unit, count in counted if count] or [
        _counted("day", 0, texts, language)
    ]
    joined = words[0]
    for word in words[1:]:
        joined = texts["duration.join"].replace("{first}", joined).replace("{second}", word)
    return joined


def _counted(unit: str, count: int, texts: Mapping[str, str], language: str) -> str:
    form = texts.get(f"duration.{unit}.{category(count, language)}") or texts[f"duration.{unit}.other"]
    return form.replace("{count}", str(count))
