"""Where the archive's files lie: a folder (`folder.py`) or a bucket (`bucket.py`). Tests run over both.

Files are written once and never changed, so a place needs no more than this. Names are `<site>/<file>`.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Protocol


class Place(Protocol):
    """Every method may be called in any thread. Raises OSError where the place does not answer or refuses."""

    def lock(self, *, wait: bool) -> AbstractContextManager[bool]:
        """Held by one process of this service at a time and gone with it; False where it is held and not waited for."""
        ...

    def claim(self, owner: str) -> str:
        """Whose place this is: `owner` from now on where it had none. Only under the lock."""
        ...

    def names(self) -> Iterable[str]:
        """All files of the archive, unfinished ones included."""
        ...

    def write(self, name: str, data: bytes) -> None:
        """A new file: complete and durable under its name when this returns. A crash leaves it so, or not there, or
        under a name that no segment has."""
        ...

    def read(self, name: str) -> bytes:
        """The whole file (a few megabytes); raises FileNotFoundError."""
        ...

    def remove(self, name: str) -> None:
        """Durable when it returns; no error where there is none."""
        ...
