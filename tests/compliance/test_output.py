"""Findings as lines, JSON and SARIF."""

from __future__ import annotations

import json

from temoin.compliance import rendered
from temoin.compliance.engine import RULES, Finding, lint
from temoin.compliance.examples import example, tracker
from temoin.compliance.output import as_json, as_lines, as_sarif

FINDINGS = lint(example({"choice_validity": "P14M", **tracker(agreement="", role="joint_controller")}))


def test_a_line_is_severity_rule_path_message_and_source() -> None:
    lines = as_lines(FINDINGS).splitlines()
    assert lines[0] == (
        "error DUR-004 $.choice_validity A choice holds P14M, longer than thirteen calendar months. "
        "(CNIL deliberation 2013-378, Article 2; CNIL Recommendation 2020-092, paragraph 39)"
    )
    assert [line.split()[0] for line in lines] == ["error", "error", "warning"]
    assert as_lines([]) == ""


def test_a_text_of_the_configuration_cannot_break_the_line_or_steer_a_terminal() -> None:
    hostile = Finding("error", "CHO-003", "$.x", "a\r\nerror FAKE\x1b[2J\u202eb\u0085c", "source", "fix")
    assert as_lines([hostile]) == "error CHO-003 $.x a error FAKE [2J b c (source)\n"


def test_json_has_every_field_of_a_finding() -> None:
    assert [Finding(**each) for each in json.loads(as_json(FINDINGS))] == FINDINGS
    assert json.loads(as_json([])) == []


def test_sarif_names_rules_levels_and_places() -> None:
    log = json.loads(as_sarif(FINDINGS, "config/site.json"))
    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [
        *(rule.id for rule in RULES),
        *(rule.id for rule in rendered.RULES),
    ]
    for finding, result in zip(FINDINGS, run["results"], strict=True):
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == finding.rule
        assert result["level"] == finding.severity
        (location,) = result["locations"]
        assert location["logicalLocations"] == [{"fullyQualifiedName": finding.path}]
        assert location["physicalLocation"]["artifactLocation"]["uri"] == "config/site.json"


def test_sarif_of_a_stored_site_has_no_file() -> None:
    (run,) = json.loads(as_sarif(FINDINGS))["runs"]
    assert all("physicalLocation" not in location for result in run["results"] for location in result["locations"])
