"""The banner in one language: Jinja2 templates to HTML, HTML to the tree that the SDK builds.

Texts are escaped on their way into HTML and undefined names are errors. There is no inline style and no inline script
(tree.py refuses them); the only styles are those of style.py.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from temoin.assets import folder
from temoin.banner.style import stylesheet
from temoin.banner.texts import texts_of
from temoin.banner.tree import Node, tree_of
from temoin.banner.view import view_of
from temoin.site import SiteConfig

# What the SDK itself says (see docs/texts.md): the names are the keys of `Ui.text`.
UI_TEXTS = (
    "failed",
    "offline",
    "placeholder",
    "placeholder_button",
    "receipt",
    "saved",
    "withdrawn",
)


# Where the site draws its own (docs/sdk.md#a-banner-of-your-own): no tree.
HEADLESS = "none"


def html(config: SiteConfig, language: str) -> str:
    """Both layers of the banner as HTML, as the templates write it."""
    template = _templates().get_template(f"{config.banner.template}/banner.html")
    return template.render(view=view_of(config, language))


def tree(config: SiteConfig, language: str) -> Node:
    """Both layers as the SDK's tree."""
    return tree_of(html(config, language))


def ui(config: SiteConfig, language: str, *, css: bool) -> dict[str, Any]:
    """The `Ui` that the SDK takes: tree, texts and, for the inlined one, the stylesheet that all languages share.

    Without a layout there is no tree; with all texts come the purposes and what is behind them, for the site to show.
    """
    texts = texts_of(config, language)
    built: dict[str, Any]
    if config.banner.template == HEADLESS:
        view = view_of(config, language)
        built = {
            "language": language,
            "text": {**texts, "banner.change": view.change},
            "purposes": {"asked": view.asked, "exempt": view.exempt},
        }
    else:
        built = {"tree": tree(config, language), "text": {key: texts[key] for key in UI_TEXTS}}
    if css:
        built["css"] = stylesheet(config.banner.template, config.banner.theme)
    return built


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(folder("banner_templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
