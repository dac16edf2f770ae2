"""Pictures of every layout in French, German, Greek and Arabic, mobile and desktop, light and dark, both layers.

`.venv/bin/python scripts/layouts.py FOLDER` after `make install`: a contact sheet for each layout and window, to be
looked at. The published script in a real Chromium, over a page of plain text; every request is answered from memory.
"""

from __future__ import annotations

import sys
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec
from playwright.sync_api import Browser, Route, ViewportSize, sync_playwright

from temoin.banner import script
from temoin.banner.version import freeze, load
from temoin.settings import load_settings
from temoin.site import SiteConfig

LAYOUTS = ("bar", "box", "modal", "centre")
LANGUAGES = ("fr", "de", "el", "ar")
WINDOWS: dict[str, ViewportSize] = {
    "mobile": {"width": 390, "height": 844},
    "desktop": {"width": 1280, "height": 800},
}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
BASE, ORIGIN = "https://consent.boutique.example", "https://www.boutique.example"

_SITE: dict[str, Any] = {
    "site": "boutique",
    "origins": [ORIGIN],
    "languages": list(LANGUAGES),
    "controller": {
        "name": "Boutique Saint-Malo SAS",
        "address": "12 rue de Dinan, 35400 Saint-Malo, France",
        "contact": "dpo@boutique.example",
        "policy_url": {"fr": f"{ORIGIN}/confidentialite"},
    },
    "purposes": [
        *({"id": name} for name in ("audience", "ads", "personalisation", "video")),
        {"id": "cart", "basis": "exempt", "exemption": "cart"},
    ],
    "trackers": [
        {
            "id": name,
            "name": name.capitalize(),
            "controller": f"{name.capitalize()} Ireland Ltd",
            "role": "processor",
            "purposes": [name],
            "match": [f"{name}.example"],
            "cookies": [{"name": f"_{name}*", "max_age": "P13M"}],
        }
        for name in ("audience", "ads", "personalisation", "video")
    ],
}

_PAGE = """<!doctype html><html lang="{language}" dir="{direction}"><meta charset="utf-8"><title>Boutique</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><script src="{base}/s/boutique.js"></script>
<style>body {{ margin: 0; font: 17px/1.6 Georgia, serif; background: {ground}; color: {ink} }}
main {{ max-width: 44em; margin: auto; padding: 2em }}</style><main><h1>Boutique</h1>{text}</main>"""
_TEXT = (
    "<p>Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore.</p>" * 12
)


def main(folder: Path, layouts: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=load_settings().chromium, args=["--no-sandbox"])
        for layout in layouts:
            for name, window in WINDOWS.items():
                shots = [
                    shot
                    for at, language in enumerate(LANGUAGES)
                    for shot in screens(browser, layout, language, window, SCHEMES[at % 2])
                ]
                contact_sheet(browser, folder / f"{layout}-{name}.png", shots, window)
        browser.close()


def shop(layout: str, language: str) -> SiteConfig:
    return msgspec.convert({**_SITE, "default_language": language, "banner": {"template": layout}}, SiteConfig)


def screens(
    browser: Browser, layout: str, language: str, window: ViewportSize, scheme: Literal["light", "dark"]
) -> list[bytes]:
    """The first layer and the second, as PNG."""
    config = shop(layout, language)
    served = script.bundle(load(config.site, freeze(config), datetime(2026, 11, 25, tzinfo=UTC)), BASE).decode()
    dark = scheme == "dark"
    html = _PAGE.format(
        language=language,
        direction="rtl" if language == "ar" else "ltr",
        base=BASE,
        ground="#181a1b" if dark else "#fffdf8",
        ink="#ddd" if dark else "#222",
        text=_TEXT,
    )

    def answer(route: Route) -> None:
        if route.request.url.endswith(".js"):
            route.fulfill(body=served, content_type="text/javascript")
        else:
            route.fulfill(body=html, content_type="text/html")

    context = browser.new_context(viewport=window, color_scheme=scheme, reduced_motion="reduce")
    context.route("**/*", answer)
    page = context.new_page()
    page.goto(f"{ORIGIN}/")
    page.locator("temoin-banner [data-t~=banner]").wait_for()
    shots = [page.screenshot()]
    if layout == "centre":
        page.locator("temoin-banner .body").evaluate("each => { each.scrollTop = each.scrollHeight }")
    else:
        page.locator("temoin-banner [data-t=choose]").click()
    shots.append(page.screenshot())
    context.close()
    return shots


def contact_sheet(browser: Browser, path: Path, shots: list[bytes], window: ViewportSize) -> None:
    """All of them in rows of four, at half their size where they are wide."""
    width = min(window["width"], 640)
    page = browser.new_page(viewport={"width": 4 * (width + 12), "height": 600})
    images = "".join(f'<img src="data:image/png;base64,{b64encode(shot).decode()}">' for shot in shots)
    page.set_content(
        f"<style>body {{ margin: 0; background: #888 }} img {{ width: {width}px; margin: 6px }}</style>{images}"
    )
    page.screenshot(path=path, full_page=True)
    page.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:] or list(LAYOUTS))
