"""How long does Safari keep a choice? It forgets after seven days what a script wrote, and what a "cloaked" host set.

The rule is WebKit's (`NetworkTaskCocoa.mm`, `setCookieTransformForFirstPartyRequest`): the answer to a request from a
page of the same site sets a lasting cookie where the last name of the host's CNAME chain is of the page's registrable
domain, or of the one that the page's own chain ends in; without a CNAME, where the addresses of both share their first
half, 16 bits of IPv4 or 64 of IPv6. A host is never compared with itself.

Judged by this machine's DNS: names that answer differently elsewhere may fare differently there.
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from temoin.banner.client import registrable_domain

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at. `fix` is what to do where it is not `good`."""

    good: bool
    text: str
    fix: str


@dataclass(frozen=True, slots=True)
class Place:
    """A host as DNS gives it: `name` is the last of its CNAME chain, or the host itself."""

    host: str
    name: str
    addresses: tuple[Address, ...]


_KEPT = Line(True, "Safari keeps the choice until it ends.", "")


async def look_up(host: str) -> Place:
    """The host's place; no addresses where it is not found."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            host, None, type=socket.SOCK_STREAM, flags=socket.AI_CANONNAME
        )
    except (OSError, UnicodeError):
        return Place(host, host, ())
    name = next((canonical for _, _, _, canonical, _ in found if canonical), host).rstrip(".").lower()
    return Place(host, name, tuple(ip_address(str(place[0]).partition("%")[0]) for _, _, _, _, place in found))


def judge(page: Place, service: Place) -> Line:
    """Whether the cookie that the service at one place sets for a page at the other outlives seven days in Safari."""
    domain = registrable_domain(page.host)
    if service.host == page.host:
        return _KEPT
    if domain is None or registrable_domain(service.host) != domain:
        return _short("The service is on another site than the page: give it a host or a path of the site's own.")
    if service.name != service.host:
        own = registrable_domain(service.name) in (domain, registrable_domain(page.name))
        return _KEPT if own else _short("The service's host is a CNAME to another site: pass its paths on instead.")
    if not page.addresses or not service.addresses:
        return _short("The address of the page or of the service was not found: check both names.")
    if {each.version for each in page.addresses} != {each.version for each in service.addresses}:
        return _short("One of page and service has IPv6 addresses, the other none: give both the same kinds.")
    if not all(_near(one, other) for one in page.addresses for other in service.addresses):
        return _short("The service is in another network than the page: let the site's web server pass its paths on.")
    return _KEPT


def _near(one: Address, other: Address) -> bool:
    """Whether two addresses of one family share their first half; of two families that are compared elsewhere."""
    return one.version != other.version or other in ip_network((one, one.max_prefixlen // 2), strict=False)


def _short(fix: str) -> Line:
    return Line(False, "Safari forgets the choice after seven days.", fix)
