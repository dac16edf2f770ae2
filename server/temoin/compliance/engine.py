"""The compliance linter: every rule over a draft, findings in the order in which a person mends them.

Errors keep a configuration from being published; warnings do not. The rules come from French and European law, from
the CNIL's guidelines and recommendations and from the EDPB's guidelines: docs/rules.md lists them with their sources.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from temoin.canonical import canonical_bytes, sha256_hex
from temoin.compliance import (
    actors,
    analytics,
    choices,
    defaults,
    design,
    duration,
    information,
    proof,
    purposes,
    references,
    rendered,
    signals,
    structure,
    tone,
)
from temoin.compliance.overriding import may_be_overridden
from temoin.compliance.rendered import Screen
from temoin.compliance.rule import Draft, Rule, Severity
from temoin.site import SiteConfig

RULES: tuple[Rule, ...] = (
    *information.RULES,
    *choices.RULES,
    *tone.RULES,
    *defaults.RULES,
    *duration.RULES,
    *purposes.RULES,
    *actors.RULES,
    *analytics.RULES,
    *proof.RULES,
    *signals.RULES,
    *design.RULES,
    *structure.RULES,
    *references.RULES,
)


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody answers for a finding: who, as the log names them, why, and until when (RFC 3339)."""

    owner: str
    reason: str
    until: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a draft breaks, where, and how to mend it. `source` is the document and article behind the rule.

    `id` is the same for the same rule, place and words, and for no other. `override` is there where somebody answers.
    """

    severity: Severity
    rule: str
    path: str
    message: str
    source: str
    fix: str
    id: str = field(default="", compare=False)
    override: Override | None = None

    @property
    def stops(self) -> bool:
        """Whether it keeps the draft from being published."""
        return self.severity == "error" and self.override is None


def with_overrides(findings: Iterable[Finding], held: Mapping[str, Override]) -> list[Finding]:
    """The findings, those whose id is in `held` marked; a rule that leaves no room is never."""
    return [
        replace(each, override=held[each.id]) if each.id in held and may_be_overridden(each.rule) else each
        for each in findings
    ]


def lint(config: SiteConfig, text_keys: frozenset[str] | None = None) -> list[Finding]:
    """What is wrong with `config`: errors first, then by path. An empty list is a clean draft.

    `text_keys` are the names of the banner's texts; without them, the names in `banner.texts` are not checked.
    """
    draft = Draft(config, text_keys)
    findings = [
        Finding(
            *(rule.severity, rule.id, problem.path, problem.message, rule.source, problem.fix),
            _id(rule.id, problem.path, problem.message, problem.about),
        )
        for rule in RULES
        for problem in rule.check(draft)
    ]
    return sorted(findings, key=_order)


def lint_rendered(screens: Iterable[Screen]) -> list[Finding]:
    """What is wrong with a banner as it is drawn, errors first; see `rendered`."""
    return [
        Finding(
            *(rule.severity, rule.id, "$.banner", message[:1].upper() + message[1:], rule.source, rule.fix),
            _id(rule.id, "$.banner", message),
        )
        for rule, message in sorted(rendered.broken(screens), key=lambda found: found[0].severity != "error")
    ]


def _id(*parts: str) -> str:
    """16 hex digits."""
    return sha256_hex(canonical_bytes(list(parts)))[:16]


def _order(finding: Finding) -> tuple[bool, list[tuple[int, str]], str]:
    """Errors first; then paths with their numbers as numbers, so that trackers[2] comes before trackers[10]."""
    steps = [(int(number or 0), name) for number, name in re.findall(r"\[(\d+)\]|([^.\[\]]+)", finding.path)]
    return finding.severity != "error", steps, finding.rule
