"""Documents to hand over: one subject's certificate, or a period's report, as tagged PDF.

Jinja2 templates make HTML, the installed Chromium prints it. Scripts are off and the network is closed: the page and
its pictures are one answer from memory, and every other request is refused.
"""

from __future__ import annotations

import html
from datetime import datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from playwright.async_api import Error, Route

from temoin import __version__
from temoin.errors import Unavailable
from temoin.proof.browser import first_line, started
from temoin.proof.bundle import BundleSource
from temoin.proof.certificate import Certificate, certificate
from temoin.proof.export import Progress
from temoin.proof.ports import EntryFilter
from temoin.proof.printed import log_facts
from temoin.proof.report import EVENTS, Report, report
from temoin.proof.staged import staged
from temoin.proof.wanted import normalised
from temoin.proof.words import TEMPLATES, Words

_ADDRESS = "https://document.invalid/"
_PATIENCE_MS = 120_000
_OTHERWISE = "the other formats of 'temoin export' need no browser."
_FOOTER = (
    '<div style="width:100%;font:7pt sans-serif;color:#555;padding:0 18mm;display:flex;justify-content:space-between">'
    "<span>{left}</span>"
    '<span>{page} <span class="pageNumber"></span> {of} <span class="totalPages"></span></span></div>'
)


async def write_pdf(
    source: BundleSource,
    site: str,
    wanted: EntryFilter,
    out: Path,
    now: datetime,
    chromium: str,
    language: str | None = None,
    progress: Progress | None = None,
) -> int:
    """Writes a certificate where the filter names a subject, a report where not; returns how many decisions it tells.

    `language` is `fr` or `en`, None for the site's own. Raises Malformed for a bad filter or an unusable `out`,
    NotFound for an unknown site or subject, NotReady before the first checkpoint, Unavailable without a browser.
    """
    wanted = normalised(wanted)
    log = await log_facts(source, site)
    with staged(out) as file:
        view: Certificate | Report
        if wanted.subject is not None:
            view = await certificate(source, log, wanted, now, language, progress)
        else:
            view = await report(source, log, wanted, now, language, progress)
        file.write(await printed(page(view), _footer(view), chromium))
    return view.found


def page(view: Certificate | Report) -> str:
    """The document as HTML that needs nothing besides itself."""
    name = "certificate" if isinstance(view, Certificate) else "report"
    template = _templates().get_template(f"{name}.html")
    return template.render(view=view, t=view.words, log=view.log, events=EVENTS, version=__version__, name=name)


async def printed(document: str, footer: str, chromium: str) -> bytes:
    """The HTML as a tagged PDF with an outline and page numbers. Raises Unavailable where no browser can print it."""

    async def answer(route: Route) -> None:
        if route.request.url == _ADDRESS:
            await route.fulfill(status=200, content_type="text/html; charset=utf-8", body=document)
        else:
            await route.abort()

    async with started(chromium, "to print a PDF with", _OTHERWISE) as browser:
        context = await browser.new_context(java_script_enabled=False, service_workers="block", color_scheme="light")
        context.set_default_timeout(_PATIENCE_MS)
        await context.route("**/*", answer)
        try:
            window = await context.new_page()
            await window.goto(_ADDRESS)
            return await window.pdf(
                prefer_css_page_size=True,
                print_background=True,
                display_header_footer=True,
                header_template="<span></span>",
                footer_template=footer,
                tagged=True,
                outline=True,
            )
        except Error as error:
            raise Unavailable(
                "print_failed",
                f"The browser could not print the document: {first_line(error)}.",
                "Nothing was written. Try again; if it stays so, report it with this message.",
            ) from error


def footer_of(words: Words, left: str) -> str:
    """The line below each page: `left`, already escaped, and the page's number."""
    return _FOOTER.format(left=left, page=words("page"), of=words("of"))


def _footer(view: Certificate | Report) -> str:
    words: Words = view.words
    left = f"{words('certificate.title' if isinstance(view, Certificate) else 'report.title')} – {view.log.origin}"
    return footer_of(words, html.escape(left))


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
