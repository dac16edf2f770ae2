"""The archive: immutable segments, `<site>/<first>-<last>-<random>.parquet`, in a folder or a bucket.

Which segments there are is said by the store alone; a file that it does not name is what a crash left, and goes. Files
are never changed: what must go from one is left out of a new one. All changes are made under a lock, so that nobody
takes a file that is about to be named for a leftover; and only by the store that the place belongs to, so that another
store's segments are never taken for leftovers either.
"""

from __future__ import annotations

import bisect
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from temoin.errors import TemoinError, Unavailable
from temoin.storage.archive.place import Place

_GROUPS_KEPT = 8
_ENDING = ".parquet"


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

    def __init__(self, place: Place) -> None:
        self._place = place
        self._kept: OrderedDict[tuple[str, int], Any] = OrderedDict()
        self._kept_lock = threading.Lock()

    @contextmanager
    def changing(self, owner: str, known: Callable[[], Iterable[str]]) -> Iterator[int]:
        """Nobody else changes the archive meanwhile; begins with removing what a crash left, the files not `known`.

        Says how many those were. `owner` is the id of the store. Raises Unavailable where the place belongs to
        another, or does not answer.
        """
        with _answering(), self._place.lock(wait=True):
            yield self._tidy(owner, known)

    def recover(self, owner: str, known: Callable[[], Iterable[str]]) -> None:
        """Removes a crash's leftovers, unless somebody is changing the archive: then they do it, and have not died."""
        with _answering(), self._place.lock(wait=False) as held:
            if held:
                self._tidy(owner, known)

    def _tidy(self, owner: str, known: Callable[[], Iterable[str]]) -> int:
        if self._place.claim(owner) != owner:
            raise Unavailable(
                "archive_taken",
                "The archive belongs to another store.",
                "Give each store a folder or a prefix of its own (TEMOIN_ARCHIVE).",
            )
        files = list(self._place.names())  # first: what another machine writes from now on is none of them
        names = set(known())
        leftovers = [name for name in files if name not in names]
        for name in leftovers:
            self._place.remove(name)
        return len(leftovers)

    def store(self, site: str, records: Sequence[tuple[int, bytes]]) -> Stored | None:
        """Writes a segment of the records that can be rebuilt exactly, durable under its name; None if none can.

        Only within `changing`, like `remove`.
        """
        data, held = _format().encode(site, records)
        if not held:
            return None
        name = f"{site}/{held[0]:012d}-{held[-1]:012d}-{secrets.token_hex(4)}{_ENDING}"
        self._place.write(name, data)
        return Stored(name, held)

    def remove(self, file: str) -> None:
        """Removes a segment's file; raises Unavailable, and then the next change of the archive does it."""
        self._forget(file)
        with _answering():
            self._place.remove(file)

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
            self._forget(file)
            raise damaged(file, str(error)) from error

    def _groups(self, format_: ModuleType, file: str, wanted: list[int] | None) -> Iterator[_Group]:
        """The row groups that hold any of the wanted places, from memory or from the place."""
        opened = self._held((file, -1))
        if opened is None:
            opened = format_.open_segment(self._read(file))
            self._keep((file, -1), opened)
        for number, (first, last) in enumerate(format_.group_ranges(opened)):
            if wanted is not None and bisect.bisect_left(wanted, first) == bisect.bisect_right(wanted, last):
                continue
            group = self._held((file, number))
            if group is None:
                group = _Group(*format_.read_group(opened, number))
                self._keep((file, number), group)
            yield group

    def _read(self, file: str) -> bytes:
        try:
            return self._place.read(file)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise unanswered(error) from error

    def _held(self, key: tuple[str, int]) -> Any:
        with self._kept_lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _keep(self, key: tuple[str, int], value: object) -> None:
        with self._kept_lock:
            self._kept[key] = value
            self._kept.move_to_end(key)
            while len(self._kept) > 2 * _GROUPS_KEPT:
                self._kept.popitem(last=False)

    def _forget(self, file: str) -> None:
        with self._kept_lock:
            for key in [key for key in self._kept if key[0] == file]:
                del self._kept[key]


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


def unanswered(error: OSError) -> TemoinError:
    """The place did not answer, or refused: nothing is known of the segment."""
    return Unavailable(
        "archive_unavailable",
        f"The archive cannot be used: {error}.",
        "Check TEMOIN_ARCHIVE, its permissions and credentials, then repeat: nothing was lost.",
        retry_after=60,
    )


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise unanswered(error) from error
