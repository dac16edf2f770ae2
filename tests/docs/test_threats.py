"""What the threat model names as held by a test is a test that is there."""

from __future__ import annotations

import re

from tests.docs.sources import ROOT, text


def test_every_test_that_the_threat_model_names_exists() -> None:
    named = re.findall(r"`(test_\w+)`", text("docs/threat-model.md"))
    there = {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"def (test_\w+)", file.read_text(encoding="utf-8"))
    }
    assert len(named) > 20
    assert set(named) <= there
