"""What a compliance rule is: a value that names its source, says what it asks, and finds what breaks it in a draft.

A rule reads a draft and nothing else: no file, no clock, no network. It carries one example that breaks it and one that
keeps it, as merge patches (RFC 7396) over `examples.MINIMAL`; docs/rules.md and the tests are made from them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from temoin.site import SiteConfig

Severity = Literal["error", "warning"]
Patch = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """What the rules read: a site's configuration and, where known, the names of the banner's texts."""

    config: SiteConfig
    text_keys: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """One place that breaks a rule. `path` is as `$.purposes[0].title.fr`; `fix` says what to change there.

    `about` is what was judged where the message does not hold all of it: another text is another finding.
    """

    path: str
    message: str
    fix: str
    about: str = ""


Check = Callable[[Draft], Iterator[Problem]]


@dataclass(frozen=True, slots=True)
class Rule:
    """`asks` is the requirement in one sentence; `source` the document and article that it comes from."""

    id: str
    severity: Severity
    source: str
    asks: str
    check: Check
    breaks: Patch
    keeps: Patch


def rule(
    identifier: str, severity: Severity, source: str, asks: str, *, breaks: Patch, keeps: Patch
) -> Callable[[Check], Rule]:
    """Makes a Rule of the check below it."""

    def make(check: Check) -> Rule:
        return Rule(identifier, severity, source, asks, check, breaks, keeps)

    return make
