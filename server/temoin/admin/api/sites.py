"""Sites: their state, their drafts, and what the rules find in them."""

from __future__ import annotations

import secrets
from typing import Any, Literal

import orjson
from msgspec import Struct

from temoin.admin.api.call import Answer, Call, File, Operation
from temoin.admin.pages.look import drawn
from temoin.admin.ports import SiteRow
from temoin.admin.publish import draft_of, lint_screens, log_origin
from temoin.admin.versions import is_changed
from temoin.banner.texts import text_keys
from temoin.canonical import sha256_hex
from temoin.compliance.engine import Finding, lint
from temoin.compliance.french import in_language
from temoin.errors import Invalid, Malformed, PreconditionFailed
from temoin.proof.note import make_vkey
from temoin.site import SiteConfig, parse_site, site_bytes


class Log(Struct, frozen=True):
    """A site's log: its name, the key that verifies it, and how many entries there are and are sealed."""

    origin: str
    key: str
    entries: int
    sealed: int


class Summary(Struct, frozen=True):
    """A site. `version` and `published_at` are null before the first publication; `changed`: publishing the draft would
    give visitors something else than they have. Counts are of findings."""

    site: str
    origins: list[str]
    languages: list[str]
    version: str | None
    published_at: str | None
    changed: bool
    errors: int
    warnings: int
    log: Log


class KeptDraft(Struct, frozen=True):
    """A draft that was kept, by its hash (the ETag), and what the rules find in it."""

    site: str
    created: bool
    draft: str
    findings: list[Finding]


class Looked(Struct, frozen=True, forbid_unknown_fields=True):
    """`screens`: also what is found in the banner as a browser draws it, in every language and size."""

    screens: bool = False
    language: Literal["en", "fr"] = "en"


class Previewed(Struct, frozen=True, forbid_unknown_fields=True):
    """`layer` is 1 or 2, or 0 for the button that reopens; `mode` is light or dark."""

    language: str = ""
    layer: str = "1"
    mode: str = "light"


async def listed(call: Call) -> list[Summary]:
    return [await _summary(call, row) for row in await call.admin.sites.sites() if "read" in call.actor.acts_on(row.id)]


async def shown(call: Call) -> Summary:
    row, _ = await draft_of(call.admin.sites, call.site)
    return await _summary(call, row)


async def _summary(call: Call, row: SiteRow) -> Summary:
    config = parse_site(row.draft, row.id)
    found = await _findings(call, config)
    errors = sum(finding.stops for finding in found)
    state = await call.admin.log.log_state(row.id)
    return Summary(
        *(row.id, list(config.origins), list(config.languages), row.version, row.published_at),
        *(is_changed(row, config), errors, len(found) - errors),
        Log(
            row.origin,
            make_vkey(row.origin, row.signing_key),
            state.appended if state else 0,
            state.sealed if state else 0,
        ),
    )


async def _findings(call: Call, config: SiteConfig) -> list[Finding]:
    return await call.admin.overrides.applied(config.site, lint(config, text_keys()))


async def draft(call: Call) -> Answer:
    row, _ = await draft_of(call.admin.sites, call.site)
    return Answer(orjson.loads(row.draft), headers={"ETag": f'"{sha256_hex(row.draft)}"'})


async def put_draft(call: Call) -> Answer:
    """Replaces the draft that `If-Match` names, or makes the site, which needs the right to edit every site."""
    config: SiteConfig = call.body
    if config.site != call.site:
        raise Invalid(
            "wrong_site", f"$.site is {config.site!r}, the address is of {call.site!r}.", "Send it where it belongs."
        )
    row = await call.admin.sites.site(call.site)
    call.must("edit", call.site if row is not None else "*")
    data = site_bytes(config)
    if row is None:
        origin = log_origin(call.admin.base, config.site)
        await call.admin.sites.put_site(config.site, data, origin, secrets.token_bytes(32))
    else:
        _must_match(call, row)
        if not await call.admin.sites.replace_draft(row.id, data, row.draft):
            raise _stale(row.id)
    digest = sha256_hex(data)
    kept = KeptDraft(config.site, row is None, digest, await _findings(call, config))
    return Answer(kept, 201 if row is None else 200, {"ETag": f'"{digest}"'})


def _must_match(call: Call, row: SiteRow) -> None:
    """Raises Malformed without the header, PreconditionFailed where it names another draft (RFC 9110, 13.1.1)."""
    given = call.request.headers.get("if-match")
    if given is None:
        raise Malformed(
            "if_match_required",
            f"{row.id} has a draft already.",
            "Send If-Match with the ETag of the draft that you read, or * to replace whatever is there.",
        )
    if given.strip() != "*" and f'"{sha256_hex(row.draft)}"' not in (each.strip() for each in given.split(",")):
        raise _stale(row.id)


def _stale(site: str) -> PreconditionFailed:
    return PreconditionFailed(
        "draft_changed", f"The draft of {site} is another one by now.", "Read it, and put your change into it."
    )


async def findings(call: Call) -> list[Finding]:
    _, config = await draft_of(call.admin.sites, call.site)
    found = await _findings(call, config)
    if call.query.screens:
        admin = call.admin
        found += await lint_screens(config, admin.base, admin.chromium, admin.clock.now())
    return in_language(found, call.query.language)


async def preview(call: Call) -> File:
    _, config = await draft_of(call.admin.sites, call.site)
    response = drawn(config, call.query.language, call.query.mode, call.query.layer)
    return File(bytes(response.body), "text/html; charset=utf-8")


OPERATIONS = (
    Operation("GET", "/sites", listed, None, "The sites that the token may read", list[Summary]),
    Operation("GET", "/sites/{site}", shown, "read", "One site", Summary),
    Operation("GET", "/sites/{site}/draft", draft, "read", "The draft, its hash as ETag", dict[str, Any]),
    Operation(
        *("PUT", "/sites/{site}/draft", put_draft, None, "Replace the draft (If-Match), or make the site"),
        *(KeptDraft, SiteConfig),
    ),
    Operation(
        *("GET", "/sites/{site}/findings", findings, "read", "What the rules find in the draft"),
        *(list[Finding], None, Looked),
    ),
    Operation(
        *("GET", "/sites/{site}/preview", preview, "read", "The banner of the draft by itself, as a page"),
        *(("text/html",), None, Previewed),
    ),
)
