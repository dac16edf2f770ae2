"""The archive in an S3-compatible bucket. See `Place`.

By obstore (MIT), the Python face of Apache's object_store crate: one signed PUT makes an object complete or not at all,
and S3 answers for it only when it is durable. Credentials and region are those of the environment that every S3 tool
reads (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION …).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError
from obstore.store import S3Store

from temoin.storage.archive.folder import locked

_OWNER = ".owner"
_ENDING = ".parquet"
_TRIES = 3
_PATIENCE = timedelta(seconds=30)
_FIRST_PAUSE = timedelta(milliseconds=100)


class Bucket:
    """Objects below `s3://bucket/prefix`. `lock` is a file on this machine: one machine writes an archive."""

    def __init__(self, url: str, endpoint: str, lock: Path) -> None:
        parts = urlsplit(url)
        self._lock = lock
        self._url = url
        self._store = S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            config={"endpoint": endpoint} if endpoint else {},
            client_options={
                "timeout": _PATIENCE,
                "connect_timeout": timedelta(seconds=5),
                "allow_http": endpoint.startswith("http://"),
            },
            retry_config={
                "max_retries": _TRIES,
                "retry_timeout": _PATIENCE,
                "backoff": {"init_backoff": _FIRST_PAUSE, "max_backoff": timedelta(seconds=2), "base": 2},
            },
        )

    @contextmanager
    def lock(self, *, wait: bool) -> Iterator[bool]:
        if not wait:
            yield False  # opening a store asks nothing of the network: leftovers go with the next change
            return
        with locked(self._lock, wait=True) as held:
            yield held

    def claim(self, owner: str) -> str:
        try:
            return self.read(_OWNER).decode("ascii", "replace")
        except FileNotFoundError:
            with self._asking():
                try:
                    obstore.put(self._store, _OWNER, owner.encode(), mode="create")
                except AlreadyExistsError:  # another machine was here in between
                    return "another"
            return owner

    def names(self) -> Iterable[str]:
        with self._asking():
            found = [meta["path"] for page in obstore.list(self._store) for meta in page]
        return [name for name in found if name.endswith(_ENDING) and name.count("/") == 1]

    def write(self, name: str, data: bytes) -> None:
        with self._asking():
            obstore.put(self._store, name, data, use_multipart=False)
        if self.read(name) != data:  # before anything counts on it
            raise OSError(f"{self._url} gives back other bytes than it was given, at {name}")

    def read(self, name: str) -> bytes:
        with self._asking():
            return bytes(obstore.get(self._store, name).bytes())

    def remove(self, name: str) -> None:
        with self._asking():
            try:
                obstore.delete(self._store, name)
            except NotFoundError:
                return

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except NotFoundError as error:
            raise FileNotFoundError(str(error)) from error
        except BaseError as error:
            first = str(error).strip().splitlines()[0]
            raise OSError(f"{self._url} did not do it: {first}") from error
