"""Sentences that code filled in, said anew in another language.

A sentence is known by its English pattern, `{}` standing for what was filled in; the other language has the same places
by number: `There is no site {}.` and `Il n’y a pas de site {0}.`. So whoever raises or finds something writes English
alone, and the words stay beside each other in one file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

# How code quotes what somebody wrote: Python's own quotation marks.
_QUOTED = re.compile(r"""(['"])(.*)\1""", re.DOTALL)


class Phrases:
    """The French of each pattern; `word` says what to make of a part that was filled in and not quoted."""

    def __init__(self, texts: Mapping[str, str], word: Callable[[str], str]) -> None:
        # Those with most words of their own first: `The id … is taken` before `… is …`.
        ordered = sorted(texts.items(), key=lambda item: -len(item[0].replace("{}", "")))
        self._patterns = [(_pattern(english), words) for english, words in ordered]
        self._word = word

    def said(self, text: str) -> str | None:
        """`text` in the other language, or None where it has no pattern."""
        for pattern, words in self._patterns:
            found = pattern.fullmatch(text)
            if found:
                return words.format(*(self._part(part) for part in found.groups()))
        return None

    def _part(self, part: str) -> str:
        quoted = _QUOTED.fullmatch(part)
        return f"«\u00a0{quoted[2]}\u00a0»" if quoted else self._word(part)


def _pattern(english: str) -> re.Pattern[str]:
    return re.compile("(.+?)".join(re.escape(part) for part in english.split("{}")), re.DOTALL)
