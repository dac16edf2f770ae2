"""The self-assessment of exempt measurement: each condition, what keeps it, the test that shows it, whether it is met.

The CNIL asks publishers to assess and document that their measurement keeps the conditions of the exemption (page on
audience measurement, 4 July 2025). The fourteen criteria here are those of its published texts (article 82 of the law
of 6 January 1978; guidelines 2020-091, article 5, and 2019-093 where it is stricter; recommendation 2020-092, article
5), in this product's words: it is not the CNIL's own form, and no certificate. What they say stands in
`assessment.json`: of each language the criterion, the answer and the source.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from temoin import __version__
from temoin.banner.texts import text_keys
from temoin.clock import rfc3339
from temoin.compliance.engine import Finding, lint
from temoin.proof.pdf import footer_of, printed
from temoin.proof.words import TEMPLATES as DOCUMENTS
from temoin.proof.words import Words
from temoin.site import SiteConfig

LANGUAGES = ("fr", "en")
_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Criterion:
    """`rules` are of the compliance engine; where none of them finds anything the criterion is met. `setting` is what
    of the configuration decides on it, empty where the product leaves no choice."""

    id: str
    text: str
    answer: str
    source: str
    setting: str
    rules: Sequence[str]
    tests: Sequence[str]
    findings: Sequence[Finding]

    @property
    def met(self) -> bool:
        return not self.findings


@dataclass(frozen=True, slots=True)
class Assessment:
    """`version` is the configuration that visitors have, None before a publication; `measured` whether it measures."""

    site: str
    controller: str
    version: str | None
    measured: bool
    made_at: str
    language: str
    criteria: Sequence[Criterion]

    @property
    def met(self) -> int:
        return sum(criterion.met for criterion in self.criteria)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON, each criterion with `met`."""
        criteria = [asdict(criterion) | {"met": criterion.met} for criterion in self.criteria]
        return asdict(self) | {"criteria": criteria, "met": self.met}


def assess(config: SiteConfig, version: str | None, now: datetime, language: str) -> Assessment:
    """Assesses a configuration; `language` is of LANGUAGES."""
    found = lint(config, text_keys())
    criteria = [_criterion(each, found, language) for each in _criteria()]
    measured = config.analytics.mode == "exempt"
    return Assessment(config.site, config.controller.name, version, measured, rfc3339(now), language, criteria)


def as_html(assessment: Assessment) -> str:
    """A document that needs nothing besides itself."""
    words = Words(assessment.language)
    template = _templates().get_template("assessment.html")
    return template.render(view=assessment, t=words, version=__version__, french=assessment.language == "fr")


async def as_pdf(assessment: Assessment, chromium: str) -> bytes:
    """Raises Unavailable where no browser can print it."""
    words = Words(assessment.language)
    title = "Auto-évaluation" if assessment.language == "fr" else "Self-assessment"
    return await printed(as_html(assessment), footer_of(words, html.escape(f"{title} – {assessment.site}")), chromium)


def _criterion(each: dict[str, Any], found: Sequence[Finding], language: str) -> Criterion:
    text, answer, source = each[language]
    findings = [finding for finding in found if finding.rule in each["rules"]]
    return Criterion(each["id"], text, answer, source, each["setting"], each["rules"], each["tests"], findings)


@cache
def _criteria() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = orjson.loads((_FOLDER / "assessment.json").read_bytes())
    return found


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader([_FOLDER / "templates", DOCUMENTS]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
