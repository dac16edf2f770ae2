"""Proofs made from a log's files as an auditor would, after c2sp.org/tlog-tiles and RFC 6962 alone: no code of ours."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path


def size_of(folder: Path) -> int:
    return int((folder / "checkpoint").read_text("utf-8").splitlines()[1])


def entry_of(folder: Path, index: int) -> bytes:
    """An entry out of its bundle: each stands behind its length, two bytes."""
    tile, place = divmod(index, 256)
    data = _read(folder, "entries", tile, size_of(folder))
    for _ in range(place):
        data = data[2 + int.from_bytes(data[:2], "big") :]
    return data[2 : 2 + int.from_bytes(data[:2], "big")]


def proof_of(folder: Path, index: int) -> str:
    """The text of the entry's tlog-proof under the folder's checkpoint, as the tiles there have it."""
    hashes = list(_path(folder, index, 0, size_of(folder)))
    lines = ["c2sp.org/tlog-proof@v1", f"index {index}", *(base64.b64encode(each).decode() for each in hashes)]
    return "\n".join([*lines, "", (folder / "checkpoint").read_text("utf-8", "replace")])


def _path(folder: Path, index: int, start: int, end: int) -> Iterator[bytes]:
    """PATH(index, D[start:end]) of RFC 6962, section 2.1.1."""
    if end - start == 1:
        return
    middle = start + (1 << ((end - start - 1).bit_length() - 1))
    if index < middle:
        yield from _path(folder, index, start, middle)
        yield _tree(folder, middle, end)
    else:
        yield from _path(folder, index, middle, end)
        yield _tree(folder, start, middle)


def _tree(folder: Path, start: int, end: int) -> bytes:
    """MTH(D[start:end]); a full subtree is read from the highest tile that has it."""
    count = end - start
    if count & (count - 1) == 0 and start % count == 0:
        level, below = divmod(count.bit_length() - 1, 8)
        tile, place = divmod(start >> (8 * level), 256)
        data = _read(folder, str(level), tile, size_of(folder) >> (8 * level))
        return _folded([data[32 * at : 32 * at + 32] for at in range(place, place + (1 << below))])
    middle = start + (1 << ((count - 1).bit_length() - 1))
    return hashlib.sha256(b"\x01" + _tree(folder, start, middle) + _tree(folder, middle, end)).digest()


def _folded(row: list[bytes]) -> bytes:
    while len(row) > 1:
        row = [hashlib.sha256(b"\x01" + row[at] + row[at + 1]).digest() for at in range(0, len(row), 2)]
    return row[0]


def _read(folder: Path, level: str, tile: int, hashes: int) -> bytes:
    name = f"{tile % 1000:03d}" if tile < 1000 else f"x{tile // 1000:03d}/{tile % 1000:03d}"
    width = min(256, hashes - 256 * tile)
    return (folder / "tile" / level / (name if width == 256 else f"{name}.p/{width}")).read_bytes()
