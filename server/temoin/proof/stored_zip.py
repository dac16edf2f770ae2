"""A ZIP file in one exact form: files stored as they are, so that every byte of it follows from names and contents.

No compression, no dates (all 1980-01-01), no comments, no optional fields; ZIP64 fields only where the numbers need
them. The verifier derives the same bytes again and refuses any other. Memory does not grow with the number of files:
the central directory is collected in a temporary file.
"""

from __future__ import annotations

import shutil
import struct
import tempfile
import zlib
from typing import BinaryIO

_LOCAL = struct.Struct("<IHHHHHIIIHH")
_CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
_END = struct.Struct("<IHHHHIIH")
_END64 = struct.Struct("<IQHHIIQQQQ")
_LOCATOR64 = struct.Struct("<IIQI")

_VERSION = 20
_VERSION64 = 45
_MADE_BY_UNIX = 3 << 8
_MODE = 0o100644 << 16
_DATE = 0x21  # 1980-01-01
_MOST_32 = 0xFFFFFFFF
_MOST_16 = 0xFFFF


class StoredZip:
    """Writes to `file`, which must be at its beginning; `finish` writes the directory. `file` stays open."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._offset = 0
        self._count = 0
        self._central = tempfile.TemporaryFile()  # noqa: SIM115  # closed by __exit__

    def __enter__(self) -> StoredZip:
        return self

    def __exit__(self, *_: object) -> None:
        self._central.close()

    def add(self, name: str, data: bytes) -> None:
        """One file; `name` is ASCII with `/` between folders, each name once."""
        self._begin(name, zlib.crc32(data), len(data))
        self._file.write(data)
        self._offset += len(data)

    def add_from(self, name: str, source: BinaryIO) -> None:
        """One file of any length up to 4 GiB, read from the beginning of `source`."""
        crc, size = 0, 0
        source.seek(0)
        while chunk := source.read(1 << 20):
            crc, size = zlib.crc32(chunk, crc), size + len(chunk)
        source.seek(0)
        self._begin(name, crc, size)
        shutil.copyfileobj(source, self._file)
        self._offset += size

    def _begin(self, name: str, crc: int, size: int) -> None:
        if size >= _MOST_32:
            raise ValueError(f"{name} has {size} bytes; a file in a bundle is smaller than 4 GiB")
        encoded = name.encode("ascii")
        far = self._offset >= _MOST_32
        extra = struct.pack("<HHQ", 1, 8, self._offset) if far else b""
        version = _VERSION64 if far else _VERSION
        common = (0, 0, 0, _DATE, crc, size, size, len(encoded))
        self._central.write(
            _CENTRAL.pack(
                *(0x02014B50, _MADE_BY_UNIX | version, version, *common, len(extra)),
                *(0, 0, 0, _MODE, _MOST_32 if far else self._offset),
            )
            + encoded
            + extra
        )
        local = _LOCAL.pack(0x04034B50, _VERSION, *common, 0) + encoded
        self._file.write(local)
        self._offset += len(local)
        self._count += 1

    def finish(self) -> None:
        """The central directory and the end record."""
        start, size = self._offset, self._central.tell()
        self._central.seek(0)
        shutil.copyfileobj(self._central, self._file)
        if start >= _MOST_32 or size >= _MOST_32 or self._count >= _MOST_16:
            self._file.write(
                _END64.pack(
                    *(0x06064B50, 44, _MADE_BY_UNIX | _VERSION64, _VERSION64, 0, 0, self._count, self._count),
                    *(size, start),
                )
            )
            self._file.write(_LOCATOR64.pack(0x07064B50, 0, start + size, 1))
        count = min(self._count, _MOST_16)
        self._file.write(_END.pack(0x06054B50, 0, 0, count, count, min(size, _MOST_32), min(start, _MOST_32), 0))
