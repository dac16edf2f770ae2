"""Where on the admin's pages the field stands that a finding is about."""

from __future__ import annotations

import re
from collections.abc import Iterable

from temoin.compliance.engine import Finding

_ENTRY = re.compile(r"\$\.(purposes|trackers)\[(\d+)\]\.?(.*)")
_TEXT = re.compile(r"\$\.banner\.texts\.([A-Za-z-]+)(?:\.([\w-]+)|\['(.+)'\])?")
_THEME = re.compile(r"\$\.banner\.?(.*)")


def place(path: str) -> str:
    """The page below the site's own, and the field on it: `purposes/0#title.fr`."""
    if match := _ENTRY.fullmatch(path):
        kind, index, rest = match.groups()
        return f"{kind}/{index}{_anchor(rest)}"
    if match := _TEXT.fullmatch(path):
        language, key = match[1], match[2] or match[3]
        return f"texts?language={language}" + (f"#{key}" if key else "")
    if path.startswith("$.banner") and (match := _THEME.fullmatch(path)):
        return f"look{_anchor(match[1])}"
    if path in ("$.purposes", "$.trackers"):
        return path.removeprefix("$.")
    return f"settings{_anchor(path.removeprefix('$').removeprefix('.'))}"


def below(path: str, parent: str) -> bool:
    """Whether `path` is `parent` or a path in it."""
    return path.startswith(parent) and path[len(parent) : len(parent) + 1] in ("", ".", "[")


def page_of(path: str) -> str:
    """The page alone: `purposes`, `trackers`, `texts`, `look` or `settings`."""
    return re.split(r"[/?#]", place(path))[0]


def tally(findings: Iterable[Finding]) -> dict[str, tuple[int, int]]:
    """By page: how many errors and how many warnings."""
    counts: dict[str, tuple[int, int]] = {}
    for finding in findings:
        errors, warnings = counts.get(page_of(finding.path), (0, 0))
        worse = finding.stops
        counts[page_of(finding.path)] = (errors + worse, warnings + (not worse))
    return counts


def _anchor(rest: str) -> str:
    """The field's id: the path up to its first index or quoted key, which one field shows as a whole."""
    name = re.split(r"\[", rest)[0]
    return f"#{name}" if name else ""
