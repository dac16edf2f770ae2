"""Findings in French: every one that a rule can make, with what the rule filled in, and nothing left in English."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from temoin.compliance import overriding, rendered
from temoin.compliance.engine import RULES, Finding
from temoin.compliance.french import french, french_source, in_french
from tests.made import site_config
from tests.service_process import Service

COMPLIANCE = Path(__file__).parents[2] / "server" / "temoin" / "compliance"


def _said() -> Iterator[str]:
    """Every message and advice in the code of the rules, `0` in the place of what is filled in."""
    for file in COMPLIANCE.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem":
                for part in node.args[1:3]:
                    yield from _literal(part)
            if isinstance(node, ast.Yield) and file.stem == "rendered" and node.value is not None:
                for text in _literal(node.value):
                    yield text[:1].upper() + text[1:]
            if isinstance(node, ast.Return) and file.stem == "choices" and isinstance(node.value, ast.Tuple):
                fault, fix = (text for part in node.value.elts for text in _literal(part))
                yield f"The label '0' {fault}."
                yield fix


def _literal(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.Constant) else "0" for part in node.values]
        yield "".join(str(part) for part in parts)


# What is filled in there are words of ours, and those two are told apart.
_BOTH = "The 0 that accepts has 0 times the contrast of the one that refuses"
ALL = sorted(
    {text for text in _said() if text not in ("The label 0 0.", "0", _BOTH)}
    | {_BOTH.replace("0", what, 1) for what in ("label", "button")}
)


def test_the_code_is_read_for_what_it_says() -> None:
    assert len(ALL) > 150


@pytest.mark.parametrize("text", ALL)
def test_whatever_a_rule_says_it_says_in_french(text: str) -> None:
    assert french(text) != text


@pytest.mark.parametrize("text", [*overriding.MAY.values(), *overriding._NEVER.values()])
def test_why_nobody_or_somebody_can_answer_is_said_in_french(text: str) -> None:
    assert french(text) != text


@pytest.mark.parametrize("source", sorted({rule.source for rule in RULES} | {rule.source for rule in rendered.RULES}))
def test_sources_are_named_in_french(source: str) -> None:
    words = set(french_source(source).replace("(", " ").replace(")", " ").replace(",", " ").split())
    assert not words & {"Article", "Articles", "paragraph", "paragraphs", "and", "to", "Guidelines", "the", "of", "no"}


def test_what_somebody_wrote_stays_as_it_is_and_quotes_are_french() -> None:
    finding = Finding(
        "error", "CHO-003", "$.x", "The label 'J’accepte (tout)' speaks of accepting on a control that is not the "
        "accept button.", "GDPR, Article 7(3)", "Say what this control does, without the word.", "id"
    )  # fmt: skip
    said = in_french(finding)
    assert said.message.startswith("Le libellé «\u00a0J’accepte (tout)\u00a0» parle d’accepter")
    assert said.source == "RGPD, article 7(3)"
    assert replace(said, message="", fix="", source="") == replace(finding, message="", fix="", source="")


def test_a_drawn_banner_is_judged_in_french_with_its_screens() -> None:
    where = "(fr, desktop, first layer, dark and 3 more)."
    text = f"The button that accepts has 1.31 times the contrast of the one that refuses {where}"
    assert french(text) == (
        "Le bouton qui accepte a 1.31 fois le contraste de celui qui refuse "
        "(fr, ordinateur, premier niveau, sombre et 3 autres)."
    )


def test_the_command_prints_findings_in_french(own_service: Service, tmp_path: Path) -> None:
    file = tmp_path / "site.json"
    file.write_text(json.dumps(site_config(choice_validity="P14M")))
    done = own_service.run("lint", str(file), "--lang", "fr")
    assert done.returncode == 1
    assert "Un choix vaut P14M, plus de treize mois calendaires." in done.stdout
    assert "Recommandation de la CNIL" in done.stdout
