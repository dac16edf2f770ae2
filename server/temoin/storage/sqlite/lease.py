"""Leases: who may do what only one process at a time should do. A fence grows with each new holder."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lease:
    """A wish to hold `name` for so many seconds; no holder ever asks for more than `longest`."""

    name: str
    holder: str
    seconds: float
    longest: float


def take(connection: sqlite3.Connection, wanted: Lease, now: float) -> int | None:
    """Renews or takes the lease in the transaction under way; its fence, or None while another holds it.

    `now` is in seconds since 1970.
    """
    row = connection.execute("SELECT holder, fence, until FROM lease WHERE name = ?", (wanted.name,)).fetchone()
    holder, fence, until = row or ("", 0, 0.0)
    # A lease that ends far ahead was written before the clock jumped back: nobody may still hold it.
    if holder != wanted.holder and now < until <= now + wanted.longest:
        return None
    fence = fence if row and holder == wanted.holder else fence + 1
    connection.execute(
        "INSERT OR REPLACE INTO lease VALUES (?, ?, ?, ?)", (wanted.name, wanted.holder, fence, now + wanted.seconds)
    )
    return int(fence)
