"""The banner on its own in a real Chromium: its tree built in a shadow root by thirty lines, without the SDK."""

from __future__ import annotations

from typing import Any, Literal

from playwright.sync_api import Page

from temoin.banner.render import ui
from temoin.site import SiteConfig

Layer = Literal["banner", "preferences"]
LAYERS: list[Layer] = ["banner", "preferences"]

_BUILD = """
({ui, css, layer, chosen}) => {
  const build = (node, parent) => {
    if (typeof node === "string") return document.createTextNode(node);
    const [tag, attributes, ...children] = node;
    const svg = tag === "svg" || parent === "svg";
    const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
    for (const child of children) element.append(build(child, svg ? "svg" : tag));
    return element;
  };
  const host = document.createElement("temoin-banner");
  const root = host.attachShadow({mode: "open"});
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  root.append(build(ui.tree, ""));
  document.body.append(host);
  const at = (name) => root.querySelector(`[data-t~=${name}]`);
  if (chosen) for (const each of root.querySelectorAll("dialog [hidden]")) each.hidden = false;
  if (chosen) at("receipt").textContent = ui.text.receipt;
  if (layer === "banner" && at("banner").showModal) at("banner").showModal();
  else if (layer === "banner") at("banner").hidden = false;
  else {
    for (const each of root.querySelectorAll(".control button")) each.hidden = !chosen && each.dataset.t !== "open";
    if (layer === "preferences") at("preferences").showModal();
  }
}
"""

_PAGE = """<!doctype html><html lang="fr"><meta charset="utf-8"><title>Une page</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>{css}</style><body>{body}</body></html>"""


_BODY = "<h1>Une page</h1><p>Du texte de la page.</p>"


def show(
    page: Page,
    config: SiteConfig,
    language: str = "fr",
    layer: Layer | Literal["control"] = "banner",
    *,
    css: str = "",
    body: str = _BODY,
    chosen: bool = False,
) -> None:
    """Shows one layer of `config` over a page whose own styles are `css`; `chosen` as after a first choice."""
    lay(page, css, body)
    add(page, config, language, layer, chosen=chosen)


def lay(page: Page, css: str = "", body: str = _BODY) -> None:
    """The page alone."""
    page.set_content(_PAGE.format(css=css, body=body))


def add(
    page: Page,
    config: SiteConfig,
    language: str = "fr",
    layer: Layer | Literal["control"] = "banner",
    *,
    chosen: bool = False,
) -> None:
    """The banner on the page that is there."""
    built: dict[str, Any] = ui(config, language, css=True)
    page.evaluate(_BUILD, {"ui": built, "css": built["css"], "layer": layer, "chosen": chosen})
