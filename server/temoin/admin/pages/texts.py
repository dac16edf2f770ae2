"""The banner's texts, one language at a time: the default beside each field, and what is missing marked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from starlette.datastructures import FormData
from starlette.responses import Response

from temoin.admin.pages.ask import Ask
from temoin.admin.pages.drafts import Open, Part, Rejected, opened, taken
from temoin.admin.pages.forms import form_over, text
from temoin.admin.pages.sites import frame
from temoin.banner.texts import locale, placeholders, problems, text_keys

# In the order in which a visitor meets them; what is in none of these is shown last.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "First layer": ("banner.", "button."),
    "Preferences": ("preferences.", "tracker.", "controller."),
    "On every page": ("control", "saved", "withdrawn", "receipt", "placeholder", "failed", "offline"),
    "Periods": ("duration.",),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One text: its name, what stands there by default, and what may stand in braces."""

    key: str
    default: str
    braces: list[str]


async def edit(ask: Ask) -> Response:
    draft = await opened(ask)
    asked = ask.request.query_params.get("language", draft.config.language)
    language = asked if asked in draft.config.languages else draft.config.language
    if ask.request.method != "POST":
        return _page(ask, draft, language)
    form = await ask.form()
    part = _part(form, draft, language)
    document = draft.document
    texts = dict(document.setdefault("banner", {}).get("texts", {}))
    texts[language] = part
    document["banner"]["texts"] = {name: given for name, given in texts.items() if given}

    def again(status: int, rejected: Rejected | None) -> Response:
        return _page(ask, draft, language, part, status, rejected)

    to = f"{draft.home}/texts?language={language}&"
    return await taken(ask, draft, document, text(form, "draft"), to=to, again=again)


def _part(form: FormData, draft: Open, language: str) -> Part:
    """The texts that are not empty; those whose names this page does not show stay as they are."""
    keys = _keys(language)
    kept = {key: value for key, value in _stored(draft, language).items() if key not in keys}
    typed = {key: str(form.get(key, "")).strip().replace("\r\n", "\n") for key in keys}
    return kept | {key: value for key, value in typed.items() if value}


def _stored(draft: Open, language: str) -> Part:
    texts: Part = draft.document.get("banner", {}).get("texts", {}).get(language, {})
    return texts


def _keys(language: str) -> set[str]:
    """Names of the texts shown: those that every language has, and the plural forms that this one has."""
    shipped = locale(language) or locale("en")
    return {key for key in text_keys() if key in shipped and not key.startswith("purpose.")}


def _page(
    ask: Ask,
    draft: Open,
    language: str,
    typed: Part | None = None,
    status: int = 200,
    rejected: Rejected | None = None,
) -> Response:
    stored = _stored(draft, language)
    form = replace(form_over(draft, f"$.banner.texts.{language}", stored, typed, status, rejected), keyed=True)
    missing = {name: len(_missing(draft, name)) for name in draft.config.languages}
    return ask.show(
        "texts.html",
        status,
        form=form,
        spoken=language,
        groups=_groups(language),
        missing=missing,
        lacking=_missing(draft, language),
        **frame(draft, "texts"),
    )


def _missing(draft: Open, language: str) -> set[str]:
    """Names of the texts that neither the site nor a shipped locale gives in `language`."""
    mark = f"$.banner.texts.{language}['"
    return {
        path.removeprefix(mark).removesuffix("']")
        for path, message in problems(draft.config)
        if path.startswith(mark) and message.startswith("there is no text")
    }


def _groups(language: str) -> list[tuple[str, list[Field]]]:
    left = sorted(_keys(language))
    groups = []
    for name, starts in GROUPS.items():
        keys = [key for start in starts for key in left if key.startswith(start)]
        left = [key for key in left if key not in keys]
        groups.append((name, [_field(key, language) for key in keys]))
    return [*groups, ("Others", [_field(key, language) for key in left])] if left else groups


def _field(key: str, language: str) -> Field:
    return Field(key, locale(language).get(key, ""), sorted(placeholders(locale("en").get(key, ""))))
