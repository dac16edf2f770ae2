"""All sites, a new one, and one site's start page: what state it is in and what to do next."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import FormData
from starlette.responses import Response

from temoin.admin.pages.ask import Ask
from temoin.admin.pages.drafts import Open, Part, Rejected, decoded, opened
from temoin.admin.pages.forms import Form, lines, text, ticked
from temoin.admin.pages.places import place, tally
from temoin.admin.ports import SiteRow
from temoin.admin.publish import log_origin
from temoin.admin.versions import is_changed
from temoin.banner.texts import shipped_languages, text_keys
from temoin.compliance.engine import Finding, lint
from temoin.proof.ports import LogState
from temoin.site import SiteConfig, parse_site, site_bytes

# Purposes that a new site can begin with; their titles and descriptions have defaults in every shipped language.
STANDARD = ("audience", "ads", "personalisation", "social", "video", "maps", "support", "testing")


@dataclass(frozen=True, slots=True)
class Summary:
    """One line of the list of sites. `changed`: the draft would publish as another version than the present one."""

    row: SiteRow
    config: SiteConfig
    log: LogState | None
    errors: int
    warnings: int
    changed: bool

    @property
    def host(self) -> str:
        return urlsplit(self.config.origins[0]).netloc


async def overview(ask: Ask) -> Response:
    known = [row for row in await ask.admin.sites.sites() if ask.may("read", row.id)]
    rows = [await _summary(ask, row) for row in known]
    return ask.show("sites.html", rows=rows)


async def _summary(ask: Ask, row: SiteRow) -> Summary:
    config = parse_site(row.draft, row.id)
    findings = await ask.admin.overrides.applied(row.id, lint(config, text_keys()))
    errors = sum(finding.stops for finding in findings)
    log = await ask.admin.log.log_state(row.id)
    return Summary(row, config, log, errors, len(findings) - errors, is_changed(row, config))


async def new(ask: Ask) -> Response:
    """A short form; its site is a draft that has no error, or as few as what was given allows."""
    if ask.request.method != "POST":
        return _form(ask, _blank())
    form = await ask.form()
    part = _part(form)
    try:
        config = decoded(part)
    except Rejected as rejected:
        return _form(ask, part, 422, rejected)
    if await ask.admin.sites.site(config.site) is not None:
        taken = Rejected("$.site", ask.say("This id is taken by another site."))
        return _form(ask, part, 409, taken)
    origin = log_origin(ask.admin.base, config.site)
    await ask.admin.sites.put_site(config.site, site_bytes(config), origin, secrets.token_bytes(32))
    return ask.go(f"/admin/sites/{config.site}", "made")


def _blank() -> Part:
    return {"languages": ["fr"], "purposes": [{"id": "audience"}], "origins": [], "controller": {}}


def _part(form: FormData) -> Part:
    languages = [name for name in ticked(form, "languages") if name in shipped_languages()] or ["fr"]
    policy = text(form, "controller.policy_url")
    purposes: list[Part] = [{"id": name} for name in ticked(form, "purposes") if name in STANDARD]
    remembers = {"id": "choice", "basis": "exempt", "exemption": "choice"}
    controller = {name: text(form, f"controller.{name}") for name in ("name", "address", "contact")}
    return {
        "site": text(form, "site"),
        "origins": lines(form, "origins"),
        "languages": languages,
        "controller": {**controller, "policy_url": dict.fromkeys(languages, policy) if policy else {}},
        "choice_validity": "P6M",
        "purposes": [*purposes, remembers],
        "trackers": [_own_tracker(controller["name"])],
    }


def _own_tracker(controller: str) -> Part:
    """What the banner itself keeps, so that visitors read of it too."""
    return {
        "id": "temoin",
        "name": "Témoin",
        "controller": controller or "-",
        "role": "controller",
        "purposes": ["choice"],
        "cookies": [{"name": "temoin", "max_age": "P6M"}],
        "storage": [{"name": "temoin", "max_age": "P6M"}],
    }


def _form(ask: Ask, part: Part, status: int = 200, rejected: Rejected | None = None) -> Response:
    form = Form("$", part, "", rejected=rejected)
    return ask.show("new_site.html", status, form=form, standard=STANDARD, shipped=shipped_languages(), part=part)


@dataclass(frozen=True, slots=True)
class Step:
    """What to do next, and whether it is done."""

    title: str
    text: str
    page: str
    done: bool


async def start(ask: Ask) -> Response:
    draft = await opened(ask)
    log = await ask.admin.log.log_state(draft.id)
    changed = is_changed(draft.row, draft.config)
    steps = _steps(ask, draft, changed)
    return ask.show(
        "site.html",
        **frame(draft, "start"),
        log=log,
        changed=changed,
        steps=steps,
        next_step=next((step for step in steps if not step.done), None),
    )


def _steps(ask: Ask, draft: Open, changed: bool) -> list[Step]:
    own = [tracker for tracker in draft.config.trackers if tracker.id != "temoin"]
    return [
        Step(
            ask.say("List what runs"),
            ask.say("Each tracker, whom it belongs to, and the purposes that it serves."),
            "trackers",
            bool(own),
        ),
        Step(
            ask.say("Mend what the rules find"),
            ask.say("Errors stop a publication; each says what to change."),
            "publish",
            draft.errors == 0,
        ),
        Step(
            ask.say("Publish"),
            ask.say("Visitors get this draft, and its screens are kept as evidence."),
            "publish",
            draft.row.version is not None and not changed,
        ),
        Step(
            ask.say("Put the tag into your pages"),
            ask.say("One line, first in the head; then check that it works."),
            "install",
            draft.row.version is not None and not changed,
        ),
    ]


def frame(draft: Open, section: str) -> dict[str, Any]:
    """What every page of one site shows around its content."""

    def link(finding: Finding) -> str:
        return f"{draft.home}/{place(finding.path)}"

    return {
        "draft": draft,
        "row": draft.row,
        "config": draft.config,
        "section": section,
        "tally": tally(draft.findings),
        "link": link,
    }
