"""Does the tag work on a page? The page is opened in the service's Chromium, and what it did is looked at; so is where
the service stands, which decides how long Safari keeps the choice.

Only addresses of the site's own origins are opened, and the browser can reach nothing but that host, at the address
that was looked up once and judged, and the service's own: a page cannot send it elsewhere, nor can a name that changes
its mind. Private addresses are opened only by a service that is itself at one. The page's content never leaves this
module.
"""

from __future__ import annotations

import asyncio
import ipaddress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, Error, Route

from temoin.admin.cookie_check import Line, Place, judge, look_up
from temoin.banner.client import script_address, service_of
from temoin.banner.deferred import inline
from temoin.errors import Malformed
from temoin.proof.browser import started
from temoin.site import SiteConfig

_PATIENCE_MS = 15_000
_BANNER_MS = 3_000
# The page may have loaded before its banner is laid out, which the script leaves to a frame of its own.
_LOOK = """async () => {
  const runs = typeof window.temoin?.choices === 'function';
  const shown = () => {
    const banner = document.querySelector('temoin-banner')?.shadowRoot?.querySelector('[data-t~=banner]');
    return banner instanceof HTMLElement && !banner.hidden && banner.getClientRects().length > 0;
  };
  const end = performance.now() + PATIENCE;
  while (runs && !shown() && performance.now() < end) await new Promise((done) => setTimeout(done, 50));
  const head = [...document.head.querySelectorAll('script')];
  const tag = [...document.scripts].findIndex((each) => each.src === ADDRESS);
  const inline = head[0]?.src === '' && head[0].textContent.includes('temoinHeld') ? head[0].textContent : null;
  return {
    tag: tag >= 0,
    inline,
    first: inline !== null || (head.length > 0 && head[0].src === ADDRESS && !head[0].async && !head[0].defer),
    runs,
    banner: shown(),
  };
}"""
_one_at_a_time = asyncio.Semaphore(1)


@dataclass(frozen=True, slots=True)
class Result:
    """What was seen of the tag, and how Safari takes the cookie."""

    lines: list[Line]
    cookie: Line

    @property
    def works(self) -> bool:
        return all(line.good for line in self.lines)


async def check_tag(url: str, config: SiteConfig, base: str, chromium: str) -> Result:
    """Opens `url`, which must be of one of the site's origins; `base` is the service's public address.

    Raises Malformed for another address, Unavailable where no browser is there.
    """
    parts = urlsplit(url)
    if f"{parts.scheme}://{parts.netloc}" not in config.origins:
        raise Malformed(
            "foreign_page",
            "This address is not of one of the site's origins.",
            f"Origins: {', '.join(config.origins)}.",
        )
    address = service_of(config, base)
    reached = urlsplit(address)
    page, service = await look_up(parts.hostname or ""), await look_up(reached.hostname or "")
    inside = _first(await look_up(urlsplit(base).hostname or "")) or ""
    found, served = _first(page), _first(service)
    if found is None or not _may_open(found, inside) or (served is not None and not _may_open(served, inside)):
        raise Malformed(
            "page_unreachable",
            "The page's host was not found, or it or the service's is at an address that is never opened.",
            "Check the address; pages on private networks can be checked only by a service that is on one too.",
        )
    hosts = {place.host: where for place, where in ((page, found), (service, served)) if where}
    async with (
        _one_at_a_time,
        started(chromium, "to open the page with", "the tag can be tried by hand.", hosts) as browser,
    ):
        allowed = {f"{each.scheme}://{each.netloc}" for each in (parts, reached)}
        lines = await _looked(browser, url, allowed, script_address(config, base), inline(config, base))
        return Result(lines, judge(page, service))


async def _looked(browser: Browser, url: str, allowed: set[str], script: str, inline: str) -> list[Line]:
    answered: dict[str, int] = {}

    async def only_these(route: Route) -> None:
        parts = urlsplit(route.request.url)
        fine = route.request.method in ("GET", "HEAD") and f"{parts.scheme}://{parts.netloc}" in allowed
        await (route.continue_() if fine else route.abort())

    context = await browser.new_context(service_workers="block", accept_downloads=False)
    try:
        await context.route("**/*", only_these)
        page = await context.new_page()
        page.on("response", lambda response: answered.__setitem__(response.url, response.status))
        try:
            response = await page.goto(url, timeout=_PATIENCE_MS, wait_until="load")
            look = _LOOK.replace("ADDRESS", f"{script!r}").replace("PATIENCE", str(_BANNER_MS))
            state: dict[str, Any] = await page.evaluate(look)
        except Error:
            return [Line(False, "The page could not be opened.", "Open it in a browser; does it answer?")]
        return _lines(response.status if response else 0, state, answered.get(script), inline)
    finally:
        await context.close()


def _lines(status: int, state: dict[str, Any], script: int | None, inline: str) -> list[Line]:
    deferred = Line(
        state["inline"] == inline,
        "The inline script is that of the present trackers.",
        "Put both tags in anew: trackers have changed since, or something on the way rewrites scripts.",
    )
    return [
        Line(status == 200, "The page answers.", "It answered with an error; check the address."),
        Line(state["tag"], "The page holds this site's script tag.", "Put the tag into its head, exactly as above."),
        Line(
            state["first"],
            "It is first in the head and the page waits for it, or its inline script is first.",
            "Move it before all other scripts: what runs earlier cannot be held back.",
        ),
        *([] if state["inline"] is None else [deferred]),
        Line(script == 200, "The script is delivered.", "Publish the site, and check that browsers reach the service."),
        Line(state["runs"], "The script runs.", "A Content-Security-Policy may forbid it; see the browser's console."),
        Line(
            state["banner"],
            "The banner is shown to a new visitor.",
            "Check that this page's origin is in the settings.",
        ),
    ]


def _first(place: Place) -> str | None:
    """The first address of a host, IPv4 before IPv6; None where it has none."""
    return str(min(place.addresses, key=lambda each: each.version)) if place.addresses else None


def _may_open(address: str, own: str) -> bool:
    """Public addresses; private ones and this machine only where the service is at such an address itself."""
    try:
        ip = ipaddress.ip_address(address)
        service = ipaddress.ip_address(own) if own else None
    except ValueError:
        return False
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip.is_reserved:
        return False
    return ip.is_global or (service is not None and not service.is_global)
