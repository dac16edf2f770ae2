"""C2SP tlog-tiles: paths, tiles, entry bundles, and what changes when a log grows (c2sp.org/tlog-tiles).

A tile of height 8 is up to 256 hashes side by side; a partial one (`.p/W`) is the same bytes cut short. Tiles only ever
grow by appending, so the narrower one is always a prefix of the wider: a store keeps the widest one alone, and whoever
asks for a narrower one is answered with its beginning (`log.read_tile`). That serves every partial tile of every
checkpoint ever signed, as the standard asks, at the cost of one partial tile a level.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from temoin.proof.merkle import HASH_SIZE, complete_subtrees, fold

TILE_HEIGHT = 8
TILE_WIDTH = 256
ENTRY_SIZE = 32
BUNDLED_SIZE = 2 + ENTRY_SIZE
ENTRIES = -1

_PATH = re.compile(
    r"tile/(entries|0|[1-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?\Z"
)
_LENGTH = struct.pack(">H", ENTRY_SIZE)


@dataclass(frozen=True, slots=True)
class TileRef:
    """One tile: `level` 0 to 63 or ENTRIES, `index` within the level, `width` 1 to 256 (256 is a full one)."""

    level: int
    index: int
    width: int

    @property
    def path(self) -> str:
        """Below the log's prefix, such as `tile/0/x001/x234/067.p/8`."""
        return tile_path(self.level, self.index, self.width)

    @property
    def size(self) -> int:
        """How many bytes the tile has."""
        return self.width * (BUNDLED_SIZE if self.level == ENTRIES else HASH_SIZE)


def tile_path(level: int, index: int, width: int = TILE_WIDTH) -> str:
    """The path of a tile or, with `level` ENTRIES, of an entry bundle."""
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03d}")
    name = "entries" if level == ENTRIES else str(level)
    partial = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{name}/{'/'.join(reversed(groups))}{partial}"


def parse_tile_path(path: str) -> TileRef | None:
    """The tile of a path; None for anything that is not exactly what `tile_path` writes."""
    match = _PATH.match(path)
    if match is None:
        return None
    level, groups, width = match.groups()
    ref = TileRef(
        ENTRIES if level == "entries" else int(level),
        int(groups.replace("/", "").replace("x", "")),
        int(width) if width else TILE_WIDTH,
    )
    return ref if ref.path == path else None


def width_at(level: int, index: int, size: int) -> int:
    """How wide a tile is in a log of `size` entries; 0 where there is none yet."""
    hashes = size >> (TILE_HEIGHT * max(level, 0))
    return max(0, min(TILE_WIDTH, hashes - index * TILE_WIDTH))


def right_edge(size: int) -> list[TileRef]:
    """The partial tiles of a log of `size`: what an appender needs to know of everything before."""
    edge = []
    level = 0
    while hashes := size >> (TILE_HEIGHT * level):
        if width := hashes % TILE_WIDTH:
            edge.append(TileRef(level, hashes // TILE_WIDTH, width))
            if level == 0:
                edge.append(TileRef(ENTRIES, hashes // TILE_WIDTH, width))
        level += 1
    return edge


def bundle(entries: Sequence[bytes]) -> bytes:
    """An entry bundle: each entry after its length as a big-endian uint16."""
    return b"".join([_LENGTH + entry for entry in entries])


def unbundle(data: bytes) -> list[bytes]:
    """The entries of a bundle; raises ValueError where the lengths do not add up."""
    entries, place = [], 0
    while place < len(data):
        length = int.from_bytes(data[place : place + 2], "big")
        entry = data[place + 2 : place + 2 + length]
        if place + 2 > len(data) or len(entry) != length:
            raise ValueError("an entry bundle is cut off")
        entries.append(entry)
        place += 2 + length
    return entries


def tile_hash(hashes: bytes) -> bytes:
    """The tree hash over a tile's hashes; they must be full subtrees of one height, any number from 1 to 256."""
    return fold(_parts(hashes))


def _subtree(row: list[bytes]) -> bytes:
    while len(row) > 1:
        row = [sha256(b"\x01" + row[i] + row[i + 1]).digest() for i in range(0, len(row), 2)]
    return row[0]


@dataclass(frozen=True, slots=True)
class Edge:
    """A log's right edge at `size`: the partial tile's bytes of each level, and the partial entry bundle under ENTRIES.

    A cache and no more: it is the content of the tiles that `right_edge(size)` names.
    """

    size: int
    partial: dict[int, bytes]

    def root(self) -> bytes:
        """The root of the tree; costs at most 255 hashes a level."""
        levels = sorted((level for level in self.partial if level != ENTRIES), reverse=True)
        return fold([part for level in levels for part in _parts(self.partial[level])])


EMPTY_EDGE = Edge(0, {})


def _parts(hashes: bytes) -> list[bytes]:
    """The full subtrees within a partial tile, larger ones first."""
    row = [hashes[place : place + HASH_SIZE] for place in range(0, len(hashes), HASH_SIZE)]
    return [
        _subtree(row[index << height : (index + 1) << height]) for height, index in complete_subtrees((0, len(row)))
    ]


@dataclass(frozen=True, slots=True)
class Growth:
    """What appending does: the tiles to write (paths below the prefix), the ones they replace, and the new edge."""

    tiles: dict[str, bytes]
    obsolete: tuple[str, ...]
    edge: Edge


def grow(edge: Edge, entries: Sequence[bytes]) -> Growth:
    """The log of `edge` after `entries` (32 bytes each) were appended; costs two hashes an entry whatever its size."""
    if any(len(entry) != ENTRY_SIZE for entry in entries):
        raise ValueError("a log entry is a commitment of 32 bytes")
    old, new = edge.size, edge.size + len(entries)
    tiles: dict[str, bytes] = {}
    partial: dict[int, bytes] = {}
    _level(ENTRIES, old, edge, bundle(entries), tiles, partial)
    level, fresh = 0, b"".join([sha256(b"\x00" + entry).digest() for entry in entries])
    while fresh or level in edge.partial:
        fresh = _level(level, old >> (TILE_HEIGHT * level), edge, fresh, tiles, partial)
        level += 1
    # Levels above the last new hash are unchanged; their partial tiles stay as they are.
    partial.update({above: data for above, data in edge.partial.items() if above >= level})
    obsolete = tuple(ref.path for ref in right_edge(old) if width_at(ref.level, ref.index, new) > ref.width)
    return Growth(tiles, obsolete, Edge(new, partial))


def _level(
    level: int, old_hashes: int, edge: Edge, fresh: bytes, tiles: dict[str, bytes], partial: dict[int, bytes]
) -> bytes:
    """Writes one level's new tiles; returns the hashes that its newly full tiles add to the level above."""
    unit = BUNDLED_SIZE if level == ENTRIES else HASH_SIZE
    before = edge.partial.get(level, b"")
    data = before + fresh
    index = old_hashes // TILE_WIDTH
    full = TILE_WIDTH * unit
    above = []
    for place in range(0, len(data) - full + 1, full):
        tile = data[place : place + full]
        tiles[tile_path(level, index)] = tile
        index += 1
        if level != ENTRIES:
            above.append(tile_hash(tile))
    rest = data[len(data) - len(data) % full :]
    if rest:
        partial[level] = rest
        if fresh:
            tiles[tile_path(level, index, len(rest) // unit)] = rest
    return b"".join(above)
