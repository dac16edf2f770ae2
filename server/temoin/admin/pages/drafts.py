"""A site's draft while it is edited: read, changed, checked by the decoder of site.py, and kept.

Two people may edit at once. Each form carries the hash of the draft that it was made from; a draft that has changed
since is never overwritten unseen: the form comes back with what was typed and with what is stored now (409).
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import orjson
from starlette.responses import Response

from temoin import document as documents
from temoin.admin.pages.ask import Ask
from temoin.admin.ports import SiteRow
from temoin.admin.publish import draft_of
from temoin.banner.texts import text_keys
from temoin.canonical import sha256_hex
from temoin.compliance.engine import Finding, lint
from temoin.errors import Malformed
from temoin.forms import FORMS
from temoin.site import SiteConfig, site_bytes

Part = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Open:
    """A draft as stored, and what the rules find in it. `document` is a copy to change."""

    row: SiteRow
    config: SiteConfig
    document: Part = field(repr=False)
    findings: list[Finding] = field(repr=False)

    @property
    def id(self) -> str:
        return self.row.id

    @property
    def home(self) -> str:
        return f"/admin/sites/{self.row.id}"

    @property
    def digest(self) -> str:
        return sha256_hex(self.row.draft)

    @property
    def errors(self) -> int:
        return sum(finding.stops for finding in self.findings)

    @property
    def warnings(self) -> int:
        return len(self.findings) - self.errors


class Rejected(Exception):
    """The decoder refuses the draft: `path` (`$.purposes[0].id`) and what is wrong there, in plain words."""

    def __init__(self, path: str, words: str) -> None:
        super().__init__(f"{path}: {words}")
        self.path = path
        self.words = words


class Stale(Exception):
    """Somebody else has changed the draft since the form was made."""


async def opened(ask: Ask) -> Open:
    """The draft of the site that the address names; raises NotFound."""
    row, config = await draft_of(ask.admin.sites, ask.site_id)
    findings = await ask.admin.overrides.applied(row.id, lint(config, text_keys()))
    return Open(row, config, orjson.loads(row.draft), findings)


def decoded(document: Part) -> SiteConfig:
    """The draft as a configuration; raises Rejected."""
    try:
        return msgspec.convert(document, SiteConfig)
    except msgspec.ValidationError as error:
        path, words = documents.explain(copy.deepcopy(document), SiteConfig, error, FORMS)
        raise Rejected(path, _plain(words)) from error


async def keep(ask: Ask, draft: Open, document: Part, digest: str) -> None:
    """Stores the changed draft; raises Rejected, and Stale where `digest` is not that of the draft as stored."""
    config = decoded(document)
    if digest != draft.digest or not await ask.admin.sites.replace_draft(draft.id, site_bytes(config), draft.row.draft):
        raise Stale


async def taken(
    ask: Ask,
    draft: Open,
    document: Part,
    digest: str,
    *,
    to: str,
    again: Callable[[int, Rejected | None], Response],
) -> Response:
    """Keeps the changed draft and goes on to `to`; shows the form `again` with status 422 or 409 where it cannot."""
    try:
        await keep(ask, draft, document, digest)
    except Rejected as rejected:
        return again(422, rejected)
    except Stale:
        return again(409, None)
    return ask.go(to, "saved")


def item(draft: Open, kind: str, index: str) -> int:
    """The place of a purpose or tracker that an address names; raises Malformed for none."""
    if index.isdigit() and int(index) < len(draft.document[kind]):
        return int(index)
    raise Malformed("unknown_item", f"The draft has no such entry in {kind}.", "Go back to the list and choose again.")


def _plain(words: str) -> str:
    """The decoder's words for what people leave empty or write too long."""
    if words.startswith("Expected `str` of length >= 1"):
        return "Fill this in."
    if words.startswith("Expected `array` of length >= 1"):
        return "At least one is needed."
    return (
        words.replace("`", "").replace("Expected str", "Expected a text").replace("Expected int", "Expected a number")
    )
