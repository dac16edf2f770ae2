"""Which adapter an address names."""

from __future__ import annotations

from pathlib import Path

from temoin.clock import SystemClock
from temoin.errors import Malformed
from temoin.settings import Settings
from temoin.storage.archive.folder import Archive
from temoin.storage.sqlite.store import FILE, SqliteStore


def open_store(settings: Settings, clock: SystemClock) -> SqliteStore:
    """The store that the settings name, made where missing; raises Malformed for an address of no adapter."""
    _check(settings)
    archive = Archive(Path(settings.archive)) if settings.archive else None
    return SqliteStore(settings.data_folder, clock, archive)


def store_exists(settings: Settings) -> bool:
    """Whether there is a store at the address yet; raises Malformed where no adapter answers to it."""
    _check(settings)
    folder = settings.data_folder
    return (folder / FILE).exists() or (folder.exists() and not folder.is_dir())  # the latter fails when opened


def _check(settings: Settings) -> None:
    if settings.store:
        raise Malformed(
            "unknown_store",
            f"No store answers to {settings.store!r}.",
            "Leave --store and TEMOIN_STORE empty: this version has the embedded SQLite store.",
        )
