"""The five things that the archive does to a disk, each durable when it returns."""

from __future__ import annotations

import os
from pathlib import Path


class Disk:
    """A local file system."""

    def write(self, path: Path, data: bytes) -> None:
        """Writes a new file and flushes it to the disk; its name need not survive a crash yet."""
        with path.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def rename(self, path: Path, target: Path) -> None:
        path.rename(target)

    def sync(self, folder: Path) -> None:
        """Makes the names in a folder durable."""
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)

    def make(self, folder: Path) -> None:
        """The folder and its parents, for this user alone."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def remove(self, path: Path) -> None:
        path.unlink(missing_ok=True)
