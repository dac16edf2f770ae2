"""Findings for people (one line each), for programs (JSON) and for code-scanning tools (SARIF 2.1.0, OASIS)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import orjson

from temoin import __version__
from temoin.compliance import rendered
from temoin.compliance.engine import RULES, Finding
from temoin.compliance.rule import Rule

_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_lines(findings: Sequence[Finding]) -> str:
    """`severity rule-id path message (source)`, one finding a line; nothing for none.

    Texts of a configuration appear in messages: what would move a terminal's cursor or break the line is taken out.
    """
    return "".join(_one_line(_line(each)) + "\n" for each in findings)


def _line(each: Finding) -> str:
    line = f"{each.severity} {each.rule} {each.path} {each.message} ({each.source})"
    if each.override is None:
        return line
    return f"{line} [overridden by {each.override.owner} until {each.override.until[:10]}: {each.override.reason}]"


def _one_line(text: str) -> str:
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+", " ", text)


def as_json(findings: Sequence[Finding]) -> str:
    """A list of objects with the fields of Finding."""
    return orjson.dumps([asdict(each) for each in findings], option=orjson.OPT_INDENT_2).decode() + "\n"


def as_sarif(findings: Sequence[Finding], file: str | None = None) -> str:
    """A SARIF 2.1.0 log of one run; `file` is the configuration's path as a relative URI, where it came from a file."""
    rules: list[Rule | rendered.RenderedRule] = [*RULES, *rendered.RULES]
    positions = {rule.id: index for index, rule in enumerate(rules)}
    driver = {
        "name": "temoin",
        "version": __version__,
        "rules": [
            {
                "id": rule.id,
                "shortDescription": {"text": rule.asks},
                "help": {"text": f"Source: {rule.source}. See docs/rules.md."},
                "defaultConfiguration": {"level": rule.severity},
            }
            for rule in rules
        ],
    }
    results = [
        {
            "ruleId": each.rule,
            "ruleIndex": positions[each.rule],
            "level": each.severity,
            "message": {"text": f"{each.message} {each.fix} ({each.source})"},
            "locations": [_location(each.path, file)],
            **_suppressed(each),
        }
        for each in findings
    ]
    run = {"tool": {"driver": driver}, "results": results}
    log = {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}
    return orjson.dumps(log, option=orjson.OPT_INDENT_2).decode() + "\n"


def _suppressed(each: Finding) -> dict[str, Any]:
    """SARIF 2.1.0, section 3.27.23: a result that somebody accepted."""
    if each.override is None:
        return {}
    return {"suppressions": [{"kind": "external", "status": "accepted", "justification": each.override.reason}]}


def _location(path: str, file: str | None) -> dict[str, Any]:
    location: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": path}]}
    if file is not None:
        location["physicalLocation"] = {"artifactLocation": {"uri": file}, "region": {"startLine": 1}}
    return location
