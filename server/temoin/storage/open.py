"""Which adapter an address names."""

from __future__ import annotations

from temoin.clock import SystemClock
from temoin.errors import Malformed
from temoin.settings import Settings
from temoin.storage.sqlite.store import SqliteStore


def open_store(settings: Settings, clock: SystemClock) -> SqliteStore:
    """The store that the settings name; raises Malformed for an address that no adapter answers to."""
    if settings.store:
        raise Malformed(
            "unknown_store",
            f"No store answers to {settings.store!r}.",
            "Leave --store and TEMOIN_STORE empty: this version has the embedded SQLite store.",
        )
    return SqliteStore(settings.data_folder, clock)
