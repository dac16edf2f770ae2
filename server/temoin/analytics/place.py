"""A visitor's address: shortened before anything else looks at it, then only a country.

IPv4 keeps its first 24 bits, IPv6 its first 48 (the CNIL asks for no more than a city and for the address to be
anonymised at once, Guidelines 2020-091 article 5). Countries come from the GeoLite2 data by MaxMind (CC BY-SA 4.0) that
the package `geoip2fast` brings along; nothing is asked of anybody.
"""

from __future__ import annotations

import asyncio
import gc
import ipaddress
import socket
from functools import lru_cache

from geoip2fast import GeoIP2Fast

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
UNKNOWN = "??"


class Countries:
    """The database, read into memory (about 50 MB) by the first hit of the process, in a thread."""

    def __init__(self) -> None:
        self._loading: asyncio.Task[GeoIP2Fast] | None = None
        self._database: GeoIP2Fast | None = None
        self.find = lru_cache(maxsize=8192)(self._find)

    @property
    def ready(self) -> bool:
        """Whether `find` may be called."""
        return self._database is not None

    async def load(self) -> None:
        """Returns when it may."""
        if self._loading is None:
            self._loading = asyncio.create_task(asyncio.to_thread(_load))
        self._database = await asyncio.shield(self._loading)

    def _find(self, network: bytes) -> str:
        """ISO 3166-1 alpha-2 code of a shortened address (`http.network`), `??` where it is not known or private."""
        text = socket.inet_ntop(socket.AF_INET if len(network) == 4 else socket.AF_INET6, network) if network else ""
        code = self._database.lookup(text).country_code if self._database and text else ""
        return code if len(code) == 2 and code.isalpha() else UNKNOWN


def _load() -> GeoIP2Fast:
    database = GeoIP2Fast(geoip2fast_data_file="geoip2fast-ipv6.dat.gz")
    gc.freeze()  # it stays: the collector need not walk through it again and again
    return database


def parse_networks(text: str) -> tuple[Network, ...]:
    """Networks separated by spaces, such as `192.0.2.0/24 2001:db8::/32`; raises ValueError."""
    return tuple(ipaddress.ip_network(part) for part in text.split())


def within(address: str, networks: tuple[Network, ...]) -> bool:
    """Whether the whole address lies in one of the networks; it is looked at and let go."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)
