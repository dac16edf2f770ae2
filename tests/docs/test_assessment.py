"""The self-assessment of exempt measurement names tests and settings that are there."""

from __future__ import annotations

import json

import pytest

from temoin.compliance.engine import RULES
from tests.docs.sources import ROOT
from tests.docs.test_complaints import functions_of

CRITERIA = json.loads((ROOT / "server/temoin/analytics/assessment.json").read_text(encoding="utf-8"))


def test_there_are_fourteen_criteria() -> None:
    assert len({each["id"] for each in CRITERIA}) == len(CRITERIA) == 14


@pytest.mark.parametrize("criterion", CRITERIA, ids=lambda each: each["id"])
def test_each_criterion_names_tests_and_rules_that_are_there(criterion: dict[str, list[str]]) -> None:
    assert criterion["tests"]
    for named in criterion["tests"]:
        file, _, name = named.partition("::")
        assert name in functions_of(file), named
    assert set(criterion["rules"]) <= {rule.id for rule in RULES}
    assert [len(criterion[language]) for language in ("en", "fr")] == [3, 3]
