"""Leases: who may do what only one process at a time should do. A fence grows with each new holder.

Time is Redis's own, so that machines whose clocks differ agree.
"""

from __future__ import annotations

from temoin.storage.redis.layout import service_key
from temoin.storage.redis.link import Link
from temoin.storage.redis.scripts import LEASE

LONGEST = 60.0


async def acquire(link: Link, name: str, holder: str, seconds: float, longest: float) -> int | None:
    """Renews or takes the lease; its fence, or None while another holds it. Nobody ever asks for more than `longest`:
    a lease that ends later was taken before the clock jumped back."""
    fence: int | None = await link.call(LEASE, [service_key(f"lease:{name}")], [holder, seconds, longest])
    return fence
