"""The archive in a folder on the service's machine. See `Place`."""

from __future__ import annotations

import fcntl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from temoin.storage.archive.disk import Disk

_LOCK = ".lock"
_OWNER = ".owner"
_PART = ".part"
_ENDINGS = (".parquet", _PART)


class Folder:
    """Files get their name only when their bytes are on the disk: written beside it, flushed, renamed, flushed."""

    def __init__(self, path: Path, disk: Disk | None = None) -> None:
        self.path = path
        self._disk = disk or Disk()

    @contextmanager
    def lock(self, *, wait: bool) -> Iterator[bool]:
        if not self.path.is_dir():
            if not wait:
                yield False  # nothing to change
                return
            self._disk.make(self.path)
        with locked(self.path / _LOCK, wait=wait) as held:
            yield held

    def claim(self, owner: str) -> str:
        file = self.path / _OWNER
        if not file.is_file():
            part = file.with_suffix(_PART)
            self._disk.remove(part)
            self._disk.write(part, owner.encode())
            self._disk.rename(part, file)
        return file.read_text("ascii")

    def names(self) -> Iterable[str]:
        for file in self.path.glob("*/*"):
            if file.suffix in _ENDINGS:
                yield f"{file.parent.name}/{file.name}"

    def write(self, name: str, data: bytes) -> None:
        target = self.path / name
        if not target.parent.is_dir():
            self._disk.make(target.parent)
            self._disk.sync(self.path)
        part = target.with_suffix(_PART)
        self._disk.write(part, data)
        self._disk.rename(part, target)
        self._disk.sync(target.parent)

    def read(self, name: str) -> bytes:
        return (self.path / name).read_bytes()

    def remove(self, name: str) -> None:
        path = self.path / name
        self._disk.remove(path)
        self._disk.sync(path.parent)


@contextmanager
def locked(file: Path, *, wait: bool) -> Iterator[bool]:
    """A lock between this machine's processes, which ends with its process; False where it is held elsewhere."""
    with file.open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
