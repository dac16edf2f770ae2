"""Every rule finds what breaks it, spares what keeps it, cites its source and is documented."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from temoin.banner.texts import problems, text_keys
from temoin.compliance.engine import RULES, Finding, lint
from temoin.compliance.examples import MINIMAL, example
from temoin.compliance.rule import Rule
from tests.compliance.documents import ROOT

each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


@each_rule
def test_a_rule_finds_what_breaks_it(rule: Rule) -> None:
    found = [each for each in lint(example(rule.breaks), text_keys()) if each.rule == rule.id]
    assert found
    for each in found:
        assert (each.severity, each.source) == (rule.severity, rule.source)
        assert each.path.startswith("$.")
        assert each.message.endswith(".")
        assert each.fix.endswith(".")


@each_rule
def test_what_keeps_a_rule_has_no_finding_at_all(rule: Rule) -> None:
    assert lint(example(rule.keeps), text_keys()) == []


@each_rule
def test_what_keeps_a_rule_has_every_text_that_a_banner_shows(rule: Rule) -> None:
    assert list(problems(example(rule.keeps))) == []


@each_rule
def test_a_rule_names_a_source_and_what_it_asks(rule: Rule) -> None:
    assert re.fullmatch(r"[A-Z]{3}-\d{3}", rule.id)
    assert len(rule.source) > 10
    assert rule.asks.endswith(".")


@each_rule
def test_a_rule_is_documented_with_its_examples(rule: Rule) -> None:
    text = (ROOT / "docs/rules.md").read_text(encoding="utf-8")
    section = text.partition(f"\n### {rule.id}\n")[2].partition("\n### ")[0]
    assert rule.source in section
    assert rule.asks in section
    assert section.count("```json") == 2


def test_no_two_rules_share_an_id() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)


def test_the_schema_and_the_documentation_are_what_the_types_and_rules_make() -> None:
    script = subprocess.run(
        [sys.executable, "scripts/configuration_docs.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (script.returncode, script.stdout, script.stderr) == (0, "", "")


def test_a_site_that_names_only_controller_purposes_and_trackers_has_no_error() -> None:
    minimal = {name: value for name, value in MINIMAL.items() if name != "choice_validity"}
    assert set(minimal) == {"site", "origins", "controller", "purposes", "trackers"}
    found = lint(example({"choice_validity": None}), text_keys())
    assert [(each.severity, each.rule) for each in found] == [("warning", "DUR-005")]


def test_errors_come_before_warnings_and_paths_count_as_numbers() -> None:
    purposes = [{"id": "video", "title": {"de": "x"}} for _ in range(12)]
    found = lint(example({"purposes": purposes, "trackers": []}))
    severities = [each.severity for each in found]
    assert severities == sorted(severities)
    repeated = [each.path for each in found if each.rule == "STR-001"]
    assert repeated == [f"$.purposes[{index}].id" for index in range(1, 12)]


def test_findings_are_values() -> None:
    assert lint(example({"choice_validity": "P14M"})) == [
        Finding(
            severity="error",
            rule="DUR-004",
            path="$.choice_validity",
            message="A choice holds P14M, longer than thirteen calendar months.",
            source="CNIL deliberation 2013-378, Article 2; CNIL Recommendation 2020-092, paragraph 39",
            fix="Set it to P13M or less; the CNIL recommends P6M.",
        )
    ]


@pytest.mark.parametrize("name", ["button.refues", "purpose.mine.title"])
def test_names_of_texts_are_checked_only_where_they_are_known(name: str) -> None:
    draft = example({"banner": {"texts": {"fr": {name: "Refuser"}}}})
    assert "STR-008" not in {each.rule for each in lint(draft)}
    assert [each.path for each in lint(draft, text_keys())] == [f"$.banner.texts.fr['{name}']"]
