"""How often one network may ask something of one site within a minute.

Nothing here could name anybody. An address is cut to its network (`http.network`), and a keyed hash of site and network
picks one of a fixed number of counters; only the counters are kept. Key and counters last one minute and live in this
process alone: nothing reaches a store or another worker, so N workers let up to N times as much through.

Two networks that fall on one counter share it. With 10,000 networks in a minute that happens to one in a hundred, who
cannot be chosen from outside; the memory is the same however many addresses somebody makes up.
"""

from __future__ import annotations

import ipaddress
import secrets
from array import array
from hashlib import blake2b

from starlette.types import Scope

from temoin.clock import SystemClock
from temoin.errors import TooMany
from temoin.http import client_address, network

MOST = 60_000  # a counter has 16 bits
_COUNTERS = 1 << 20  # 2 MiB
_SECONDS = 60


class RateLimit:
    """At most `most` requests (up to MOST) a minute from one network to one site; 0 is without a limit.

    `told_by` is the header in which a reverse proxy gives the address. Without one, private addresses are not counted:
    such a connection comes from a proxy, behind which everybody stands.
    """

    def __init__(self, most: int, told_by: str, clock: SystemClock) -> None:
        self._most = most
        self._told_by = told_by.lower().encode()
        self._clock = clock
        self._minute = -1
        self._key = b""
        self._counters = array("H")

    def count(self, scope: Scope, site: str) -> bytes:
        """Counts a request; answers its network. Raises TooMany, without counting on, where that has had its share."""
        packed = network(client_address(scope, self._told_by))
        if self._most and (self._told_by or not _private(packed)):
            self._count(site, packed)
        return packed

    def _count(self, site: str, packed: bytes) -> None:
        now = self._clock.monotonic()
        self._renew(int(now // _SECONDS))
        digest = blake2b(b"%b\n%b" % (site.encode(), packed), digest_size=4, key=self._key).digest()
        place = int.from_bytes(digest, "big") % _COUNTERS
        if self._counters[place] >= self._most:
            raise TooMany(
                "too_many_requests",
                f"More than {self._most} requests from this network within a minute.",
                "Wait as long as Retry-After says, then repeat with the same id.",
                retry_after=_SECONDS - int(now % _SECONDS),
            )
        self._counters[place] += 1

    def _renew(self, minute: int) -> None:
        """A new minute has a new key and counts from nought; what was kept of the one before is gone."""
        if minute != self._minute:
            self._minute = minute
            self._key = secrets.token_bytes(16)
            self._counters = array("H", bytes(2 * _COUNTERS))


def _private(packed: bytes) -> bool:
    """Whether a network is none of the Internet's; the two that a proxy most often has are told without parsing."""
    return not packed or (len(packed) == 4 and packed[0] in (10, 127)) or ipaddress.ip_address(packed).is_private
