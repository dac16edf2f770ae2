"""Failed log-ins, counted per account and per truncated address in the store, so that every worker counts alike.

Kept for five minutes and then gone. Of an address only its network is kept: /24 of IPv4, /48 of IPv6. A private or
loopback address is a proxy's, behind which everybody stands: it is not counted, and the proxy is to limit instead.
"""

from __future__ import annotations

import hashlib
import ipaddress
from datetime import timedelta

from temoin.admin.ports import KeyValueStore
from temoin.clock import SystemClock, rfc3339
from temoin.errors import TooMany

PER_ACCOUNT = 5
PER_NETWORK = 50
_WINDOW = timedelta(minutes=5)
_KIND = "attempt"


class Attempts:
    """An attempt counts before it is looked at, so that a burst of them cannot slip through together."""

    def __init__(self, store: KeyValueStore, clock: SystemClock) -> None:
        self._store = store
        self._clock = clock

    async def begin(self, name: str, address: str | None) -> None:
        """Counts one; raises TooMany where the account or the network has had its share in five minutes."""
        await self._count(_by_name(name), PER_ACCOUNT, "this account")
        if network := truncated(address):
            await self._count(f"network:{network}", PER_NETWORK, "this network")

    async def succeeded(self, name: str) -> None:
        await self._store.delete(_KIND, _by_name(name))

    async def _count(self, key: str, most: int, whose: str) -> None:
        while True:
            kept = await self._store.get(_KIND, key)
            now = self._clock.now()
            since, count = kept.value.decode().split(" ") if kept else (rfc3339(now + _WINDOW), "0")
            if int(count) >= most:
                raise TooMany(
                    "too_many_attempts",
                    f"Too many failed attempts for {whose}.",
                    "Wait five minutes.",
                    retry_after=int(_WINDOW.total_seconds()),
                )
            value = f"{since} {int(count) + 1}".encode()
            if await self._store.put(_KIND, key, value, expected=kept.revision if kept else 0, expires_at=since):
                return


def truncated(address: str | None) -> str | None:
    """The network of an address; None for a private one, and for what is none, such as a socket's path."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return None
    if parsed.is_private:
        return None
    return str(ipaddress.ip_network((parsed, 24 if parsed.version == 4 else 48), strict=False))


def _by_name(name: str) -> str:
    """Names are hashed: what somebody typed into the wrong field may be a password."""
    return f"account:{hashlib.sha256(name.encode()).hexdigest()[:32]}"
