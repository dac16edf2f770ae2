"""The embedded store and its archive as one file, made beside a running service, and back (`temoin.backup/1`).

A tar file, uncompressed, whose members come in this order:

    backup.json       {"format", "made_at", "temoin", "sha256" of the next member, "segments": [names]}
    temoin.sqlite3    the store at one moment
    archive/<name>    each segment that the store names at that moment

Whether the records in the segments are whole is said by the logs, which are proven again before a backup is called
made and before a restored one is called a store. It holds the logs' signing keys: mode 0600.
"""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import tarfile
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from temoin import __version__
from temoin.clock import SystemClock, rfc3339
from temoin.errors import CheckFailed, Conflict, Malformed
from temoin.proof.audit import Audit, audit_log
from temoin.proof.staged import staged
from temoin.storage.archive.archive import Archive
from temoin.storage.archive.disk import Disk
from temoin.storage.archive.place import Place
from temoin.storage.sqlite.store import FILE, SqliteStore

FORMAT = "temoin.backup/1"
_MANIFEST = "backup.json"
_ARCHIVE = "archive/"
_SEGMENT = re.compile(r"[a-z0-9-]{2,40}/[0-9]{12}-[0-9]{12}-[0-9a-f]{8}\.parquet\Z")
_TRIES = 3
_CHUNK = 1 << 20

Progress = Callable[[int, str], AbstractContextManager[Callable[[int], None] | None]]


@dataclass(frozen=True, slots=True)
class Backup:
    """What is in a file, proven: the segments' names, and one audit a log, without problems."""

    made_at: str
    segments: list[str]
    logs: list[Audit]


class Packed:
    """The segments inside a backup, as a `Place` that nobody can change."""

    def __init__(self, file: BinaryIO) -> None:
        file.seek(0)
        self._tar = tarfile.open(fileobj=file, mode="r:")  # noqa: SIM115  # whose file it is closes it
        self._members = {
            member.name.removeprefix(_ARCHIVE): member
            for member in self._tar
            if member.isfile() and member.name.startswith(_ARCHIVE)
        }
        self._lock = threading.Lock()

    @contextmanager
    def lock(self, *, wait: bool) -> Iterator[bool]:  # noqa: ARG002  # the shape of Place
        yield False  # nothing here is a leftover

    def claim(self, owner: str) -> str:
        return owner

    def names(self) -> Iterable[str]:
        return list(self._members)

    def write(self, name: str, data: bytes) -> None:  # noqa: ARG002  # the shape of Place
        raise PermissionError(f"{name}: a backup is never changed")

    def remove(self, name: str) -> None:
        raise PermissionError(f"{name}: a backup is never changed")

    def read(self, name: str) -> bytes:
        with self._lock:
            member = self._tar.extractfile(self._members[name]) if name in self._members else None
            if member is None:
                raise FileNotFoundError(name)
            return member.read()


async def write_backup(store: SqliteStore, place: Place, out: Path, now: datetime, progress: Progress) -> Backup:
    """The store and its segments as `out`, which appears only when every log in it was proven again.

    Needs room for the store's file twice beside `out`. Raises CheckFailed, and writes nothing, where a log does not
    prove.
    """
    with staged(out, mode=0o600) as file, _workroom(out.parent) as room:
        for remaining in reversed(range(_TRIES)):
            segments = await store.snapshot(room / FILE)
            try:
                _pack(file, room / FILE, segments, place, now)
                break
            except FileNotFoundError:
                # A segment was replaced since the snapshot named it: the next snapshot names its successor.
                if not remaining:
                    raise
                (room / FILE).unlink()
                file.seek(0)
                file.truncate()
        file.flush()
        logs = await _prove(room, Packed(file), progress)
        return Backup(rfc3339(now), segments, logs)


def _pack(file: BinaryIO, database: Path, segments: list[str], place: Place, now: datetime) -> None:
    manifest = {
        "format": FORMAT,
        "made_at": rfc3339(now),
        "temoin": __version__,
        "sha256": _sha256(database),
        "segments": segments,
    }
    with tarfile.open(fileobj=file, mode="w") as tar:
        _add(tar, _MANIFEST, orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
        tar.add(database, FILE, filter=_plain)
        for name in segments:
            _add(tar, _ARCHIVE + name, place.read(name))


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    member = _plain(tarfile.TarInfo(name))
    member.size = len(data)
    tar.addfile(member, io.BytesIO(data))


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Nothing of who made it and where."""
    member.mode, member.uid, member.gid, member.uname, member.gname = 0o600, 0, 0, "", ""
    return member


async def restore_backup(file: Path, folder: Path, place: Place, progress: Progress) -> Backup:
    """The backup `file` as the store of `folder`, its segments in `place`; raises where either already has something.

    Everything is proven before anything is put in place. The store's file is the last: a crash before that leaves no
    store, and the same command begins anew.
    """
    if (folder / FILE).exists():
        raise Conflict(
            "store_exists",
            f"There is a store in {folder}; a restored one would replace it.",
            "Stop the service and move that folder away, or name another with --data.",
        )
    Disk().make(folder)
    with _opened(file) as source, _workroom(folder) as room:
        manifest = _unpack(file, source, room / FILE)
        packed = Packed(source)
        logs = await _prove(room, packed, progress)
        _put_segments(packed, manifest["segments"], place)
        (room / FILE).replace(folder / FILE)
        Disk().sync(folder)
    return Backup(manifest["made_at"], manifest["segments"], logs)


def _opened(file: Path) -> BinaryIO:
    try:
        return file.open("rb")
    except OSError as error:
        raise Malformed("bad_backup", f"{file} cannot be read: {error.strerror}.", "Check the file's path.") from error


def _unpack(file: Path, source: BinaryIO, database: Path) -> dict[str, Any]:
    """Takes the store's file out; returns the manifest. Raises Malformed for anything that `_pack` does not write."""
    try:
        with tarfile.open(fileobj=source, mode="r:") as tar:
            members = tar.getmembers()
            first, second = members[0], members[1]
            said, stored = tar.extractfile(first), tar.extractfile(second)
            if (first.name, second.name) != (_MANIFEST, FILE) or said is None or stored is None:
                raise ValueError("its members are not those of a backup")
            manifest: dict[str, Any] = orjson.loads(said.read())
            names = [member.name.removeprefix(_ARCHIVE) for member in members[2:] if member.isfile()]
            if manifest["format"] != FORMAT or manifest["segments"] != names:
                raise ValueError(f"it is not of the format {FORMAT}, or segments are missing")
            if not all(_SEGMENT.match(name) for name in names):
                raise ValueError("a segment in it has a name that none can have")
            with database.open("xb") as target:
                database.chmod(0o600)
                shutil.copyfileobj(stored, target, _CHUNK)
        if _sha256(database) != manifest["sha256"]:
            raise ValueError("the store in it was changed")
    except (tarfile.TarError, ValueError, KeyError, IndexError, TypeError, EOFError, OSError) as error:
        raise Malformed(
            "bad_backup", f"{file} is no whole backup: {error}.", "Take another backup; nothing was restored."
        ) from error
    return manifest


def _put_segments(packed: Packed, names: list[str], place: Place) -> None:
    present = set(place.names())
    foreign = sorted(present - set(names))
    if foreign:
        raise Conflict(
            "archive_not_empty",
            f"The archive has {len(foreign)} files that are not in the backup, such as {foreign[0]}.",
            "Move them away first, or name another archive in TEMOIN_ARCHIVE: the restored store would remove them.",
        )
    for name in names:
        data = packed.read(name)
        if name not in present:
            place.write(name, data)
        elif place.read(name) != data:
            raise Conflict(
                "archive_not_empty",
                f"The archive has another {name} than the backup.",
                "Name another archive in TEMOIN_ARCHIVE, or move this one away.",
            )


async def _prove(room: Path, packed: Packed, progress: Progress) -> list[Audit]:
    """Every log of the store in `room`, with these segments; raises CheckFailed."""
    store = SqliteStore(room, SystemClock(), Archive(packed))
    try:
        logs = []
        for site in await store.sites.sites():
            state = await store.log.log_state(site.id)
            if state is not None:
                with progress(state.appended, f"Proving {site.id}") as told:
                    logs.append(await audit_log(store.log, site.id, told))
    finally:
        await store.close()
    broken = [f"{log.site}: {problem}" for log in logs for problem in log.problems]
    if broken:
        raise CheckFailed(
            "log_unproven",
            f"The log does not prove: {broken[0]}." + (f" And {len(broken) - 1} more." if broken[1:] else ""),
            "'temoin doctor' lists what is wrong. Keep a copy of the data folder as it is.",
        )
    return logs


@contextmanager
def _workroom(beside: Path) -> Iterator[Path]:
    """A folder for this user alone, gone when the block ends; a crash leaves it under the name `.temoin-….part`."""
    room = Path(tempfile.mkdtemp(prefix=".temoin-", suffix=".part", dir=beside))
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
