"""What concerns the whole site: origins, languages, controller, how long a choice holds, signals, measurement."""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.responses import Response

from temoin.admin.pages.ask import Ask
from temoin.admin.pages.drafts import Open, Part, Rejected, opened, taken
from temoin.admin.pages.forms import each_language, form_over, lines, text, ticked
from temoin.admin.pages.language import AUTONYMS
from temoin.admin.pages.sites import frame
from temoin.banner.texts import shipped_languages

FIELDS = (
    "origins", "service_url", "languages", "default_language", "controller", "choice_validity", "proof_retention",
    "analytics", "log_access", "signals",
)  # fmt: skip


async def edit(ask: Ask) -> Response:
    draft = await opened(ask)
    if ask.request.method != "POST":
        return _page(ask, draft)
    form = await ask.form()
    part = _part(form, draft)

    def again(status: int, rejected: Rejected | None) -> Response:
        return _page(ask, draft, part, status, rejected)

    document = draft.document | part
    return await taken(ask, draft, document, text(form, "draft"), to=f"{draft.home}/settings", again=again)


def _part(form: FormData, draft: Open) -> Part:
    languages = ticked(form, "languages")
    main = text(form, "default_language")
    if main in languages:
        languages = [main, *(each for each in languages if each != main)]
    known = sorted({*languages, *draft.config.languages})
    controller = {name: text(form, f"controller.{name}") for name in ("name", "address", "contact")}
    return {
        "origins": lines(form, "origins"),
        "service_url": text(form, "service_url") or None,
        "languages": languages,
        "default_language": main,
        "controller": {**controller, "policy_url": each_language(form, "controller.policy_url", known)},
        "choice_validity": text(form, "choice_validity"),
        "proof_retention": {
            "period": text(form, "proof_retention.period"),
            "reason": text(form, "proof_retention.reason"),
        },
        "analytics": {**draft.document.get("analytics", {}), "mode": text(form, "analytics.mode")},
        "log_access": text(form, "log_access"),
        "signals": {
            "gpc": text(form, "signals.gpc"),
            "google_consent_mode": text(form, "signals.google_consent_mode"),
            **{name: bool(form.get(f"signals.{name}")) for name in ("uet", "meta", "tiktok")},
            "matomo": text(form, "signals.matomo"),
        },
    }


def _page(
    ask: Ask, draft: Open, typed: Part | None = None, status: int = 200, rejected: Rejected | None = None
) -> Response:
    part = {name: draft.document.get(name) for name in FIELDS}
    form = form_over(draft, "$", part, typed, status, rejected)
    offered = [(name, AUTONYMS.get(name, name)) for name in sorted({*shipped_languages(), *draft.config.languages})]
    periods = {f"P{months}M": months for months in (1, 3, 6, 12, 13)}
    held = str(form.value("choice_validity", "P13M"))
    named = [
        (period, ask.say("%(num)s month" if months == 1 else "%(num)s months", num=months))
        for period, months in periods.items()
    ]
    named += [] if held in periods else [(held, held)]
    return ask.show("settings.html", status, form=form, offered=offered, periods=named, **frame(draft, "settings"))
