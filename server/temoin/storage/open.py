"""Which adapter an address names."""

from __future__ import annotations

from pathlib import Path

from temoin.clock import SystemClock
from temoin.errors import Malformed, Unavailable
from temoin.settings import BUCKET, Settings
from temoin.storage.archive.archive import Archive
from temoin.storage.archive.folder import Folder
from temoin.storage.archive.place import Place
from temoin.storage.ports import Store
from temoin.storage.sqlite.store import ARCHIVE, FILE, SqliteStore

REDIS = ("redis://", "rediss://", "redis+cluster://", "redis+sentinel://")


def open_store(settings: Settings, clock: SystemClock) -> Store:
    """The store that the settings name, made where missing; raises Malformed for an address of no adapter."""
    _check(settings)
    return _open_redis(settings, clock) if settings.store else open_embedded(settings, clock)


def _open_redis(settings: Settings, clock: SystemClock) -> Store:
    try:
        from temoin.storage.redis.store import RedisStore
    except ImportError as error:
        raise Unavailable(
            "no_redis",
            "The store in Redis needs redis-py, which is not installed.",
            "Install it: pip install 'temoin[redis]'.",
        ) from error
    settings.data_folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # for the archive, or its lock
    return RedisStore(
        settings.store,
        open_place(settings),
        clock,
        loss_accepted=settings.store_loss == "accept",
        replicas=int(settings.store_replicas),
    )


def open_embedded(settings: Settings, clock: SystemClock) -> SqliteStore:
    """The embedded store in the data folder, whatever address is set."""
    return SqliteStore(settings.data_folder, clock, Archive(open_place(settings)))


def open_place(settings: Settings) -> Place:
    """Where old records go: a folder, or an S3-compatible bucket. Nothing is asked of either yet."""
    if not settings.archive.startswith(BUCKET):
        return Folder(Path(settings.archive) if settings.archive else settings.data_folder / ARCHIVE)
    try:
        from temoin.storage.archive.bucket import Bucket
    except ImportError as error:
        raise Unavailable(
            "no_s3",
            "An archive in a bucket needs obstore, which is not installed.",
            "Install it: pip install 'temoin[s3]'.",
        ) from error
    return Bucket(settings.archive, settings.archive_endpoint, settings.data_folder / f"{ARCHIVE}.lock")


def store_exists(settings: Settings) -> bool:
    """Whether there is a store at the address yet; raises Malformed where no adapter answers to it.

    A Redis that answers is one, if an empty one: opening it says where it does not answer.
    """
    _check(settings)
    if settings.store:
        return True
    folder = settings.data_folder
    return (folder / FILE).exists() or (folder.exists() and not folder.is_dir())  # the latter fails when opened


def _check(settings: Settings) -> None:
    if settings.store and not settings.store.startswith(REDIS):
        raise Malformed(
            "unknown_store",
            f"No store answers to {settings.store.partition('://')[0]!r}.",
            "Set TEMOIN_STORE to redis://…, rediss://…, redis+cluster://… or redis+sentinel://…; empty is SQLite.",
        )
