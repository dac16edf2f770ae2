"""The banner's looks, with the real banner beside them: mobile and desktop, each layer, light and dark.

The preview is made by the renderer that visitors' banners come from, in a frame without scripts and of an origin of its
own (`sandbox`), from what stands in the form: nothing has to be saved to be seen.
"""

from __future__ import annotations

import html
import re
import secrets
from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

from temoin.admin.pages.ask import HEADERS, Ask
from temoin.admin.pages.drafts import Open, Part, Rejected, decoded, opened, taken
from temoin.admin.pages.forms import form_over, text
from temoin.admin.pages.sites import frame
from temoin.banner.palette import palette_of
from temoin.banner.render import html as banner_html
from temoin.banner.style import stylesheet
from temoin.site import Banner, SiteConfig

COLOURS = ("background", "text", "button_background", "button_text")
LAYERS = ("1", "2", "0")
LAYOUTS = {
    "bar": "Bar along the bottom",
    "box": "Box in a corner",
    "modal": "Window in the middle",
    "centre": "Preferences at once",
    "none": "None: the site draws its own",
}

_POLICY = (
    "default-src 'none'; style-src 'nonce-{nonce}'; img-src https: http: data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox"
)
# A page for the banner to lie on, and the second layer where `showModal` would put it.
_GROUND = {
    "light": "html{color-scheme:light;background:#fff;color:#c9ced8}",
    "dark": "html{color-scheme:dark;background:#0d1016;color:#39414f}",
}
_PAGE = "body{margin:0}svg{display:block;width:100%;height:auto}a{pointer-events:none}"
# The dialogs of the second layer, and of a first layer that is one (layouts `modal` and `centre`).
_OPENED = re.compile(r'<dialog (data-t="(?:banner )?preferences")')
_ASKING = re.compile(r'<dialog (data-t="banner)')
_MODAL = "dialog{position:fixed;inset:0;margin:auto}.root::before{content:'';position:fixed;inset:0;background:#0009}"


async def edit(ask: Ask) -> Response:
    draft = await opened(ask)
    if ask.request.method != "POST":
        return _page(ask, draft)
    form = await ask.form()
    part = _part(form)
    document = draft.document
    document["banner"] = document.get("banner", {}) | part

    def again(status: int, rejected: Rejected | None) -> Response:
        return _page(ask, draft, part, status, rejected)

    return await taken(ask, draft, document, text(form, "draft"), to=f"{draft.home}/look", again=again)


def _part(fields: Mapping[str, Any]) -> Part:
    """`banner` as the form gives it; fields that are left empty take the default."""
    theme: Part = {"mode": str(fields.get("theme.mode", "system"))}
    for name in (*COLOURS, "font", "logo"):
        value = str(fields.get(f"theme.{name}", "")).strip()
        theme[name] = (value.lower() if name in COLOURS else value) or None
    radius = str(fields.get("theme.radius", "")).strip()
    theme["radius"] = int(radius) if radius.isdigit() else radius or 8
    return {
        "template": str(fields.get("template", "bar")),
        "control": str(fields.get("control", "button")),
        "theme": theme,
    }


def _page(
    ask: Ask, draft: Open, typed: Part | None = None, status: int = 200, rejected: Rejected | None = None
) -> Response:
    part = draft.document.get("banner", {})
    form = form_over(draft, "$.banner", part, typed, status, rejected)
    params = ask.request.query_params
    view = {
        "layer": params.get("layer") if params.get("layer") in LAYERS else "1",
        "mode": "dark" if params.get("mode") == "dark" else "light",
        "language": params.get("language")
        if params.get("language") in draft.config.languages
        else draft.config.language,
    }
    theme = draft.config.banner.theme
    palette = palette_of(theme, dark=theme.mode == "dark")
    usual = dict(zip(COLOURS, (palette.panel, palette.text, palette.button, palette.label), strict=True))
    layouts = [(name, ask.say(LAYOUTS.get(name, name))) for name in _layouts()]
    return ask.show("look.html", status, form=form, view=view, usual=usual, layouts=layouts, **frame(draft, "look"))


def _layouts() -> list[str]:
    """The layouts that a configuration may name."""
    found = msgspec.json.schema(Banner)["$defs"]["Banner"]["properties"]["template"]["enum"]
    return [str(name) for name in found]


async def preview(ask: Ask) -> Response:
    """The banner by itself, as the address describes it; what is not in the address is as in the draft."""
    draft = await opened(ask)
    params = ask.request.query_params
    document = draft.document
    if "theme.mode" in params:
        document["banner"] = document.get("banner", {}) | _part(params)
    try:
        config = decoded(document)
    except Rejected:
        config = draft.config
    return drawn(config, params.get("language", ""), params.get("mode", ""), params.get("layer", ""))


def drawn(config: SiteConfig, language: str, mode: str, layer: str) -> Response:
    """The banner of a draft on a page of its own, which runs nothing; what is unknown is as a visitor first sees it."""
    nonce = secrets.token_urlsafe(16)
    known = language if language in config.languages else config.language
    body = _document(config, known, "dark" if mode == "dark" else "light", layer, nonce)
    headers = dict(HEADERS) | {"Content-Security-Policy": _POLICY.format(nonce=nonce)}
    return Response(body, 200, headers, media_type="text/html")


def _document(config: SiteConfig, language: str, mode: str, layer: str, nonce: str) -> str:
    """The banner in a declarative shadow root. A theme of `system` is drawn as the mode that was asked for."""
    theme = config.banner.theme
    if theme.mode == "system":
        theme = msgspec.structs.replace(theme, mode="dark" if mode == "dark" else "light")
    css = stylesheet(config.banner.template, theme)
    markup = banner_html(config, language).replace(" autofocus", "")  # in a frame it would only be refused
    if layer == "2":
        markup, css = _OPENED.sub(r"<dialog open \1", markup), css + _MODAL
    elif layer == "0":
        markup = markup.replace('<button data-t="open" hidden>', '<button data-t="open">', 1)
    elif (shown := _ASKING.sub(r"<dialog open \1", markup)) != markup:
        markup, css = shown, css + _MODAL
    else:
        markup = markup.replace('aria-labelledby="banner-title" hidden>', 'aria-labelledby="banner-title">', 1)
    return (
        f'<!doctype html><html lang="{html.escape(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>temoin-banner</title>'
        f'<style nonce="{nonce}">{_GROUND[mode]}{_PAGE}</style></head><body>{_LINES}'
        f'<temoin-banner><template shadowrootmode="open"><style nonce="{nonce}">{css}</style>{markup}</template>'
        "</temoin-banner></body></html>"
    )


_LINES = (
    '<svg viewBox="0 0 100 62" fill="currentColor" aria-hidden="true">'
    '<rect x="4" y="4" width="16" height="2.4" rx="1"/><rect x="72" y="4.4" width="6" height="1.6" rx=".8"/>'
    '<rect x="81" y="4.4" width="6" height="1.6" rx=".8"/><rect x="90" y="4.4" width="6" height="1.6" rx=".8"/>'
    '<rect x="4" y="11" width="92" height="22" rx="1.5" opacity=".5"/>'
    '<rect x="4" y="38" width="28" height="14" rx="1.2" opacity=".5"/>'
    '<rect x="36" y="38" width="28" height="14" rx="1.2" opacity=".5"/>'
    '<rect x="68" y="38" width="28" height="14" rx="1.2" opacity=".5"/>'
    '<rect x="4" y="54.5" width="20" height="1.6" rx=".8"/><rect x="36" y="54.5" width="20" height="1.6" rx=".8"/>'
    '<rect x="68" y="54.5" width="20" height="1.6" rx=".8"/></svg>'
)
