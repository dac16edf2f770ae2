"""Reading a log: tiles as they are served, proofs as they are handed out (C2SP tlog-tiles, tlog-proof).

Reads race with the sealer, which replaces a partial tile by a wider one in the same step that publishes the larger
checkpoint. A reader that finds its tile gone looks at the log's newer size and takes the beginning of the wider tile,
which holds the same bytes. No proof leaves this module that does not lead to the checkpoint's root.
"""

from __future__ import annotations

from collections import OrderedDict

from temoin.errors import NotFound, NotReady, TemoinError, Unavailable
from temoin.proof.checkpoint import read_checkpoint
from temoin.proof.merkle import (
    HASH_SIZE,
    Range,
    complete_subtrees,
    consistency_ranges,
    fold,
    inclusion_ranges,
    node_hash,
    root_of_inclusion,
)
from temoin.proof.ports import LogReader, LogState
from temoin.proof.tile import TILE_HEIGHT, TileRef, parse_tile_path, width_at
from temoin.proof.tlog_proof import TlogProof, write_proof

_TILES_KEPT = 16

Rows = list[list[bytes]]


def damaged(site: str, what: str) -> TemoinError:
    """The log's own data does not fit together: never answered over, never signed over."""
    return Unavailable(
        "log_damaged",
        f"The log of {site} is damaged: {what}.",
        "Stop the service, keep a copy of the data folder as it is, and go back to an earlier copy.",
    )


async def read_tile(reader: LogReader, site: str, ref: TileRef) -> bytes | None:
    """The bytes of a tile that the published checkpoint covers, whatever its width; None for any other."""
    seen = -1
    while True:
        state = await reader.log_state(site)
        width = width_at(ref.level, ref.index, state.sealed) if state else 0
        if state is None or width < ref.width or state.sealed == seen:
            return None
        data = await reader.tile(site, TileRef(ref.level, ref.index, width).path)
        if data is not None:
            return data[: ref.size]
        seen = state.sealed


async def served_tile(reader: LogReader, site: str, path: str) -> bytes:
    """What `<prefix>/<path>` answers; raises NotFound for a path that is no tile of this log yet, or no tile at all."""
    ref = parse_tile_path(path)
    data = await read_tile(reader, site, ref) if ref else None
    if data is None:
        raise NotFound(
            "unknown_tile",
            f"The log of {site} has no {path[:100]!r}.",
            "Ask for the tiles that its checkpoint's size calls for.",
        )
    return data


async def published_state(reader: LogReader, site: str) -> tuple[LogState, str]:
    """The log's state and its checkpoint; raises NotFound for no such site, NotReady before the first checkpoint."""
    state = await reader.log_state(site)
    if state is None:
        raise NotFound("unknown_site", f"There is no site {site!r}.", "Check the site's id.")
    if state.checkpoint is None:
        raise NotReady("not_sealed", "The log has no checkpoint yet.", "Ask again in a second.", retry_after=1)
    return state, state.checkpoint


class HashReader:
    """Hashes of any range of a log's leaves, from its tiles, as of one size. Keeps the last few tiles' inner hashes."""

    def __init__(self, reader: LogReader, site: str, size: int) -> None:
        self._reader = reader
        self._site = site
        self._size = size
        self._kept: OrderedDict[tuple[int, int], Rows] = OrderedDict()

    async def range_hash(self, span: Range) -> bytes:
        """MTH(D[start:end]) for a range out of `inclusion_ranges` or `consistency_ranges`."""
        return fold([await self.subtree(height, index) for height, index in complete_subtrees(span)])

    async def subtree(self, height: int, index: int) -> bytes:
        """The hash of the full subtree over the leaves `index * 2**height` and on; height 0 is a leaf hash."""
        level, inner = divmod(height, TILE_HEIGHT)
        tile, place = divmod(index << inner, 1 << TILE_HEIGHT)
        rows = await self._rows(level, tile)
        return rows[inner][place >> inner]

    async def _rows(self, level: int, tile: int) -> Rows:
        rows = self._kept.get((level, tile))
        if rows is None:
            rows = inner_hashes(await self._tile(TileRef(level, tile, width_at(level, tile, self._size))))
            self._kept[(level, tile)] = rows
            if len(self._kept) > _TILES_KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end((level, tile))
        return rows

    async def _tile(self, ref: TileRef) -> bytes:
        data = await self._reader.tile(self._site, ref.path)
        if data is None:
            data = await read_tile(self._reader, self._site, ref)
        if data is None or len(data) != ref.size:
            raise damaged(self._site, f"{ref.path} is missing or has another length than {ref.size} bytes")
        return data


class ProofWriter:
    """Writes inclusion proofs under one checkpoint; cheap for neighbouring entries."""

    def __init__(self, reader: LogReader, site: str, checkpoint: str) -> None:
        self.checkpoint = checkpoint
        self._site = site
        self._read = read_checkpoint(checkpoint)
        self._hashes = HashReader(reader, site, self._read.size)

    @property
    def size(self) -> int:
        return self._read.size

    async def text(self, index: int) -> str:
        """The `.tlog-proof` of the entry at `index`, which must be below `size`."""
        path = [await self._hashes.range_hash(span) for span in inclusion_ranges(index, self.size)]
        leaf = await self._hashes.subtree(0, index)
        if root_of_inclusion(leaf, index, self.size, path) != self._read.root:
            raise damaged(self._site, f"the tiles around entry {index} do not lead to the checkpoint's root")
        return write_proof(TlogProof(index, tuple(path), self.checkpoint))


async def inclusion_proof(reader: LogReader, site: str, index: int, checkpoint: str) -> str:
    """The `.tlog-proof` of an entry under a checkpoint of this log that covers it."""
    return await ProofWriter(reader, site, checkpoint).text(index)


async def proof_text(reader: LogReader, site: str, index: int) -> str:
    """The `.tlog-proof` of an entry under the present checkpoint; raises NotReady while it is not sealed."""
    state, checkpoint = await published_state(reader, site)
    if index >= state.sealed:
        raise NotReady(
            "not_sealed", "The log has not integrated this entry yet.", "Ask again in a second.", retry_after=1
        )
    return await inclusion_proof(reader, site, index, checkpoint)


async def consistency_proof(reader: LogReader, site: str, old: int, new: int) -> list[bytes]:
    """PROOF(old, D[new]) of RFC 6962 for two sizes up to the published one; raises ValueError for others."""
    state, _ = await published_state(reader, site)
    if new > state.sealed:
        raise ValueError(f"the log of {site} is published up to {state.sealed}, not {new}")
    hashes = HashReader(reader, site, new)
    return [await hashes.range_hash(span) for span in consistency_ranges(old, new)]


async def tree_hash(reader: LogReader, site: str, size: int) -> bytes:
    """The root of the log at any earlier size up to the published one."""
    return await HashReader(reader, site, size).range_hash((0, size))


def inner_hashes(tile: bytes) -> Rows:
    """Every full subtree within a tile: row 0 its hashes, each next row the pairs of the one before."""
    rows: Rows = [[tile[place : place + HASH_SIZE] for place in range(0, len(tile), HASH_SIZE)]]
    while len(rows[-1]) > 1:
        row = rows[-1]
        rows.append([node_hash(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)])
    return rows
