"""docs/complaints.md: every complaint names a test, and every test that it names is there."""

from __future__ import annotations

import ast
import re

from tests.docs.sources import ROOT, text


def test_each_of_the_twenty_complaints_names_tests_that_are_there() -> None:
    rows = re.findall(r"(?m)^\| (\d+) \|.*\| ([^|]+) \|$", text("docs/complaints.md"))
    assert [int(number) for number, _ in rows] == list(range(1, 21))
    for number, shown_by in rows:
        named = re.findall(r"`(tests/\w+/\w+\.py)::(\w+)`", shown_by)
        assert named or shown_by == "the same", number
        assert [name for file, name in named if name not in functions_of(file)] == [], number


def functions_of(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
