"""The bundle's outer form: a ZIP file (APPNOTE 6.3) of stored files, each header byte of which follows from the files.

Written from the format: what each header must be is derived anew from name, length, checksum and place, and compared.
So no byte outside the files' contents can be changed unseen. Contents are never expanded (nothing is compressed), never
written anywhere, and names are only compared with the bundle's layout: neither bombs nor paths can do harm.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
_INDEX = r"(?:0|[1-9][0-9]{0,15})"
LAYOUT = re.compile(
    r"README\.txt|checkpoint|key\.vkey|(?:endorsed/)?timestamp\.tsr|witnesses\.vkey|endorsed/(?:checkpoint|consistency)"
    rf"|keys/[1-9][0-9]{{0,3}}\.(?:act\.json|consistency|tlog-proof|vkey)|(?:records|acts|erasures|publications)/{_INDEX}-{_UUID}\.json"
    rf"|erased/{_INDEX}-{_UUID}\.txt|proofs/{_UUID}\.tlog-proof|configs/[0-9a-f]{{16}}\.json"
    r"|evidence/[0-9a-f]{64}\.(?:html|png|js)|manifest\.json|SHA256SUMS|manifest\.note"
)

_END = struct.Struct("<IHHHHIIH")
_END64 = struct.Struct("<IQHHIIQQQQ")
_LOCATOR64 = struct.Struct("<IIQI")
_CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
_LOCAL = struct.Struct("<IHHHHHIIIHH")
_MOST_16, _MOST_32 = 0xFFFF, 0xFFFFFFFF
_MOST_READ = 64 << 20


class BrokenArchive(Exception):
    """The archive's form is not the exact one; `path` names the file where it was seen."""

    def __init__(self, words: str, path: str = "the bundle") -> None:
        super().__init__(words)
        self.path = path


@dataclass(frozen=True, slots=True)
class Stored:
    """A file of the archive: where its bytes lie, its SHA-256, and whether they match their checksum."""

    name: str
    offset: int
    size: int
    sha256: str
    intact: bool


class Container:
    """Reads an archive through one open file. Raises BrokenArchive where the form is not exact."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._length = file.seek(0, 2)
        self._count, self._directory, self._directory_end = self._read_end()

    def files(self, *, hashed: bool = True) -> Iterator[Stored]:
        """All files in the archive's order; checks every header on the way, and where `hashed` hashes every file."""
        place, row = 0, self._directory
        seen: set[str] = set()
        for _ in range(self._count):
            name, crc, size, row = self._central(row, place)
            if name in seen:
                raise BrokenArchive("there are two files of this name", name)
            seen.add(name)
            header = _LOCAL.pack(0x04034B50, 20, 0, 0, 0, 0x21, crc, size, size, len(name), 0) + name.encode()
            if self._at(place, len(header)) != header:
                raise BrokenArchive(f"its header at byte {place} is not in the one form that a bundle has", name)
            place += len(header)
            if place + size > self._directory:
                raise BrokenArchive("it is cut off", name)
            digest, checksum = self._hash(place, size) if hashed else ("", crc)
            yield Stored(name, place, size, digest, checksum == crc)
            place += size
        if place != self._directory or row != self._directory_end:
            raise BrokenArchive("there are bytes between the files that belong to none")

    def read(self, stored: Stored) -> bytes:
        """A file's bytes; raises BrokenArchive for one far longer than such files are."""
        if stored.size > _MOST_READ:
            raise BrokenArchive(f"{stored.size} bytes are more than such a file can have", stored.name)
        return self._at(stored.offset, stored.size)

    def lines(self, stored: Stored) -> Iterator[str]:
        """A file's lines, without their ends, in memory that does not grow with their number."""
        self._file.seek(stored.offset)
        left, rest = stored.size, b""
        place = stored.offset
        while left:
            self._file.seek(place)
            chunk = self._file.read(min(left, 1 << 20))
            if not chunk:
                break
            place, left = place + len(chunk), left - len(chunk)
            *whole, rest = (rest + chunk).split(b"\n")
            yield from (line.decode("utf-8", "replace") for line in whole)
        if rest:
            yield rest.decode("utf-8", "replace")

    def _at(self, place: int, length: int) -> bytes:
        self._file.seek(place)
        return self._file.read(length)

    def _hash(self, place: int, size: int) -> tuple[str, int]:
        self._file.seek(place)
        digest, crc = hashlib.sha256(), 0
        while size:
            chunk = self._file.read(min(size, 1 << 20))
            if not chunk:
                break
            size -= len(chunk)
            digest.update(chunk)
            crc = zlib.crc32(chunk, crc)
        return digest.hexdigest(), crc

    def _central(self, row: int, place: int) -> tuple[str, int, int, int]:
        """One row of the central directory; the file that it describes must begin at `place`."""
        head = self._at(row, _CENTRAL.size)
        if len(head) < _CENTRAL.size:
            raise BrokenArchive("its list of files is cut off")
        fields = _CENTRAL.unpack(head)
        crc, size, name_length = fields[7], fields[9], fields[10]
        name = self._at(row + _CENTRAL.size, name_length).decode("ascii", "replace")
        if LAYOUT.fullmatch(name) is None:
            raise BrokenArchive(f"a file named {name[:120]!r} does not belong in a bundle")
        far = place >= _MOST_32
        extra = struct.pack("<HHQ", 1, 8, place) if far else b""
        version = 45 if far else 20
        expected = _CENTRAL.pack(
            *(0x02014B50, 3 << 8 | version, version, 0, 0, 0, 0x21, crc, size, size, len(name), len(extra)),
            *(0, 0, 0, 0o100644 << 16, _MOST_32 if far else place),
        )
        expected += name.encode() + extra
        if self._at(row, len(expected)) != expected:
            raise BrokenArchive("its row in the list of files is not in the one form that a bundle has", name)
        return name, crc, size, row + len(expected)

    def _read_end(self) -> tuple[int, int, int]:
        """Number of files, and where the central directory begins and ends."""
        tail = self._at(max(0, self._length - _END.size), _END.size)
        if len(tail) < _END.size or tail[:4] != b"PK\x05\x06":
            raise BrokenArchive("it is not a bundle, or its end is missing")
        count, size, start = _END.unpack(tail)[4:7]
        end = self._length - _END.size
        if count == _MOST_16 or _MOST_32 in (size, start):
            end -= _LOCATOR64.size + _END64.size
            record = self._at(max(0, end), _END64.size)
            if len(record) < _END64.size:
                raise BrokenArchive("its end is missing")
            count, size, start = _END64.unpack(record)[7:10]
        if start + size != end or self._at(end, self._length - end) != _ending(count, size, start):
            raise BrokenArchive("its end is not in the one form that a bundle has")
        return count, start, end


def _ending(count: int, size: int, start: int) -> bytes:
    """The archive's last bytes, derived from what they must say."""
    out = b""
    if count >= _MOST_16 or size >= _MOST_32 or start >= _MOST_32:
        out = _END64.pack(0x06064B50, 44, 3 << 8 | 45, 45, 0, 0, count, count, size, start)
        out += _LOCATOR64.pack(0x07064B50, 0, start + size, 1)
    few = min(count, _MOST_16)
    return out + _END.pack(0x06054B50, 0, 0, few, few, min(size, _MOST_32), min(start, _MOST_32), 0)
