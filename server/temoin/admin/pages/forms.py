"""A form over one part of a draft: its values, and beside each field what the decoder and the rules say of it.

A field's name is its path below the part, as findings write it: `title.fr` of `$.purposes[0]`. So whatever is wrong at
`$.purposes[0].title.fr` is shown at that field, and at `cookies` what is wrong at `$.trackers[1].cookies[0].max_age`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import FormData

from temoin.admin.pages.drafts import Open, Part, Rejected
from temoin.admin.pages.places import below
from temoin.compliance.engine import Finding
from temoin.document import member


@dataclass(frozen=True, slots=True)
class Form:
    """`path` is the part's, `part` what stands in the fields; `stored` what is kept now, where that is another.

    `keyed`: the part is an object whose keys are the fields' names, dots and all.
    """

    path: str
    part: Mapping[str, Any]
    digest: str
    findings: list[Finding] = field(default_factory=list)
    rejected: Rejected | None = None
    stored: Mapping[str, Any] | None = None
    keyed: bool = False

    def value(self, name: str, default: Any = "") -> Any:
        found = _at(self.part, name, self.keyed)
        return default if found is None else found

    def other(self, name: str) -> Any:
        """What is stored now at a field that the reader was about to overwrite unseen, or None."""
        if self.stored is None:
            return None
        now = _at(self.stored, name, self.keyed)
        return now if now != _at(self.part, name, self.keyed) else None

    def path_of(self, name: str) -> str:
        return member(self.path, name) if self.keyed else f"{self.path}.{name}"

    def error(self, name: str) -> str | None:
        """What the decoder says of a field."""
        rejected = self.rejected
        return rejected.words if rejected and below(rejected.path, self.path_of(name)) else None

    def found(self, name: str) -> list[Finding]:
        """What the rules say of a field."""
        return [finding for finding in self.findings if below(finding.path, self.path_of(name))]

    def elsewhere(self, *names: str) -> list[Finding]:
        """What the rules say of the part and no field of the page shows."""
        shown = [self.path_of(name) for name in names]
        return [
            finding
            for finding in self.findings
            if below(finding.path, self.path) and not any(below(finding.path, path) for path in shown)
        ]


def form_over(
    draft: Open,
    path: str,
    part: Mapping[str, Any],
    typed: Mapping[str, Any] | None,
    status: int,
    rejected: Rejected | None,
) -> Form:
    """The form over `part` of `draft`: as stored, or with what was `typed` after a refusal of status 422 or 409."""
    if typed is None:
        return Form(path, part, draft.digest, draft.findings)
    return Form(path, typed, draft.digest, draft.findings, rejected, part if status == 409 else None)


def text(form: FormData, name: str) -> str:
    """A field of one line, without the spaces around it."""
    return str(form.get(name, "")).strip()


def lines(form: FormData, name: str) -> list[str]:
    """A field that holds one entry a line."""
    return [line.strip() for line in str(form.get(name, "")).splitlines() if line.strip()]


def ticked(form: FormData, name: str) -> list[str]:
    """The values of the boxes of one name that are ticked."""
    return [str(value) for value in form.getlist(name)]


def each_language(form: FormData, name: str, languages: list[str]) -> Part:
    """`{language: text}` of the fields `name.fr`, `name.en`…, without the empty ones."""
    texts = {language: str(form.get(f"{name}.{language}", "")).strip().replace("\r\n", "\n") for language in languages}
    return {language: written for language, written in texts.items() if written}


def rows(form: FormData, name: str, *columns: str) -> list[Part]:
    """Objects of the repeated fields `name.column`; a row whose fields are all empty is none."""
    values = [ticked(form, f"{name}.{column}") for column in columns]
    made = [dict(zip(columns, (value.strip() for value in row), strict=True)) for row in zip(*values, strict=False)]
    return [row for row in made if any(row.values())]


def _at(part: Mapping[str, Any], name: str, keyed: bool) -> Any:
    value: Any = part
    for step in [name] if keyed else name.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value
