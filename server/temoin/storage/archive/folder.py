"""The archive: a folder of immutable segments, `<site>/<first>-<last>-<random>.parquet`.

Which segments there are is said by the store alone; a file that it does not name is what a crash left, and goes. Files
are never changed: what must go from one is left out of a new one. All changes are made under a lock of the folder, so
that nobody takes a file that is about to be named for a leftover. A folder on one machine; buckets are not supported.
"""

from __future__ import annotations

import bisect
import fcntl
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from temoin.errors import TemoinError, Unavailable
from temoin.storage.archive.disk import Disk

_GROUPS_KEPT = 8
_LOCK = ".lock"
_ENDING = ".parquet"
_PART = ".part"


class SegmentGone(Exception):
    """A segment's file is not there: it was replaced since the store was asked for its name, or it is lost."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A segment as written: its name within the archive, and the places of the records that it holds."""

    file: str
    held: list[int] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Group:
    """A row group in memory: its (sorted) places, and its columns."""

    places: list[int]
    table: Any


class Archive:
    """Writes, reads and removes segments. Reading may happen in any thread."""

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        self.folder = folder
        self._disk = disk or Disk()
        self._kept: OrderedDict[tuple[str, int], _Group] = OrderedDict()
        self._kept_lock = threading.Lock()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Nobody else changes the archive meanwhile, in this process or another; the lock ends with its process."""
        self._disk.make(self.folder)
        with (self.folder / _LOCK).open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def recover(self, known: Callable[[], Iterable[str]]) -> None:
        """Removes a crash's leftovers, unless somebody is changing the archive: then they do it, and have not died."""
        if next(self.folder.glob("*/*"), None) is None:
            return
        with (self.folder / _LOCK).open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            self.tidy(known())

    def tidy(self, known: Iterable[str]) -> None:
        """Removes what is in no list: leftovers of a crash. Only within `changing`."""
        names = set(known)
        for file in self.folder.glob("*/*"):
            if file.suffix in (_ENDING, _PART) and f"{file.parent.name}/{file.name}" not in names:
                self._disk.remove(file)

    def store(self, site: str, records: Sequence[tuple[int, bytes]]) -> Stored | None:
        """Writes a segment of the records that can be rebuilt exactly, durable under its name; None if none can."""
        data, held = _format().encode(site, records)
        if not held:
            return None
        folder = self.folder / site
        if not folder.is_dir():
            self._disk.make(folder)
            self._disk.sync(self.folder)
        name = f"{held[0]:012d}-{held[-1]:012d}-{secrets.token_hex(4)}"
        part = folder / f"{name}{_PART}"
        self._disk.write(part, data)
        self._disk.rename(part, folder / f"{name}{_ENDING}")
        self._disk.sync(folder)
        return Stored(f"{site}/{name}{_ENDING}", held)

    def remove(self, file: str) -> None:
        """Removes a segment's file, and its name durably."""
        path = self.folder / file
        with self._kept_lock:
            for key in [key for key in self._kept if key[0] == file]:
                del self._kept[key]
        self._disk.remove(path)
        self._disk.sync(path.parent)

    def records(self, file: str, places: Iterable[int] | None = None) -> dict[int, bytes]:
        """The bytes of the records at these places (all where None), by their place; a place not held is missing.

        Raises SegmentGone where the file is not there, Unavailable where it cannot be read.
        """
        wanted = None if places is None else sorted(places)
        format_ = _format()
        site = file.split("/", 1)[0]
        try:
            found: dict[int, bytes] = {}
            for group in self._groups(format_, file, wanted):
                found |= format_.decode(site, _taken(group, wanted))
            return found
        except FileNotFoundError as error:
            raise SegmentGone(file) from error
        except (OSError, ValueError) as error:  # pyarrow's own errors are ValueErrors and OSErrors
            raise damaged(file, str(error)) from error

    def _groups(self, format_: ModuleType, file: str, wanted: list[int] | None) -> Iterator[_Group]:
        """The row groups that hold any of the wanted places, from memory or from the disk."""
        ranges = None
        opened = None
        with self._kept_lock:
            ranges = self._kept.get((file, -1))
        if ranges is None:
            opened = format_.open_segment(self.folder / file)
            ranges = _Group([], format_.group_ranges(opened))
            self._keep((file, -1), ranges)
        elif not (self.folder / file).is_file():
            raise FileNotFoundError(file)
        for number, (first, last) in enumerate(ranges.table):
            if wanted is not None and bisect.bisect_left(wanted, first) == bisect.bisect_right(wanted, last):
                continue
            with self._kept_lock:
                group = self._kept.get((file, number))
            if group is None:
                opened = opened or format_.open_segment(self.folder / file)
                group = _Group(*format_.read_group(opened, number))
                self._keep((file, number), group)
            yield group

    def _keep(self, key: tuple[str, int], group: _Group) -> None:
        with self._kept_lock:
            self._kept[key] = group
            self._kept.move_to_end(key)
            while len(self._kept) > 2 * _GROUPS_KEPT:
                self._kept.popitem(last=False)


def damaged(file: str, what: str) -> TemoinError:
    """A segment that cannot be read back: never taken for an erased one."""
    return Unavailable(
        "archive_damaged",
        f"The archive's segment {file} cannot be read: {what}.",
        "Keep a copy of the archive as it is, and restore this file from a backup.",
    )


def _taken(group: _Group, wanted: list[int] | None) -> Any:
    if wanted is None:
        return group.table
    rows = []
    for place in wanted:
        at = bisect.bisect_left(group.places, place)
        if at < len(group.places) and group.places[at] == place:
            rows.append(at)
    return group.table.take(rows)


def _format() -> ModuleType:
    """The Parquet format; raises Unavailable where its library is not installed."""
    try:
        from temoin.storage.archive import segment
    except ImportError as error:
        raise Unavailable(
            "no_parquet",
            "The archive needs pyarrow, which is not installed.",
            "Install it: pip install 'temoin[parquet]'.",
        ) from error
    return segment
