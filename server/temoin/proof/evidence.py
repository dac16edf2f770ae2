"""Evidence of what visitors see: the real banner in a real Chromium, as HTML and as a picture (CNIL 2020-092, art. 4).

The network is closed: every request of the page is answered from memory (a neutral page, the script, its language
files) or refused. So what is captured follows from the published bytes alone, and capturing tells nobody anything.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, Error, Page, Route, ViewportSize

from temoin.errors import Unavailable
from temoin.proof.browser import first_line, started
from temoin.proof.document import Viewport

VIEWPORTS: dict[Viewport, ViewportSize] = {
    "mobile": {"width": 390, "height": 844},
    "desktop": {"width": 1280, "height": 800},
}
_PATIENCE_MS = 30_000
_OTHERWISE = "'temoin publish' can also go on without evidence, and the log will say so."
# In the layout `centre` one dialog is both layers.
_BANNER = "temoin-banner [data-t~=banner]"
_PREFERENCES = "temoin-banner dialog[data-t~=preferences][open]"

# Constructed style sheets stand in no markup, so their rules are written out in front of it.
_SERIALISE = """() => {
  const root = document.querySelector('temoin-banner').shadowRoot;
  const rules = [...root.adoptedStyleSheets].flatMap((sheet) => [...sheet.cssRules]).map((rule) => rule.cssText);
  return [rules.join('\\n'), root.innerHTML];
}"""


@dataclass(frozen=True, slots=True)
class Captured:
    """One screen: the banner's shadow root as an HTML file that opens in any browser, and the picture as PNG.

    `probed` is what the probe answered about it, by colour scheme (`light`, `dark`).
    """

    language: str
    viewport: Viewport
    layer: int
    html: bytes = field(repr=False)
    png: bytes = field(repr=False)
    probed: dict[str, Any] = field(default_factory=dict, repr=False)


async def capture(
    bundle: bytes,
    language_files: Mapping[str, tuple[str, bytes]],
    base: str,
    site: str,
    origin: str,
    languages: list[str],
    chromium: str,
    probe: str = "() => null",
) -> list[Captured]:
    """Every language on mobile and desktop, first and second layer, in this order.

    `bundle` is the whole script of the site, `language_files` the hash and bytes of each language's texts, `base` the
    service's address as browsers know it, `origin` one of the site's, `chromium` the path of the browser. `probe`
    is a JavaScript function that is given the layer on each screen, in light and in dark, after its picture was taken.
    Raises Unavailable where the browser cannot be started, or where the banner does not appear in it.
    """
    answers = {f"{base}/s/{site}.js": ("text/javascript; charset=utf-8", bundle)}
    for language, (digest, body) in language_files.items():
        answers[f"{base}/s/{site}/{digest}.{language}.json"] = ("application/json", body)
    screens: list[Captured] = []
    async with started(chromium, "to capture evidence with", _OTHERWISE) as browser:
        for language in languages:
            page_html = _neutral_page(language, f"{base}/s/{site}.js")
            pages = answers | {f"{origin}/": ("text/html; charset=utf-8", page_html)}
            for viewport in VIEWPORTS:
                screens += await _screens(browser, pages, f"{origin}/", language, viewport, probe)
    return screens


async def _screens(
    browser: Browser,
    answers: Mapping[str, tuple[str, bytes]],
    address: str,
    language: str,
    viewport: Viewport,
    probe: str,
) -> list[Captured]:
    """Both layers in a fresh profile, as a visitor's first visit."""

    async def answer(route: Route) -> None:
        found = answers.get(route.request.url) if route.request.method == "GET" else None
        if found is None:
            await route.abort()
        else:
            headers = {"content-type": found[0], "access-control-allow-origin": "*"}
            await route.fulfill(status=200, headers=headers, body=found[1])

    context = await browser.new_context(
        viewport=VIEWPORTS[viewport],
        is_mobile=viewport == "mobile",
        has_touch=viewport == "mobile",
        locale=language,
        color_scheme="light",
        reduced_motion="reduce",
        service_workers="block",
    )
    try:
        context.set_default_timeout(_PATIENCE_MS)
        await context.route("**/*", answer)
        page = await context.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        try:
            await page.goto(address)
            await page.locator(_BANNER).wait_for()
            first = await _captured(page, language, viewport, 1, probe)
            await page.evaluate("() => window.temoin.open()")
            await page.locator(_PREFERENCES).wait_for()
            return [first, await _captured(page, language, viewport, 2, probe)]
        except Error as error:
            raise Unavailable(
                "evidence_failed",
                f"The banner in {language} for {viewport} could not be captured: "
                f"{'; '.join(complaints) or first_line(error)}.",
                "Nothing was published. Try again; if it stays so, report it with this message.",
            ) from error
    finally:
        await context.close()


async def _captured(page: Page, language: str, viewport: Viewport, layer: int, probe: str) -> Captured:
    rules, markup = await page.evaluate(_SERIALISE)
    png = await page.screenshot(animations="disabled", caret="hide")
    probed = {"light": await page.evaluate(probe, layer)}
    await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    probed["dark"] = await page.evaluate(probe, layer)
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    return Captured(language, viewport, layer, _document(language, rules, markup), png, probed)


def _document(language: str, rules: str, markup: str) -> bytes:
    """A file that shows the shadow root by itself (declarative shadow DOM)."""
    style = f"<style>\n{rules}\n</style>" if rules else ""
    return (
        f'<!doctype html>\n<html lang="{html.escape(language)}">\n<meta charset="utf-8">\n'
        f'<title>temoin-banner</title>\n<temoin-banner><template shadowrootmode="open">'
        f"{style}{markup}</template></temoin-banner>\n"
    ).encode()


def _neutral_page(language: str, script: str) -> bytes:
    return (
        f'<!doctype html>\n<html lang="{html.escape(language)}">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>-</title>\n'
        f'<script src="{html.escape(script)}"></script>\n<body></body>\n'
    ).encode()
