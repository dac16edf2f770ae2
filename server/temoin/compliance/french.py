"""Findings in French. Rules are written in English, and a finding is known by its English words; this says them anew.

`texts/fr.json` has each message and each advice of the rules as a pattern of `phrases`. What has no French stays
English, and a test fails over it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from temoin.compliance.engine import Finding
from temoin.phrases import Phrases

# Where a drawn banner breaks a rule: "… (fr, desktop, first layer, light and 3 more)."
_SCREENS = re.compile(r"(?P<what>.*) \((?P<first>[^()]*?)(?: and (?P<more>\d+) more)?\)\.", re.DOTALL)


def in_language(findings: Iterable[Finding], language: str) -> list[Finding]:
    """The findings in `fr`, or as they are in any other language."""
    return [in_french(each) for each in findings] if language == "fr" else list(findings)


def in_french(finding: Finding) -> Finding:
    return replace(
        finding, message=french(finding.message), fix=french(finding.fix), source=french_source(finding.source)
    )


def french(text: str) -> str:
    """A message or an advice of a rule in French."""
    found = _phrases().said(text)
    if found is None and (drawn := _SCREENS.fullmatch(text)):
        what = _phrases().said(drawn["what"])
        screens = ", ".join(_word(part) for part in drawn["first"].split(", "))
        more = f" et {drawn['more']} autres" if drawn["more"] else ""
        found = f"{what} ({screens}{more})." if what is not None else None
    return text if found is None else found


def french_source(source: str) -> str:
    """The documents and articles behind a rule, by their French names."""
    for english, words in _table()["sources"]:
        source = source.replace(english, words)
    return source


def _word(part: str) -> str:
    """What a rule filled in: a word of ours in French, anything else as it is."""
    return str(_table()["words"].get(part, part))


@cache
def _phrases() -> Phrases:
    return Phrases(_table()["texts"], _word)


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads((Path(__file__).parent / "texts" / "fr.json").read_text(encoding="utf-8"))
    return table
